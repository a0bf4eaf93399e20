import type { RemoteError } from '../../core/errors.ts';
import { parent } from '../../core/path.ts';
import { explained, explainStorage, isThere, lookAtItself, missingParent } from './failures.ts';
import { outcome, type Scope } from './scope.ts';
import type { Session } from './session.ts';
import { failure, isStatus, type StatusError } from './sftpErrors.ts';

/** The draft has the link first; OpenSSH took the target first, and most servers followed it. */
type Order = 'target first' | 'link first';

/** SYMLINK for servers whose order of arguments is not known: the first link that is made tells it. */
export class LinkMaker {
  readonly #session: Session;
  readonly #home: string;
  #order: Order;
  #certain: boolean;

  /** `home` is what relative paths on the server start from. */
  constructor(session: Session, home: string, order: Order, certain: boolean) {
    this.#session = session;
    this.#home = home;
    this.#order = order;
    this.#certain = certain;
  }

  make(scope: Scope, target: string, link: string): Promise<void> {
    return explained(
      this.#session,
      scope,
      link,
      (session, within, path, error) => this.#explain(session, within, path, error),
      () => (this.#certain ? this.#send(scope, target, link) : this.#find(scope, target, link)),
    );
  }

  #send(scope: Scope, target: string, link: string): Promise<void> {
    return this.#order === 'target first' ? this.#session.symlink(scope, target, link) : this.#session.symlink(scope, link, target);
  }

  /** A look before and after, in one flight with the request, tells whether the link came to be where it should. */
  async #find(scope: Scope, target: string, link: string): Promise<void> {
    const before = outcome(this.#session.lstat(scope, link));
    const making = outcome(this.#send(scope, target, link));
    const after = outcome(this.#session.lstat(scope, link));
    const [was, made, is] = await Promise.all([before, making, after]);
    if ('error' in made && !isStatus(made.error)) throw made.error;
    const misplaced = 'value' in made && ('value' in was || 'error' in is);
    if (misplaced) await this.#undo(scope, target, link);
    if ('value' in was) throw failure('Exists', link);
    if ('value' in made && 'value' in is) {
      this.#certain = true;
      return;
    }
    // In the wrong order an existing target is "in the way"; asked the other way round nothing can go astray then.
    if ('error' in made && !isThere(await lookAtItself(this.#session, scope, this.#absolute(target, link)))) throw made.error;
    this.#order = this.#order === 'target first' ? 'link first' : 'target first';
    await this.#send(scope, target, link);
    this.#certain = true;
  }

  /** Removes the link that was made at `target` by taking one for the other, and nothing else. */
  async #undo(scope: Scope, target: string, link: string): Promise<void> {
    const strayed = target.startsWith('/') ? target : `${this.#home}/${target}`;
    const holds = await outcome(this.#session.readLink(scope, strayed));
    if ('value' in holds && holds.value === link) await this.#session.remove(scope, strayed);
  }

  #absolute(target: string, link: string): string {
    return target.startsWith('/') ? target : `${this.#order === 'target first' ? this.#home : parent(link)}/${target}`;
  }

  async #explain(session: Session, scope: Scope, link: string, error: StatusError): Promise<RemoteError> {
    if (isThere(await lookAtItself(session, scope, link))) return failure('Exists', link, error);
    return (await missingParent(session, scope, link, error)) ?? explainStorage(session, scope, link, error);
  }
}

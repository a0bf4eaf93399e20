import { RemoteError } from './errors.ts';
import { createEmitter } from './events.ts';
import type { Host } from './host.ts';
import { t } from './l10n.ts';
import type { Protected } from './protectedHosts.ts';

/** What is about to be done to files of a protected host, as the person is asked about it; `change`: anything else. */
export type ChangeKind = 'save' | 'delete' | 'move' | 'copy' | 'createFolder' | 'permissions' | 'restore' | 'change';

export interface AdmitOptions {
  /** What is changed, absolute; for the question. */
  readonly path?: string | undefined;
  /** Nobody asked for just this, now (an automatic save): after a refusal it does not ask again. Default false. */
  readonly isAutomatic?: boolean | undefined;
  /** Nobody is asked at all: what was not admitted before is refused. Default false. */
  readonly isSilent?: boolean | undefined;
}

export interface GuardParts {
  /** Undefined: not protected. */
  protectionOf(host: Host): Protected | undefined;
  /** Asks the person; true: changes may be made, as long as this window is open. */
  ask(host: Protected, kind: ChangeKind, path: string | undefined): Promise<boolean>;
}

/** Whether something may be changed on hosts that the person protects. What the person said counts until the window closes. */
export class Guard {
  readonly #parts: GuardParts;
  readonly #admitted = new Set<string>();
  readonly #declined = new Set<string>();
  readonly #asking = new Map<string, Promise<boolean>>();
  readonly #changed = createEmitter<undefined>();
  /** After the person allowed changes, refused them or took that back. */
  readonly onDidChange = this.#changed.event;

  constructor(parts: GuardParts) {
    this.#parts = parts;
  }

  protectionOf(host: Host): Protected | undefined {
    return this.#parts.protectionOf(host);
  }

  isReadOnly(host: Host): boolean {
    return this.protectionOf(host)?.protection === 'readOnly';
  }

  /** Whether a change would be made without a question. */
  mayChange(host: Host): boolean {
    const guarded = this.protectionOf(host);
    return guarded === undefined || this.isAdmitted(guarded);
  }

  /** The person allowed changes on it in this window. */
  isAdmitted(guarded: Protected): boolean {
    return guarded.protection === 'ask' && this.#admitted.has(keyOf(guarded));
  }

  /** Resolves once changes on the host may be made: at once, or when the person was asked. Throws `Denied` or, where the person said no, `Cancelled`. */
  async admit(host: Host, kind: ChangeKind, { path, isAutomatic = false, isSilent = false }: AdmitOptions = {}): Promise<void> {
    const guarded = this.protectionOf(host);
    if (guarded === undefined) return;
    if (guarded.protection === 'readOnly') throw readOnly(host);
    const key = keyOf(guarded);
    if (this.#admitted.has(key)) return;
    if (isSilent || (isAutomatic && this.#declined.has(key))) throw declined(host, isAutomatic);
    const asking = this.#asking.get(key) ?? this.#ask(guarded, kind, path);
    if (!(await asking)) throw declined(host, isAutomatic);
  }

  /** From now on it is asked again, for every host. */
  withdraw(): void {
    this.#admitted.clear();
    this.#declined.clear();
    this.#changed.fire(undefined);
  }

  /** One question a host at a time: what comes meanwhile shares its answer. */
  #ask(guarded: Protected, kind: ChangeKind, path: string | undefined): Promise<boolean> {
    const key = keyOf(guarded);
    const asking = this.#parts
      .ask(guarded, kind, path)
      .then((isAdmitted) => {
        if (isAdmitted) this.#admitted.add(key);
        if (isAdmitted) this.#declined.delete(key);
        else this.#declined.add(key);
        this.#changed.fire(undefined);
        return isAdmitted;
      })
      .finally(() => this.#asking.delete(key));
    this.#asking.set(key, asking);
    return asking;
  }
}

function readOnly(host: Host): RemoteError {
  return new RemoteError('Denied', t('The host is protected: it is read-only for Ferry.'), {
    host: host.name,
    hint: t('“protect” in its settings says so.'),
    dropsConnection: false,
  });
}

function declined(host: Host, isAutomatic: boolean): RemoteError {
  return new RemoteError('Cancelled', t('The host is protected, and you did not allow changes on it.'), {
    host: host.name,
    hint: isAutomatic ? t('Nothing was changed. Automatic saving waits until you save by hand.') : t('Nothing was changed.'),
    dropsConnection: false,
  });
}

function keyOf({ protocol, name }: Protected): string {
  return `${protocol}:${name.toLowerCase()}`;
}

import type { Lender } from '../../core/loans.ts';
import type { Remote } from '../../core/remote.ts';
import { isOpenSsh } from './ownEntry.ts';
import { extension } from './protocol.ts';
import type { Scope } from './scope.ts';
import type { Session } from './session.ts';

/** So many bytes left to be moved are worth further log-ins, */
export const worthConnections = 32 * 1024 * 1024;
/** where an answer takes so many ms: no shorter line has one connection wait. */
export const longLine = 10;
/** Further connections for one file. */
const mostFellows = 3;

interface Membership {
  readonly remote: Remote;
  readonly lender: Lender;
}

/** The pool lends Remotes, and large content needs what is below them. */
const sessions = new WeakMap<Remote, Session>();
const memberships = new WeakMap<Session, Membership>();

/** Makes `remote`, which speaks by `session`, one of those that are lent to each other. */
export function enrol(remote: Remote, session: Session, lender: Lender | undefined): Remote {
  // Elsewhere nobody knows what several handles do to one file.
  if (lender === undefined || !isOpenSsh(session) || !session.offers(extension.fsync)) return remote;
  sessions.set(remote, session);
  memberships.set(session, { remote, lender });
  return remote;
}

/** From now on everything of this connection stays on it. */
export function leave(session: Session): void {
  memberships.delete(session);
}

/** Calls `join` for sessions on other connections to the same server as they are to be had; they are kept until the scope ends. `join` must not reject. */
export function borrow(session: Session, scope: Scope, join: (other: Session) => Promise<void>): void {
  const membership = memberships.get(session);
  if (membership === undefined || scope.reason !== undefined) return;
  const over = new AbortController();
  const ended = new Promise<void>((resolve) => over.signal.addEventListener('abort', () => resolve()));
  scope.defer(() => over.abort());
  membership.lender.lend(membership.remote, mostFellows, over.signal, async (remote) => {
    const other = sessions.get(remote);
    if (other === undefined || over.signal.aborted) return;
    await join(other);
    await Promise.race([ended, remote.closed]);
  });
}

import { RemoteError, toRemoteError } from '../errors.ts';
import { t } from '../l10n.ts';
import type { Remote } from '../remote.ts';
import { lstatIfThere } from './saveTarget.ts';
import { temporaryBeside } from './temporary.ts';
import { removeTree } from './tree.ts';

/** The link was lost while a new file or folder took the place of an old one: the server alone knows how far that came. */
export class UnsettledMove extends RemoteError {
  /** Looks on a new connection and finishes what was begun. Can be repeated. Rejects with the first reason where nothing was begun. */
  readonly settle: (remote: Remote) => Promise<void>;

  constructor(reason: RemoteError, { to, aside }: Swap, settle: UnsettledMove['settle']) {
    super(reason.code, reason.message, {
      path: reason.path,
      host: reason.host,
      hint: t('What was at {0} may be on the server as {1}.', to, aside),
      retryable: false,
      dropsConnection: true,
      cause: reason,
    });
    this.settle = settle;
  }
}

interface Swap {
  readonly from: string;
  readonly to: string;
  /** Where what was at `to` is meanwhile. */
  readonly aside: string;
  readonly discard: Discard;
}

/** What happens to the old one, now at `aside`, that was at `to`: removed with all in it, or kept elsewhere. */
export type Discard = (remote: Remote, aside: string, to: string) => Promise<unknown>;

const removeAside: Discard = (remote, aside) => removeTree(remote, aside);

/**
 * What is at `to` steps aside, `move` brings the new from `from` to `to`, and only then the old is removed; it comes back if `move` fails.
 * Throws `UnsettledMove` when the link is lost on the way.
 */
export async function moveOver(
  remote: Remote,
  from: string,
  to: string,
  move: () => Promise<void>,
  discard: Discard = removeAside,
): Promise<void> {
  await remote.lstat(from);
  const swap: Swap = { from, to, aside: temporaryBeside(to, 'old'), discard };
  try {
    // Not to be cancelled from here on: a rename that was sent can't be called back.
    await remote.rename(to, swap.aside, { replace: false });
    await move();
  } catch (error) {
    const reason = toRemoteError(error);
    if (reason.dropsConnection) throw unsettled(swap, reason);
    await putBack(remote, swap, reason);
  }
  await discardOld(remote, swap);
}

/** Always throws. */
async function putBack(remote: Remote, swap: Swap, reason: RemoteError): Promise<never> {
  try {
    if ((await lstatIfThere(remote, swap.aside, {})) !== undefined) await remote.rename(swap.aside, swap.to, { replace: false });
  } catch (error) {
    if (toRemoteError(error).dropsConnection) throw unsettled(swap, reason);
    throw reason.with({ hint: t('What was at {0} is on the server as {1}.', swap.to, swap.aside) });
  }
  throw reason;
}

/** The move is done: an old one that can't be removed stays under its hidden name. */
async function discardOld(remote: Remote, { aside, to, discard }: Swap): Promise<void> {
  await discard(remote, aside, to).catch(() => undefined);
}

function unsettled(swap: Swap, reason: RemoteError): UnsettledMove {
  return new UnsettledMove(reason, swap, (remote) => settle(remote, swap, reason));
}

async function settle(remote: Remote, swap: Swap, reason: RemoteError): Promise<void> {
  const { from, to, aside } = swap;
  const [source, target, old] = [
    await lstatIfThere(remote, from, {}),
    await lstatIfThere(remote, to, {}),
    await lstatIfThere(remote, aside, {}),
  ];
  if (old === undefined) {
    if (source !== undefined || target === undefined) throw settled(reason);
    return;
  }
  if (target === undefined) await remote.rename(source === undefined ? aside : from, to, { replace: false });
  // Both are there: somebody else's, or half of a copy. Neither is ours to remove.
  else if (source !== undefined) throw settled(reason).with({ hint: t('What was at {0} is on the server as {1}.', to, aside) });
  if (source === undefined && target === undefined) throw settled(reason);
  await discardOld(remote, swap);
}

/** The reason, without what it says of the connection that it came from. */
function settled({ code, message, path, host }: RemoteError): RemoteError {
  return new RemoteError(code, message, { path, host, retryable: false, dropsConnection: false });
}

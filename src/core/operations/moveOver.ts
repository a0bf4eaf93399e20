import { RemoteError, toRemoteError } from '../errors.ts';
import { t } from '../l10n.ts';
import type { Attributes, Remote } from '../remote.ts';
import { settleAll } from './bounded.ts';
import type { SaveJournal, Swap } from './save.ts';
import { lstatIfThere } from './saveTarget.ts';
import { forgetTemporary, temporaryBeside } from './temporary.ts';
import { removeTree } from './tree.ts';
import { orUnsettled, UnsettledError } from './unsettled.ts';

/** What happens to the old one, now at `aside`, that was at `to`: removed with all in it, or kept elsewhere. */
export type Discard = (remote: Remote, aside: string, to: string) => Promise<unknown>;

export interface SwapOptions {
  /** Default: removed. */
  readonly discard?: Discard | undefined;
  /** Of the host; undefined: a crash in the middle may leave the old one under its hidden name. */
  readonly journal?: SaveJournal | undefined;
}

type KnownSwap = Swap & { readonly from: string };

/** Which of the three names there is something at. */
interface Sight {
  readonly source: Attributes | undefined;
  readonly target: Attributes | undefined;
  readonly old: Attributes | undefined;
}

const removeAside: Discard = (remote, aside) => removeTree(remote, aside);

/**
 * What is at `to` steps aside, the new comes from `from` by a rename, and only then the old is removed; it comes back if the rename fails.
 * Throws `UnsettledError` when the link is lost on the way.
 */
export async function moveOver(remote: Remote, from: string, to: string, options: SwapOptions): Promise<void> {
  await orUnsettled(remote.lstat(from), (next) => moveOver(next, from, to, options));
  const swap: KnownSwap = { from, to, aside: temporaryBeside(to, 'old') };
  await options.journal?.addAside(swap);
  try {
    await remote.rename(to, swap.aside, { replace: false });
    await remote.rename(from, to, { replace: false });
  } catch (error) {
    const reason = toRemoteError(error);
    if (reason.dropsConnection) throw unsettled(swap, options, reason);
    await putBack(remote, swap, options, reason);
  }
  await discardOld(remote, swap, options);
}

async function lookAtSwap(remote: Remote, { from, to, aside }: KnownSwap): Promise<Sight> {
  const [source, target, old] = await settleAll([
    lstatIfThere(remote, from, {}),
    lstatIfThere(remote, to, {}),
    lstatIfThere(remote, aside, {}),
  ]);
  return { source, target, old };
}

/** After a rename that the server refused. Returns where all is done all the same; else the old one is back and the reason is thrown. */
async function putBack(remote: Remote, swap: KnownSwap, options: SwapOptions, reason: RemoteError): Promise<void> {
  try {
    const { source, target, old } = await lookAtSwap(remote, swap);
    if (source === undefined && target !== undefined) return;
    if (old !== undefined && target === undefined) await remote.rename(swap.aside, swap.to, { replace: false });
    else if (old !== undefined) throw reason;
  } catch (error) {
    if (toRemoteError(error).dropsConnection) throw unsettled(swap, options, reason);
    throw reason.with({ hint: whereabouts(swap) });
  }
  await forget(swap, options);
  throw reason;
}

/** The move is done: an old one that can't be removed stays under its hidden name, and in the journal. */
async function discardOld(remote: Remote, swap: KnownSwap, options: SwapOptions): Promise<void> {
  const { discard = removeAside } = options;
  try {
    await discard(remote, swap.aside, swap.to);
  } catch (error) {
    const reason = toRemoteError(error);
    if (reason.dropsConnection) throw unsettled(swap, options, reason);
    if (reason.code !== 'NotFound') return options.journal?.abandon(swap.aside);
  }
  await forget(swap, options);
}

function unsettled(swap: KnownSwap, options: SwapOptions, reason: RemoteError): UnsettledError {
  return new UnsettledError(reason, (remote) => settle(remote, swap, options), {
    hint: whereabouts(swap),
    giveUp: () => options.journal?.abandon(swap.aside),
  });
}

/** Goes on, on a new connection, where the link was lost. */
async function settle(remote: Remote, swap: KnownSwap, options: SwapOptions): Promise<void> {
  const { from, to, aside } = swap;
  const { source, target, old } = await lookAtSwap(remote, swap);
  if (source === undefined && target === undefined) {
    if (old !== undefined) await remote.rename(aside, to, { replace: false });
    await forget(swap, options);
    throw vanished(swap);
  }
  if (source === undefined && old === undefined) return forget(swap, options);
  if (source !== undefined) {
    // Both are there, and somebody else's is in the way.
    if (target !== undefined && old !== undefined) throw taken(swap);
    try {
      if (target !== undefined) await remote.rename(to, aside, { replace: false });
      await remote.rename(from, to, { replace: false });
    } catch (error) {
      const reason = toRemoteError(error);
      if (reason.dropsConnection) throw reason;
      await putBack(remote, swap, options, reason);
    }
  }
  await discardOld(remote, swap, options);
}

function taken(swap: KnownSwap): RemoteError {
  const message = t('While the link was lost somebody put something else there. Nothing was moved.');
  return new RemoteError('Exists', message, { path: swap.to, hint: whereabouts(swap) });
}

function vanished({ from, to }: KnownSwap): RemoteError {
  const message = t('While the link was lost it disappeared from {0}. What was at {1} is still there.', from, to);
  return new RemoteError('NotFound', message, { path: from });
}

async function forget({ aside }: KnownSwap, { journal }: SwapOptions): Promise<void> {
  if (journal !== undefined) await forgetTemporary(aside, journal);
}

function whereabouts({ to, aside }: KnownSwap): string {
  return t('What was at {0} may be on the server as {1}.', to, aside);
}

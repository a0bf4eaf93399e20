import { basename } from '../path.ts';
import type { Remote } from '../remote.ts';
import { settleAll } from './bounded.ts';
import type { Discard } from './moveOver.ts';
import type { SaveJournal, Swap } from './save.ts';
import { lstatIfThere } from './saveTarget.ts';
import { forgetTemporary, isTemporaryName } from './temporary.ts';

/** What became of it: back at its place; discarded, because the new is there; still aside, because it can't be told what is at its place; or gone before. */
export type AsideOutcome = 'restored' | 'discarded' | 'kept' | 'gone';

/**
 * Ends a swap in whose middle a window crashed. What stepped aside is never removed unless it is sure that what was to come is in its
 * place: it came by a rename, so its old place is empty.
 */
export async function settleAside(remote: Remote, swap: Swap, journal: SaveJournal, discard: Discard): Promise<AsideOutcome> {
  const outcome = isTemporaryName(basename(swap.aside)) ? await settle(remote, swap, discard) : 'gone';
  await forgetTemporary(swap.aside, journal);
  return outcome;
}

async function settle(remote: Remote, { to, aside, from }: Swap, discard: Discard): Promise<AsideOutcome> {
  const [old, target, source] = await settleAll([
    lstatIfThere(remote, aside, {}),
    lstatIfThere(remote, to, {}),
    from === undefined ? Promise.resolve(undefined) : lstatIfThere(remote, from, {}),
  ]);
  if (old === undefined) return 'gone';
  if (target === undefined) {
    await remote.rename(aside, to, { replace: false });
    return 'restored';
  }
  if (from === undefined || source !== undefined) return 'kept';
  await discard(remote, aside, to);
  return 'discarded';
}

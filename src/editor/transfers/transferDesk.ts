import { type Memento, Uri } from 'vscode';
import { systemClock } from '../../core/clock.ts';
import { RemoteError } from '../../core/errors.ts';
import type { Disposable } from '../../core/events.ts';
import type { Guard } from '../../core/guard.ts';
import type { Host } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import type { Discard } from '../../core/operations/moveOver.ts';
import type { SaveJournal } from '../../core/operations/save.ts';
import { basename } from '../../core/path.ts';
import type { Pool } from '../../core/pool.ts';
import type { Remote } from '../../core/remote.ts';
import type { Transfers } from '../../core/transfers.ts';
import { createBandwidth } from '../../core/transfers/bandwidth.ts';
import { type BringItem, createBringItem } from '../../core/transfers/bringItem.ts';
import { directionOf, type GroupOutcome, hostKey, placeOn, type TransferGroup, type TransferTask } from '../../core/transfers/item.ts';
import { type Errand, planMove, planTransfer } from '../../core/transfers/plan.ts';
import { createQueue, type TransferQueue } from '../../core/transfers/queue.ts';
import { thisComputer, withThisComputer } from '../../core/transfers/thisComputer.ts';
import type { RemoteFileSystem } from '../fileSystem.ts';
import { reasonOf } from '../fileSystemError.ts';
import type { Settings } from '../settings.ts';
import { isRemote, type Location, uriOf } from '../uri.ts';
import { closeEditors } from '../tree/moveWithEditors.ts';
import { createExistsQuestion } from './existsQuestion.ts';
import { keepTransfers } from './keptTransfers.ts';
import { describeGroup, verbOf } from './queueText.ts';
import type { LinkedItems } from '../mapping/linkedItems.ts';
import type { Enqueue, Transfer, TransferOptions } from './transferCommands.ts';
import { createTransferTree, type TransferTree } from './transferTree.ts';

export interface TransferDeskParts {
  readonly pool: Pool;
  readonly transfers: Transfers;
  readonly fileSystem: RemoteFileSystem;
  readonly guard: Guard;
  /** The disk of this computer. */
  readonly local: () => Promise<Remote>;
  readonly journal: (host: Host) => SaveJournal;
  /** What becomes of what is replaced on a host. */
  readonly discard: (host: Host) => Discard | undefined;
  readonly locate: (uri: Uri) => Location;
  /** What brings files of linked folders. */
  readonly linked: () => Promise<LinkedItems>;
  readonly settings: Settings;
  /** Of the workspace: keeps what is queued over a reload. */
  readonly kept: Memento;
  readonly failed: (error: unknown) => void;
}

/** One thing to be brought to one place. */
export interface TransferWish extends Pick<Errand, 'onExists'> {
  readonly from: Uri;
  readonly to: Uri;
}

/** The queue of this window, its view, and what keeps it over a reload. */
export interface TransferDesk extends Disposable {
  readonly queue: TransferQueue;
  readonly tree: TransferTree;
  readonly transfer: Transfer;
  readonly enqueue: Enqueue;
  /** What an earlier window had in its queue. */
  offerKept(): Promise<void>;
  /** Resolves when what is queued is noted. */
  settled(): Promise<void>;
}

export function startTransferDesk(parts: TransferDeskParts): TransferDesk {
  const { settings } = parts;
  const here = thisComputer();
  const pool = withThisComputer(parts.pool, parts.local);
  const bandwidth = createBandwidth(systemClock, () => settings.transferLimit);
  const plain = createBringItem({
    ...{ pool, bandwidth, ask: createExistsQuestion(), keeps: () => settings.keepsTimes },
    hostOf: (key) => (key === '' ? here : hostOf(parts, key)),
    journal: (host) => (host === here ? undefined : parts.journal(host)),
    discard: (host) => (host === here ? undefined : parts.discard(host)),
    placing: ({ host, path }, act) => (host === here ? act() : plainly(parts.fileSystem.bring(uriOf(host, path), act))),
    async leaving(from, to, act) {
      const source = uriOf(from.host, from.path);
      await plainly(parts.fileSystem.leave(source, uriOf(to.host, to.path), act));
      await closeEditors(source);
    },
  });
  const items: BringItem = {
    ...plain,
    bring: async (item, group, call) =>
      group.isLinked === true ? (await parts.linked()).bring(item, group, { ...call, bandwidth }) : plain.bring(item, group, call),
    end: async (group) => (group.isLinked === true ? (await parts.linked()).end(group) : plain.end(group)),
  };
  const budget = (key: string) => {
    const { protocol, connections } = hostOf(parts, key);
    return protocol === 'sftp' ? largestBudget : Math.min(connections, largestBudget);
  };
  const queue = createQueue({ items, budget, clock: systemClock });
  const kept = keepTransfers(queue, parts.kept);
  const tree = createTransferTree(queue);
  const place = (uri: Uri) => (isRemote(uri) ? parts.locate(uri) : { host: here, path: localPath(uri) });
  const desk = { parts, queue, items, place, pool };
  const subscriptions = [
    ...[tree, kept, settings.onDidChangeTransfers(() => bandwidth.changed())],
    queue.onDidHold(({ reason }) => parts.failed(reason)),
    parts.pool.onDidChangeState((name) => {
      if (parts.pool.state(name).state !== 'connected') return;
      const isOf = (key: string) => key.toLowerCase().endsWith(`://${name.toLowerCase()}`);
      queue.resume(({ state, error, from, to }) => state === 'paused' && error !== undefined && (isOf(from.host) || isOf(to.host)));
    }),
  ];
  return {
    ...{ queue, tree },
    transfer: (wishes, into, options) => transfer(desk, wishes, into, options),
    enqueue: (about, tasks) => run(desk, about, tasks),
    settled: () => kept.settled(),
    async offerKept() {
      const groups = await kept.offer(items);
      await Promise.all(groups.map(({ tasks, ...about }) => run(desk, about, tasks)));
    },
    dispose: () => [...subscriptions, queue].forEach((each) => each.dispose()),
  };
}

/** The queue has to know what it is told. */
async function plainly(work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    throw reasonOf(error);
  }
}

/** Of a server that takes several calls at once. */
const largestBudget = 8;

interface Desk {
  readonly parts: TransferDeskParts;
  readonly queue: TransferQueue;
  readonly items: BringItem;
  readonly pool: Pool;
  readonly place: (uri: Uri) => { readonly host: Host; readonly path: string };
}

async function transfer(desk: Desk, wishes: readonly TransferWish[], into: Uri, { moves = false }: TransferOptions = {}): Promise<boolean> {
  const [first] = wishes;
  if (first === undefined) return false;
  const errands = wishes.map(({ from, to, onExists }) => ({ from: desk.place(from), to: desk.place(to), onExists }));
  const target = desk.place(into);
  await admit(desk, errands, target, moves);
  const near = directionOf({ host: isRemote(first.from) ? 'x' : '', path: '' }, { host: hostKey(target.host), path: '' });
  const direction = moves ? 'move' : near;
  const name = basename(first.from.path);
  const title = wishes.length === 1 ? name : t('{0} and {1} more', name, wishes.length - 1);
  const about = { direction, title, into: placeOn(target.host, target.path) };
  const label = { verb: t('Listing'), name: title, hostName: hostNameOf(desk, about, errands[0]) };
  const tasks = await desk.parts.transfers.track(label, undefined, (_, signal) =>
    (moves ? planMove : planTransfer)(desk.pool, errands, signal),
  );
  return run(desk, about, tasks);
}

/** Before anything is queued: what the person did not allow would wait there. */
async function admit({ parts: { guard } }: Desk, errands: readonly Errand[], target: Errand['to'], moves: boolean): Promise<void> {
  const isFar = ({ host }: Errand['to']) => hostKey(host) !== '';
  if (isFar(target)) await guard.admit(target.host, 'copy', { path: target.path });
  if (!moves) return;
  for (const { from } of errands) if (isFar(from)) await guard.admit(from.host, 'move', { path: from.path });
}

function hostNameOf({ place }: Desk, { into }: Pick<TransferGroup, 'into'>, errand: Errand | undefined): string {
  if (into.host !== '') return place(Uri.parse(`${into.host}/`)).host.name;
  return errand?.from.host.name ?? '';
}

/** Shown like all that runs; its Cancel takes the group out of the queue. */
async function run({ parts, queue }: Desk, about: Omit<TransferGroup, 'id' | 'items'>, tasks: readonly TransferTask[]): Promise<boolean> {
  const [first] = tasks;
  if (first === undefined) return true;
  const key = about.into.host === '' ? first.from.host : about.into.host;
  const label = { verb: verbOf(about.direction), name: about.title, hostName: hostOf(parts, key).name };
  const outcome = await parts.transfers.track(label, undefined, async (report, signal) => {
    const { id, settled } = queue.add(about, tasks);
    const onAbort = () => queue.cancel((_, group) => group.id === id);
    signal.addEventListener('abort', onAbort, { once: true });
    const listening = queue.onDidChange(() => report(describeGroup(queue.progress(id))));
    try {
      return await settled;
    } finally {
      listening.dispose();
      signal.removeEventListener('abort', onAbort);
    }
  });
  throwFailure(outcome);
  return outcome.cancelled === 0;
}

function throwFailure({ done, skipped, failed }: GroupOutcome): void {
  const [first] = failed;
  if (first?.error === undefined) return;
  const reason = first.error;
  const total = done + skipped + failed.length;
  if (total === 1) throw reason;
  const { code, path, host, hint } = reason;
  const message = t('{0} of {1} files could not be transferred. The first: {2}', failed.length, total, reason.message);
  const next = t('Try them again in the view “Transfers”.');
  throw new RemoteError(code, message, { path, host, hint: hint ?? next, retryable: false, cause: reason });
}

function hostOf({ locate }: TransferDeskParts, key: string): Host {
  const [scheme = '', authority = ''] = key.split('://');
  return locate(Uri.from({ scheme, authority, path: '/' })).host;
}

function localPath(uri: Uri): string {
  if (uri.scheme !== 'file')
    throw new RemoteError('Unsupported', t('Only files of this computer and of hosts can be copied here.'), { path: uri.path });
  // Where it has an authority it is a share of Windows, whose path begins with two backslashes.
  return uri.authority === '' ? uri.path : Uri.file(uri.fsPath).path;
}

import type { Memento, Uri } from 'vscode';
import type { Disposable } from '../../core/events.ts';
import type { Host } from '../../core/host.ts';
import { contains } from '../../core/path.ts';
import type { PathLocks } from '../../core/pathLocks.ts';
import type { Merges } from '../merges.ts';
import type { Moves } from '../moves.ts';
import type { Removals } from '../removals.ts';
import { createSyncActions, type SyncActions } from '../sync/syncActions.ts';
import type { Profiles } from '../profiles.ts';
import type { Remote } from '../../core/remote.ts';
import type { Transfers } from '../../core/transfers.ts';
import { createUpload, type UploadParts } from '../upload.ts';
import type { Location } from '../uri.ts';
import { createBursts } from './bursts.ts';
import { createChangedFiles, type ChangedFiles } from './changedFiles.ts';
import { chooseFiles } from './chosenFiles.ts';
import { createExchange, type Exchange } from './exchange.ts';
import { createExchanges } from './exchanges.ts';
import { createFollowing } from './following.ts';
import { followLocalChanges } from './localChanges.ts';
import type { ShowGroup } from '../transfers/liveGroup.ts';
import type { Enqueue } from '../transfers/transferCommands.ts';
import { createLinkedFolderActions, type LinkedFolderActions } from './linkedFolderActions.ts';
import { createLinkedItems, type LinkedItems } from './linkedItems.ts';
import { offerReplacing } from './linkedTransfers.ts';
import { createLargeFiles } from './largeFiles.ts';
import type { MappedFile, Mappings } from './mappings.ts';
import { retryStranded, watchReturns } from './returnedHosts.ts';
import { decorateUploads } from './uploadDecorations.ts';
import { createUploadProblems } from './uploadProblems.ts';
import { createUploads, type Uploads } from './uploads.ts';
import { createUploadStatus } from './uploadStatus.ts';

export interface LinkingParts extends Omit<UploadParts, 'bases' | 'transfers'> {
  readonly transfers: Transfers;
  readonly profiles: Profiles;
  /** The disk of this computer. */
  readonly local: () => Promise<Remote>;
  readonly enqueue: Enqueue;
  readonly showGroup: ShowGroup;
  readonly locks: PathLocks;
  readonly merges: Merges;
  readonly moves: Moves;
  readonly removals: Removals;
  readonly state: Memento;
  /** The extension's own for this workspace; undefined: there is none. */
  readonly storage: string | undefined;
  readonly mappings: Mappings;
  locate(uri: Uri): Location;
  /** In the view of hosts; resolves to whether it could. */
  readonly reveal: (location: Location) => Promise<boolean>;
  readonly announce: (location: Location) => void;
  readonly failed: (error: unknown) => void;
}

export interface Linking extends Disposable {
  readonly items: LinkedItems;
  readonly actions: LinkedFolderActions & SyncActions & ChangedFiles;
  /** Files wait for that host. */
  waitFor(host: Host): boolean;
  settled(): Promise<void>;
}

/** What was not uploaded is settled where the server's file took its place. What was saved since is not. */
function settling(exchange: Exchange, uploads: Uploads): Exchange {
  return {
    ...exchange,
    async fetch(file, ...how) {
      const isFetched = await exchange.fetch(file, ...how);
      if (isFetched) uploads.drop(({ file: other, state }) => state !== 'waiting' && isSame(file, other));
      return isFetched;
    },
  };
}

function isSame(one: MappedFile, other: MappedFile): boolean {
  return one.uri.toString() === other.uri.toString() && one.target.name === other.target.name;
}

/** A local project and its servers kept in step: what `ferry.mappings` says, followed as files are saved, made, renamed and deleted. */
export function startLinking(parts: LinkingParts): Linking {
  const { pool, mappings } = parts;
  const exchanges = createExchanges(parts.storage, parts.failed);
  const bursts = createBursts(parts.transfers, parts.showGroup);
  const upload = createUpload({ ...parts, transfers: bursts.transfers, bases: exchanges.bases });
  const direct = createExchange({ ...parts, exchanges, upload, large: createLargeFiles(parts) });
  const uploads = createUploads(parts.state, mappings, (file) => direct.send(file));
  const exchange = settling(direct, uploads);
  const problems = createUploadProblems({ ...parts, uploads, exchange, exchanges });
  const items = createLinkedItems({ ...parts, uploads, exchange, offerReplacing: (kept) => offerReplacing(exchange, kept) });
  const status = createUploadStatus(mappings, uploads);
  const following = createFollowing({ ...parts, exchanges });
  /** What waited under its old name waits under the new one. */
  const uploadAt = async ({ uri }: MappedFile) => uploads.add((await chooseFiles(mappings, [uri])).files);
  const dropAt = (settled: MappedFile) => uploads.drop(({ file }) => isSame(settled, file));
  const sync = createSyncActions({ ...parts, exchange, exchanges, settled: dropAt });
  const run = (work: Promise<void>) => void work.catch((error: unknown) => parts.failed(error));

  const subscriptions: Disposable[] = [
    sync,
    exchanges,
    uploads,
    bursts.follow(uploads),
    status,
    decorateUploads(uploads),
    uploads.onDidSettle((burst) => run(problems.tell(burst))),
    watchReturns(pool, (name) => uploads.retry(({ file, state }) => state === 'unreachable' && file.location.host.name === name)),
    retryStranded(uploads, pool),
    followLocalChanges({
      mappings,
      upload: (files) => uploads.add(files),
      remove: (file) => run(following.remove(file)),
      rename: (from, to) => {
        const isWaiting = uploads.pending.some(({ file }) => contains(from.uri.path, file.uri.path));
        const follow = following.rename(from, to);
        run(isWaiting ? follow.finally(() => uploadAt(to)) : follow);
      },
      left: (file, reason) => status.left(file, reason),
      failed: parts.failed,
    }),
  ];
  const actions = createLinkedFolderActions({ ...parts, uploads, exchange, problems });
  const changedFiles = createChangedFiles({
    mappings,
    upload: (files) => actions.uploadFiles(files),
    download: (files) => actions.downloadFiles(files),
    remove: (file) => following.remove(file),
  });
  return {
    items,
    actions: { ...actions, ...changedFiles, ...sync },
    waitFor: ({ name }) => uploads.pending.some(({ file, state }) => state === 'unreachable' && file.location.host.name === name),
    settled: async () => {
      await Promise.all([exchanges.settled(), uploads.settled()]);
    },
    dispose: () => subscriptions.forEach((subscription) => subscription.dispose()),
  };
}

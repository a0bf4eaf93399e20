import { Uri } from 'vscode';
import type { Disposable } from '../../core/events.ts';
import type { Host } from '../../core/host.ts';
import type { RegisterCommand } from '../command.ts';
import type { ReviewCommand } from '../sync/syncCommands.ts';
import { isRemote } from '../uri.ts';
import type { LinkedItems } from './linkedItems.ts';
import type { Linking, LinkingParts } from './linking.ts';

export interface LinkedFoldersParts extends LinkingParts {
  readonly register: RegisterCommand;
  readonly chooseHost: () => Promise<Host | undefined>;
}

export interface LinkedFolders extends Disposable {
  /** Files wait for that host. */
  waitFor(host: Host): boolean;
  /** What brings files of linked folders for the queue of transfers. */
  items(): Promise<LinkedItems>;
  /** Resolves when what was exchanged and what is still to be uploaded is noted. */
  settled(): Promise<void>;
}

/** Local folders and their servers, by `ferry.mappings`. What does the work is loaded with the first mapping that a window has. */
export function createLinkedFolders(parts: LinkedFoldersParts): LinkedFolders {
  const { register, mappings } = parts;
  let loading: Promise<Linking> | undefined;
  let linking: Linking | undefined;
  let isDisposed = false;
  const load = async (): Promise<Linking> => {
    const { startLinking } = await import('./linking.ts');
    linking = startLinking(parts);
    if (isDisposed) linking.dispose();
    return linking;
  };
  const linked = () => (loading ??= load());
  const loadWhenNeeded = () => {
    if (mappings.all.length + mappings.problems.length > 0) void linked().catch(parts.failed);
  };
  loadWhenNeeded();
  const inReview = (command: ReviewCommand) => async (argument: unknown, selected: unknown) =>
    linking?.actions.inReview(command, argument, selected);
  const does =
    (action: Exclude<keyof Linking['actions'], 'inReview' | 'uploadFiles' | 'downloadFiles' | 'uploadResources'>) =>
    async (chosen: unknown, selected: unknown) =>
      (await linked()).actions[action](chosen, selected);
  const subscriptions = [
    mappings.onDidChange(loadWhenNeeded),
    register('ferry.upload', does('upload')),
    register('ferry.uploadChanged', does('uploadChanged')),
    register('ferry.uploadSince', does('uploadSince')),
    register('ferry.uploadOpenEditors', does('uploadOpenEditors')),
    register('ferry.downloadChanged', does('downloadChanged')),
    register('ferry.downloadSince', does('downloadSince')),
    register('ferry.downloadOpenEditors', does('downloadOpenEditors')),
    register('ferry.uploadResources', async (...resources) => (await linked()).actions.uploadResources(resources)),
    register('ferry.download', does('download')),
    register('ferry.compareWithRemote', does('compare')),
    register('ferry.openRemoteFile', does('openRemote')),
    register('ferry.openRemoteBeside', does('openRemoteBeside')),
    register('ferry.revealRemote', does('revealRemote')),
    register('ferry.openLocalFile', does('openLocal')),
    register('ferry.chooseTarget', does('chooseTarget')),
    register('ferry.showUploads', does('showUploads')),
    register('ferry.syncUp', does('syncUp')),
    register('ferry.syncDown', does('syncDown')),
    register('ferry.syncBothWays', does('syncBothWays')),
    register('ferry.compareFolder', does('compareFolder')),
    register('ferry.sync.apply', inReview('apply')),
    register('ferry.sync.close', inReview('close')),
    register('ferry.sync.refresh', inReview('refresh')),
    register('ferry.sync.compareContents', inReview('compareContents')),
    register('ferry.sync.showDocument', inReview('showDocument')),
    register('ferry.sync.useHere', inReview('useHere')),
    register('ferry.sync.useThere', inReview('useThere')),
    register('ferry.sync.open', inReview('open')),
    register('ferry.linkFolder', async (chosen) =>
      (await import('./linkFolder.ts')).linkFolder(parts, chosen instanceof Uri && !isRemote(chosen) ? chosen : undefined),
    ),
  ];
  return {
    items: async () => (await linked()).items,
    waitFor: (host) => linking?.waitFor(host) ?? false,
    settled: async () => linking?.settled(),
    dispose() {
      isDisposed = true;
      for (const subscription of [...subscriptions, linking]) subscription?.dispose();
    },
  };
}

import { window } from 'vscode';
import type { Disposable } from '../../core/events.ts';
import { t } from '../../core/l10n.ts';
import { safeText } from '../../core/text.ts';
import type { Transfers } from '../../core/transfers.ts';
import type { LiveGroup, ShowGroup } from '../transfers/liveGroup.ts';
import type { MappedFile } from './mappings.ts';
import type { PendingUpload, Uploads } from './uploads.ts';

/** From so many files at once on, as a build writes them, they are one piece of work. */
const worthOne = 20;

/** Uploads that come in numbers, shown and cancelled as one: also in the view of transfers. */
export interface Bursts {
  /** For the single uploads: within a burst they are not shown. */
  readonly transfers: Pick<Transfers, 'track'>;
  follow(uploads: Uploads): Disposable;
}

export function createBursts(transfers: Transfers, showGroup: ShowGroup): Bursts {
  let isRunning = false;
  let followed: Uploads | undefined;
  const isBurst = () => isRunning || (followed !== undefined && due(followed).length >= worthOne);
  const never = new AbortController().signal;

  const run = (uploads: Uploads, first: PendingUpload): Promise<void> => {
    const { name: hostName } = first.file.location.host;
    const label = { verb: t('Uploading'), name: t('{0} files', due(uploads).length), hostName };
    const cancelling = new AbortController();
    let filesDone = 0;
    const group = groupOf(uploads, hostName, { done: () => filesDone, cancel: () => cancelling.abort() });
    return transfers.track(label, cancelling.signal, async (report, signal) => {
      const shown = showGroup(group, uploads.onDidChange);
      const dropped: MappedFile[] = [];
      // In the very moment: none begins after it.
      const drop = () =>
        uploads.drop(({ file, state }) => {
          if (state === 'waiting') dropped.push(file);
          return state === 'waiting';
        });
      signal.addEventListener('abort', drop, { once: true });
      await counted(uploads, signal, (progress) => {
        filesDone = progress.count;
        report(progress);
      });
      shown.dispose();
      signal.removeEventListener('abort', drop);
      if (dropped.length > 0) void offerAgain(uploads, dropped);
    });
  };

  return {
    transfers: {
      track: (label, signal, task) => (isBurst() ? task(() => {}, signal ?? never) : transfers.track(label, signal, task)),
    },
    follow(uploads) {
      followed = uploads;
      return uploads.onDidChange(() => {
        const [first] = due(uploads);
        if (isRunning || first === undefined || !isBurst()) return;
        isRunning = true;
        // What it waits for never rejects.
        void run(uploads, first).finally(() => (isRunning = false));
      });
    },
  };
}

function groupOf(uploads: Uploads, hostName: string, { done, cancel }: { done: () => number; cancel: () => void }): LiveGroup {
  return {
    title: t('Uploading to {0}', safeText(hostName, 100)),
    get progress() {
      return { files: done() + due(uploads).length, filesDone: done() };
    },
    get files() {
      const left = due(uploads).map(({ file, state }) => ({
        ...{ id: file.uri.toString(), name: file.relative, hostName: file.location.host.name, isRunning: state === 'sending' },
      }));
      return [...left.filter(({ isRunning }) => isRunning), ...left.filter(({ isRunning }) => !isRunning)];
    },
    cancel,
  };
}

/** What is on its way, or waits for its turn, here. */
function due(uploads: Uploads): readonly PendingUpload[] {
  return uploads.pending.filter(({ state, isQueued }) => !isQueued && (state === 'waiting' || state === 'sending'));
}

/** Until nothing is on its way any more, or the window ends, or it is cancelled: what comes after that is another burst, with a Cancel of its own. */
async function counted(
  uploads: Uploads,
  signal: AbortSignal,
  report: (progress: { readonly count: number; readonly current?: string }) => void,
): Promise<void> {
  const ended = Promise.withResolvers<undefined>();
  let [count, last] = [0, due(uploads).length];
  const subscription = uploads.onDidChange(() => {
    const now = due(uploads);
    count += Math.max(0, last - now.length);
    last = now.length;
    const current = now.find(({ state }) => state === 'sending')?.file.relative;
    report({ count, ...(current !== undefined && { current }) });
    if (now.length === 0) ended.resolve(undefined);
  });
  signal.addEventListener('abort', () => ended.resolve(undefined), { once: true });
  await ended.promise;
  subscription.dispose();
}

/** They are on this computer, and no upload is under way that would bring them. */
async function offerAgain(uploads: Uploads, dropped: readonly MappedFile[]): Promise<void> {
  const upload = t('Upload Them');
  const message =
    dropped.length === 1 ? t('Cancelled: 1 file was not uploaded.') : t('Cancelled: {0} files were not uploaded.', dropped.length);
  if ((await window.showInformationMessage(message, upload)) === upload) uploads.add(dropped);
}

import { commands, Uri, window, workspace } from 'vscode';
import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import { safeText } from '../../core/text.ts';
import { basename } from '../../core/path.ts';
import { excessiveDeletions, type SyncPlan } from '../../core/sync/plan.ts';
import type { Transfers } from '../../core/transfers.ts';
import { askChoice } from '../choice.ts';
import { withLateProgress } from '../lateProgress.ts';
import type { MappedFile, Mappings } from '../mapping/mappings.ts';
import { uriOf } from '../uri.ts';
import { applyItems, type Applied } from './application.ts';
import { linkedPlace } from './linkedPlace.ts';
import { type Planning, type PlanningParts, startPlanning } from './planning.ts';
import {
  checkedAmong,
  choose,
  countOf,
  directionOf,
  type Review,
  type ReviewItem,
  reviewOf,
  type SyncMode,
  withoutItems,
} from './review.ts';
import type { ReviewView } from './reviewView.ts';
import { doRow, type RowWorkParts } from './rowWork.ts';
import { actions, describeChosen, describeCount, describeFolder, documentOf, titleOfMode } from './wording.ts';

export interface SyncingParts extends PlanningParts, RowWorkParts {
  readonly mappings: Mappings;
  readonly transfers: Transfers;
  /** What waited to be uploaded is settled by it. */
  readonly settled: (file: MappedFile) => void;
  readonly view: ReviewView;
  /** Most files of a side that a plan may delete, in percent. */
  maxDeletions(): number;
}

/** One plan at a time: made, looked at, changed, carried out. */
export class Syncing {
  readonly #parts: SyncingParts;
  #planning: Planning | undefined;
  #review: Review | undefined;
  #running: AbortController | undefined;
  /** Keys of files whose upload failed: its answer may have been lost only. */
  readonly #unsure = new Set<string>();

  constructor(parts: SyncingParts) {
    this.#parts = parts;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** Makes a plan, and shows it; it takes the place of the one before. */
  async start(folder: MappedFile, mode: SyncMode): Promise<void> {
    this.#assertIdle();
    const { mappings, exchanges } = this.#parts;
    const title = t('Looking at {0}', describeFolder(folder));
    const planning = await withLateProgress(title, (signal) =>
      startPlanning(this.#parts, linkedPlace(mappings, exchanges, folder), signal, this.#unsure),
    );
    for (const key of this.#unsure) if (key.startsWith(`${folder.location.key}/`)) this.#unsure.delete(key);
    const plan = planning.plan(directionOf(mode));
    if (await this.#isTooMuch(plan, planning, mode)) return;
    this.#planning = planning;
    await this.#show(reviewOf(plan, mode));
    await this.#parts.view.focus();
    if (plan.rows.length === 0) this.#tellSame(planning, plan);
  }

  async refresh(): Promise<void> {
    if (this.#planning === undefined || this.#review === undefined) return;
    const { mappings } = this.#parts;
    const { uri, target } = this.#planning.place.folder;
    // The settings may say something else by now; another target is another plan.
    const folder = mappings.find(uri, target.name);
    if (folder === undefined)
      throw new RemoteError('BadPath', t('This folder is not linked to “{0}” any more.', safeText(target.name, 100)));
    await this.start(folder, this.#review.mode);
  }

  async close(): Promise<void> {
    this.#running?.abort();
    this.#planning = undefined;
    await this.#show(undefined);
  }

  /** Reads on both sides what has the same size, and plans again. */
  async compareContents(): Promise<void> {
    this.#assertIdle();
    const [planning, before] = [this.#planning, this.#review];
    if (planning === undefined || before === undefined) return;
    const relatives = await askWhichToCompare(planning);
    if (relatives === undefined) return;
    const { host, path } = planning.place.folder.location;
    const label = { verb: t('Comparing'), name: basename(path), hostName: host.name };
    await this.#run((own) =>
      this.#parts.transfers.track(label, own, (report, signal) =>
        planning.compare(relatives, signal, (count, current) => report({ count, current })),
      ),
    ).finally(async () => {
      if (this.#planning === planning) await this.#show(reviewOf(planning.plan(directionOf(before.mode)), before.mode, before));
    });
  }

  choose(items: readonly ReviewItem[], side: 'here' | 'there'): void {
    this.#assertIdle();
    for (const item of items) choose(item, side);
    this.#parts.view.refresh();
  }

  /** Both sides beside each other; of what only one side has, that one. */
  async open({ row }: ReviewItem): Promise<void> {
    const file = this.#planning?.place.at(row.relative);
    if (file === undefined) return;
    const { host, path } = file.location;
    const [here, there] = [row.here?.kind === 'file' ? file.uri : undefined, row.there?.kind === 'file' ? uriOf(host, path) : undefined];
    const name = safeText(basename(path), 100);
    if (here !== undefined && there !== undefined)
      await commands.executeCommand('vscode.diff', there, here, t('{0} (on {1}) ↔ {0} (here)', name, safeText(host.name, 60)));
    else await commands.executeCommand('vscode.open', here ?? there ?? Uri.joinPath(file.uri, '..'));
  }

  async showDocument(): Promise<void> {
    if (this.#planning === undefined || this.#review === undefined) return;
    const content = documentOf(this.#review, this.#planning.place.folder);
    await window.showTextDocument(await workspace.openTextDocument({ content, language: 'plaintext' }), { preview: false });
  }

  /** Does what is ticked. Each row is looked at again first; what is not as it was planned for is not done, and stays. */
  async apply(): Promise<void> {
    this.#assertIdle();
    const [planning, review] = [this.#planning, this.#review];
    if (planning === undefined || review === undefined) return;
    const items = checkedAmong(review.items);
    if (items.length === 0) {
      void window.showInformationMessage(t('Nothing is chosen: tick what is to be done.'));
      return;
    }
    if (!(await mayDelete(items, planning.place.folder))) return;
    const applied = await this.#run((own) => this.#applyAll(planning, items, own));
    void this.#tell(applied, planning.place.folder).catch(() => undefined);
  }

  async #applyAll({ place }: Planning, items: readonly ReviewItem[], own: AbortSignal): Promise<Applied> {
    const { transfers } = this.#parts;
    const { host, path } = place.folder.location;
    const done = new Set<ReviewItem>();
    const label = { verb: t('Syncing'), name: basename(path), hostName: host.name };
    const applied = await transfers.track(label, own, (report, signal) =>
      applyItems(items, {
        signal,
        act: (item) => doRow(this.#parts, place, item.row, item.action, signal),
        settled: (item, error) => {
          item.error = error;
          if (error !== undefined && item.action === 'upload') this.#unsure.add(place.keyOf(item.row.relative));
          if (error !== undefined) return;
          done.add(item);
          if (!item.row.isFolder) this.#parts.settled(place.at(item.row.relative));
          report({ count: done.size, current: item.row.relative });
        },
      }),
    );
    if (this.#review !== undefined) await this.#show(withoutItems(this.#review, done));
    return applied;
  }

  async #tell({ done, failed, ended }: Applied, folder: MappedFile): Promise<void> {
    const counts = actions.flatMap((action) => {
      const count = done.get(action) ?? 0;
      return count === 0 ? [] : [describeCount(action, count)];
    });
    const what = counts.length === 0 ? t('Nothing was done.') : t('Done: {0}.', counts.join(', '));
    if (failed === 0 && ended === undefined) {
      if (this.#review?.items.length === 0) await this.close();
      void window.showInformationMessage(`${describeFolder(folder)}: ${what}`);
      return;
    }
    const left = checkedAmong(this.#review?.items ?? []).length;
    const why = ended === undefined ? '' : ` ${safeText(ended.message, 300)}`;
    const rest =
      left === 1 ? t('1 row was not done, and is still in the list.') : t('{0} rows were not done, and are still in the list.', left);
    const retry = t('Plan Again');
    if ((await window.showWarningMessage(`${describeFolder(folder)}: ${what}${why} ${rest}`, retry)) === retry) await this.refresh();
  }

  async #show(review: Review | undefined): Promise<void> {
    this.#review = review;
    const folder = this.#planning?.place.folder;
    const title = review === undefined || folder === undefined ? '' : `${titleOfMode(review.mode)}: ${describeFolder(folder)}`;
    await this.#parts.view.show(review, title);
  }

  async #run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const own = new AbortController();
    this.#running = own;
    await commands.executeCommand('setContext', 'ferry.syncRunning', true);
    try {
      return await work(own.signal);
    } finally {
      this.#running = undefined;
      await commands.executeCommand('setContext', 'ferry.syncRunning', false);
    }
  }

  #assertIdle(): void {
    if (!this.isRunning) return;
    throw new RemoteError('Busy', t('A sync is running.'), { hint: t('Wait for it, or cancel it in its notification.') });
  }

  /** Says so, and whether the plan is to be left at that. */
  async #isTooMuch(plan: SyncPlan, { place }: Planning, mode: SyncMode): Promise<boolean> {
    const most = this.#parts.maxDeletions();
    const found = mode === 'compare' ? undefined : excessiveDeletions(plan, most);
    if (found === undefined) return false;
    const { count, total, side } = found;
    const where = side === 'here' ? t('on this computer') : t('on {0}', safeText(place.folder.location.host.name, 60));
    const message = t('This sync would delete {0} of {1} files {2}. Nothing was done.', count, total, where);
    const detail = t(
      'Is it the right folder, and is all of it there? {0}\nThe setting “ferry.sync.maxDeletions” says how many percent a sync may delete; it is {1} now. Comparing shows the differences and proposes nothing.',
      ...[describeFolder(place.folder), most],
    );
    const compare = t('Compare Only');
    if ((await window.showWarningMessage(message, { modal: true, detail }, compare)) === compare) await this.start(place.folder, 'compare');
    return true;
  }

  #tellSame({ place }: Planning, { leftOut }: SyncPlan): void {
    const more = leftOut.length === 0 ? '' : ` ${t('{0} entries are left out.', leftOut.length)}`;
    void window.showInformationMessage(`${describeFolder(place.folder)}: ${t('Both sides are the same.')}${more}`);
  }
}

/** What is deleted is asked about once more, with its counts. */
async function mayDelete(items: readonly ReviewItem[], folder: MappedFile): Promise<boolean> {
  if (countOf(items, 'deleteHere') + countOf(items, 'deleteThere') === 0) return true;
  const go = t('Sync and Delete');
  const message = t('{0}: {1}?', describeFolder(folder), describeChosen(items));
  return (await window.showWarningMessage(message, { modal: true }, go)) === go;
}

async function askWhichToCompare(planning: Planning): Promise<readonly string[] | undefined> {
  const { all, doubtful } = planning.comparable();
  if (all.length === 0) {
    void window.showInformationMessage(t('There are no files of the same size on both sides that were not compared yet.'));
    return undefined;
  }
  const choices = [
    ...(doubtful.length === 0
      ? []
      : [{ value: doubtful, label: t('What May Be the Same'), description: t('{0} files with another time', doubtful.length) }]),
    { value: all, label: t('All of the Same Size'), description: t('{0} files', all.length) },
  ];
  const answer = await askChoice({ title: t('Compare by Content'), placeholder: t('Which files are read on both sides?'), choices });
  return typeof answer === 'object' ? answer.value : undefined;
}

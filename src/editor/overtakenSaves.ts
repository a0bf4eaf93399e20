import * as vscode from 'vscode';
import { isSameContent } from '../core/bytes.ts';
import { t } from '../core/l10n.ts';
import type { ReadFile } from '../core/operations/readFile.ts';
import { hashLimit, hashOf } from '../core/operations/version.ts';
import { basename } from '../core/path.ts';
import { safeText } from '../core/text.ts';
import { isBinary } from './conflicts.ts';
import type { History } from './history.ts';
import type { KeptVersion } from './historyEntries.ts';
import type { KeptVersions } from './keptVersions.ts';
import type { Merges } from './merges.ts';
import { describeTime, restoreVersion } from './restoreVersion.ts';
import { type Location, uriOf } from './uri.ts';

/** A content that was saved, and that somebody else has replaced without having seen it. */
export interface OvertakenSave {
  readonly location: Location;
  /** Undefined where it is not kept on this computer. */
  readonly mine: Uint8Array | undefined;
  /** When it was saved, in ms since the epoch. */
  readonly time: number;
  /** Found by a later window: what was saved since may have been based on it. */
  readonly late: boolean;
}

export interface OvertakenSavesParts {
  readonly history: History;
  readonly versions: KeptVersions;
  readonly merges: Merges;
  /** From the server. */
  read(location: Location): Promise<ReadFile>;
}

type Way = 'compare' | 'merge' | 'restore';

/** Says so, and offers what can be done about it. What was saved is in the local history from then on, where one is kept. */
export async function tellOvertaken(parts: OvertakenSavesParts, save: OvertakenSave): Promise<void> {
  const { location, mine } = save;
  if (mine !== undefined) parts.history.add(location, mine, 'saved');
  await parts.history.settled();
  const kept = mine === undefined ? [] : await parts.history.versions(location);
  const hash = mine && (await hashOf(mine));
  const own = kept.find((version) => version.hash === hash);
  const base = mine === undefined || !isText(mine) ? undefined : await contentBefore(parts.history, kept, save);
  const buttons: { readonly title: string; readonly way: Way }[] = [
    ...(mine ? [{ title: t('Compare'), way: 'compare' } as const] : []),
    ...(base ? [{ title: t('Merge'), way: 'merge' } as const] : []),
    ...(own ? [{ title: t('Restore Mine'), way: 'restore' } as const] : []),
  ];
  const pressed = await vscode.window.showWarningMessage(message(save), ...buttons.map(({ title }) => title));
  const way = buttons.find(({ title }) => title === pressed)?.way;
  if (way === 'restore' && own) await restoreVersion(parts.history, parts.versions, location, own);
  else if (way === 'merge' && base && mine) await merge(parts, save, base, mine);
  else if (way !== undefined && mine) await compare(parts.versions, location, mine);
}

function message({ location: { host, path }, mine, time, late }: OvertakenSave): string {
  const [name, server] = [safeText(path, 200), safeText(host.name, 80)];
  const what = late
    ? t(
        '{0} is not on {1} what you saved on {2}: somebody else has changed it, perhaps at that very moment.',
        name,
        server,
        describeTime(time),
      )
    : t('{0} was changed on {1} by somebody else at the moment when you saved it.', name, server);
  const rest = mine
    ? t('It holds their version; compare it with what you saved.')
    : t('It holds their version. What you saved is not kept on this computer.');
  return `${what} ${rest}`;
}

/** What that save replaced: the one that both began with. */
async function contentBefore(
  history: History,
  kept: readonly KeptVersion[],
  { mine, time }: OvertakenSave,
): Promise<Uint8Array | undefined> {
  const before = kept.filter((version) => Math.abs(version.time - time) < saveSpan);
  for (const { hash } of before) {
    const content = await history.content(hash);
    if (content !== undefined && !(mine && isSameContent(content, mine))) return isText(content) ? content : undefined;
  }
  return undefined;
}

/** What a save replaced is kept in the moment of the save, give or take so many ms. */
const saveSpan = 5000;

function isText(bytes: Uint8Array): boolean {
  return bytes.length <= hashLimit && !isBinary(bytes);
}

async function compare(versions: KeptVersions, { host, path }: Location, mine: Uint8Array): Promise<void> {
  const uri = uriOf(host, path);
  const title = t('{0} (what you saved) ↔ {0} (on {1})', safeText(basename(path), 100), safeText(host.name, 80));
  await vscode.commands.executeCommand('vscode.diff', versions.keep(uri, 'mine', mine), uri, title);
}

/** A document with unsaved changes has more of what the person wants than what was saved. */
async function merge(parts: OvertakenSavesParts, { location }: OvertakenSave, base: Uint8Array, mine: Uint8Array) {
  const uri = uriOf(location.host, location.path);
  const theirs = await parts.read(location);
  if (!isText(theirs.bytes)) return compare(parts.versions, location, mine);
  const document = await vscode.workspace.openTextDocument(uri);
  await parts.merges.open({ uri, location, base, theirs, saved: document.isDirty ? undefined : mine });
}

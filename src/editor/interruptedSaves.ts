import * as vscode from 'vscode';
import type { Host } from '../core/host.ts';
import { t } from '../core/l10n.ts';
import { safeText } from '../core/text.ts';
import { askChoice } from './choice.ts';
import type { Journal, KeptCopy } from './journal.ts';
import { describeFound, type Found, type SaveTroubles } from './saveTroubles.ts';
import { type Location, uriOf } from './uri.ts';

/** Both contents of saves that ended with their window are offered, with what the server's file holds now. One after the other. */
export async function offerInterruptedSaves(
  journal: Journal,
  host: Host,
  troubles: SaveTroubles,
  locate: (uri: vscode.Uri) => Location,
): Promise<void> {
  const offers: Offer[] = [];
  for (const copy of await journal.copies(host)) {
    const uri = uriOf(host, copy.path);
    const [content, old] = [await readKept(copy, 'new'), copy.aside === undefined ? await readKept(copy, 'old') : undefined];
    if (content === undefined) continue;
    const id = troubles.adopt(uri, locate(uri), { content, old, done: () => copy.discard() });
    offers.push({ id, copy, location: locate(uri), canRestore: old !== undefined });
  }
  for (const each of offers) {
    const found = await troubles.look(each.id);
    // It was done, only nobody was there to hear of it.
    if (found?.is === 'new') await troubles.settle(each.location.key);
    else if (found) await offer(each, found, troubles);
  }
}

interface Offer {
  /** Of the trouble. */
  readonly id: number;
  readonly copy: KeptCopy;
  readonly location: Location;
  readonly canRestore: boolean;
}

/** Until the person has decided, or wants to do so another time. */
async function offer(each: Offer, found: Found, troubles: SaveTroubles): Promise<void> {
  for (;;) {
    const way = await askWay(each, found);
    if (way === 'retry') return troubles.retry(each.id);
    if (way === 'restore') return troubles.restore(each.id);
    if (way === 'discard') return troubles.settle(each.location.key);
    if (way === undefined) return;
    await (way === 'show' ? showCopy(each.copy) : troubles.saveCopy(each.id));
  }
}

type Way = 'retry' | 'restore' | 'saveCopy' | 'show' | 'discard';

async function askWay({ copy, location, canRestore }: Offer, found: Found): Promise<Way | undefined> {
  const buttons: { readonly title: string; readonly way: Way | 'more' }[] = [
    { title: t('Retry'), way: 'retry' },
    ...(canRestore && found.is !== 'old' ? [{ title: t('Restore'), way: 'restore' } as const] : []),
    { title: t('Save a Copy…'), way: 'saveCopy' },
    { title: t('More…'), way: 'more' },
  ];
  const pressed = await vscode.window.showWarningMessage(message(copy, location, found), ...buttons.map(({ title }) => title));
  const way = buttons.find(({ title }) => title === pressed)?.way;
  return way === 'more' ? askMore(location) : way;
}

async function askMore({ host, path }: Location): Promise<Way | undefined> {
  const answer = await askChoice<Way>({
    title: t('Interrupted Save'),
    placeholder: t('{0} on {1}', safeText(path, 200), safeText(host.name, 80)),
    choices: [
      { label: t('Show Both Versions'), value: 'show' },
      { label: t('Discard Both Versions'), description: t('what is on the server stays'), value: 'discard' },
    ],
  });
  return typeof answer === 'object' ? answer.value : undefined;
}

function message({ path, time }: KeptCopy, location: Location, found: Found): string {
  const interrupted = t(
    'Saving {0} on {1} was interrupted on {2}. What it held and what was to be saved are kept on this computer.',
    safeText(path, 200),
    safeText(location.host.name, 80),
    new Date(time).toLocaleString(),
  );
  return `${interrupted} ${describeFound({ location }, found)}`;
}

function fileOf({ location }: KeptCopy, name: 'old' | 'new'): vscode.Uri {
  return vscode.Uri.joinPath(vscode.Uri.file(location), name);
}

/** Undefined where it is gone: another window has dealt with it. */
async function readKept(copy: KeptCopy, name: 'old' | 'new'): Promise<Uint8Array | undefined> {
  try {
    return await vscode.workspace.fs.readFile(fileOf(copy, name));
  } catch {
    return undefined;
  }
}

async function showCopy(copy: KeptCopy): Promise<void> {
  const title = t('{0} (before ↔ to be saved)', safeText(copy.path, 100));
  if (copy.aside !== undefined) await vscode.window.showTextDocument(fileOf(copy, 'new'));
  else await vscode.commands.executeCommand('vscode.diff', fileOf(copy, 'old'), fileOf(copy, 'new'), title);
}

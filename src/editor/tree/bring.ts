import { FileType, Uri, window, workspace } from 'vscode';
import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import { forEachBounded } from '../../core/operations/bounded.ts';
import { basename, child, parent } from '../../core/path.ts';
import { hostKey } from '../../core/sameHost.ts';
import { safeText } from '../../core/text.ts';
import type { RemoteFileSystem } from '../fileSystem.ts';
import { reasonOf } from '../fileSystemError.ts';
import { isRemote, type Location } from '../uri.ts';
import { shownName } from './fileItem.ts';
import { isOpen, moveWithEditors } from './moveWithEditors.ts';
import type { TransferWish } from '../transfers/transferDesk.ts';
import type { Transfer } from '../transfers/transferCommands.ts';

export interface BringParts {
  readonly fileSystem: RemoteFileSystem;
  readonly transfer: Transfer;
  readonly locate: (uri: Uri) => Location;
}

/** One thing to be brought to one place. */
interface Item {
  readonly from: Uri;
  readonly to: Uri;
  readonly overwrite: boolean;
}

export interface BringOptions {
  /** The sources are gone afterwards; only of hosts. Default false. */
  readonly moves?: boolean;
}

/** So many at once, each of them with as many of its files at once as its hosts take. */
const atOnce = 3;

/**
 * Copies or moves files, folders and links into a folder: from a host or this computer, to a host or this computer. What is there already
 * under their names is asked for, once for all. Resolves to whether anything was brought; one that fails does not keep the others.
 */
export async function bringInto(
  parts: BringParts,
  sources: readonly Uri[],
  folder: Uri,
  { moves = false }: BringOptions = {},
): Promise<boolean> {
  const tops = withoutNested(sources).filter((from) => !(moves && isSame(parentOf(from), folder)));
  // Editors, with their unsaved changes, follow what VS Code renames.
  const isDirect = (from: Uri) => isOneHost(parts, from, folder) || (moves && from.scheme === folder.scheme && isOpen(from));
  const direct = tops.filter(isDirect);
  const far = tops.filter((from) => !direct.includes(from));
  const queued = far.length > 0 && (await transferInto(parts, far, folder, moves));
  return (await bringDirectly(parts, direct, folder, moves)) || queued;
}

/** From one host to itself nothing is transferred. */
function isOneHost({ locate }: BringParts, from: Uri, folder: Uri): boolean {
  return isRemote(from) && isRemote(folder) && hostKey(locate(from).host) === hostKey(locate(folder).host);
}

/** Through the queue, which merges folders by itself. */
async function transferInto(parts: BringParts, sources: readonly Uri[], folder: Uri, moves: boolean): Promise<boolean> {
  const there = await kindsIn(parts, folder);
  const meeting = sources.filter((from) => there.has(basename(from.path)));
  const answer = meeting.length === 0 ? 'overwrite' : await askAbout(meeting, sources.length, folder, moves ? 'move' : 'transfer');
  if (answer === undefined) return false;
  const taken = new Set(there.keys());
  const wishes = sources.map((from): TransferWish => {
    const name = basename(from.path);
    if (!there.has(name)) return { from, to: within(folder, name), onExists: 'ask' };
    if (answer !== 'keepBoth') return { from, to: within(folder, name), onExists: answer };
    const free = freeName(name, taken);
    taken.add(free);
    return { from, to: within(folder, free), onExists: 'ask' };
  });
  return parts.transfer(wishes, folder, { moves });
}

async function bringDirectly(parts: BringParts, sources: readonly Uri[], folder: Uri, moves: boolean): Promise<boolean> {
  const items = sources.length === 0 ? [] : await decide(parts, sources, folder, moves);
  if (items === undefined || items.length === 0) return false;
  await runAll(
    items.map((item) => ({ name: basename(item.from.path), act: () => bringOne(parts, item, moves) })),
    moves ? t('moved') : t('copied'),
  );
  return true;
}

/** The same for contents that are at no place, into a folder of a host. */
export async function bringContents(
  { fileSystem }: BringParts,
  contents: readonly { readonly name: string; readonly bytes: () => Thenable<Uint8Array> }[],
  folder: Uri,
): Promise<void> {
  const there = new Set((await fileSystem.readDirectory(folder)).map(([name]) => name));
  const meeting = contents.filter(({ name }) => there.has(name));
  const answer =
    meeting.length === 0
      ? 'overwrite'
      : await askAbout(
          meeting.map(({ name }) => within(folder, name)),
          contents.length,
          folder,
        );
  if (answer === undefined) return;
  const wanted = answer === 'skip' ? contents.filter(({ name }) => !there.has(name)) : contents;
  const work = wanted.map(({ name, bytes }) => {
    const target = answer === 'keepBoth' ? freeName(name, there) : name;
    there.add(target);
    return {
      name,
      act: async () => fileSystem.writeFile(within(folder, target), await bytes(), { create: true, overwrite: answer === 'overwrite' }),
    };
  });
  await runAll(work, t('copied'));
}

/** Runs all, some at once; after a cancel no more. Throws the first failure, with how many failed where they were several. */
export async function runAll(work: readonly { readonly name: string; readonly act: () => Promise<void> }[], done: string): Promise<void> {
  const failures: RemoteError[] = [];
  await forEachBounded(work, atOnce, async ({ act }) => {
    try {
      await act();
    } catch (error) {
      const reason = reasonOf(error);
      if (reason.code === 'Cancelled') throw reason;
      failures.push(reason);
    }
  });
  const [first] = failures;
  if (first === undefined) return;
  if (work.length === 1) throw first;
  const { code, path, host, hint } = first;
  const message = t('{0} of {1} could not be {2}. The first: {3}', failures.length, work.length, done, first.message);
  throw new RemoteError(code, message, { path, host, hint, retryable: false, cause: first });
}

async function bringOne({ fileSystem }: BringParts, { from, to, overwrite }: Item, moves: boolean): Promise<void> {
  if (!moves) await fileSystem.copy(from, to, { overwrite });
  else await moveWithEditors(fileSystem, from, to, { overwrite });
}

/** Undefined: the person does not want it after all. */
async function decide(parts: BringParts, sources: readonly Uri[], folder: Uri, moves: boolean): Promise<readonly Item[] | undefined> {
  const there = await kindsIn(parts, folder);
  const isThere = (from: Uri): boolean => there.has(basename(from.path));
  const onItself = sources.filter((from) => isSame(parentOf(from), folder));
  const others = sources.filter((from) => !onItself.includes(from));
  const meeting = others.filter(isThere);
  const answer = meeting.length === 0 ? 'overwrite' : await askAbout(meeting, sources.length, folder);
  if (answer === undefined || answer === 'newer' || answer === 'resume' || answer === 'ask') return undefined;
  const taken = new Set(there.keys());
  const besides = (from: Uri): Item => {
    const name = freeName(basename(from.path), taken);
    taken.add(name);
    return { from, to: within(folder, name), overwrite: false };
  };
  const free = others.filter((from) => !isThere(from)).map((from) => ({ from, to: within(folder, basename(from.path)), overwrite: false }));
  const copies = onItself.map(besides);
  if (answer === 'keepBoth') return [...free, ...copies, ...meeting.map(besides)];
  const merged = await Promise.all(
    meeting.map((from) => merge(parts, from, within(folder, basename(from.path)), { there, answer, moves })),
  );
  return [...free, ...copies, ...merged.flat()];
}

interface Meeting {
  /** What there is in the folder of the target. */
  readonly there: ReadonlyMap<string, FileType>;
  readonly answer: 'overwrite' | 'skip';
  readonly moves: boolean;
}

/** A folder that meets a folder becomes one with it. One that is moved replaces the other as a whole, or it stays where it is. */
async function merge(parts: BringParts, from: Uri, to: Uri, { there, answer, moves }: Meeting): Promise<readonly Item[]> {
  const isFolder = there.get(basename(to.path)) === FileType.Directory;
  if (!isFolder || moves || !(await isPlainFolder(parts, from))) return answer === 'skip' ? [] : [{ from, to, overwrite: true }];
  const [sources, targets] = await Promise.all([kindsIn(parts, from), kindsIn(parts, to)]);
  const items = await Promise.all(
    [...sources.keys()].map(async (name): Promise<readonly Item[]> => {
      const [source, target] = [within(from, name), within(to, name)];
      if (!targets.has(name)) return [{ from: source, to: target, overwrite: false }];
      return merge(parts, source, target, { there: targets, answer, moves });
    }),
  );
  return items.flat();
}

async function isPlainFolder(parts: BringParts, uri: Uri): Promise<boolean> {
  return (await kindsIn(parts, parentOf(uri))).get(basename(uri.path)) === FileType.Directory;
}

/** What there is in a folder; links are no folders here, whatever they lead to. */
async function kindsIn({ fileSystem }: BringParts, folder: Uri): Promise<ReadonlyMap<string, FileType>> {
  return new Map(isRemote(folder) ? await fileSystem.readDirectory(folder) : await workspace.fs.readDirectory(folder));
}

async function askAbout(
  meeting: readonly Uri[],
  of: number,
  folder: Uri,
  by: 'hand' | 'transfer' | 'move' = 'hand',
): Promise<'overwrite' | 'newer' | 'resume' | 'keepBoth' | 'skip' | 'ask' | undefined> {
  const where = safeText(isRemote(folder) ? `${folder.authority}${folder.path}` : folder.fsPath, 200);
  const [overwrite, newer, keepBoth, skip] = [t('Overwrite'), t('Overwrite If Newer'), t('Keep Both'), t('Skip')];
  const [resume, forEach] = [t('Resume'), t('Decide for Each File')];
  const [first] = meeting;
  const single = meeting.length === 1 && first !== undefined;
  const question = single
    ? t('There is already “{0}” in {1}.', shownName(basename(first.path)), where)
    : t('{0} of {1} names are already in {2}.', meeting.length, of, where);
  const names = meeting.slice(0, 10).map(({ path }) => shownName(basename(path)));
  const detail = [
    ...(single ? [] : [...names, ...(meeting.length > names.length ? ['…'] : []), '']),
    t('A folder is merged with the one that is there; of the files in it the same holds.'),
  ].join('\n');
  const compared = by === 'hand' ? [] : [newer, ...(by === 'transfer' ? [resume] : [])];
  const each = by === 'hand' ? [] : [forEach];
  const buttons = [overwrite, ...compared, keepBoth, ...(of > 1 || !single ? [skip] : []), ...each];
  const answer = await window.showWarningMessage(question, { modal: true, detail }, ...buttons);
  if (answer === overwrite) return 'overwrite';
  if (answer === newer) return 'newer';
  if (answer === resume) return 'resume';
  if (answer === keepBoth) return 'keepBoth';
  if (answer === forEach) return 'ask';
  return answer === skip ? 'skip' : undefined;
}

/** `name copy.txt`, `name copy 2.txt` … */
function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  const dot = name.lastIndexOf('.');
  const [stem, end] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  for (let number = 1; ; number += 1) {
    const free = `${stem} copy${number === 1 ? '' : ` ${number}`}${end}`;
    if (!taken.has(free)) return free;
  }
}

/** Without those that are in a folder that is among them. */
export function withoutNested(uris: readonly Uri[]): readonly Uri[] {
  const known = new Set(uris.map((uri) => uri.toString()));
  const isNested = (uri: Uri): boolean => {
    for (let above = parentOf(uri); above.path !== '/'; above = parentOf(above)) if (known.has(above.toString())) return true;
    return false;
  };
  return [...new Map(uris.map((uri) => [uri.toString(), uri])).values()].filter((uri) => !isNested(uri));
}

export function parentOf(uri: Uri): Uri {
  return uri.with({ path: parent(uri.path) });
}

function within(folder: Uri, name: string): Uri {
  return folder.with({ path: child(folder.path, name) });
}

function isSame(one: Uri, other: Uri): boolean {
  return one.toString() === other.toString();
}

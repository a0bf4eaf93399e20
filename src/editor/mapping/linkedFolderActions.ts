import { commands, Uri, ViewColumn, window, workspace } from 'vscode';
import { isRemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import { forEachBounded } from '../../core/operations/bounded.ts';
import { walk } from '../../core/operations/walk.ts';
import { basename } from '../../core/path.ts';
import type { Pool } from '../../core/pool.ts';
import { safeText } from '../../core/text.ts';
import type { Transfers } from '../../core/transfers.ts';
import { askChoice, type Choice } from '../choice.ts';
import { isRemote, isUri, type Location, uriOf } from '../uri.ts';
import { chooseFiles, isLeftOut } from './chosenFiles.ts';
import type { Exchange } from './exchange.ts';
import { createLinkLook } from './localLinks.ts';
import { type LinkedTransfersParts, queueDownloads, queueUploads, type RemoteFile, titleOf } from './linkedTransfers.ts';
import { localOf, mapped, type MappedFile, type Mappings } from './mappings.ts';
import { settleUnsaved } from './unsavedText.ts';
import { mayReplace, type UploadProblems } from './uploadProblems.ts';

export interface LinkedFolderActionsParts extends LinkedTransfersParts {
  readonly mappings: Mappings;
  readonly exchange: Exchange;
  readonly problems: UploadProblems;
  readonly pool: Pool;
  readonly transfers: Transfers;
  locate(uri: Uri): Location;
  /** In the view of hosts; resolves to whether it could. */
  readonly reveal: (location: Location) => Promise<boolean>;
}

/** Of the server's files; the pool shares its connections among these. */
const looksAtOnce = 8;

/** What the commands about linked folders do. In the Explorer they get the row and all that are selected; elsewhere the active editor is meant. */
export interface LinkedFolderActions {
  upload(chosen: unknown, selected: unknown): Promise<void>;
  /** What is there of these, and not ignored. */
  uploadFiles(files: readonly MappedFile[]): Promise<void>;
  download(chosen: unknown, selected: unknown): Promise<void>;
  /** What the server has of these, and is not ignored. */
  downloadFiles(files: readonly MappedFile[]): Promise<void>;
  compare(chosen: unknown): Promise<void>;
  openRemote(chosen: unknown): Promise<void>;
  /** In the Explorer where the workspace has it, else in the view of hosts. */
  revealRemote(chosen: unknown): Promise<void>;
  /** Beside the file of this computer. */
  openRemoteBeside(chosen: unknown): Promise<void>;
  openLocal(chosen: unknown): Promise<void>;
  chooseTarget(): Promise<void>;
  showUploads(): Promise<void>;
}

export function createLinkedFolderActions(parts: LinkedFolderActionsParts): LinkedFolderActions {
  const { mappings } = parts;
  return {
    upload: (chosen, selected) => upload(parts, linkedAmong(mappings, urisFrom(chosen, selected))),
    uploadFiles: (files) => upload(parts, files),
    download: async (chosen, selected) => {
      const files = linkedAmong(mappings, urisFrom(chosen, selected));
      await download(parts, files, (await Promise.all(files.map((file) => remoteFiles(parts, file)))).flat());
    },
    downloadFiles: (files) => downloadFiles(parts, files),
    async compare(chosen) {
      for (const file of linkedAmong(mappings, urisFrom(chosen, undefined))) await compare(file);
    },
    async openRemote(chosen) {
      for (const { location } of linkedAmong(mappings, urisFrom(chosen, undefined)))
        await commands.executeCommand('vscode.open', uriOf(location.host, location.path));
    },
    async revealRemote(chosen) {
      const [file] = linkedAmong(mappings, urisFrom(chosen, undefined));
      if (file !== undefined) await revealRemote(parts, file);
    },
    async openRemoteBeside(chosen) {
      const [file] = linkedAmong(mappings, urisFrom(chosen, undefined));
      if (file === undefined) return;
      await commands.executeCommand('vscode.open', file.uri);
      await commands.executeCommand('vscode.open', uriOf(file.location.host, file.location.path), { viewColumn: ViewColumn.Beside });
    },
    async openLocal(chosen) {
      for (const uri of urisFrom(chosen, undefined)) {
        const local = isRemote(uri) ? localOf(mappings, parts.locate(uri)) : undefined;
        if (local === undefined) sayNotLinked();
        else await commands.executeCommand('vscode.open', local);
      }
    },
    chooseTarget: () => chooseTarget(mappings),
    showUploads: () => showUploads(parts),
  };
}

/** An argument may come from anywhere: only addresses are taken from it. Without any, the active editor is meant. */
function urisFrom(chosen: unknown, selected: unknown): readonly Uri[] {
  const several = Array.isArray(selected) ? selected.filter(isUri) : [];
  if (several.length > 0) return several;
  const uri = isUri(chosen) ? chosen : window.activeTextEditor?.document.uri;
  if (uri === undefined) void window.showInformationMessage(t('No file is chosen: open one, or choose it in the Explorer.'));
  return uri === undefined ? [] : [uri];
}

/** Nothing is looked at before it is known to be in a linked folder. */
function linkedAmong(mappings: Mappings, uris: readonly Uri[]): readonly MappedFile[] {
  const found = uris.map((uri) => mappings.find(uri));
  if (found.includes(undefined)) sayNotLinked();
  return found.filter((file) => file !== undefined);
}

function sayNotLinked(): void {
  void window.showInformationMessage(
    t('This is in no folder that is linked to a server. Link one with “Ferry: Link This Folder to a Remote Folder…”.'),
  );
}

async function upload(parts: LinkedFolderActionsParts, chosen: readonly MappedFile[]): Promise<void> {
  const { mappings, uploads } = parts;
  if (chosen.length === 0) return;
  const { files, ignored } = await chooseFiles(
    mappings,
    chosen.map(({ uri }) => uri),
  );
  if (files.length === 0) {
    void window.showInformationMessage(ignored > 0 ? t('Nothing to upload: all of it is ignored.') : t('Nothing to upload.'));
    return;
  }
  if (!(await settleUnsaved(files.map(({ uri }) => uri)))) return;
  if (files.length === 1) uploads.add(files);
  else await queueUploads(parts, files, titleOf(chosen));
}

/** Some of these may be on this computer only. */
async function downloadFiles(parts: LinkedFolderActionsParts, chosen: readonly MappedFile[]): Promise<void> {
  const found: FoundFile[] = [];
  await forEachBounded(chosen, looksAtOnce, async (file) => {
    const files = await remoteFiles(parts, file).catch((error: unknown) => {
      if (isRemoteError(error, 'NotFound')) return [];
      throw error;
    });
    found.push(...files);
  });
  if (found.length === 0) void window.showInformationMessage(t('The server has none of these files.'));
  else await download(parts, chosen, found);
}

async function revealRemote(parts: LinkedFolderActionsParts, { location }: MappedFile): Promise<void> {
  const uri = uriOf(location.host, location.path);
  if (workspace.getWorkspaceFolder(uri) !== undefined) await commands.executeCommand('revealInExplorer', uri);
  else if (!(await parts.reveal(location))) await commands.executeCommand('vscode.open', uri);
}

async function download(parts: LinkedFolderActionsParts, chosen: readonly MappedFile[], found: readonly FoundFile[]): Promise<void> {
  const files = found.filter(({ isLed }) => !isLed);
  sayLed(found.flatMap(({ file, isLed }) => (isLed ? [file] : [])));
  const [first, ...more] = files;
  const [folder] = chosen;
  if (first === undefined || folder === undefined) return;
  if (more.length > 0) {
    // The folders that were chosen may be links; what is below them may not.
    const into = chosen.length === 1 ? folder.uri : parts.mappings.folderOf(folder.mapping);
    return queueDownloads(parts, files, titleOf(chosen), into);
  }
  const { file, size } = first;
  const { host, path } = file.location;
  await parts.transfers.track({ verb: t('Downloading'), name: basename(path), hostName: host.name }, undefined, (_, signal) =>
    parts.exchange.fetch(file, () => mayReplace(file.uri), undefined, { signal, size }),
  );
}

interface FoundFile extends RemoteFile {
  /** A link on this computer would lead it elsewhere. */
  readonly isLed: boolean;
}

/** On the server: the file itself, or all files below a folder that are not ignored. */
async function remoteFiles({ pool, mappings }: LinkedFolderActionsParts, file: MappedFile): Promise<FoundFile[]> {
  const { host, path } = file.location;
  const found = await pool.run(host, (remote, signal) => walk(remote, path, { signal }), { repeatable: true, lane: 'bulk' });
  const files = found.filter(({ attributes }) => attributes.kind === 'file');
  const isLed = createLinkLook(file.uri);
  const wanted = await Promise.all(
    files.map(async ({ relative, attributes: { size, mtime } }) => {
      const each = mapped(mappings, relative === '' ? file.uri : Uri.joinPath(file.uri, ...relative.split('/')));
      return (await isLeftOut(mappings, each)) ? [] : [{ file: each, size, mtime, isLed: await isLed(each.uri) }];
    }),
  );
  return wanted.flat();
}

function sayLed(files: readonly MappedFile[]): void {
  const [first] = files;
  if (first === undefined) return;
  const name = safeText(first.relative, 120);
  const message = t(
    'Not downloaded, because a symbolic link on this computer leads elsewhere from there: {0} ({1} in all).',
    name,
    files.length,
  );
  void window.showWarningMessage(message);
}

async function compare({ uri, location: { host, path } }: MappedFile): Promise<void> {
  const name = safeText(basename(path), 100);
  await commands.executeCommand('vscode.diff', uriOf(host, path), uri, t('{0} (on {1}) ↔ {0} (here)', name, safeText(host.name, 60)));
}

async function chooseTarget(mappings: Mappings): Promise<void> {
  const choices = mappings.all.flatMap((mapping) =>
    mapping.targets.map((target) => ({
      value: { mapping, target },
      label: safeText(target.name, 100),
      description: [mappings.targetOf(mapping) === target ? t('now') : '', safeText(target.remote, 200)].filter(Boolean).join(' · '),
      ...(mappings.all.length > 1 && { detail: basename(mapping.local) }),
    })),
  );
  const answer = await askChoice({ title: t('Target'), placeholder: t('Where are saved files uploaded to?'), choices });
  if (typeof answer === 'object') await mappings.choose(answer.value.mapping, answer.value.target);
}

/** What the status bar's click shows: what was not uploaded, and what to do. */
async function showUploads(parts: LinkedFolderActionsParts): Promise<void> {
  const { uploads, problems, mappings } = parts;
  const troubled = uploads.pending.filter(({ state }) => state !== 'waiting' && state !== 'sending');
  const ways: Choice<() => Promise<void> | void>[] = [
    ...troubled.map((upload) => ({
      value: () => problems.ask(upload),
      label: safeText(basename(upload.file.uri.path), 100),
      description: safeText(`${upload.file.relative} → ${upload.file.target.name}`, 200),
    })),
    ...(troubled.length > 0 ? [{ value: () => uploads.retry(), label: t('Retry All') }] : []),
    { value: () => chooseTarget(mappings), label: t('Choose Target…') },
    { value: openSettings, label: t('Open Settings') },
  ];
  const placeholder = troubled.length === 0 ? t('Everything is uploaded.') : t('What was not uploaded');
  const answer = await askChoice({ title: t('Uploads'), placeholder, choices: ways });
  if (typeof answer === 'object') await answer.value();
}

async function openSettings(): Promise<void> {
  await commands.executeCommand('workbench.action.openWorkspaceSettings', 'ferry.mappings');
}

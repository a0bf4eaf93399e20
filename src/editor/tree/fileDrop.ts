import { type DataTransfer, type DataTransferFile, DataTransferItem, type TreeDragAndDropController, Uri, window } from 'vscode';
import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import { basename, isSafeName } from '../../core/path.ts';
import { safeText } from '../../core/text.ts';
import { isRemote } from '../uri.ts';
import type { BringParts } from './bring.ts';
import { shownName } from './fileItem.ts';
import type { Row } from './rows.ts';

/** From the view itself, the Explorer, an editor's tab or the operating system. */
const addressesType = 'text/uri-list';

export interface FileDropParts extends BringParts {
  /** The folder that a row stands for, or that its file is in. */
  folderUri(row: Row): Promise<Uri | undefined>;
  failed(error: unknown): void;
}

/**
 * Drags files: within the view, and onto it from the Explorer, an editor or the operating system. Onto editors and terminals VS Code brings
 * them by itself, by the address of the row. `hosts` drags the rows of hosts.
 */
export function createFileDrop(parts: FileDropParts, hosts: TreeDragAndDropController<Row>): TreeDragAndDropController<Row> {
  return {
    dragMimeTypes: [...hosts.dragMimeTypes, addressesType],
    dropMimeTypes: [...hosts.dropMimeTypes, addressesType, 'files'],
    async handleDrag(rows, transfer, token) {
      const uris = rows.flatMap((row) => (row.kind === 'file' ? row.uri.toString() : []));
      // Editors open what this names.
      if (uris.length > 0) transfer.set(addressesType, new DataTransferItem(uris.join('\r\n')));
      if (uris.length < rows.length) await hosts.handleDrag?.(rows, transfer, token);
    },
    async handleDrop(target, transfer, token) {
      try {
        const brought = target !== undefined && (await dropFiles(parts, target, transfer));
        if (!brought && target?.kind !== 'file' && target?.kind !== 'note') await hosts.handleDrop?.(target, transfer, token);
      } catch (error) {
        parts.failed(error);
      }
    },
  };
}

async function dropFiles(parts: FileDropParts, target: Row, transfer: DataTransfer): Promise<boolean> {
  const files = filesOf(transfer);
  // What is dragged from elsewhere comes first: VS Code may add what the view itself gave to an earlier drag.
  const dragged = await draggedAddresses(transfer);
  // Where files come as contents, what stands for addresses beside them are their names, which may look like any address.
  const arePlaces = files.length === 0 || files.some(({ hasPlace }) => hasPlace);
  const uris = arePlaces ? dragged.filter((uri) => uri.scheme === 'file' || (isRemote(uri) && files.length === 0)) : [];
  const contents = uris.length > 0 ? [] : files;
  if (uris.length + contents.length === 0) return false;
  const folder = await parts.folderUri(target);
  if (folder === undefined) return false;
  const { bringContents, bringInto } = await import('./bring.ts');
  if (contents.length > 0) await bringContents(parts, contents, folder);
  else {
    const moves = await askWhetherToMove(uris, folder);
    if (moves !== undefined) await bringInto(parts, uris, folder, { moves });
  }
  return true;
}

async function draggedAddresses(transfer: DataTransfer): Promise<readonly Uri[]> {
  for (const [type, item] of transfer) {
    const found = type === addressesType ? addresses(await item.asString()) : [];
    if (found.length > 0) return found;
  }
  return [];
}

/** RFC 2483: an address a line, `#` begins a comment. */
function addresses(text: string): Uri[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  return lines.filter((line) => line !== '' && !line.startsWith('#')).flatMap(parsed);
}

function parsed(line: string): Uri[] {
  try {
    return [Uri.parse(line, true)];
  } catch {
    // Of another program, which calls anything an address.
    return [];
  }
}

interface DroppedFile {
  readonly name: string;
  /** Whether VS Code knows where on this computer it is. In a browser it has only the contents. */
  readonly hasPlace: boolean;
  readonly bytes: () => Promise<Uint8Array>;
}

function filesOf(transfer: DataTransfer): DroppedFile[] {
  const files = [...transfer].flatMap(([, item]) => item.asFile() ?? []);
  return files
    .filter(({ name }) => isSafeName(name))
    .map((file) => ({ name: file.name, hasPlace: file.uri !== undefined, bytes: () => contentOf(file) }));
}

async function contentOf(file: DataTransferFile): Promise<Uint8Array> {
  try {
    return await file.data();
  } catch (error) {
    const hint = t('A folder can not be dropped here: choose it with “Upload Folders Here…”.');
    throw new RemoteError('Unsupported', t('“{0}” could not be read.', shownName(file.name)), { hint, cause: error });
  }
}

/** Copying is what is done without a question, and what is offered first between hosts. Undefined: neither. */
async function askWhetherToMove(uris: readonly Uri[], folder: Uri): Promise<boolean | undefined> {
  const remote = uris.filter(isRemote);
  const [first] = remote;
  if (first === undefined || remote.length < uris.length) return false;
  const isWithinHost = remote.every(({ scheme, authority }) => scheme === folder.scheme && authority === folder.authority);
  const { parentOf } = await import('./bring.ts');
  // Back to where it is: a copy of it.
  if (remote.every((uri) => parentOf(uri).toString() === folder.toString())) return false;
  const [copy, move] = [t('Copy'), t('Move')];
  const where = safeText(`${folder.authority}${folder.path}`, 200);
  const question =
    remote.length === 1
      ? t('Copy or move “{0}” to {1}?', shownName(basename(first.path)), where)
      : t('Copy or move {0} files and folders to {1}?', remote.length, where);
  const buttons = isWithinHost ? [move, copy] : [copy, move];
  const answer = await window.showInformationMessage(question, { modal: true }, ...buttons);
  return answer === undefined ? undefined : answer === move;
}

import { FileType, Uri, workspace } from 'vscode';
import { basename } from '../../core/path.ts';
import { isPartName } from '../../core/transfers/partialFile.ts';
import { createIgnoring, type Ignoring } from './ignoreFiles.ts';
import { mapped, type MappedFile, type Mappings } from './mappings.ts';

export interface ChosenFiles {
  readonly files: readonly MappedFile[];
  /** How many files and folders stay at home by the mapping's patterns. */
  readonly ignored: number;
}

/** The files among `uris` and in the folders among them that go to a server. What is not there is none; links to folders are not followed. */
export async function chooseFiles(mappings: Mappings, uris: readonly Uri[]): Promise<ChosenFiles> {
  const rules = new Map<string, Ignoring>();
  const chosen = new Map<string, MappedFile>();
  let ignored = 0;
  const visit = async (uri: Uri, type: FileType): Promise<void> => {
    if (isPartName(basename(uri.path))) return;
    const file = mapped(mappings, uri);
    const isFolder = (type & FileType.Directory) !== 0;
    if (await rulesOf(mappings, file, rules).has(file.relative, isFolder)) {
      ignored += 1;
      return;
    }
    if (!isFolder) {
      chosen.set(uri.toString(), file);
      return;
    }
    const entries = await entriesOf(uri);
    // A link to a folder may lead back to where it is.
    const below = entries.filter(([, kind]) => (kind & FileType.Directory) === 0 || (kind & FileType.SymbolicLink) === 0);
    await Promise.all(below.map(([name, kind]) => visit(Uri.joinPath(uri, name), kind)));
  };
  await Promise.all(
    uris.map(async (uri) => {
      const type = await typeOf(uri);
      if (type !== undefined) await visit(uri, type);
    }),
  );
  return { files: [...chosen.values()], ignored };
}

export async function isLeftOut(mappings: Mappings, file: MappedFile, isFolder = false): Promise<boolean> {
  return rulesOf(mappings, file, new Map()).has(file.relative, isFolder);
}

function rulesOf(mappings: Mappings, { mapping }: MappedFile, known: Map<string, Ignoring>): Ignoring {
  const found = known.get(mapping.local) ?? createIgnoring(mapping, mappings.folderOf(mapping).fsPath);
  known.set(mapping.local, found);
  return found;
}

/** None of a folder that was deleted meanwhile: what else was chosen goes. */
async function entriesOf(uri: Uri): Promise<[string, FileType][]> {
  try {
    return await workspace.fs.readDirectory(uri);
  } catch (error) {
    if ((await typeOf(uri)) === undefined) return [];
    throw error;
  }
}

async function typeOf(uri: Uri): Promise<FileType | undefined> {
  try {
    return (await workspace.fs.stat(uri)).type;
  } catch {
    return undefined;
  }
}

import { FileType, type Uri, workspace } from 'vscode';
import { RemoteError } from '../core/errors.ts';
import { type ImportedFrom, readHosts } from '../core/import/formats.ts';
import { ImportError } from '../core/import/imported.ts';
import { t } from '../core/l10n.ts';
import { basename } from '../core/path.ts';
import { shortPath } from './homePath.ts';
import type { ImportPlace } from './importPlaces.ts';

/** What one tool has in one file. */
export interface ImportFind extends ImportedFrom {
  readonly place: ImportPlace;
}

/** No list of hosts is larger, in bytes. */
const largest = 8 * 1024 * 1024;

/** The hosts in a file that the person chose; throws `Unsupported` with what is wrong with it. */
export async function readChosen(place: ImportPlace): Promise<readonly ImportFind[]> {
  try {
    const found = await read(place);
    if (found.some(({ hosts, problems }) => hosts.length + problems.length > 0)) return found;
    throw new ImportError(t('There is no host in the file.'));
  } catch (error) {
    const path = shownPlace(place.uri);
    if (error instanceof ImportError) throw new RemoteError('Unsupported', error.message, { path, cause: error });
    throw new RemoteError('NotFound', t('The file can not be read.'), { path, cause: error });
  }
}

/** The hosts in those of the files that are there and hold some. */
export async function readKnown(places: readonly ImportPlace[]): Promise<readonly ImportFind[]> {
  const found = await Promise.all(places.map((place) => read(place).catch((): readonly ImportFind[] => [])));
  // Ferry's own setting is no other tool's.
  return found.flat().filter(({ hosts, source }) => hosts.length > 0 && source !== 'Ferry');
}

async function read(place: ImportPlace): Promise<readonly ImportFind[]> {
  const { type, size } = await workspace.fs.stat(place.uri);
  if ((type & FileType.File) === 0) throw new ImportError(t('This is no file.'));
  if (size > largest) throw new ImportError(t('The file is larger than a list of hosts can be.'));
  const found = await readHosts(await workspace.fs.readFile(place.uri), basename(place.uri.path));
  return found.map((from) => ({ ...from, place }));
}

/** Where a file is, as the person knows it. */
export function shownPlace(uri: Uri): string {
  return uri.scheme === 'file' ? shortPath(uri.fsPath) : uri.path;
}

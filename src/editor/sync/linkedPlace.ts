import { posix } from 'node:path';
import type { Uri } from 'vscode';
import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import { nearest } from '../../core/mapping/mappedPath.ts';
import { child } from '../../core/path.ts';
import type { SyncFolder } from '../../core/sync/survey.ts';
import { serverOf } from '../../core/transfers/item.ts';
import type { Exchanges } from '../mapping/exchanges.ts';
import { createIgnoring } from '../mapping/ignoreFiles.ts';
import type { MappedFile, Mappings } from '../mapping/mappings.ts';

/** A linked folder, or one within it, and its place on the server that was meant when the work with it began. */
export interface LinkedPlace extends SyncFolder {
  readonly folder: MappedFile;
  /** What names the place on the server of what is at `relative`. */
  keyOf(relative: string): string;
  /** What is at `relative`. Throws `Conflict` where the settings lead it elsewhere by now: what was seen there says nothing of another place. */
  at(relative: string): MappedFile;
}

/** Reads the files of patterns once: to be made anew for each plan. */
export function linkedPlace(mappings: Mappings, exchanges: Exchanges, folder: MappedFile): LinkedPlace {
  const { uri, mapping, target, location } = folder;
  const ignoring = createIgnoring(mapping, mappings.folderOf(mapping).fsPath);
  const keyOf = (relative: string) => `${location.key}/${relative}`;
  const uriAt = (relative: string): Uri => uri.with({ path: relative.split('/').reduce(child, uri.path) });
  return {
    folder,
    here: uri.path,
    there: location.path,
    trash: location.host.trash,
    async omits(relative, isFolder) {
      // A folder in it that is linked by itself goes elsewhere.
      if (nearest(mappings.all, uriAt(relative).path)?.local !== mapping.local) return true;
      return ignoring.has(posix.join(folder.relative, relative), isFolder);
    },
    agreed: (relative) => exchanges.bases.get(keyOf(relative)),
    agreedTime: (relative) => exchanges.localTime(keyOf(relative)),
    isNameHere,
    keyOf,
    at(relative) {
      const file = mappings.find(uriAt(relative), target.name);
      if (file !== undefined && file.location.key === keyOf(relative) && serverOf(file.location.host) === serverOf(location.host))
        return file;
      throw new RemoteError('Conflict', t('Where it is linked to was changed after the plan was made.'), {
        path: `${location.path}/${relative}`,
        hint: t('Plan again.'),
      });
    },
  };
}

const reserved = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** Windows takes some names for devices, and drops dots and blanks at the end: two files would be one. */
function isNameHere(name: string): boolean {
  return process.platform !== 'win32' || !(/[\\:*?"<>|]|[. ]$/.test(name) || reserved.test(name));
}

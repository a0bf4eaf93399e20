import { t } from '../l10n.ts';
import { parseOctal } from '../mode.ts';
import { contains, normalize } from '../path.ts';
import { safeText } from '../text.ts';

/** One of the places on servers that a local folder is kept in step with. */
export interface Target {
  /** For a person: "staging". */
  readonly name: string;
  /** The remote folder as VS Code names it: `sftp://shop/var/www`. */
  readonly remote: string;
}

/** A local folder and the remote folder that gets what is saved in it (setting `ferry.mappings`). */
export interface Mapping {
  /** The local folder: absolute, normal, `/` between names, as a `file:` URI has it. */
  readonly local: string;
  /** The first one is meant until the person chooses another. */
  readonly targets: readonly [Target, ...Target[]];
  /** Patterns as in a .gitignore in the local folder. */
  readonly ignore: readonly string[];
  /** Also heed .gitignore files. Default false. */
  readonly useGitignore: boolean;
  /** Default true. */
  readonly uploadOnSave: boolean;
  /** Files that are made, copied or moved in in VS Code are uploaded. Default true. */
  readonly uploadOnCreate: boolean;
  /** Default false: a delete on a server is not to be had by accident. */
  readonly deleteOnDelete: boolean;
  /** Default false. */
  readonly renameOnRename: boolean;
  /** Glob patterns, relative to the local folder, of files that other programs write: uploaded as they change. Default: none. */
  readonly watch: readonly string[];
  /** Permission bits of what is new on the server; undefined: the server's own. */
  readonly permissions: Permissions;
}

export interface Permissions {
  readonly files: number | undefined;
  readonly folders: number | undefined;
}

/** What never goes to a server unless a mapping says otherwise with an `ignore` of its own. */
const usuallyIgnored: readonly string[] = ['.git/', '.vscode/', '.ferryignore', '.gitignore', '.DS_Store', 'Thumbs.db'];

const remotePattern = /^(?:sftp|ftps?):\/\/[^/\s?#]+(?:\/[^?#]*)?$/;

/**
 * The mappings of one workspace folder (`folder`: as `Mapping.local`), from a setting that anybody may have written: what is wrong with an
 * item is told in words of its own in `problems`, and leaves the item out.
 */
export function parseMappings(
  value: unknown,
  folder: string,
): { readonly mappings: readonly Mapping[]; readonly problems: readonly string[] } {
  if (value === undefined) return { mappings: [], problems: [] };
  if (!Array.isArray(value)) return { mappings: [], problems: [t('“ferry.mappings” is no list.')] };
  const mappings: Mapping[] = [];
  const problems: string[] = [];
  value.forEach((item: unknown, index) => {
    const parsed = parseOne(item, folder);
    if (typeof parsed === 'string') problems.push(t('“ferry.mappings”, item {0}: {1}', index + 1, parsed));
    else mappings.push(parsed);
  });
  return { mappings, problems };
}

type Fields = Readonly<Record<string, unknown>>;

function parseOne(item: unknown, folder: string): Mapping | string {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return t('it is no object.');
  const fields = item as Fields;
  const local = fields['local'] ?? '.';
  if (typeof local !== 'string') return t('“local” is no text.');
  const path = localPath(local, folder);
  if (path === undefined) return t('“local” is no folder within the workspace folder.');
  const targets = parseTargets(fields);
  if (typeof targets === 'string') return targets;
  for (const name of ['uploadOnSave', 'uploadOnCreate', 'deleteOnDelete', 'renameOnRename', 'useGitignore']) {
    if (fields[name] !== undefined && typeof fields[name] !== 'boolean') return t('“{0}” is neither true nor false.', name);
  }
  for (const name of ['ignore', 'watch']) {
    if (fields[name] !== undefined && !isTexts(fields[name])) return t('“{0}” is no list of texts.', name);
  }
  const permissions = parsePermissions(fields['permissions']);
  if (typeof permissions === 'string') return permissions;
  const flag = (name: string, usual: boolean) => (fields[name] as boolean | undefined) ?? usual;
  return {
    ...{ local: path, targets, permissions },
    ignore: (fields['ignore'] as readonly string[] | undefined) ?? usuallyIgnored,
    watch: (fields['watch'] as readonly string[] | undefined) ?? [],
    useGitignore: flag('useGitignore', false),
    uploadOnSave: flag('uploadOnSave', true),
    uploadOnCreate: flag('uploadOnCreate', true),
    deleteOnDelete: flag('deleteOnDelete', false),
    renameOnRename: flag('renameOnRename', false),
  };
}

/** A workspace is shared: what it maps stays within it. */
function localPath(local: string, folder: string): string | undefined {
  const names = local.replaceAll('\\', '/');
  if (/[\0\r\n]/.test(names) || names.startsWith('/') || /^[a-z]:/i.test(names)) return undefined;
  const path = normalize(`${folder}/${names}`);
  return contains(normalize(folder), path) ? path : undefined;
}

function parseTargets(fields: Fields): Mapping['targets'] | string {
  const { remote, targets } = fields;
  if ((remote === undefined) === (targets === undefined)) return t('it needs either “remote” or “targets”.');
  if (remote !== undefined) {
    const wrong = complaint(remote);
    return wrong === undefined && typeof remote === 'string' ? [{ name: remote, remote }] : t('“remote” {0}', wrong ?? '');
  }
  if (typeof targets !== 'object' || targets === null || Array.isArray(targets)) return t('“targets” is no object of names and addresses.');
  const found: Target[] = [];
  for (const [name, address] of Object.entries(targets as Fields)) {
    const wrong = complaint(address);
    if (wrong !== undefined) return t('the target “{0}” {1}', safeText(name, 60), wrong);
    if (found.some((other) => other.name.toLowerCase() === name.toLowerCase()))
      return t('there are two targets “{0}”.', safeText(name, 60));
    found.push({ name, remote: String(address) });
  }
  const [first, ...more] = found;
  return first === undefined ? t('“targets” names none.') : [first, ...more];
}

function complaint(remote: unknown): string | undefined {
  if (typeof remote !== 'string' || !remotePattern.test(remote)) return t('is no address like sftp://host/folder.');
  const [authority = ''] = remote.replace(/^\w+:\/\//, '').split('/');
  return /:.*@/.test(authority) ? t('has a password in it. Ferry keeps passwords in the secret storage of this computer.') : undefined;
}

function parsePermissions(value: unknown): Permissions | string {
  if (value === undefined) return { files: undefined, folders: undefined };
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return t('“permissions” is no object with “files” and “folders”.');
  const { files, folders, ...others } = value as Fields;
  const [other] = Object.keys(others);
  if (other !== undefined) return t('“permissions” has no “{0}”.', safeText(other, 60));
  const modes = [files, folders].map((mode) => (typeof mode === 'string' ? parseOctal(mode) : undefined));
  const [file, folder] = modes;
  if (file === undefined && files !== undefined) return t('“{0}” are no permissions in octal, like “{1}”.', 'files', '644');
  if (folder === undefined && folders !== undefined) return t('“{0}” are no permissions in octal, like “{1}”.', 'folders', '755');
  // Nothing could be put into the folder that was just made.
  if (folder !== undefined && (folder & 0o700) !== 0o700) return t('“folders” would close a folder to its owner.');
  return { files: file, folders: folder };
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

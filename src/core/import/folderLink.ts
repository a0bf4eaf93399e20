import type { ConfigFields, JsonLayer } from './configFields.ts';
import type { FolderLink } from './imported.ts';
import { type JsonNode, memberOf } from './json.ts';

/** What `.vscode/sftp.json` says of a project's folder. `layers`: a profile before what all have; `config`: the same for all profiles of one. */
export function sftpLink(fields: ConfigFields, layers: readonly JsonLayer[], config: string, target: string): FolderLink | undefined {
  const path = serverFolder(fields.text('remotePath'));
  if (path === undefined) return undefined;
  const watcher = fields.layers('watcher')[0]?.node;
  const isWatching = leafOf(watcher, 'autoUpload') === true;
  const files = leafOf(watcher, 'files');
  const ignoreFile = fields.text('ignoreFile');
  return {
    ...{ config, target, path, local: localFolder(fields.text('context')), ignore: textsOf(layers, 'ignore') },
    ignoreFile: ignoreFile === undefined ? undefined : localFolder(ignoreFile),
    isDefault: fields.text('defaultProfile') === target,
    permissions: permissionsOf(fields.text('filePerm'), fields.text('dirPerm')),
    uploadOnSave: fields.value('uploadOnSave') === true,
    deleteOnDelete: leafOf(watcher, 'autoDelete') === true,
    watch: isWatching && typeof files === 'string' ? [files] : [],
  };
}

/** What `.vscode/ftp-kr.json` says of it. */
export function ftpKrLink(fields: ConfigFields, layers: readonly JsonLayer[], target: string): FolderLink | undefined {
  const path = serverFolder(fields.text('remotePath'));
  if (path === undefined) return undefined;
  return {
    ...{ config: '', target, path, local: localFolder(fields.text('localBasePath')), ignore: textsOf(layers, 'ignore'), watch: [] },
    ...{ ignoreFile: undefined, isDefault: false, permissions: {} },
    uploadOnSave: fields.value('autoUpload') === true,
    deleteOnDelete: fields.value('autoDelete') === true,
  };
}

/** Absolute only: where a log-in starts is known when it is there. */
function serverFolder(path: string | undefined): string | undefined {
  const trimmed = path?.trim();
  return trimmed?.startsWith('/') === true && !/[?#\0\r\n]/.test(trimmed) ? trimmed : undefined;
}

/** Those that Ferry takes. */
function permissionsOf(files: string | undefined, folders: string | undefined): FolderLink['permissions'] {
  const isOctal = (mode: string | undefined): mode is string => mode !== undefined && /^0?[0-7]{3,4}$/.test(mode);
  return {
    ...(isOctal(files) && { files }),
    // Nothing could be put into a folder that is closed to its owner.
    ...(isOctal(folders) && /7..$/.test(folders) && { folders }),
  };
}

/** Within the workspace folder; what is anywhere else is no mapping of Ferry's. */
function localFolder(context: string | undefined): string {
  const folder = (context ?? '.')
    .trim()
    .replace(/^\$\{workspace(?:Folder|Root)\}\/?/, '')
    .replace(/^\.?\/+$|^\.\//, '')
    .replace(/\/+$/, '');
  return folder === '' ? '.' : folder;
}

function textsOf(layers: readonly JsonLayer[], key: string): readonly string[] | undefined {
  const found = layers.map(({ node }) => memberOf(node, key)?.node).find((node) => node !== undefined);
  if (found?.kind !== 'list') return undefined;
  return found.items.flatMap((item) => (item.kind === 'leaf' && typeof item.value === 'string' ? [item.value] : []));
}

function leafOf(node: JsonNode | undefined, key: string): unknown {
  const found = memberOf(node, key)?.node;
  return found?.kind === 'leaf' ? found.value : undefined;
}

/** A place on a server that a folder of this computer goes with. */
export interface LinkedAddress {
  readonly link: FolderLink;
  readonly address: string;
  /** What its `ignoreFile` holds; undefined: that can't be read. Not asked for where it is the `.gitignore` of the folder. */
  readonly ignored?: readonly string[] | undefined;
}

/** Whether `useGitignore` says the same. */
export function isGitignore({ ignoreFile, local }: FolderLink): boolean {
  const file = ignoreFile?.replaceAll('\\', '/').replace(/^\.\//, '');
  return file === (local === '.' ? '.gitignore' : `${local}/.gitignore`);
}

/** The setting's items of what files of other tools say: one for each local folder, with a target for each of its hosts. */
export function mappingItems(links: readonly LinkedAddress[]): readonly MappingItem[] {
  const groups = Map.groupBy(links, ({ link }) => JSON.stringify([link.config, link.local]));
  return [...groups.values()].flatMap((group) => {
    const ordered = group.toSorted((one, other) => Number(other.link.isDefault) - Number(one.link.isDefault));
    const [first] = ordered;
    if (first === undefined) return [];
    const { local, ignore, ignoreFile, permissions, deleteOnDelete, watch } = first.link;
    const targets = Object.fromEntries(ordered.map(({ link, address }) => [link.target, address]));
    const places = Object.keys(targets).length === 1 ? { remote: first.address } : { targets };
    const usesGitignore = isGitignore(first.link);
    const isUnknown = ignoreFile !== undefined && !usesGitignore && first.ignored === undefined;
    // What may have been kept back goes nowhere by itself.
    const uploadOnSave = first.link.uploadOnSave && !isUnknown;
    const patterns = ignore === undefined && first.ignored === undefined ? undefined : [...(ignore ?? []), ...(first.ignored ?? [])];
    return [
      {
        ...{ local, ...places, uploadOnSave, uploadOnCreate: uploadOnSave },
        ...(deleteOnDelete && { deleteOnDelete }),
        ...(watch.length > 0 && !isUnknown && { watch }),
        ...(usesGitignore && { useGitignore: true }),
        ...(patterns !== undefined && { ignore: [...new Set([...neverSent, ...patterns])] }),
        ...(Object.keys(permissions).length > 0 && { permissions }),
      },
    ];
  });
}

/** An item of `ferry.mappings`. */
export type MappingItem = Readonly<Record<string, unknown>> & { readonly local: string };

/** These hold what the other extension kept secret in them, and what is nobody's business. */
const neverSent: readonly string[] = ['.vscode/', '.git/'];

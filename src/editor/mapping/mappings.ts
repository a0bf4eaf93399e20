import { commands, EventEmitter, Uri, workspace } from 'vscode';
import type { Event, Memento, WorkspaceFolder } from 'vscode';
import { RemoteError } from '../../core/errors.ts';
import type { Disposable } from '../../core/events.ts';
import { t } from '../../core/l10n.ts';
import { below, nearest, relativeTo } from '../../core/mapping/mappedPath.ts';
import { type Mapping, parseMappings, type Target } from '../../core/mapping/mapping.ts';
import { contains } from '../../core/path.ts';
import { type Location, uriOf } from '../uri.ts';

/** A file or folder of this computer, and its place on the server that its mapping's target names. */
export interface MappedFile {
  readonly uri: Uri;
  readonly mapping: Mapping;
  readonly target: Target;
  /** As `relativeTo` gives it. */
  readonly relative: string;
  readonly location: Location;
}

/** What `ferry.mappings` says in this workspace; nothing in Restricted Mode. */
export interface Mappings extends Disposable {
  readonly all: readonly Mapping[];
  /** What is wrong in the settings, in plain words. */
  readonly problems: readonly string[];
  readonly onDidChange: Event<undefined>;
  /** Undefined for what is in no mapping, or in one without that target; default: the target that is meant now. Throws RemoteErrors for one that leads nowhere. */
  find(uri: Uri, target?: string): MappedFile | undefined;
  /** The one that is meant now. */
  targetOf(mapping: Mapping): Target;
  choose(mapping: Mapping, target: Target): Promise<void>;
  /** On this computer. */
  folderOf(mapping: Mapping): Uri;
}

const chosenKey = 'mapping.targets';
const hasMappings = 'ferry.hasMappings';

export function createMappings(state: Memento, locate: (uri: Uri) => Location): Mappings {
  const changes = new EventEmitter<undefined>();
  let all: readonly Mapping[] = [];
  let problems: readonly string[] = [];

  const load = () => {
    const read = workspace.isTrusted ? (workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file').map(mappingsOf) : [];
    all = read.flatMap((each) => each.mappings);
    problems = read.flatMap((each) => each.problems);
    void commands.executeCommand('setContext', hasMappings, all.length > 0);
    changes.fire(undefined);
  };
  const targetOf = (mapping: Mapping): Target => {
    const chosen = state.get<Record<string, string>>(chosenKey, {})[mapping.local];
    return mapping.targets.find(({ name }) => name === chosen) ?? mapping.targets[0];
  };
  const placeOf = (target: Target, relative: string): Location => {
    const root = locate(Uri.parse(target.remote, true));
    return relative === '' ? root : locate(uriOf(root.host, below(root.path, relative)));
  };
  load();
  const subscriptions = [
    changes,
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration('ferry.mappings')) load();
    }),
    workspace.onDidChangeWorkspaceFolders(load),
    workspace.onDidGrantWorkspaceTrust(load),
  ];

  return {
    get all() {
      return all;
    },
    get problems() {
      return problems;
    },
    onDidChange: changes.event,
    find(uri, name) {
      if (uri.scheme !== 'file') return undefined;
      const mapping = nearest(all, uri.path);
      if (mapping === undefined) return undefined;
      const target = name === undefined ? targetOf(mapping) : mapping.targets.find((each) => each.name === name);
      if (target === undefined) return undefined;
      const relative = relativeTo(mapping, uri.path);
      // A server may have a name that is a path here.
      if (process.platform === 'win32' && /[\\:]/.test(relative))
        throw new RemoteError('BadPath', t('Windows takes no file of this name.'), { path: relative });
      return { uri, mapping, target, relative, location: placeOf(target, relative) };
    },
    targetOf,
    async choose(mapping, target) {
      await state.update(chosenKey, { ...state.get<Record<string, string>>(chosenKey, {}), [mapping.local]: target.name });
      changes.fire(undefined);
    },
    folderOf: (mapping) => Uri.file(mapping.local),
    dispose() {
      for (const subscription of subscriptions) subscription.dispose();
    },
  };
}

/** Only what the workspace itself says: a person's other projects are none of this one's. */
function mappingsOf({ uri }: WorkspaceFolder): ReturnType<typeof parseMappings> {
  const found = workspace.getConfiguration('ferry', uri).inspect('mappings');
  return parseMappings(found?.workspaceFolderValue ?? found?.workspaceValue, uri.path);
}

/** Throws for a file that is in no mapping. */
export function mapped(mappings: Mappings, uri: Uri): MappedFile {
  const file = mappings.find(uri);
  if (file !== undefined) return file;
  throw new RemoteError('BadPath', t('This folder is not linked to a server.'), {
    path: uri.fsPath,
    hint: t('Link it with “Ferry: Link This Folder to a Remote Folder…”.'),
  });
}

/** The file of this computer that `location` is the place of, in the targets that are meant now. */
export function localOf(mappings: Mappings, { key }: Location): Uri | undefined {
  for (const mapping of mappings.all) {
    const root = mappings.find(mappings.folderOf(mapping))?.location.key;
    if (root !== undefined && contains(root, key)) return Uri.joinPath(mappings.folderOf(mapping), key.slice(root.length));
  }
  return undefined;
}

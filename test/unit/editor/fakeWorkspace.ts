import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, matchesGlob, posix } from 'node:path';

/** As much of VS Code's `Uri` as Ferry uses. */
export class Uri {
  readonly scheme: string;
  readonly authority: string;
  readonly path: string;
  readonly query: string;

  constructor({ scheme, authority = '', path = '', query = '' }: UriParts) {
    [this.scheme, this.authority, this.path, this.query] = [scheme, authority, path, query];
  }

  static from(parts: UriParts): Uri {
    return new Uri(parts);
  }

  static file(path: string): Uri {
    return new Uri({ scheme: 'file', path });
  }

  static parse(text: string): Uri {
    const [, scheme = '', authority = '', path = ''] = /^(\w+):\/\/([^/]*)(.*)$/.exec(text) ?? [];
    return new Uri({ scheme, authority, path });
  }

  static joinPath(uri: Uri, ...names: string[]): Uri {
    return uri.with({ path: posix.join(uri.path, ...names) });
  }

  get fsPath(): string {
    return this.path;
  }

  with(parts: Partial<UriParts>): Uri {
    const { scheme, authority, path, query } = this;
    return new Uri({ ...{ scheme, authority, path, query }, ...parts });
  }

  toString(): string {
    return `${this.scheme}://${this.authority}${this.path}${this.query === '' ? '' : `?${this.query}`}`;
  }
}

interface UriParts {
  readonly scheme: string;
  readonly authority?: string;
  readonly path?: string;
  readonly query?: string;
}

class FileSystemError extends Error {
  readonly code: string;

  constructor(message: string | Uri, code = 'Unknown') {
    super(String(message));
    this.code = code;
  }

  static readonly FileNotFound = (about: string | Uri) => new FileSystemError(about, 'FileNotFound');
  static readonly FileExists = (about: string | Uri) => new FileSystemError(about, 'FileExists');
  static readonly FileNotADirectory = (about: string | Uri) => new FileSystemError(about, 'FileNotADirectory');
  static readonly FileIsADirectory = (about: string | Uri) => new FileSystemError(about, 'FileIsADirectory');
  static readonly NoPermissions = (about: string | Uri) => new FileSystemError(about, 'NoPermissions');
  static readonly Unavailable = (about: string | Uri) => new FileSystemError(about, 'Unavailable');
}

class EventEmitter<T> {
  readonly #listeners = new Set<(event: T) => void>();

  readonly event = (listener: (event: T) => void): { dispose(): void } => {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  };

  fire(event: T): void {
    for (const listener of this.#listeners) listener(event);
  }

  dispose(): void {
    this.#listeners.clear();
  }
}

class Disposable {
  readonly #end: () => void;

  constructor(end: () => void) {
    this.#end = end;
  }

  static from(...all: { dispose(): void }[]): Disposable {
    return new Disposable(() => all.forEach((each) => each.dispose()));
  }

  dispose(): void {
    this.#end();
  }
}

/** A document in an editor. `write` is what saving it does: what it throws is what VS Code shows. */
export class Document {
  readonly encoding = 'utf8';
  readonly lineCount = 1;
  readonly uri: Uri;
  /** What VS Code said of saves that failed. */
  readonly failures: string[] = [];
  isDirty = false;
  #text: string;
  readonly #write: (content: Uint8Array) => Promise<void>;

  constructor(uri: Uri, text: string, write: (content: Uint8Array) => Promise<void>) {
    this.uri = uri;
    this.#text = text;
    this.#write = write;
  }

  getText(): string {
    return this.#text;
  }

  type(text: string): void {
    this.#text = text;
    this.isDirty = true;
  }

  validateRange<T>(range: T): T {
    return range;
  }

  async save(): Promise<boolean> {
    try {
      await this.#write(new TextEncoder().encode(this.#text));
      this.isDirty = false;
    } catch (error) {
      this.failures.push(error instanceof Error ? error.message : String(error));
    }
    return !this.isDirty;
  }
}

class TabInputText {
  readonly uri: Uri;

  constructor(uri: Uri) {
    this.uri = uri;
  }
}

/** An editor of the window; `merging`: VS Code's merge editor for that result. */
export class Tab {
  readonly input: object;

  constructor(uri: Uri, { merging = false } = {}) {
    this.input = merging ? { result: uri } : new TabInputText(uri);
  }
}

class WorkspaceEdit {
  readonly edits: { readonly uri: Uri; readonly text: string }[] = [];

  replace(uri: Uri, _range: unknown, text: string): void {
    this.edits.push({ uri, text });
  }
}

class RelativePattern {
  readonly baseUri: Uri;
  readonly pattern: string;

  constructor(baseUri: Uri, pattern: string) {
    [this.baseUri, this.pattern] = [baseUri, pattern];
  }

  /** `folder/**` is for the folder, too. */
  matches({ path }: Uri): boolean {
    const pattern = posix.join(this.baseUri.path, this.pattern);
    return matchesGlob(path, pattern) || `${path}/**` === pattern;
  }
}

class FileSystemWatcher {
  readonly pattern: RelativePattern;
  readonly created = new EventEmitter<Uri>();
  readonly onDidCreate = this.created.event;
  readonly onDidChange = new EventEmitter<Uri>().event;

  constructor(pattern: RelativePattern) {
    this.pattern = pattern;
  }

  dispose(): void {
    desk.watchers.delete(this);
  }
}

/** What happens in the fake VS Code's window. */
export const desk = {
  documents: [] as Document[],
  /** Commands that were run, with their arguments. */
  commands: [] as { readonly id: string; readonly args: readonly unknown[] }[],
  /** What a command does. */
  onCommand: undefined as ((id: string) => Promise<void>) | undefined,
  renamed: new EventEmitter<{ files: { oldUri: Uri; newUri: Uri }[] }>(),
  willSave: new EventEmitter<{ document: { uri: Uri }; reason: number }>(),
  changed: new EventEmitter<{ document: Document; reason: number | undefined }>(),
  tabs: [] as Tab[],
  tabsChanged: new EventEmitter<{ opened: Tab[] }>(),
  /** Shows it, as VS Code does. */
  openTab(tab: Tab) {
    desk.tabs.push(tab);
    desk.tabsChanged.fire({ opened: [tab] });
  },
  watchers: new Set<FileSystemWatcher>(),
  /** VS Code noticed that a file or folder is there. */
  created(uri: Uri): void {
    for (const { pattern, created } of desk.watchers) if (pattern.matches(uri)) created.fire(uri);
  },
  reset() {
    desk.documents = [];
    desk.tabs = [];
    desk.commands = [];
    desk.onCommand = undefined;
  },
  /** The arguments of the last `setContext` of that key. */
  context(key: string): unknown {
    return desk.commands.findLast(({ id, args }) => id === 'setContext' && args[0] === key)?.args[1];
  },
};

const open = (uri: Uri) => desk.documents.find((document) => document.uri.toString() === uri.toString());

export const workspaceParts = {
  ...{ Uri, FileSystemError, EventEmitter, Disposable, WorkspaceEdit, RelativePattern, TabInputText },
  languages: { match: ({ pattern }: { pattern: RelativePattern }, { uri }: { uri: Uri }) => (pattern.matches(uri) ? 10 : 0) },
  Range: class {
    readonly fake = true;
  },
  TreeItem: class {
    readonly fake = true;
  },
  TreeItemCollapsibleState: { None: 0, Collapsed: 1, Expanded: 2 },
  FileType: { Unknown: 0, File: 1, Directory: 2, SymbolicLink: 64 },
  FileChangeType: { Changed: 1, Created: 2, Deleted: 3 },
  FilePermission: { Readonly: 1 },
  TextDocumentSaveReason: { Manual: 1, AfterDelay: 2, FocusOut: 3 },
  TextDocumentChangeReason: { Undo: 1, Redo: 2 },
  commands: {
    executeCommand: (id: string, ...args: unknown[]) => {
      desk.commands.push({ id, args });
      return desk.onCommand?.(id) ?? Promise.resolve();
    },
  },
  workspace: {
    get textDocuments() {
      return desk.documents;
    },
    openTextDocument: (uri: Uri) => {
      const document = open(uri);
      return document ? Promise.resolve(document) : Promise.reject(FileSystemError.FileNotFound(uri));
    },
    applyEdit: ({ edits }: WorkspaceEdit) => {
      for (const { uri, text } of edits) open(uri)?.type(text);
      return Promise.resolve(true);
    },
    createFileSystemWatcher: (pattern: RelativePattern) => {
      const watcher = new FileSystemWatcher(pattern);
      desk.watchers.add(watcher);
      return watcher;
    },
    decode: (bytes: Uint8Array) => Promise.resolve(new TextDecoder().decode(bytes)),
    encode: (text: string) => Promise.resolve(new TextEncoder().encode(text)),
    onDidRenameFiles: desk.renamed.event,
    onWillSaveTextDocument: desk.willSave.event,
    onDidChangeTextDocument: desk.changed.event,
    fs: {
      stat: async ({ fsPath }: Uri) => {
        const found = await stat(fsPath).catch(() => Promise.reject(FileSystemError.FileNotFound(fsPath)));
        return { type: found.isDirectory() ? 2 : 1 };
      },
      readFile: ({ fsPath }: Uri) => readFile(fsPath),
      createDirectory: async ({ fsPath }: Uri) => {
        await mkdir(fsPath, { recursive: true });
      },
      writeFile: async ({ fsPath }: Uri, bytes: Uint8Array) => {
        await mkdir(dirname(fsPath), { recursive: true });
        await writeFile(fsPath, bytes);
      },
    },
  },
};

export const tabGroups = {
  get all() {
    return [{ tabs: desk.tabs }];
  },
  onDidChangeTabs: desk.tabsChanged.event,
  close: (tabs: readonly Tab[]) => {
    desk.tabs = desk.tabs.filter((tab) => !tabs.includes(tab));
    return Promise.resolve(true);
  },
};

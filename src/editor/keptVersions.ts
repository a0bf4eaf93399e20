import * as vscode from 'vscode';

export const keptVersionScheme = 'ferry-server';

/** What a kept content is to the file that it stands beside. */
export type KeptRole = 'base' | 'theirs' | 'mine' | 'earlier';

/** Kept at most, in bytes; the oldest go first. */
const limit = 64 * 1024 * 1024;
/** Those of the last merge stay, however large they are. */
const least = 3;

/** Contents that were or are a file's, for the sides of comparisons and merges. Read-only, and in memory for as long as there is room. */
export class KeptVersions implements vscode.FileSystemProvider {
  readonly #contents = new Map<string, Uint8Array>();
  readonly #changes = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changes.event;
  #last = 0;
  #total = 0;

  /** Each content has an address of its own, with the file's name. */
  keep(uri: vscode.Uri, role: KeptRole, content: Uint8Array): vscode.Uri {
    this.#last += 1;
    const own = vscode.Uri.from({
      scheme: keptVersionScheme,
      authority: uri.authority,
      path: uri.path,
      query: `${uri.scheme}.${role}.${this.#last}`,
    });
    this.#contents.set(own.toString(), content);
    this.#total += content.length;
    for (const [oldest, bytes] of this.#contents) {
      if (this.#total <= limit || this.#contents.size <= least) break;
      this.#contents.delete(oldest);
      this.#total -= bytes.length;
    }
    return own;
  }

  /** VS Code decodes it as what it is, whatever the settings say of the file. */
  keepText(uri: vscode.Uri, role: KeptRole, text: string): vscode.Uri {
    return this.keep(uri, role, utf8(text));
  }

  stat(uri: vscode.Uri): vscode.FileStat {
    return { type: vscode.FileType.File, ctime: 0, mtime: 0, size: this.readFile(uri).length, permissions: vscode.FilePermission.Readonly };
  }

  readFile(uri: vscode.Uri): Uint8Array {
    const content = this.#contents.get(uri.toString());
    if (!content) throw vscode.FileSystemError.FileNotFound(uri);
    return content;
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory = refuse;
  writeFile = refuse;
  delete = refuse;
  rename = refuse;
}

/** With a byte order mark, which counts more than any setting of an encoding. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(`\ufeff${text}`);
}

function refuse(uri: vscode.Uri): never {
  throw vscode.FileSystemError.NoPermissions(uri);
}

import * as vscode from 'vscode';

/** Files that are there at once: what an operation costs VS Code itself. */
export class Nothing implements vscode.FileSystemProvider {
  static readonly scheme = 'ferry-bench';
  readonly #files = new Map<string, { readonly content: Uint8Array; readonly mtime: number }>();
  readonly #changes = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changes.event;

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => {});
  }

  stat({ path }: vscode.Uri): vscode.FileStat {
    const file = this.#files.get(path);
    if (file === undefined && path !== '/') throw vscode.FileSystemError.FileNotFound();
    const type = file === undefined ? vscode.FileType.Directory : vscode.FileType.File;
    return { type, size: file?.content.length ?? 0, mtime: file?.mtime ?? 0, ctime: 0 };
  }

  readFile({ path }: vscode.Uri): Uint8Array {
    const file = this.#files.get(path);
    if (file === undefined) throw vscode.FileSystemError.FileNotFound();
    return file.content;
  }

  writeFile(uri: vscode.Uri, content: Uint8Array): void {
    this.#files.set(uri.path, { content, mtime: Date.now() });
    this.#changes.fire([{ type: vscode.FileChangeType.Changed, uri }]);
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory(): void {
    throw vscode.FileSystemError.NoPermissions();
  }

  delete(): void {
    throw vscode.FileSystemError.NoPermissions();
  }

  rename(): void {
    throw vscode.FileSystemError.NoPermissions();
  }
}

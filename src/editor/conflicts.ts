import * as vscode from 'vscode';
import type { Bases } from '../core/bases.ts';
import { t } from '../core/l10n.ts';
import type { ConflictError } from '../core/operations/saveErrors.ts';
import type { Version } from '../core/operations/version.ts';
import { basename } from '../core/path.ts';
import { safeText } from '../core/text.ts';
import type { Location } from './uri.ts';

export const serverVersionScheme = 'ferry-server';

interface Conflict {
  readonly uri: vscode.Uri;
  readonly location: Location;
  readonly error: ConflictError;
}

export interface Conflicts {
  /**
   * Notes that a save found another content on the server than the one it was based on, and gives the error that fails the save. VS Code
   * shows it once, with the ways on as links in it: nothing is written until the person chose one.
   */
  report(uri: vscode.Uri, location: Location, error: ConflictError): vscode.FileSystemError;
  /** The file was saved, reverted or is gone. */
  settle(key: string): void;
  /** The server's version that the person has just said may be overwritten, while it is being done. */
  accepted(key: string): Version | undefined;
  /** Shows the server's version beside the editor's. */
  compare(chosen: unknown): Promise<void>;
  /** Saves the editor's content over the version that the person was told of — not over a still newer one. */
  overwrite(chosen: unknown): Promise<void>;
  /** Drops the editor's content. */
  useServer(chosen: unknown): Promise<void>;
}

/** `chosen` is what a command was called with: the number in a link, an editor's URI, or nothing for the active editor. */
export function createConflicts(bases: Bases, read: (location: Location) => Promise<Uint8Array>, versions: ServerVersions): Conflicts {
  const open = new Map<number, Conflict>();
  const accepted = new Map<string, Version>();
  let lastId = 0;

  const publish = () =>
    void vscode.commands.executeCommand(
      'setContext',
      'ferry.conflicts',
      [...open.values()].map(({ uri }) => uri.toString()),
    );

  const settle = (key: string) => {
    for (const [id, { location }] of open) if (location.key === key) open.delete(id);
    publish();
  };

  const find = (chosen: unknown): Conflict | undefined => {
    if (typeof chosen === 'number') return open.get(chosen);
    const uri = chosen instanceof vscode.Uri ? chosen : vscode.window.activeTextEditor?.document.uri;
    return [...open.values()].find((conflict) => conflict.uri.toString() === uri?.toString());
  };

  const documentOf = ({ uri }: Conflict) => vscode.workspace.openTextDocument(uri);

  const forChosen = async (chosen: unknown, act: (conflict: Conflict) => Promise<void>): Promise<void> => {
    const conflict = find(chosen);
    if (conflict) await act(conflict);
    else void vscode.window.showInformationMessage(t('This file is not in conflict with the server any more.'));
  };

  return {
    report(uri, location, error) {
      settle(location.key);
      lastId += 1;
      open.set(lastId, { uri, location, error });
      publish();
      return new vscode.FileSystemError(conflictMessage(lastId, location, error));
    },
    settle,
    accepted: (key) => accepted.get(key),
    compare: (chosen) =>
      forChosen(chosen, async ({ uri, location, error }) => {
        const theirs = error.theirs === undefined ? new Uint8Array() : await read(location);
        const left = versions.keep(uri, theirs);
        const name = safeText(basename(location.path), 100);
        await vscode.commands.executeCommand('vscode.diff', left, uri, t('{0} (on {1}) ↔ {0} (yours)', name, location.host.name));
      }),
    overwrite: (chosen) =>
      forChosen(chosen, async (conflict) => {
        const { location, error } = conflict;
        if (error.theirs === undefined) bases.forget(location.key);
        else accepted.set(location.key, error.theirs);
        try {
          await (await documentOf(conflict)).save();
        } finally {
          accepted.delete(location.key);
        }
      }),
    useServer: (chosen) =>
      forChosen(chosen, async (conflict) => {
        await vscode.window.showTextDocument(await documentOf(conflict));
        await vscode.commands.executeCommand('workbench.action.files.revert');
        settle(conflict.location.key);
      }),
  };
}

function conflictMessage(id: number, { host, path }: Location, { theirs }: ConflictError): string {
  const link = (title: string, command: string) => `[${title}](command:${command}?${encodeURIComponent(JSON.stringify([id]))})`;
  const [name, server] = [safeText(path, 200), safeText(host.name, 80)];
  const overwrite = link(t('Save mine anyway'), 'ferry.conflict.overwrite');
  if (theirs === undefined) {
    return `${t('{0} was deleted on {1} after you opened it. Nothing was written.', name, server)} ${overwrite}`;
  }
  const what = t('{0} was changed on {1} after you opened it. Nothing was written.', name, server);
  const ways = [link(t('Compare'), 'ferry.conflict.compare'), overwrite, link(t("Take the server's"), 'ferry.conflict.useServer')];
  return `${what} ${ways.join(' · ')}`;
}

/** The server's content of files in conflict, for the left side of a comparison: as bytes, so that VS Code decodes both sides alike. */
export class ServerVersions implements vscode.FileSystemProvider {
  readonly #contents = new Map<string, Uint8Array>();
  readonly #changes = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changes.event;

  keep(uri: vscode.Uri, content: Uint8Array): vscode.Uri {
    const own = vscode.Uri.from({ scheme: serverVersionScheme, authority: uri.authority, path: uri.path });
    this.#contents.delete(own.toString());
    this.#contents.set(own.toString(), content);
    const [oldest] = this.#contents.keys();
    if (this.#contents.size > 20 && oldest !== undefined) this.#contents.delete(oldest);
    this.#changes.fire([{ type: vscode.FileChangeType.Changed, uri: own }]);
    return own;
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

function refuse(uri: vscode.Uri): never {
  throw vscode.FileSystemError.NoPermissions(uri);
}

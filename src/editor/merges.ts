import * as vscode from 'vscode';
import type { Bases } from '../core/bases.ts';
import { t } from '../core/l10n.ts';
import type { ReadFile } from '../core/operations/readFile.ts';
import type { Version } from '../core/operations/version.ts';
import { basename } from '../core/path.ts';
import { safeText } from '../core/text.ts';
import { type KeptVersions, utf8 } from './keptVersions.ts';
import { closeLeftResults } from './leftResults.ts';
import { renamed } from './renamed.ts';
import type { Location } from './uri.ts';

export const mergeScheme = 'ferry-merge';

/** A document whose file is another on the server than the one that its changes are based on. */
export interface Diverged {
  readonly uri: vscode.Uri;
  readonly location: Location;
  /** What the document's text began as. */
  readonly base: Uint8Array;
  /** What the server has now. */
  readonly theirs: ReadFile;
  /** What was saved and replaced; undefined: the changes are the document's own and not saved yet. */
  readonly saved?: Uint8Array | undefined;
  /** What the next save of the document is compared with; default: those of this window's documents. */
  readonly bases?: Bases | undefined;
}

interface Merge {
  /** The document that gets the result. */
  uri: vscode.Uri;
  location: Location;
  readonly theirs: Version;
  readonly bases: Bases;
  readonly result: vscode.Uri;
  readonly inputs: { readonly base: vscode.Uri; readonly theirs: vscode.Uri; readonly mine: vscode.Uri };
  /** What the result was last saved as. */
  draft: Uint8Array;
  changed: number;
  /** What the document held when the merge began. */
  readonly mine: string;
  /** What the document holds as far as this merge knows: its text at the start, or the result that it was given. */
  text: string;
}

/** More merges at once are in nobody's hands. */
const limit = 20;

/**
 * Merges in VS Code's merge editor. Its result is a file of this provider, so that nothing happens to the document, nor to the server's
 * file, until the person completes the merge: then the document gets the text and is saved, over exactly the version that was merged.
 */
export class Merges implements vscode.FileSystemProvider, vscode.Disposable {
  readonly #merges = new Map<string, Merge>();
  /** Why VS Code is about to save a result: what it saves by itself is no decision of the person. */
  readonly #reasons = new Map<string, vscode.TextDocumentSaveReason>();
  /** Results that are being saved by Ferry, or by VS Code for it: that is no decision of the person either. */
  readonly #drafts = new Set<string>();
  readonly #changes = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changes.event;
  readonly #bases: Bases;
  readonly #versions: KeptVersions;
  readonly #listeners: vscode.Disposable;
  #last = 0;

  constructor(bases: Bases, versions: KeptVersions, locate: (uri: vscode.Uri) => Location) {
    this.#bases = bases;
    this.#versions = versions;
    this.#listeners = vscode.Disposable.from(
      this.#changes,
      vscode.workspace.onWillSaveTextDocument(({ document, reason }) => {
        if (document.uri.scheme === mergeScheme) this.#reasons.set(document.uri.toString(), reason);
      }),
      vscode.workspace.onDidChangeTextDocument(({ document, reason }) => {
        if (reason === vscode.TextDocumentChangeReason.Undo) this.#undone(document);
      }),
      vscode.workspace.onDidRenameFiles(({ files }) => {
        for (const merge of this.#merges.values()) {
          const to = renamed(merge.uri, files);
          if (to) [merge.uri, merge.location] = [to, locate(to)];
        }
      }),
      closeLeftResults({
        has: (uri) => this.#merges.has(uri.toString()),
        saveDraft: (result) => this.#drafting(result.uri, () => result.save()),
      }),
    );
  }

  dispose(): void {
    this.#listeners.dispose();
  }

  /** Shows the merge editor; the same one again as long as nothing has changed. */
  async open(diverged: Diverged): Promise<void> {
    const document = await vscode.workspace.openTextDocument(diverged.uri);
    const merge = this.#find(diverged, document.getText()) ?? (await this.#begin(diverged, document));
    const host = safeText(diverged.location.host.name, 80);
    const editor = {
      base: merge.inputs.base,
      input1: { uri: merge.inputs.theirs, title: t('On {0}', host), description: t('what the server has now') },
      input2: { uri: merge.inputs.mine, title: t('Yours'), description: diverged.saved ? t('what you saved') : t('not saved yet') },
      output: merge.result,
    };
    // The merge editor begins by saving a result that has unsaved changes.
    await this.#drafting(merge.result, () => vscode.commands.executeCommand('_open.mergeEditor', editor));
  }

  async #drafting(result: vscode.Uri, act: () => Thenable<unknown>): Promise<void> {
    this.#drafts.add(result.toString());
    try {
      await act();
    } finally {
      this.#drafts.delete(result.toString());
    }
  }

  /** Who takes a merge back, in a document that could not be saved, has to be told of the server's version again. */
  #undone(document: vscode.TextDocument): void {
    for (const { uri, location, mine, bases } of this.#merges.values()) {
      if (uri.toString() === document.uri.toString() && document.getText() === mine) bases.expect(location.key, undefined);
    }
  }

  #find({ uri, theirs, saved }: Diverged, text: string): Merge | undefined {
    const { hash } = theirs.version;
    if (saved !== undefined) return undefined;
    return [...this.#merges.values()].find(
      (merge) => merge.uri.toString() === uri.toString() && hash !== undefined && merge.theirs.hash === hash && merge.text === text,
    );
  }

  async #begin({ uri, location, base, theirs, saved, bases = this.#bases }: Diverged, document: vscode.TextDocument): Promise<Merge> {
    const decode = async (bytes: Uint8Array) => vscode.workspace.decode(bytes, { encoding: document.encoding });
    const [baseText, theirText, text] = [await decode(base), await decode(theirs.bytes), document.getText()];
    const mine = saved === undefined ? text : await decode(saved);
    const keep = (role: 'base' | 'theirs' | 'mine', content: string) => this.#versions.keepText(uri, role, content);
    this.#last += 1;
    const merge: Merge = {
      ...{ uri, location, bases, theirs: theirs.version, mine: text, text, changed: Date.now() },
      result: resultOf(uri, this.#last),
      inputs: { base: keep('base', baseText), theirs: keep('theirs', theirText), mine: keep('mine', mine) },
      draft: utf8(withMarkers(mine, theirText)),
    };
    this.#merges.set(merge.result.toString(), merge);
    const [oldest] = this.#merges.keys();
    if (this.#merges.size > limit && oldest !== undefined) this.#merges.delete(oldest);
    return merge;
  }

  stat(uri: vscode.Uri): vscode.FileStat {
    const { draft, changed } = this.#at(uri);
    return { type: vscode.FileType.File, ctime: 0, mtime: changed, size: draft.length };
  }

  readFile(uri: vscode.Uri): Uint8Array {
    return this.#at(uri).draft;
  }

  async writeFile(uri: vscode.Uri, content: Uint8Array): Promise<void> {
    const merge = this.#at(uri);
    const reason = this.#reasons.get(uri.toString());
    this.#reasons.delete(uri.toString());
    const isDraft = this.#drafts.has(uri.toString()) || (reason !== undefined && reason !== vscode.TextDocumentSaveReason.Manual);
    if (!isDraft) await this.#complete(merge, new TextDecoder().decode(content));
    merge.draft = content;
    merge.changed = Math.max(Date.now(), merge.changed + 1);
  }

  /**
   * Gives the document the result, and saves it. Where the server refuses — a still newer version is in conflict again — the document has
   * the result all the same, unsaved, and VS Code says what was wrong.
   */
  async #complete(merge: Merge, text: string): Promise<void> {
    const document = await vscode.workspace.openTextDocument(merge.uri);
    if (document.getText() !== merge.text && !(await this.#mayReplace(merge))) throw vscode.FileSystemError.Unavailable(leftAlone(merge));
    const edit = new vscode.WorkspaceEdit();
    edit.replace(merge.uri, document.validateRange(new vscode.Range(0, 0, document.lineCount, 0)), text);
    if (!(await vscode.workspace.applyEdit(edit))) throw vscode.FileSystemError.Unavailable(leftAlone(merge));
    merge.bases.expect(merge.location.key, merge.theirs);
    await document.save();
    merge.text = document.getText();
  }

  async #mayReplace({ location }: Merge): Promise<boolean> {
    const replace = t('Replace');
    const name = safeText(basename(location.path), 100);
    const answer = await vscode.window.showWarningMessage(
      t('{0} was changed in its editor after the merge was opened.', name),
      { modal: true, detail: t('The result of the merge does not have what was typed since. Undo in its editor brings that back.') },
      replace,
    );
    return answer === replace;
  }

  #at(uri: vscode.Uri): Merge {
    const merge = this.#merges.get(uri.toString());
    if (merge) return merge;
    throw vscode.FileSystemError.FileNotFound(
      t('This merge has ended with the window that it was opened in. Your text is in the editor of the file itself.'),
    );
  }

  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  readDirectory(): [string, vscode.FileType][] {
    return [];
  }

  createDirectory = refuse;
  delete = refuse;
  rename = refuse;
}

/** The merge editor would show what its name has as an icon. */
function resultOf({ scheme, authority, path }: vscode.Uri, number: number): vscode.Uri {
  return vscode.Uri.from({ scheme: mergeScheme, authority, path: path.replaceAll('$(', '$ ('), query: `${scheme}.${number}` });
}

/** Saves the result of the merge editor in front, and closes it; VS Code asks where conflicts are left. */
export async function completeMerge(): Promise<void> {
  await vscode.commands.executeCommand('mergeEditor.acceptMerge');
}

function leftAlone({ location }: Merge): string {
  return t('{0} was left as it is in its editor. Nothing was written.', safeText(basename(location.path), 100));
}

/** Markers tell the merge editor to begin with what can be merged by itself. */
function withMarkers(mine: string, theirs: string): string {
  return ['<<<<<<<', mine, '=======', theirs, '>>>>>>>', ''].join('\n');
}

function refuse(uri: vscode.Uri): never {
  throw vscode.FileSystemError.NoPermissions(uri);
}

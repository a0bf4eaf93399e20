import * as vscode from 'vscode';
import type { Bases } from '../core/bases.ts';
import type { Disposable } from '../core/events.ts';
import { t } from '../core/l10n.ts';
import type { ConflictError } from '../core/operations/saveErrors.ts';
import { hashLimit, type Version } from '../core/operations/version.ts';
import { basename } from '../core/path.ts';
import { safeText } from '../core/text.ts';
import { commandLink, newId } from './commandLink.ts';
import { saveTextCopy } from './copies.ts';
import type { KeptVersions } from './keptVersions.ts';
import type { Merges } from './merges.ts';
import { renamed } from './renamed.ts';
import { createTakenVersions, type TakenVersions, type TakenVersionsParts } from './takenVersions.ts';
import type { Location } from './uri.ts';

type Expected = ReturnType<Bases['expected']>;

interface Conflict {
  readonly uri: vscode.Uri;
  readonly location: Location;
  /** What the server had; undefined: the file was deleted. */
  readonly theirs: Version | undefined;
  /** What the document is based on, if it can be merged with theirs. */
  readonly base: Uint8Array | undefined;
}

export interface Conflicts extends Disposable {
  /**
   * Notes that a save found another content on the server than the one it was based on, and gives the error that fails the save. VS Code
   * shows it once, with the ways on as links in it: nothing is written until the person chose one.
   */
  report(uri: vscode.Uri, location: Location, error: ConflictError): Promise<vscode.FileSystemError>;
  /** The file was saved, reverted or is gone. */
  settle(key: string): void;
  /** Shows the merge editor; the server's file is written when the person completes the merge. */
  merge(chosen: unknown): Promise<void>;
  /** Shows the server's version beside the editor's. */
  compare(chosen: unknown): Promise<void>;
  /** Saves the editor's content over the version that the person was told of — not over a still newer one. */
  overwrite(chosen: unknown): Promise<void>;
  /** Gives the document what the server has. */
  useServer(chosen: unknown): Promise<void>;
  /** Saves the editor's content somewhere else. */
  saveCopy(chosen: unknown): Promise<void>;
  /** Documents that take what the server has. */
  readonly taken: TakenVersions;
}

export interface ConflictsParts extends TakenVersionsParts {
  readonly versions: KeptVersions;
  readonly merges: Merges;
  locate(uri: vscode.Uri): Location;
  /** The bytes whose SHA-256 is `hash`, if they are kept anywhere on this computer. */
  content(hash: string): Promise<Uint8Array | undefined>;
}

/** `chosen` is what a command was called with: the number in a link, an editor's URI, or nothing for the active editor. */
export function createConflicts(parts: ConflictsParts): Conflicts {
  const { bases, versions, merges } = parts;
  const taken = createTakenVersions(parts);
  const open = new Map<number, Conflict>();
  /** What documents are based on that are being saved over another version all the same. */
  const overwriting = new Map<string, Expected>();

  const publish = () => {
    const all = [...open.values()];
    publishOne('ferry.conflicts', all);
    publishOne(
      'ferry.conflicts.changed',
      all.filter(({ theirs }) => theirs !== undefined),
    );
    publishOne(
      'ferry.conflicts.mergeable',
      all.filter(({ base }) => base !== undefined),
    );
  };

  const settle = (key: string) => {
    const settled = [...open].filter(([, { location }]) => location.key === key);
    for (const [id] of settled) open.delete(id);
    // Every save comes here, and VS Code looks through all its menus whenever it is told.
    if (settled.length > 0) publish();
  };

  const find = (chosen: unknown): Conflict | undefined => {
    if (typeof chosen === 'number') return open.get(chosen);
    const uri = chosen === undefined ? vscode.window.activeTextEditor?.document.uri : chosen;
    return uri instanceof vscode.Uri ? [...open.values()].find((conflict) => conflict.uri.toString() === uri.toString()) : undefined;
  };

  const forChosen = async (chosen: unknown, act: (conflict: Conflict, document: vscode.TextDocument) => Promise<void>): Promise<void> => {
    const conflict = find(chosen);
    const document = conflict && unsavedDocument(conflict.uri);
    if (conflict && document) return act(conflict, document);
    if (conflict) settle(conflict.location.key);
    void vscode.window.showInformationMessage(t('This file is not in conflict with the server any more.'));
  };

  const mergeableBase = async (base: Expected, theirs: Version | undefined): Promise<Uint8Array | undefined> => {
    if (base === undefined || base === 'missing' || base.hash === undefined || theirs === undefined || theirs.size > hashLimit)
      return undefined;
    const bytes = await parts.content(base.hash).catch(() => undefined);
    return bytes === undefined || isBinary(bytes) ? undefined : bytes;
  };

  const show = async ({ uri, location }: Conflict, document: vscode.TextDocument, theirs: Uint8Array) => {
    const left = isBinary(theirs)
      ? versions.keep(uri, 'theirs', theirs)
      : versions.keepText(uri, 'theirs', await vscode.workspace.decode(theirs, { encoding: document.encoding }));
    const name = safeText(basename(location.path), 100);
    await vscode.commands.executeCommand('vscode.diff', left, uri, t('{0} (on {1}) ↔ {0} (yours)', name, location.host.name));
  };

  const listeners = [
    vscode.workspace.onDidRenameFiles(({ files }) => {
      for (const [id, conflict] of open) {
        const uri = renamed(conflict.uri, files);
        if (uri) open.set(id, { ...conflict, uri, location: parts.locate(uri) });
      }
      publish();
    }),
    vscode.workspace.onDidChangeTextDocument(({ document: { uri, isDirty } }) => {
      const conflict = isDirty ? undefined : [...open.values()].find((each) => each.uri.toString() === uri.toString());
      if (conflict) settle(conflict.location.key);
    }),
  ];

  return {
    taken,
    async report(uri, location, { theirs }) {
      const base = await mergeableBase(overwriting.get(location.key) ?? bases.expected(location.key), theirs);
      settle(location.key);
      const [id, conflict] = [newId(), { uri, location, theirs, base }];
      open.set(id, conflict);
      publish();
      return new vscode.FileSystemError(conflictMessage(id, conflict));
    },
    settle,
    merge: (chosen) =>
      forChosen(chosen, async (conflict, document) => {
        const theirs = await parts.read(conflict.location);
        if (conflict.base !== undefined && theirs.bytes.length <= hashLimit && !isBinary(theirs.bytes)) {
          await merges.open({ ...conflict, base: conflict.base, theirs });
          return;
        }
        await show(conflict, document, theirs.bytes);
        void vscode.window.showInformationMessage(t('This file can not be merged line by line. Both versions are shown side by side.'));
      }),
    compare: (chosen) =>
      forChosen(chosen, async (conflict, document) => {
        const theirs = conflict.theirs === undefined ? new Uint8Array() : (await parts.read(conflict.location)).bytes;
        await show(conflict, document, theirs);
      }),
    overwrite: (chosen) =>
      forChosen(chosen, async ({ location: { key }, theirs }, document) => {
        const base = bases.expected(key);
        overwriting.set(key, base);
        bases.expect(key, theirs ?? 'missing');
        try {
          if (!(await document.save())) bases.expect(key, base);
        } finally {
          overwriting.delete(key);
        }
      }),
    useServer: (chosen) => forChosen(chosen, ({ location }, document) => taken.take(location, document)),
    saveCopy: (chosen) => forChosen(chosen, (_, document) => saveTextCopy(document)),
    dispose() {
      for (const listener of listeners) listener.dispose();
    },
  };
}

function publishOne(context: string, conflicts: readonly Conflict[]): void {
  const uris = conflicts.map(({ uri }) => uri.toString());
  void vscode.commands.executeCommand('setContext', context, uris);
}

function unsavedDocument(uri: vscode.Uri): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find((document) => document.isDirty && document.uri.toString() === uri.toString());
}

export function isBinary(bytes: Uint8Array): boolean {
  return bytes.includes(0);
}

function conflictMessage(id: number, { location: { host, path }, theirs, base }: Conflict): string {
  const link = (title: string, verb: string) => commandLink(title, `ferry.conflict.${verb}`, id);
  const [name, server] = [safeText(path, 200), safeText(host.name, 80)];
  const overwrite = link(t('Save mine anyway'), 'overwrite');
  if (theirs === undefined) {
    const what = t('{0} was deleted on {1} after you opened it. Nothing was written.', name, server);
    return `${what} ${overwrite} · ${link(t('Save a Copy…'), 'saveCopy')}`;
  }
  const what = t('{0} was changed on {1} after you opened it. Nothing was written.', name, server);
  const ways = [link(t('Compare'), 'compare'), overwrite, link(t("Take the server's"), 'useServer')];
  return `${what} ${[...(base === undefined ? [] : [link(t('Merge'), 'merge')]), ...ways].join(' · ')}`;
}

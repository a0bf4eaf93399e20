import * as vscode from 'vscode';
import type { Bases } from '../core/bases.ts';
import { isSameContent } from '../core/bytes.ts';
import { isRemoteError, RemoteError, toRemoteError } from '../core/errors.ts';
import type { Disposable } from '../core/events.ts';
import { t } from '../core/l10n.ts';
import type { ReadFile } from '../core/operations/readFile.ts';
import type { DoubtfulSaveError, SaveAttempt } from '../core/operations/saveErrors.ts';
import type { Version } from '../core/operations/version.ts';
import { safeText } from '../core/text.ts';
import { commandLink, newId } from './commandLink.ts';
import { saveCopies } from './copies.ts';
import { describeError } from './fileSystemError.ts';
import { renamed } from './renamed.ts';
import type { Location } from './uri.ts';

/** A file whose save ended in doubt. */
interface Trouble {
  readonly uri: vscode.Uri;
  readonly location: Location;
  readonly attempt: SaveAttempt;
}

/** What the server's file is found to hold: the content before the save, the new one, neither; or it is gone. */
export type Found =
  { readonly is: 'old' | 'new' | 'other'; readonly version: Version } | { readonly is: 'missing'; readonly version?: undefined };

/** Saves that left the server's file in doubt, and the ways on. Nothing is written before the server was asked what the file holds. */
export interface SaveTroubles extends Disposable {
  /** Notes one, and gives the error that fails the save: VS Code shows it once, with the ways on as links in it. */
  report(uri: vscode.Uri, location: Location, error: DoubtfulSaveError): vscode.FileSystemError;
  /** Notes one of a window that has ended. */
  adopt(uri: vscode.Uri, location: Location, attempt: SaveAttempt): number;
  /** Undefined where there is none of this number any more. */
  look(id: number): Promise<Found | undefined>;
  /**
   * Before a save of a file in doubt: lets it replace what the server holds where that is the old or the new content. Throws otherwise:
   * the file is damaged, or somebody else's.
   */
  check(location: Location): Promise<void>;
  /** The file was saved or put back: copies of what it held and was to hold are of no more use. */
  settle(key: string): Promise<void>;
  /** Writes the new content again. */
  retry(chosen: unknown): Promise<void>;
  /** Writes the old content back. */
  restore(chosen: unknown): Promise<void>;
  /** Saves both contents somewhere else. */
  saveCopy(chosen: unknown): Promise<void>;
}

export interface SaveTroublesParts {
  readonly bases: Bases;
  locate(uri: vscode.Uri): Location;
  /** From the server. */
  read(location: Location): Promise<ReadFile>;
  /** A verified save over what `bases` expects, without VS Code; settles the trouble. */
  write(uri: vscode.Uri, location: Location, content: Uint8Array): Promise<void>;
}

export function createSaveTroubles(parts: SaveTroublesParts): SaveTroubles {
  const { bases } = parts;
  const open = new Map<number, Trouble>();
  /** Files of which the person has decided, until it is done. */
  const decided = new Set<string>();

  const publish = () => {
    const uris = [...open.values()].map(({ uri }) => uri.toString());
    void vscode.commands.executeCommand('setContext', 'ferry.saveTroubles', uris);
  };

  const add = (trouble: Trouble): number => {
    for (const [id, { location }] of open) if (location.key === trouble.location.key) open.delete(id);
    const id = newId();
    open.set(id, trouble);
    publish();
    return id;
  };

  const look = async ({ location, attempt }: Trouble): Promise<Found> => {
    try {
      const { bytes, version } = await parts.read(location);
      const isOld = attempt.old === undefined ? isVersion(version, bases.get(location.key)) : isSameContent(bytes, attempt.old);
      return { is: isSameContent(bytes, attempt.content) ? 'new' : isOld ? 'old' : 'other', version };
    } catch (error) {
      if (isRemoteError(error, 'NotFound')) return { is: 'missing' };
      throw toRemoteError(error).with({ path: location.path, host: location.host.name });
    }
  };

  const ofKey = (key: string) => [...open.values()].find(({ location }) => location.key === key)?.attempt;

  const forChosen = async (chosen: unknown, act: (trouble: Trouble) => Promise<void>): Promise<void> => {
    const trouble = find(open, chosen);
    if (trouble) await act(trouble);
    else void vscode.window.showInformationMessage(t('This save needs no decision any more.'));
  };

  const settle = async (key: string) => {
    const settled = [...open].filter(([, { location }]) => location.key === key);
    for (const [id, { attempt }] of settled) {
      open.delete(id);
      await attempt.done();
    }
    if (settled.length > 0) publish();
  };

  const writeOver = async (trouble: Trouble, found: Found, write: () => PromiseLike<unknown>) => {
    const { key } = trouble.location;
    const before = bases.expected(key);
    bases.expect(key, found.version ?? 'missing');
    decided.add(key);
    try {
      if ((await write()) === false) bases.expect(key, before);
    } finally {
      decided.delete(key);
    }
  };

  const moved = vscode.workspace.onDidRenameFiles(({ files }) => {
    for (const [id, trouble] of open) {
      const uri = renamed(trouble.uri, files);
      if (uri) open.set(id, { ...trouble, uri, location: parts.locate(uri) });
    }
    publish();
  });

  return {
    report(uri, location, error) {
      const trouble = { uri, location, attempt: sinceEarlier(error.attempt, ofKey(location.key)) };
      const { code, message, hint } = error;
      const about = new RemoteError(code, message, { hint, path: location.path, host: location.host.name });
      return failure(add(trouble), trouble, describeError(about));
    },
    adopt: (uri, location, attempt) => add({ uri, location, attempt }),
    look: async (id) => {
      const trouble = open.get(id);
      return trouble && look(trouble);
    },
    async check({ key }) {
      const [id, trouble] = [...open].find(([, { location }]) => location.key === key) ?? [];
      if (id === undefined || trouble === undefined || decided.has(key)) return;
      const found = await look(trouble).catch((error: unknown) => {
        throw failure(id, trouble, describeError(error));
      });
      if (found.is === 'old' || found.is === 'new') bases.expect(key, found.version);
      else if (trouble.attempt.old !== undefined) throw failure(id, trouble, describeFound(trouble, found));
    },
    settle,
    retry: (chosen) =>
      forChosen(chosen, async (trouble) => {
        const found = await look(trouble);
        const document = vscode.workspace.textDocuments.find(({ uri, isDirty }) => isDirty && uri.toString() === trouble.uri.toString());
        if (found.is === 'new' && !document) return settle(trouble.location.key);
        const asks = found.is === 'other' || found.is === 'missing';
        if (asks && !(await confirm(describeFound(trouble, found), t('Write Mine')))) return;
        // What was typed since is what the person wants on the server now.
        const write = () => (document ? document.save() : parts.write(trouble.uri, trouble.location, trouble.attempt.content));
        await writeOver(trouble, found, write);
      }),
    restore: (chosen) =>
      forChosen(chosen, async (trouble) => {
        const { old } = trouble.attempt;
        const found = await look(trouble);
        if (old === undefined || found.is === 'old') {
          void vscode.window.showInformationMessage(found.is === 'old' ? describeFound(trouble, found) : noOld(trouble));
          return;
        }
        if (!(await confirm(describeFound(trouble, found), t('Put Back What It Held')))) return;
        await writeOver(trouble, found, () => parts.write(trouble.uri, trouble.location, old));
        void vscode.window.showInformationMessage(describeFound(trouble, { ...found, is: 'old' } as Found));
      }),
    saveCopy: (chosen) =>
      forChosen(chosen, async ({ uri, attempt: { old, content } }) => {
        const before = old === undefined ? [] : [{ mark: t('before'), bytes: old }];
        await saveCopies(uri, [{ mark: t('to be saved'), bytes: content }, ...before]);
      }),
    dispose() {
      moved.dispose();
    },
  };
}

function find(open: ReadonlyMap<number, Trouble>, chosen: unknown): Trouble | undefined {
  if (typeof chosen === 'number') return open.get(chosen);
  const uri = chosen === undefined ? vscode.window.activeTextEditor?.document.uri : chosen;
  return uri instanceof vscode.Uri ? [...open.values()].find((trouble) => trouble.uri.toString() === uri.toString()) : undefined;
}

/** What a further attempt found may be the damage of the earlier one: what the file held before that is still what can be put back. */
function sinceEarlier(attempt: SaveAttempt, earlier: SaveAttempt | undefined): SaveAttempt {
  const { content, old } = attempt;
  if (earlier?.old === undefined) return attempt;
  const whole = old !== undefined && (isSameContent(old, earlier.old) || isSameContent(old, earlier.content));
  const done = async () => {
    await attempt.done();
    await earlier.done();
  };
  return { content, old: whole ? old : earlier.old, done };
}

function isVersion(one: Version, other: Version | undefined): boolean {
  return one.hash === undefined ? one.size === other?.size && one.mtime === other.mtime : one.hash === other?.hash;
}

/** What the server's file holds, in words. */
export function describeFound({ location: { host, path } }: Pick<Trouble, 'location'>, { is }: Found): string {
  const [name, server] = [safeText(path, 200), safeText(host.name, 80)];
  if (is === 'old') return t('{0} on {1} holds what it held before the save, in full.', name, server);
  if (is === 'new') return t('{0} on {1} holds what was to be saved, in full.', name, server);
  if (is === 'missing') return t('{0} is not on {1} any more.', name, server);
  return t(
    '{0} on {1} holds neither what it held before the save nor what was to be saved: the save has damaged it, or somebody has changed it since.',
    name,
    server,
  );
}

function noOld({ location: { host, path } }: Trouble): string {
  return t('{0} on {1} was not written over: there is nothing to put back.', safeText(path, 200), safeText(host.name, 80));
}

/** `what`: safe to show. */
function failure(id: number, { attempt }: Trouble, what: string): vscode.FileSystemError {
  const link = (title: string, verb: string) => commandLink(title, `ferry.save.${verb}`, id);
  const restore = attempt.old === undefined ? [] : [link(t('Restore'), 'restore')];
  const ways = [link(t('Retry'), 'retry'), ...restore, link(t('Save a Copy…'), 'saveCopy')];
  return new vscode.FileSystemError(`${what} ${ways.join(' · ')}`);
}

async function confirm(message: string, button: string): Promise<boolean> {
  return (await vscode.window.showWarningMessage(message, { modal: true }, button)) === button;
}

import * as vscode from 'vscode';
import type { Bases } from '../core/bases.ts';
import { isSameContent } from '../core/bytes.ts';
import { RemoteError } from '../core/errors.ts';
import { t } from '../core/l10n.ts';
import type { ReadFile } from '../core/operations/readFile.ts';
import type { Location } from './uri.ts';

/** Documents that are given what the server has, in place of their own text. Nothing is written on the server, and no other document is touched. */
export interface TakenVersions {
  /** Reads the file, and gives it to the document, which is saved then. Undo brings its own text back. */
  take(location: Location, document: vscode.TextDocument): Promise<void>;
  /** Whether a save of this content would be what ends a `take`: nothing is to be asked for it. */
  isTaking(location: Location, content: Uint8Array): Promise<boolean>;
  /**
   * The same, and then it is the end: the document is based on what was taken. Nothing is to be sent. Throws `Conflict` where more than blanks
   * and line ends differ from it: a person may have typed that, so that the document has to stay unsaved.
   */
  end(location: Location, content: Uint8Array): Promise<boolean>;
}

export interface TakenVersionsParts {
  readonly bases: Bases;
  readonly changes: Pick<vscode.EventEmitter<vscode.FileChangeEvent[]>, 'fire'>;
  /** From the server. */
  read(location: Location): Promise<ReadFile>;
}

interface Taking {
  readonly document: vscode.TextDocument;
  readonly theirs: ReadFile;
  /** As VS Code decodes it. */
  readonly text: string;
  /** VS Code has the document in other bytes than the server: of other line ends, or formatted as it was saved. */
  isOutdated: boolean;
}

/**
 * VS Code's command that reverts a file takes no address: it reverts what is in front when it gets to it, which may be another document by
 * then. An edit has an address. The save that follows comes back to Ferry, which knows its content.
 */
export function createTakenVersions(parts: TakenVersionsParts): TakenVersions {
  const { bases, changes } = parts;
  const all = new Map<string, Taking>();

  /** Not of somebody else's, nor of what was typed meanwhile. */
  const find = async ({ key }: Location, content: Uint8Array): Promise<Taking | undefined> => {
    const taking = all.get(key);
    if (taking === undefined) return undefined;
    const { document } = taking;
    const saved = await decoded(content, document);
    return saved === document.getText() && all.get(key) === taking ? taking : undefined;
  };

  return {
    async take(location, document) {
      const { host, path, key } = location;
      const theirs = await parts.read(location);
      const text = await decoded(theirs.bytes, document);
      if (text === undefined)
        throw new RemoteError('Unsupported', t('The file on the server is no text any more.'), { path, host: host.name });
      const edit = new vscode.WorkspaceEdit();
      edit.replace(document.uri, document.validateRange(new vscode.Range(0, 0, document.lineCount, 0)), text);
      if (!(await vscode.workspace.applyEdit(edit)))
        throw new RemoteError('Unsupported', t('VS Code did not let the file be changed. It is as it was.'), { path, host: host.name });
      const taking: Taking = { document, theirs, text, isOutdated: false };
      all.set(key, taking);
      await document.save();
      if (all.get(key) === taking) all.delete(key);
      // Now that it is saved VS Code reads it, and has it exactly.
      if (taking.isOutdated) changes.fire([{ type: vscode.FileChangeType.Changed, uri: document.uri }]);
    },
    isTaking: async (location, content) => (await find(location, content)) !== undefined,
    async end(location, content) {
      const taking = await find(location, content);
      if (taking === undefined) return false;
      const { bytes, version } = taking.theirs;
      if (!isLaidOut(taking.document.getText(), taking.text)) {
        bases.set(location.key, version);
        throw changedMeanwhile(location);
      }
      taking.isOutdated = !isSameContent(content, bytes);
      const { mtime } = version;
      // VS Code reads again only what has another time than it knows.
      bases.set(location.key, taking.isOutdated && mtime !== undefined ? { ...version, mtime: mtime - 1 } : version);
      return true;
    },
  };
}

/** The same text but for blanks and line ends, as VS Code trims and formats what it saves. */
function isLaidOut(one: string, other: string): boolean {
  return one.replace(/\s+/g, '') === other.replace(/\s+/g, '');
}

function changedMeanwhile({ host, path }: Location): RemoteError {
  return new RemoteError(
    'Conflict',
    t('It has the server’s text now, and something was changed in it before it was saved. Nothing was sent.'),
    {
      ...{ path, host: host.name },
      hint: t('Save it to upload it as it is now, or undo what was changed.'),
    },
  );
}

/** Undefined: it is no text. */
async function decoded(content: Uint8Array, { encoding }: vscode.TextDocument): Promise<string | undefined> {
  try {
    return await vscode.workspace.decode(content, { encoding });
  } catch {
    return undefined;
  }
}

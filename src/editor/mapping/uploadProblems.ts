import { commands, window } from 'vscode';
import type { Uri } from 'vscode';
import { t } from '../../core/l10n.ts';
import { ConflictError } from '../../core/operations/saveErrors.ts';
import { hashLimit } from '../../core/operations/version.ts';
import { basename } from '../../core/path.ts';
import { safeText } from '../../core/text.ts';
import { isBinary } from '../conflicts.ts';
import { describeError } from '../fileSystemError.ts';
import type { History } from '../history.ts';
import type { Merges } from '../merges.ts';
import type { Exchange } from './exchange.ts';
import type { Exchanges } from './exchanges.ts';
import type { MappedFile } from './mappings.ts';
import type { Burst, PendingUpload, Uploads } from './uploads.ts';

export interface UploadProblemsParts {
  readonly uploads: Uploads;
  readonly exchange: Exchange;
  readonly exchanges: Exchanges;
  readonly history: History;
  readonly merges: Merges;
}

/** What a person can do about a file that was not uploaded. */
export interface UploadProblems {
  /** Says what was not uploaded, once for a burst. */
  tell(burst: Burst): Promise<void>;
  /** Asks what to do with one. */
  ask(upload: PendingUpload): Promise<void>;
}

interface Way {
  readonly title: string;
  act(): Promise<void> | void;
}

export function createUploadProblems(parts: UploadProblemsParts): UploadProblems {
  const { uploads } = parts;
  const ask = async (upload: PendingUpload): Promise<void> => {
    const ways = upload.error instanceof ConflictError ? await conflictWays(parts, upload, upload.error) : failureWays(uploads, upload);
    const titles = ways.map(({ title }) => title);
    const answer = await window.showWarningMessage(told(upload), ...titles);
    await ways.find(({ title }) => title === answer)?.act();
  };
  return {
    ask,
    async tell({ failed }) {
      const [first, ...more] = failed.filter(({ state }) => state !== 'unreachable');
      if (first === undefined) return;
      if (more.length === 0) return ask(first);
      const show = t('Show');
      const answer = await window.showWarningMessage(t('{0} files were not uploaded.', more.length + 1), show);
      if (answer === show) await commands.executeCommand('ferry.showUploads');
    },
  };
}

function told({ file, error }: PendingUpload): string {
  const name = safeText(basename(file.uri.path), 100);
  if (error === undefined) return t('{0} is not uploaded yet.', name);
  if (!(error instanceof ConflictError)) return t('{0} was not uploaded. {1}', name, describeError(error));
  const host = safeText(error.host ?? '', 80);
  return error.theirs === undefined
    ? t('{0} was deleted on {1} since you last exchanged it. Nothing was sent.', name, host)
    : t('{0} on {1} is not the file that you last exchanged. Nothing was sent.', name, host);
}

function isFor({ uri, target }: MappedFile): (upload: PendingUpload) => boolean {
  return ({ file }) => file.uri.toString() === uri.toString() && file.target.name === target.name;
}

function failureWays(uploads: Uploads, failed: PendingUpload): Way[] {
  const isIt = isFor(failed.file);
  return [
    { title: t('Retry'), act: () => uploads.retry(isIt) },
    { title: t('Do Not Upload'), act: () => uploads.drop(isIt) },
  ];
}

async function conflictWays(parts: UploadProblemsParts, { file }: PendingUpload, { theirs }: ConflictError): Promise<Way[]> {
  const { uploads, exchange, exchanges, history, merges } = parts;
  const { uri } = file;
  const isIt = isFor(file);
  const overwrite = {
    title: t('Overwrite'),
    act: () => {
      exchange.allow(file, theirs);
      uploads.retry(isIt);
    },
  };
  // A short word: all five have to fit into a notification.
  const skip = { title: t('Skip'), act: () => uploads.drop(isIt) };
  if (theirs === undefined) return [overwrite, skip];
  const compare = {
    title: t('Compare'),
    act: async () => {
      await commands.executeCommand('ferry.compareWithRemote', uri);
    },
  };
  const take = {
    title: t("Take the Server's"),
    act: async () => {
      if (await exchange.fetch(file, () => mayReplace(uri))) uploads.drop(isIt);
    },
  };
  const agreed = exchanges.bases.get(file.location.key)?.hash;
  const base = agreed === undefined ? undefined : await history.content(agreed);
  if (base === undefined || theirs.size > hashLimit || isBinary(base)) return [compare, overwrite, take, skip];
  const merge = {
    title: t('Merge'),
    act: async () => {
      const read = await exchange.look(file);
      await merges.open({ uri, location: file.location, base, theirs: read, bases: exchanges.bases });
    },
  };
  return [merge, compare, overwrite, take, skip];
}

/** What is on this computer only would be gone. */
export async function mayReplace(uri: Uri): Promise<boolean> {
  const replace = t('Replace');
  const name = safeText(basename(uri.path), 100);
  const detail = t('What you changed in it since the last exchange is on no server.');
  return (await window.showWarningMessage(t('Replace {0} on this computer?', name), { modal: true, detail }, replace)) === replace;
}

import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import { formatTime } from './features.ts';
import type { FtpSession } from './ftpSession.ts';
import { look, sizeOf } from './lookup.ts';
import { isFailure, type Reply } from './reply.ts';

/** What a new file is given; undefined: what the server gives it. */
export interface NewFile {
  readonly mode: number | undefined;
  readonly mtime: number | undefined;
}

/** What was asked about an upload. */
export interface Confirmation {
  readonly size: Promise<Reply> | undefined;
  /** Best effort. */
  readonly changes: readonly Promise<Reply>[];
}

/** Asks how much the server has of a file, and gives it its attributes, in one flight. */
export function askForConfirmation(session: FtpSession, path: string, { mode, mtime }: NewFile): Confirmation {
  const { features, habits, times } = session;
  const size = habits.size ? session.request('SIZE', path) : undefined;
  const changes: Promise<Reply>[] = [];
  if (mode !== undefined && features.siteChmod) changes.push(session.request(`SITE CHMOD ${octal(mode)}`, path));
  if (mtime !== undefined && features.setTime) changes.push(session.request(`${features.setTime} ${formatTime(times.told(mtime))}`, path));
  for (const promise of [size, ...changes]) promise?.catch(() => {});
  return { size, changes };
}

/** 226 alone proves little: a connection that was cut in between is a complete upload to the server. */
export async function assertWhole(
  session: FtpSession,
  path: string,
  sent: number,
  confirmation: Confirmation,
  signal: AbortSignal,
): Promise<void> {
  let size = sizeOf(await confirmation.size);
  for (const refused of await Promise.all(confirmation.changes))
    if (isFailure(refused)) session.log.debug(`An attribute of a new file was refused: ${refused.code}`);
  if (size === undefined) {
    const entry = await look(session, path, signal);
    size = entry?.kind === 'file' && entry.exactSize ? entry.size : undefined;
  }
  if (size === undefined) session.log.warn('The server tells no sizes: an upload could not be verified.');
  else if (size !== sent)
    throw new RemoteError('Lost', t('The server has {0} of {1} bytes, although it confirmed the upload.', size, sent), { path });
}

export function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(3, '0');
}

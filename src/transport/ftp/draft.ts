import { isRemoteError, RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import type { Attributes, Draft, Filled, FillOptions } from '../../core/remote.ts';
import { writeNew } from './content.ts';
import type { FirstFlight, FtpSession } from './ftpSession.ts';
import { exists, lstat } from './lookup.ts';

/** Whether one flight tells that nothing is at a path. */
function tellsAtOnce({ features, habits }: FtpSession): boolean {
  return features.mlst || habits.size || habits.mdtm;
}

/** FTP makes no file without its content: until `fill`, it is only seen that nothing is there. */
export async function draft(session: FtpSession, path: string, signal: AbortSignal): Promise<FirstFlight<Draft>> {
  const judge = (isTaken: boolean): Draft => {
    if (isTaken) throw new RemoteError('Exists', t('There is already something of that name on the server.'), { path });
    return {
      fill: (content, options) => session.exclusive(path, options.signal, (aborting) => fill(session, path, content, options, aborting)),
      abandon() {},
    };
  };
  if (!tellsAtOnce(session)) return { rest: async (aborting) => judge(await exists(session, path, aborting)) };
  return { value: judge(await exists(session, path, signal)) };
}

/** STOR; then in one flight, with what confirms the upload, both looks. */
async function fill(
  session: FtpSession,
  path: string,
  content: Uint8Array,
  { mode, watched, onProgress }: FillOptions,
  signal: AbortSignal,
): Promise<Filled> {
  const lookAtBoth = () => {
    // What was just made is a file: all that there is to ask of one goes at once.
    session.seen.note(path, true);
    const looks = { own: lstat(session, path), watched: lstat(session, watched) };
    for (const each of Object.values(looks)) each.catch(() => {});
    return looks;
  };
  const looks = await writeNew(session, path, content, { mode, mtime: undefined, onProgress, alongside: lookAtBoth }, signal);
  return { own: await ended(looks.own, signal), watched: await endedIfThere(looks.watched, signal) };
}

async function ended(first: Promise<FirstFlight<Attributes>>, signal: AbortSignal): Promise<Attributes> {
  const outcome = await first;
  return 'rest' in outcome ? outcome.rest(signal) : outcome.value;
}

async function endedIfThere(first: Promise<FirstFlight<Attributes>>, signal: AbortSignal): Promise<Attributes | undefined> {
  try {
    return await ended(first, signal);
  } catch (error) {
    if (isRemoteError(error, 'NotFound')) return undefined;
    throw error;
  }
}

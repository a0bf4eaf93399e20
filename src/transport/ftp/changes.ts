import { RemoteError } from '../../core/errors.ts';
import type { HostProfile } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import type { ChangeCall } from '../../core/remote.ts';
import { octal } from './confirmation.ts';
import { said } from './controlConnection.ts';
import { formatTime, parseTime } from './features.ts';
import { byReply, unlessLost } from './ftpErrors.ts';
import type { FirstFlight, FtpSession } from './ftpSession.ts';
import { isTaken, look, refusal } from './lookup.ts';
import { isCompletion, isFailure, type Reply } from './reply.ts';

/*
 * What one flight of commands without data does. It is sent at once, so that what is asked for at the same moment goes together; what a refusal
 * means is found out afterwards.
 */

export async function mkdir(session: FtpSession, path: string, mode: number | undefined): Promise<FirstFlight<void>> {
  // No mode in the same flight: where MKD is refused because the folder is there, nothing of the existing one may change.
  const reply = await session.request('MKD', path);
  if (isFailure(reply)) return refused(session, reply, path, 'mkdir');
  if (mode === undefined || !session.features.siteChmod) return done;
  return {
    async rest() {
      await session.request(`SITE CHMOD ${octal(mode)}`, path);
    },
  };
}

export async function unlink(session: FtpSession, path: string): Promise<FirstFlight<void>> {
  const reply = await session.request('DELE', path);
  return isFailure(reply) ? refused(session, reply, path, 'unlink') : done;
}

export async function rmdir(session: FtpSession, path: string): Promise<FirstFlight<void>> {
  session.leave(path);
  const reply = await session.request('RMD', path);
  return isFailure(reply) ? refused(session, reply, path, 'rmdir') : done;
}

const done: FirstFlight<void> = { value: undefined };

function refused(session: FtpSession, reply: Reply, path: string, action: Parameters<typeof refusal>[3]): FirstFlight<void> {
  return {
    rest: async (signal) => {
      throw await refusal(session, reply, path, action, signal);
    },
  };
}

export interface Renaming {
  readonly replace: boolean;
  readonly learn: (facts: HostProfile) => void;
}

/** RNFR and RNTO (RFC 959 §4.1.3), in one flight where nothing has to be looked at between them. */
export function rename(session: FtpSession, from: string, to: string, renaming: Renaming): FirstFlight<void> | Promise<FirstFlight<void>> {
  if (from === to) return { value: undefined };
  // A name that can't be sent is found out before the server waits for it.
  const into = session.line('RNTO', to);
  if (renaming.replace && session.habits.renamesAtOnce) return sendRename(session, from, to, into, renaming);
  return {
    rest: async (signal) => {
      if (!renaming.replace && (await isOther(session, from, to, signal))) throw exists(to);
      const outcome = await sendRename(session, from, to, into, renaming);
      if ('rest' in outcome) await outcome.rest(signal);
    },
  };
}

async function sendRename(
  session: FtpSession,
  from: string,
  to: string,
  into: string,
  { replace, learn }: Renaming,
): Promise<FirstFlight<void>> {
  session.leave(from);
  session.seen.noteMoved(from, to);
  const beginning = session.request('RNFR', from);
  const ending = session.habits.renamesAtOnce ? session.control.request(into) : undefined;
  ending?.catch(() => {});
  const begun = await beginning;
  if (begun.code !== 350) {
    await ending;
    return refused(session, begun, from, 'renameFrom');
  }
  const reply = await (ending ?? session.control.request(into));
  if (isCompletion(reply)) return done;
  session.habits.renamesAtOnce = false;
  return {
    rest: async (signal) => {
      const target = await look(session, to, signal).catch(unlessLost);
      if (target && replace && target.kind === 'file') learn({ renameRefusesExisting: true });
      throw target ? exists(to) : await refusal(session, reply, to, 'renameTo', signal);
    },
  };
}

/** Whether there is something at `to` that is not `from` itself, spelled otherwise on a server that does not tell the case. */
async function isOther(session: FtpSession, from: string, to: string, signal: AbortSignal): Promise<boolean> {
  if (session.features.windows && from.toLowerCase() === to.toLowerCase()) return false;
  return isTaken(session, to, signal);
}

function exists(path: string): RemoteError {
  return new RemoteError('Exists', t('There is already something of that name on the server.'), { path });
}

export async function chmod(session: FtpSession, path: string, mode: number, call: ChangeCall = {}): Promise<FirstFlight<void>> {
  const reply = await session.request(`SITE CHMOD ${octal(mode)}`, path);
  return isFailure(reply) ? unchanged(session, reply, path, call) : done;
}

function unchanged(session: FtpSession, reply: Reply, path: string, { unexplained = false }: ChangeCall): FirstFlight<void> {
  if (unexplained) throw byReply(reply, path) ?? new RemoteError('Denied', t('The server refused: {0}', said(reply)), { path });
  return refused(session, reply, path, 'change');
}

/** MFMT, or MDTM with two arguments; read back in the same flight, because servers that lack it answer MDTM as if all were its path. */
export async function setMtime(session: FtpSession, path: string, mtime: number, call: ChangeCall = {}): Promise<FirstFlight<void>> {
  const told = session.times.told(mtime);
  const verb = `${session.features.setTime ?? 'MFMT'} ${formatTime(told)}`;
  const [reply, after] = await Promise.all([session.request(verb, path), session.request('MDTM', path)]);
  if (isFailure(reply)) return unchanged(session, reply, path, call);
  if (after.code === 213 && !isAbout(after, told)) {
    throw new RemoteError('Unsupported', t('The server did not set the time of the file.'), { path });
  }
  return done;
}

function isAbout(reply: Reply, told: number): boolean {
  const time = parseTime(reply.lines.join(' '));
  return time === undefined || Math.abs(time - told) < 2000;
}

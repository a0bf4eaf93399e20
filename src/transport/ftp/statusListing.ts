import { randomInt } from 'node:crypto';
import { said, type ControlConnection } from './controlConnection.ts';
import type { FtpSession } from './ftpSession.ts';
import { parseListing, type ListedEntry } from './listing.ts';
import { isCompletion, isFailure, type Reply } from './reply.ts';
import type { Outcome } from './transfer.ts';

/**
 * Entries of a folder up to which it is asked for over the control connection: another data connection takes three round trips more, but
 * what is longer would hold up all else.
 */
const mostEntries = 10_000;
/** Of a line: a name and where a link leads, each as long as file systems let it be, and the rest. */
const lineBytes = 255 + 4096 + 100;
/** Of a brief list: some 200,000 entries, more than are listed at all. One that is longer ends the connection, as any endless reply does. */
const briefBytes = 16 * 1024 * 1024;
/** In a row, until it is asked for no more. */
const maxMisses = 3;

/** STAT of the folder that was entered; undefined where the server is not known for lists in answer to it, or `known` is a long one. */
export function askFolderStatus(
  session: FtpSession,
  known: readonly ListedEntry[],
  bytes = mostEntries * lineBytes,
): Promise<Reply> | undefined {
  return listsByStatus(session) && known.length <= mostEntries ? askFenced(session.control, bytes) : undefined;
}

/**
 * A name with line breaks in it can end the list, hide what comes after it, and bring replies of its own for the commands that follow. It can't
 * know the number, which both servers repeat in their reply to REST; the second REST takes it back before there is a transfer (RFC 3659 §5.3).
 */
async function askFenced(control: ControlConnection, bytes: number): Promise<Reply> {
  const number = String(randomInt(100_000_000, 1_000_000_000));
  const asked = [control.requestList('STAT -a .', bytes), control.request(`REST ${number}`), control.request('REST 0')] as const;
  const [reply, mark, back] = await Promise.all(asked);
  const isWhole = mark.code === 350 && mark.lines.join(' ').includes(number) && back.code === 350;
  if (!isWhole) control.loseTrack(said(mark));
  if (control.reason) throw control.reason;
  return reply;
}

/** Whether the server is known for that, and did not fail at it. */
export function listsByStatus({ features, habits }: FtpSession): boolean {
  return features.showsFilesByStatus && habits.listMisses < maxMisses;
}

/** For who needs names and kinds only: the folder by STAT alone, entered in the same flight. Undefined where the server does not tell so. */
export async function listBriefly(
  session: FtpSession,
  path: string,
  signal: AbortSignal,
): Promise<Outcome<readonly ListedEntry[]> | undefined> {
  if (!listsByStatus(session)) return undefined;
  const entering = session.enter(path);
  const listing = askFolderStatus(session, [], briefBytes);
  listing?.catch(() => {});
  const entered = await entering;
  if (isFailure(entered)) {
    await listing;
    return { refused: entered };
  }
  const value = listing && (await listedByStatus(session, [], await listing, signal));
  return value && { value };
}

/**
 * The folder that was entered as STAT lists it (RFC 959 §4.1.3), links as links: one round trip, where LIST needs a data connection.
 * Undefined where the answer lacks some of `known`, which another command told of.
 */
export async function listedByStatus(
  { charset, habits, log, times }: FtpSession,
  known: readonly ListedEntry[],
  reply: Reply,
  signal: AbortSignal,
): Promise<readonly ListedEntry[] | undefined> {
  const text = reply.lines.slice(1, -1).map((line) => `${line.replace(/^ /, '')}\r\n`);
  const decode = (name: Uint8Array): string => charset.decode(name);
  const { entries } = await parseListing(Buffer.from(text.join(''), 'latin1'), { format: 'list', decode, times, signal });
  const names = new Set(entries.map(({ name }) => name));
  // The folder itself is always in it; what the server says of itself is no list.
  const isList = isCompletion(reply) && text.some((line) => line.endsWith(' .\r\n'));
  const isWhole = isList && known.every(({ name }) => names.has(name));
  habits.listMisses = isWhole ? 0 : habits.listMisses + 1;
  if (!isWhole) log.debug('STAT did not list the folder; LIST is asked for.');
  return isWhole ? entries : undefined;
}

import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import { basename, parent, resolveTarget } from '../../core/path.ts';
import type { Attributes } from '../../core/remote.ts';
import { byReply, explain, notFound, saysDenied, type Looks } from './ftpErrors.ts';
import { parseTime } from './features.ts';
import { listFolder, listForLinks } from './folder.ts';
import { nothingTold } from './listedEntry.ts';
import { parseMlst, type ListedAttributes, type ListedEntry } from './listing.ts';
import { askStatus, canAsk, fileInStatus } from './fileStatus.ts';
import type { FirstFlight, FtpSession } from './ftpSession.ts';
import { isCompletion, isNotImplemented, type Reply } from './reply.ts';
import { listBriefly, listsByStatus } from './statusListing.ts';
import type { Outcome } from './transfer.ts';

const maxLinks = 20;

/** Of what `path` leads to. Throws `NotFound` for nothing there. */
export async function stat(session: FtpSession, path: string): Promise<FirstFlight<Attributes>> {
  const quick = (await quickStat(session, path)) ?? (session.features.mlst ? undefined : await lookAtFile(session, path));
  if (quick && quick.kind !== 'symlink') return { value: quick };
  return { rest: (signal) => follow(session, path, quick, signal) };
}

async function follow(session: FtpSession, path: string, first: ListedAttributes | undefined, signal: AbortSignal): Promise<Attributes> {
  let at = path;
  for (let depth = 0; depth < maxLinks; depth++) {
    const quick = depth === 0 ? first : await quickStat(session, at);
    const entry = quick ?? (await lookWithTime(session, at, signal));
    if (entry?.kind !== 'symlink') return entry ?? throwNotFound(session, path);
    const target = entry.target ?? (await targetOf(session, at, signal));
    const next = target === undefined ? undefined : resolved(at, target);
    // The link's text may be meant for another root than ours: then the server has to follow it for us.
    if (next === undefined || !(await exists(session, next, signal))) return (await probe(session, at)) ?? throwNotFound(session, path);
    at = next;
  }
  return throwNotFound(session, path);
}

/** What the link holds, or undefined where that is no path. */
function resolved(link: string, target: string): string | undefined {
  try {
    return resolveTarget(link, target);
  } catch {
    return undefined;
  }
}

/**
 * By MLST, in one flight. Undefined where that does not settle it: some servers (ProFTPD) tell the kind of a link's target with the size
 * of the link, which SIZE gives away. Throws `NotFound`.
 */
async function quickStat(session: FtpSession, path: string): Promise<ListedAttributes | undefined> {
  if (!session.features.mlst || path === '/') return undefined;
  const [entry, size] = await Promise.all([mlst(session, path), session.features.tellsLinks ? undefined : session.request('SIZE', path)]);
  if (!entry) return throwNotFound(session, path);
  if (session.features.tellsLinks || entry.kind === 'symlink') return entry;
  const isLink = entry.mode === 0o777 || (entry.kind === 'file' && (sizeOf(size) ?? entry.size) !== entry.size);
  return isLink ? undefined : entry;
}

/** Of the entry itself. */
export async function lstat(session: FtpSession, path: string): Promise<FirstFlight<Attributes>> {
  if (session.features.mlst && session.features.tellsLinks && path !== '/')
    return { value: (await mlst(session, path)) ?? throwNotFound(session, path) };
  const quick = await lookAtFile(session, path);
  if (quick) return { value: quick };
  return { rest: async (signal) => (await lookWithTime(session, path, signal)) ?? throwNotFound(session, path) };
}

/**
 * Of a file or of a link to one, without a listing of the folder: what SIZE knows is no folder, so STAT tells the rest, in the same flight
 * where a file was seen there before. Undefined for all else.
 */
async function lookAtFile(session: FtpSession, path: string): Promise<ListedAttributes | undefined> {
  const { features, habits, seen } = session;
  const wasFile = seen.isFile(path);
  if (wasFile === false || !habits.size || !canAsk(session, path)) return undefined;
  const [told, { size, mtime }, early] = await Promise.all([
    features.mlst ? mlst(session, path) : undefined,
    measure(session, path, !features.mlst),
    wasFile ? askStatus(session, path) : undefined,
  ]);
  const isFile = size !== undefined && (!features.mlst || told?.kind === 'file');
  seen.note(path, isFile);
  if (!isFile) return undefined;
  const reply = early ?? (await askStatus(session, path));
  const listed = reply && fileInStatus(session, path, reply);
  if (listed?.kind === 'symlink' || !listed) return listed;
  return told ?? { ...listed, size, exactSize: true, mtime: listed.mtime ?? mtime };
}

export async function readLink(session: FtpSession, path: string, signal: AbortSignal): Promise<string> {
  const entry = await lookWithTime(session, path, signal);
  if (!entry) return throwNotFound(session, path);
  const target = entry.kind === 'symlink' ? (entry.target ?? (await targetOf(session, path, signal))) : undefined;
  if (target === undefined) throw new RemoteError('Unsupported', t('The server does not tell where that leads.'), { path });
  return target;
}

/** For `explain`. */
function looksOf(session: FtpSession, signal: AbortSignal): Looks {
  return {
    look: (path) => look(session, path, signal),
    follow: (path) => probe(session, path),
    holdsAnything: async (path) => {
      const outcome = await listFolder(session, path, signal);
      return 'value' in outcome && outcome.value.length > 0;
    },
  };
}

/** A refusal of `path` in words. */
export async function refusal(
  session: FtpSession,
  reply: Reply,
  path: string,
  action: Parameters<typeof explain>[2],
  signal: AbortSignal,
): Promise<RemoteError> {
  return explain(reply, path, action, looksOf(session, signal));
}

/** The entry itself, or undefined where nothing is there. `measured`: what was asked of it already. */
export async function look(
  session: FtpSession,
  path: string,
  signal: AbortSignal,
  measured?: Promise<Measured>,
): Promise<ListedAttributes | undefined> {
  const { control, features } = session;
  if (path === '/') return isCompletion(await session.enter('/')) ? { ...nothingTold, kind: 'directory' } : undefined;
  if (!features.mlst) {
    // Mostly for nothing, but in a flight that is due anyway.
    const early = control.sequential ? undefined : probe(session, path, measured);
    early?.catch(() => {});
    return entryOf(session, path, await listFolder(session, parent(path), signal)) ?? early ?? probe(session, path);
  }
  const told = await mlst(session, path);
  if (features.tellsLinks) return told;
  const listed = entryOf(session, path, await listForLinks(session, parent(path), signal));
  return listed && (!told || listed.kind === 'symlink') ? listed : told;
}

/** Whether anything is at `path`, also a link that leads nowhere, which nothing but a listing shows. */
export async function isTaken(session: FtpSession, path: string, signal: AbortSignal): Promise<boolean> {
  return (await lookAtOnce(session, path, signal)) ?? (await look(session, path, signal)) !== undefined;
}

/** One flight, without a data connection; undefined where the server does not list folders that way. */
async function lookAtOnce(session: FtpSession, path: string, signal: AbortSignal): Promise<boolean | undefined> {
  const { control, features } = session;
  if (path === '/' || control.sequential || features.tellsLinks || !listsByStatus(session)) return undefined;
  // What is in a folder that can't be read is found all the same.
  const found = features.mlst ? mlst(session, path) : probe(session, path);
  found.catch(() => {});
  const listing = await listBriefly(session, parent(path), signal);
  if (await found) return true;
  return listing && entryOf(session, path, listing) !== undefined;
}

/** As `look`, with exact size and time of a file also where only LIST is there. */
async function lookWithTime(session: FtpSession, path: string, signal: AbortSignal): Promise<ListedAttributes | undefined> {
  const entry = await lookAndMeasure(session, path, signal);
  if (entry?.kind !== 'file') session.seen.note(path, false);
  // Only SIZE tells for sure.
  else if (session.seen.isFile(path) === false) session.seen.forget(path);
  return entry;
}

async function lookAndMeasure(session: FtpSession, path: string, signal: AbortSignal): Promise<ListedAttributes | undefined> {
  if (session.features.mlst || path === '/') return look(session, path, signal);
  const measured = measure(session, path);
  measured.catch(() => {});
  const entry = await look(session, path, signal, measured);
  const { size, mtime } = await measured;
  if (entry?.kind !== 'file') return entry;
  return { ...entry, size: size ?? entry.size, exactSize: size !== undefined || entry.exactSize, mtime: entry.mtime ?? mtime };
}

function entryOf(session: FtpSession, path: string, listing: Outcome<readonly ListedEntry[]>): ListedEntry | undefined {
  const name = basename(path);
  if ('refused' in listing) {
    // That no listing came is no proof that nothing is there.
    const failure = byReply(listing.refused, path);
    if (failure) throw failure;
    return undefined;
  }
  const entries = listing.value;
  const exact = entries.find((entry) => entry.name === name);
  if (exact || !session.features.windows) return exact;
  return entries.find((entry) => entry.name.toLowerCase() === name.toLowerCase());
}

/** MLST (RFC 3659 §7.2). */
async function mlst(session: FtpSession, path: string): Promise<ListedAttributes | undefined> {
  const reply = await session.request('MLST', path);
  if (!isCompletion(reply)) {
    if (saysDenied(reply)) throw new RemoteError('Denied', t('The server does not let this login look there.'), { path });
    if (isNotImplemented(reply)) throw byReply(reply, path) ?? throwNotFound(session, path);
    return undefined;
  }
  for (const line of reply.lines.slice(1)) {
    const entry = parseMlst(Buffer.from(line, 'latin1'), (name) => session.charset.decode(name), session.times);
    if (entry) return entry;
  }
  return undefined;
}

async function targetOf(session: FtpSession, path: string, signal: AbortSignal): Promise<string | undefined> {
  return entryOf(session, path, await listForLinks(session, parent(path), signal))?.target;
}

/** What commands that follow links tell, in one flight: a folder can be entered, a file has a size or a time. */
async function probe(
  session: FtpSession,
  path: string,
  measured: Promise<Measured> = measure(session, path),
): Promise<ListedAttributes | undefined> {
  const [{ size, mtime }, entered] = await Promise.all([measured, session.enter(path)]);
  if (isCompletion(entered)) return { ...nothingTold, kind: 'directory' };
  if (size === undefined && mtime === undefined) return undefined;
  return { ...nothingTold, kind: 'file', size: size ?? 0, exactSize: size !== undefined, mtime };
}

/** Whether anything is there, links followed where the server can. */
export async function exists(session: FtpSession, path: string, signal: AbortSignal): Promise<boolean> {
  if (session.features.mlst) return (await mlst(session, path)) !== undefined;
  if (await probe(session, path)) return true;
  const { size, mdtm } = session.habits;
  return !size && !mdtm && (await look(session, path, signal)) !== undefined;
}

interface Measured {
  readonly size: number | undefined;
  readonly mtime: number | undefined;
}

/** SIZE and MDTM (RFC 3659 §4 and §3) in one flight. */
async function measure(session: FtpSession, path: string, timed = true): Promise<Measured> {
  const { habits } = session;
  const [size, time] = await Promise.all([
    habits.size ? session.request('SIZE', path) : undefined,
    habits.mdtm && timed ? session.request('MDTM', path) : undefined,
  ]);
  if (size && isNotImplemented(size)) habits.size = false;
  if (time && isNotImplemented(time)) habits.mdtm = false;
  const told = time?.code === 213 ? parseTime(time.lines.join(' ')) : undefined;
  return { size: sizeOf(size), mtime: told === undefined ? undefined : session.times.instant(told) };
}

/** The number of a 213 reply to SIZE. */
export function sizeOf(reply: Reply | undefined): number | undefined {
  const match = reply?.code === 213 ? /^\s*(\d{1,16})\s*$/.exec(reply.lines.join('')) : null;
  const size = Number(match?.[1]);
  return Number.isSafeInteger(size) ? size : undefined;
}

function throwNotFound(session: FtpSession, path: string): never {
  const { code, message } = notFound();
  throw new RemoteError(code, message, { path, host: session.host.name });
}

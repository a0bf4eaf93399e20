import { setImmediate as nextTurn } from 'node:timers/promises';
import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import { isSafeName } from '../../core/path.ts';
import type { Entry } from '../../core/remote.ts';
import { safeText } from '../../core/text.ts';
import { toAttributes } from './fileAttributes.ts';
import { ProtocolError } from './packets.ts';
import type { NamePage } from './replies.ts';
import type { Scope } from './scope.ts';
import { askAhead, type Handle } from './handles.ts';
import type { Session } from './session.ts';

const maxEntries = 200_000;
const maxBytes = 64 * 1024 * 1024;
/** Bytes; file systems have 255 to 1,020, and no path is longer than this. */
const longestName = 4096;
/** READDIRs in flight: few at first, since most folders are small, more with each page that comes, as long as pages are small. */
const firstInFlight = 8;
const maxInFlight = 256;
const growth = 3;
/** Bytes of pages in flight. */
const window = 4 * 1024 * 1024;
/** Entries that are made of a page before others get their turn. */
const slice = 2000;

/** All entries of a folder but `.`, `..` and those whose names can't be names. */
export async function listFolder(session: Session, scope: Scope, path: string): Promise<Entry[]> {
  const entries = new Map<string, Entry>();
  let bytes = 0;
  let seen = 0;
  for await (const page of pages(session, scope, path)) {
    bytes += page.size;
    seen += page.count;
    if (seen > maxEntries || bytes > maxBytes) throw tooLarge();
    await addEntries(session, page, entries);
  }
  return [...entries.values()];
}

/** The pages in order. READDIRs that were asked for beyond the end are forgotten with the scope. */
async function* pages(session: Session, scope: Scope, path: string): AsyncGenerator<NamePage> {
  const askOf = (handle: Handle) => () => {
    const page = session.readFolder(scope, handle);
    // The failure of one ends the listing; the others' are the same.
    page.catch(() => undefined);
    return page;
  };
  const { ask, flying } = await askAhead(session.openFolder(scope, path), (handle) => {
    const ask = askOf(handle);
    return { ask, flying: Array.from({ length: firstInFlight }, ask) };
  });
  let largest = 0;
  for (let next = flying.shift(); next; next = flying.shift()) {
    const page = await next;
    // OpenSSH, too, takes an empty page for the end: a server that sends them for ever must not hold us.
    if (page === undefined || page.count === 0) return;
    largest = Math.max(largest, page.size);
    const limit = Math.max(firstInFlight, Math.min(maxInFlight, Math.floor(window / largest)));
    for (let i = 0; i < growth && flying.length < limit; i++) flying.push(ask());
    yield page;
  }
}

async function addEntries(session: Session, page: NamePage, entries: Map<string, Entry>): Promise<void> {
  let leftOut = 0;
  for (let i = 0; i < page.count; i++) {
    if (i % slice === slice - 1) await nextTurn();
    const { name: bytes, longname, attributes } = nextEntry(session, page);
    const name = bytes.length > longestName ? '' : session.decode(bytes);
    if (name === '.' || name === '..') continue;
    if (!isSafeName(name)) {
      if (leftOut++ === 0) session.log.warn(t('A name that can’t be used was left out of a listing: {0}', shown(bytes)));
    } else if (!entries.has(name)) {
      // A folder that changes while it is read may give one twice.
      entries.set(name, { name, ...toAttributes(attributes, longname.toString('latin1', 0, 64)) });
    }
  }
  if (leftOut > 1) session.log.warn(t('{0} more of this kind were left out.', leftOut - 1));
}

function shown(name: Buffer): string {
  return JSON.stringify(safeText(name.toString('utf8', 0, 400), 100));
}

/** Ends the connection where the page ends too early. */
export function nextEntry(session: Session, page: NamePage): ReturnType<NamePage['next']> {
  try {
    return page.next();
  } catch (error) {
    throw error instanceof ProtocolError ? session.broken(error) : error;
  }
}

function tooLarge(): RemoteError {
  return new RemoteError('Unsupported', t('The folder has more than {0} entries, or never ends.', maxEntries), {
    hint: t('Open one of its subfolders by its path.'),
  });
}

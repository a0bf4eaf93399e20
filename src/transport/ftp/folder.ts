import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import type { FtpSession } from './ftpSession.ts';
import { parseListing, type ListedEntry } from './listing.ts';
import { isNotImplemented, isFailure, type Reply } from './reply.ts';
import { askFolderStatus, listedByStatus } from './statusListing.ts';
import { transfer, type Outcome } from './transfer.ts';

type Entries = readonly ListedEntry[];

/** All entries of a folder, or the server's refusal to enter or list it. */
export async function listFolder(session: FtpSession, path: string, signal: AbortSignal): Promise<Outcome<Entries>> {
  return inFolder(session, path, signal, async (listing) => {
    const { features, habits } = session;
    if (!features.mlst || !habits.mlsd) return listByList(listing);
    let shown: Promise<Reply> | undefined;
    const behind = ({ entries }: RawListing): void => {
      if (!features.tellsLinks) shown = askFolderStatus(session, entries);
      shown?.catch(() => {});
    };
    const outcome = await wholeListing({ ...listing, behind }, 'MLSD');
    if ('refused' in outcome) {
      if (!isNotImplemented(outcome.refused)) return outcome;
      habits.mlsd = false;
      return listByList(listing);
    }
    const { entries } = outcome.value;
    if (features.tellsLinks) return { value: entries };
    const reply = await (shown ?? askFolderStatus(session, entries));
    const links = reply && (await listedByStatus(session, entries, reply, signal));
    if (links) return { value: withLinks(entries, links) };
    const listed = await listByList(listing);
    return { value: 'refused' in listed ? entries : withLinks(entries, listed.value) };
  });
}

/** The folder by LIST, which tells links and where they lead. */
export async function listForLinks(session: FtpSession, path: string, signal: AbortSignal): Promise<Outcome<Entries>> {
  return inFolder(session, path, signal, listByList);
}

/** A folder that is being entered, to be listed. */
interface Listing {
  readonly session: FtpSession;
  /** The answer to CWD. */
  readonly entered: Promise<Reply>;
  readonly signal: AbortSignal;
  /** Asks what depends on the entries, in the flight of what ends their transfer, where the server takes that; the last call's answer counts. */
  readonly behind?: (listing: RawListing) => void;
}

/** The folder was not entered: what was listed is another one. */
class NotEntered extends Error {
  readonly reply: Reply;

  constructor(reply: Reply) {
    super('The folder was not entered.');
    this.reply = reply;
  }
}

/**
 * CWD and, in the same flight, the agreement on a data connection, or the command that lists where one waits or comes first. First CWD, then a bare
 * command: a missing folder is an empty list on many servers, and no name with blanks, `*` or a leading `-` is taken for a pattern or an option.
 */
async function inFolder(
  session: FtpSession,
  path: string,
  signal: AbortSignal,
  list: (listing: Listing) => Promise<Outcome<Entries>>,
): Promise<Outcome<Entries>> {
  const { control, data } = session;
  const entered = session.enter(path);
  entered.catch(() => {});
  data.agree();
  try {
    const reply = await (control.sequential ? entered : Promise.race([data.ready, entered]));
    if (reply) assertEntered(reply);
    return await list({ session, entered, signal });
  } catch (error) {
    if (!(error instanceof NotEntered)) throw error;
    return { refused: error.reply };
  }
}

function assertEntered(reply: Reply): void {
  if (isFailure(reply)) throw new NotEntered(reply);
}

/** LIST of the folder; `-a` where it works, for names that begin with a dot. */
async function listByList(listing: Listing): Promise<Outcome<Entries>> {
  const { habits, host } = listing.session;
  const first = await wholeListing(listing, habits.list);
  const settles = 'refused' in first ? [425, 426, 522].includes(first.refused.code) : first.value.bytes > 0;
  if (settles || habits.list === 'LIST' || host.ftp.listing !== undefined) return entriesOf(first);
  const bare = await wholeListing(listing, 'LIST');
  if ('refused' in bare) return 'refused' in first ? bare : entriesOf(first);
  if ('refused' in first || bare.value.entries.length > 0) habits.list = 'LIST';
  return entriesOf(bare);
}

function entriesOf(outcome: Outcome<RawListing>): Outcome<Entries> {
  return 'refused' in outcome ? outcome : { value: outcome.value.entries };
}

interface RawListing {
  readonly entries: Entries;
  readonly bytes: number;
  /** Its last line has an end. */
  readonly isEnded: boolean;
  /** The server itself ended it, as far as TLS tells. */
  readonly isOrderly: boolean;
}

/**
 * A listing has no size, and a connection that was cut on the way looks like its end on both sides. So what breaks off in the middle of a
 * line, or is empty where servers mostly name the folder itself, is asked for again; twice the same is what the server means.
 */
async function wholeListing(listing: Listing, line: string): Promise<Outcome<RawListing>> {
  const { habits } = listing.session;
  const first = await rawListing(listing, line);
  if ('refused' in first || habits.endsAbruptly) return first;
  const { bytes, isEnded, isOrderly } = first.value;
  if (isOrderly && (bytes === 0 ? line !== 'MLSD' : isEnded)) return first;
  const again = await rawListing(listing, line);
  if ('refused' in again || (again.value.isEnded && again.value.isOrderly)) return again;
  if (again.value.bytes !== bytes) throw new RemoteError('Lost', t('The list of the folder broke off on its way.'));
  if (bytes > 0 || !again.value.isOrderly) habits.endsAbruptly = true;
  return again;
}

async function rawListing({ session, entered, signal, behind }: Listing, line: string): Promise<Outcome<RawListing>> {
  const format = line === 'MLSD' ? 'mlsd' : 'list';
  const outcome = await transfer<RawListing>(session, {
    line,
    signal,
    unsized: true,
    isShort: () => true,
    ...(behind && { behind }),
    async use(data) {
      if (isFailure(await entered)) {
        await data.drop();
        return nothing;
      }
      let bytes = 0;
      let isEnded = false;
      const counted = async function* (): AsyncGenerator<Uint8Array, void> {
        for await (const chunk of data.chunks()) {
          bytes += chunk.byteLength;
          isEnded = chunk.at(-1) === 10;
          yield chunk;
        }
      };
      const { charset, times } = session;
      const { entries, skipped } = await parseListing(counted(), { format, decode: (name) => charset.decode(name), times, signal });
      for (const skippedLine of skipped) session.log.debug(`Left out of the listing: ${skippedLine}`);
      return { entries, bytes, isEnded, isOrderly: data.endsOrderly() };
    },
  });
  assertEntered(await entered);
  return outcome;
}

const nothing: RawListing = { entries: [], bytes: 0, isEnded: true, isOrderly: true };

/**
 * `entries` of a server whose MLSD follows links (or hides them), with the links that LIST shows: to take a link to a folder for the
 * folder would let a deletion reach what it leads to.
 */
function withLinks(entries: Entries, listed: Entries): Entries {
  const links = new Map(listed.filter((entry) => entry.kind === 'symlink').map((entry) => [entry.name, entry]));
  if (links.size === 0) return entries;
  const rest = entries.filter((entry) => !links.has(entry.name));
  return [...rest, ...links.values()];
}

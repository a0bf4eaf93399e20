import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import type { FtpSession } from './ftpSession.ts';
import { parseListing, type ListedEntry } from './listing.ts';
import { isNotImplemented, isFailure, type Reply } from './reply.ts';
import { listByStatus } from './statusListing.ts';
import { transfer, type Outcome } from './transfer.ts';

type Entries = readonly ListedEntry[];

/** All entries of a folder, or the server's refusal to enter or list it. */
export async function listFolder(session: FtpSession, path: string, signal: AbortSignal): Promise<Outcome<Entries>> {
  const refused = await enterAndAgree(session, path);
  if (refused) return refused;
  if (!session.features.mlst || !session.habits.mlsd) return listByList(session, signal);
  const outcome = await wholeListing(session, 'MLSD', signal);
  if ('refused' in outcome) {
    if (!isNotImplemented(outcome.refused)) return outcome;
    session.habits.mlsd = false;
    return listByList(session, signal);
  }
  const { entries } = outcome.value;
  if (session.features.tellsLinks) return { value: entries };
  const shown = await listByStatus(session, entries, signal);
  if (shown) return { value: withLinks(entries, shown) };
  const listed = await listByList(session, signal);
  return { value: 'refused' in listed ? entries : withLinks(entries, listed.value) };
}

/** The folder by LIST, which tells links and where they lead. */
export async function listForLinks(session: FtpSession, path: string, signal: AbortSignal): Promise<Outcome<Entries>> {
  return (await enterAndAgree(session, path)) ?? listByList(session, signal);
}

/**
 * CWD and, in the same flight, the agreement on a data connection. First CWD, then a bare command: a missing folder is an empty list on
 * many servers, and no name with blanks, `*` or a leading `-` is taken for a pattern or an option.
 */
async function enterAndAgree(session: FtpSession, path: string): Promise<{ readonly refused: Reply } | undefined> {
  const entered = session.enter(path);
  session.data.agree();
  const reply = await entered;
  return isFailure(reply) ? { refused: reply } : undefined;
}

/** LIST of the folder that was entered; `-a` where it works, for names that begin with a dot. */
async function listByList(session: FtpSession, signal: AbortSignal): Promise<Outcome<Entries>> {
  const { habits } = session;
  const first = await wholeListing(session, habits.list, signal);
  const settles = 'refused' in first ? [425, 426, 522].includes(first.refused.code) : first.value.bytes > 0;
  if (settles || habits.list === 'LIST') return entriesOf(first);
  const bare = await wholeListing(session, 'LIST', signal);
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
async function wholeListing(session: FtpSession, line: string, signal: AbortSignal): Promise<Outcome<RawListing>> {
  const first = await rawListing(session, line, signal);
  if ('refused' in first || session.habits.endsAbruptly) return first;
  const { bytes, isEnded, isOrderly } = first.value;
  if (isOrderly && (bytes === 0 ? line !== 'MLSD' : isEnded)) return first;
  const again = await rawListing(session, line, signal);
  if ('refused' in again || (again.value.isEnded && again.value.isOrderly)) return again;
  if (again.value.bytes !== bytes) throw new RemoteError('Lost', t('The list of the folder broke off on its way.'));
  if (bytes > 0 || !again.value.isOrderly) session.habits.endsAbruptly = true;
  return again;
}

function rawListing(session: FtpSession, line: string, signal: AbortSignal): Promise<Outcome<RawListing>> {
  const format = line === 'MLSD' ? 'mlsd' : 'list';
  return transfer(session, {
    line,
    signal,
    unsized: true,
    isShort: () => true,
    async use(data) {
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
}

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

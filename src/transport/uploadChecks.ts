import { RemoteError } from '../core/errors.ts';
import { t } from '../core/l10n.ts';
import type { Log } from '../core/log.ts';
import type { Call, Content, Draft, Remote, RemoteFacts } from '../core/remote.ts';
import { summed, type SumAlgorithm } from './contentSum.ts';

/** What a server can be asked about the content of its files. */
export interface ChecksumTeller {
  /** The best one that the server is not known to refuse; undefined: it tells none. */
  readonly algorithm: SumAlgorithm | undefined;
  /** Lower-case hex; undefined where the server does not tell it of this file. Throws RemoteErrors of lost or cancelled calls only. */
  tell(path: string, algorithm: SumAlgorithm, bytes: number, signal: AbortSignal | undefined): Promise<string | undefined>;
}

/** What one way of asking says: the checksum, or that it can't tell this file's; `unknown`: the server does not have it. */
export type Told = { readonly sum: string | undefined } | 'unknown';

type Send<T> = (content: Content) => Promise<T>;

/**
 * From now on `remote` compares the checksum of what it uploads, too, before it says that it is there: `Corrupt` where the server's is another.
 * Where the server tells none the size alone is compared, which `log` is told.
 */
export function checkUploads(remote: Remote, teller: ChecksumTeller, log: Log): void {
  const check = async <T>(path: string, content: Content, skipped: number, call: Call, send: Send<T>): Promise<T> => {
    const { algorithm = 'crc32' } = teller;
    const sent = summed(content, algorithm, skipped);
    const result = await send(sent.content);
    // A file without content has but one.
    if (sent.bytes() === 0) return result;
    const told = teller.algorithm && (await teller.tell(path, algorithm, sent.bytes(), call.signal));
    if (told === undefined) log.warn('The server tells no checksum of what was uploaded: only its size was compared.');
    else if (told !== (await sent.sum())) throw corrupt(path, algorithm);
    return result;
  };

  const [write, resume, draft] = [remote.write.bind(remote), remote.resume?.bind(remote), remote.draft?.bind(remote)];
  remote.write = (path, content, options) => check(path, content, 0, options, (passing) => write(path, passing, options));
  if (resume !== undefined)
    remote.resume = (path, offset, content, call = {}) =>
      check(path, content, offset, call, (passing) => resume(path, offset, passing, call));
  const checkedDraft = (path: string, made: Draft): Draft => ({
    fill: (content, options) => check(path, content, 0, options, () => made.fill(content, options)),
    abandon: () => made.abandon(),
  });
  if (draft !== undefined) remote.draft = async (path, call) => checkedDraft(path, await draft(path, call));
  Object.assign(remote.facts, { comparesContent: true } satisfies Partial<RemoteFacts>);
}

function corrupt(path: string, algorithm: SumAlgorithm): RemoteError {
  return new RemoteError('Corrupt', t('What the server has is not what was sent: its checksum ({0}) is another.', algorithm), {
    path,
    hint: t(
      'Try again. If it stays so, something on the way changes files, or the server’s checksums are wrong: then set “verify” of this host to “size”.',
    ),
  });
}

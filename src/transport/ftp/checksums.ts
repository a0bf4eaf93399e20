import { isRemoteError, toRemoteError } from '../../core/errors.ts';
import { sumAlgorithms, sumLength, sumPatience, type SumAlgorithm } from '../contentSum.ts';
import type { ChecksumTeller, Told } from '../uploadChecks.ts';
import type { FtpSession } from './ftpSession.ts';
import { isCompletion, isNotImplemented, type Reply } from './reply.ts';

/** One command that tells a checksum. */
interface Way {
  readonly algorithm: SumAlgorithm;
  /** `HASH` (draft-bryan-ftp-hash), or one of the commands that servers had before it. */
  readonly command: string;
  /** What HASH has to be told first, as the server spells it. */
  readonly option: string | undefined;
}

/** In the names that HASH uses; the X commands' come without hyphens. */
const hashNames: Readonly<Record<SumAlgorithm, string>> = {
  sha256: 'SHA-256',
  sha512: 'SHA-512',
  sha1: 'SHA-1',
  md5: 'MD5',
  crc32: 'CRC32',
};

const olderCommands: Readonly<Record<SumAlgorithm, readonly string[]>> = {
  sha256: ['XSHA256'],
  sha512: ['XSHA512'],
  sha1: ['XSHA1', 'XSHA'],
  md5: ['XMD5'],
  crc32: ['XCRC'],
};

/** What FEAT offers, the strongest first. */
export function checksumWays(offered: ReadonlyMap<string, string>): Way[] {
  const names = (offered.get('HASH') ?? '').split(';').map((name) => name.trim().replace('*', ''));
  return sumAlgorithms.flatMap((algorithm) => {
    const option = names.find((name) => name.toUpperCase() === hashNames[algorithm]);
    const older = olderCommands[algorithm].filter((command) => offered.has(command));
    return [
      // First: ProFTPD answers HASH by what passed by while the file was written, not by what is on its disk.
      ...older.map((command) => ({ algorithm, command, option: undefined })),
      ...(option === undefined ? [] : [{ algorithm, command: 'HASH', option }]),
    ];
  });
}

/** The checksum in a reply, lower-case hex; undefined where there is none of that algorithm. */
export function checksumIn(reply: Reply, { algorithm, option }: Way): string | undefined {
  if (!isCompletion(reply)) return undefined;
  const words = (reply.lines.at(-1) ?? '').trim().split(/\s+/);
  // HASH says what it counted: the algorithm, the range, the checksum, the name.
  if (option !== undefined && words[0]?.toUpperCase() !== option.toUpperCase()) return undefined;
  const isSum = (word: string) => /^[0-9a-f]+$/i.test(word) && word.length === sumLength(algorithm);
  const found = option === undefined ? words.slice(0, 2).find(isSum) : words.slice(1, 3).find(isSum);
  return found?.toLowerCase();
}

/** Asks an FTP server for checksums; commands that it turns out not to know are not used again. */
export class FtpChecksums implements ChecksumTeller {
  readonly #session: FtpSession;
  #ways: readonly Way[];
  /** What HASH was told last. */
  #option: string | undefined;

  constructor(session: FtpSession) {
    this.#session = session;
    this.#ways = checksumWays(session.features.offered);
  }

  get algorithm(): SumAlgorithm | undefined {
    return this.#ways[0]?.algorithm;
  }

  tell(path: string, algorithm: SumAlgorithm, bytes: number, signal: AbortSignal | undefined): Promise<string | undefined> {
    return this.#session.exclusive(path, signal, async () => {
      for (const way of this.#ways.filter((each) => each.algorithm === algorithm)) {
        const line = this.#line(way, path);
        const told = line === undefined ? { sum: undefined } : await this.#ask(way, line, bytes);
        if (told !== 'unknown' && told.sum !== undefined) return told.sum;
        if (told === 'unknown') this.#ways = this.#ways.filter((each) => each !== way);
      }
      return undefined;
    });
  }

  async #ask(way: Way, line: string, bytes: number): Promise<Told> {
    const { control, log } = this.#session;
    const choosing = way.option === undefined || way.option === this.#option ? undefined : control.request(`OPTS HASH ${way.option}`);
    choosing?.catch(() => {});
    const reply = await control.request(line, sumPatience(bytes));
    const chosen = await choosing;
    const isChosen = chosen === undefined || isCompletion(chosen);
    this.#option = isChosen ? (way.option ?? this.#option) : undefined;
    const sum = isChosen ? checksumIn(reply, way) : undefined;
    if (sum !== undefined) return { sum };
    log.info(`${way.command}: no ${way.algorithm} of the file (${reply.code})`);
    // A refusal may be of this file only.
    return isChosen && !isCompletion(reply) && !isNotImplemented(reply) && reply.code !== 501 ? { sum: undefined } : 'unknown';
  }

  /** The older commands take further numbers, so that names with blanks are quoted; undefined for one that can't be. */
  #line({ command, option }: Way, path: string): string | undefined {
    const isQuoted = option === undefined && /\s/.test(path);
    if (isQuoted && path.includes('"')) return undefined;
    try {
      return this.#session.line(command, isQuoted ? `"${path}"` : path);
    } catch (error) {
      if (isRemoteError(error, 'BadPath')) return undefined;
      throw toRemoteError(error);
    }
  }
}

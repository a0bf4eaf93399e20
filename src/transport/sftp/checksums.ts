import { charsetOf } from '../../core/charset.ts';
import { isRemoteError, toRemoteError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import type { Log } from '../../core/log.ts';
import type { Remote } from '../../core/remote.ts';
import { safeText } from '../../core/text.ts';
import { sumLength, sumPatience, type SumAlgorithm } from '../contentSum.ts';
import { checkUploads, type ChecksumTeller, type Told } from '../uploadChecks.ts';
import type { PacketReader } from './packets.ts';
import { extension, packetType, statusCode } from './protocol.ts';
import type { RunCommand } from './remoteCommand.ts';
import { throwStatus } from './replies.ts';
import type { Requests } from './requests.ts';
import { inScope } from './scope.ts';
import { isStatus } from './sftpErrors.ts';
import { quotedFor } from './shellCommand.ts';

export interface SftpChecksumsParts {
  readonly host: Pick<Host, 'verify' | 'charset'>;
  readonly requests: Requests;
  readonly log: Log;
  /** Known to tell checksums of files, and to take two flights to read one. */
  readonly tellsSums: boolean;
  /** Undefined where nothing can be run beside SFTP. */
  readonly run: RunCommand | undefined;
}

interface Way {
  readonly algorithm: SumAlgorithm;
  tell(path: string, bytes: number, signal: AbortSignal | undefined): Promise<Told>;
}

/** Compares what `remote`, which speaks by `requests`, uploads as the host's setting says. */
export function checkAsSet(remote: Remote, parts: SftpChecksumsParts): Remote {
  if (parts.host.verify !== 'size') checkUploads(remote, new SftpChecksums(parts), parts.log);
  if (parts.tellsSums) offerSha256(remote, extensionWay(parts, 'sha256'));
  return remote;
}

/** Until it turns out that the server tells none. */
function offerSha256(remote: Remote, way: Way): void {
  remote.sha256 = async (path, call) => {
    const told = await way.tell(path, 0, call?.signal).catch((error: unknown) => {
      throw toRemoteError(error).with({ path });
    });
    if (told !== 'unknown') return told.sum;
    delete remote.sha256;
    return undefined;
  };
}

/** Asks an SFTP server for checksums; ways that it turns out not to have are not used again. */
class SftpChecksums implements ChecksumTeller {
  readonly #log: Log;
  #ways: readonly Way[];

  constructor(parts: SftpChecksumsParts) {
    this.#log = parts.log;
    const commands = parts.run !== undefined && parts.host.verify === 'command' ? commandWays(parts.run, parts) : [];
    this.#ways = [extensionWay(parts, 'sha256'), ...commands, extensionWay(parts, 'sha1'), extensionWay(parts, 'md5')];
  }

  get algorithm(): SumAlgorithm | undefined {
    return this.#ways[0]?.algorithm;
  }

  async tell(path: string, algorithm: SumAlgorithm, bytes: number, signal: AbortSignal | undefined): Promise<string | undefined> {
    for (const way of this.#ways.filter((each) => each.algorithm === algorithm)) {
      const told = await way.tell(path, bytes, signal);
      if (told !== 'unknown') return told.sum;
      this.#log.info(`The server has no ${algorithm} of this kind.`);
      this.#ways = this.#ways.filter((each) => each !== way);
    }
    return undefined;
  }
}

/** `check-file-name` (draft-ietf-secsh-filexfer-13 §9.1.2), of the whole file at once. It is asked for unannounced: some servers tell version 6 only that they have it. */
function extensionWay({ requests, host, log }: SftpChecksumsParts, algorithm: SumAlgorithm): Way {
  const charset = charsetOf(host.charset);
  return {
    algorithm,
    tell: (path, bytes, signal) =>
      inScope({ signal }, async (scope) => {
        const fields = [Buffer.from(extension.checkFile), charset.encode(path), Buffer.from(algorithm), 0n, 0n, 0];
        const parse = (type: number, reply: PacketReader): Told =>
          type === packetType.EXTENDED_REPLY ? sumIn(reply, algorithm) : throwStatus(type, reply);
        log.trace(`SFTP > EXTENDED ${extension.checkFile} ${safeText(path, 1000)} ${algorithm}`);
        try {
          return await requests.send({ type: packetType.EXTENDED, fields, scope, parse, patience: sumPatience(bytes) });
        } catch (error) {
          if (!isStatus(error)) throw error;
          return isStatus(error, statusCode.NO_SUCH_FILE, statusCode.PERMISSION_DENIED) ? { sum: undefined } : 'unknown';
        }
      }),
  };
}

/** The name of the extension is repeated by some servers. */
function sumIn(reply: PacketReader, algorithm: SumAlgorithm): Told {
  const first = reply.text();
  const used = first === 'check-file' ? reply.text() : first;
  const sum = reply.rest().toString('hex');
  return used === algorithm && sum.length === sumLength(algorithm) ? { sum } : 'unknown';
}

/** Programs that Linux, macOS and the BSDs have. They read the file from their input, so that no name is taken for an option. */
const programs: readonly string[] = ['sha256sum', 'shasum -a 256', 'sha256 -q'];

function commandWays(run: RunCommand, { host, log }: SftpChecksumsParts): Way[] {
  return programs.map((program) => ({
    algorithm: 'sha256',
    async tell(path, bytes, signal) {
      const command = `${program} < ${quotedFor(path, charsetOf(host.charset))}`;
      log.trace(`SSH > ${safeText(command, 1000)}`);
      try {
        const { exitCode, output } = await run(command, { signal, patience: sumPatience(bytes) });
        const sum = /^([0-9a-f]{64})\b/.exec(output)?.[1];
        return exitCode === 0 && sum !== undefined ? { sum } : 'unknown';
      } catch (error) {
        if (isRemoteError(error, 'Unsupported', 'Busy')) return 'unknown';
        throw error;
      }
    },
  }));
}

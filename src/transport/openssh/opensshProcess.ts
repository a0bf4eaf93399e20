import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import type { Log } from '../../core/log.ts';
import { endProcess, startProcess } from '../sftp/childProcess.ts';
import { PairedStream } from '../sftp/pairedStream.ts';
import { type OpensshLog, readOpensshLog } from './opensshLog.ts';
import { noteSaid } from './opensshQuestions.ts';

export interface OpensshProcessOptions {
  readonly program: string;
  /** Before those that every one of Ferry's has. */
  readonly options: readonly string[];
  readonly destination: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Of this connection alone. */
  readonly folder: string;
  readonly log: Log;
  /** Says why it ended, by what it wrote to its log and beside it. */
  readonly explain: (written: OpensshLog, beside: string) => RemoteError;
}

/** Silence, in seconds, after which `ssh` asks the server, and gives up after as long again: as Ferry's own SSH. */
const silence = 5;
/** Of its beginning and of its end, in characters. */
const mostLog = 256 * 1024;
const mostBeside = 8192;
/** Ms for what was said last to arrive. */
const lastWords = 300;

/** What `sftp` tells its `ssh` as well, and how its words come to us. An option that an older `ssh` does not know would end it. */
function usualOptions(folder: string): readonly string[] {
  const options = [
    ...['BatchMode=no', 'ForwardX11=no', 'ForwardAgent=no', 'PermitLocalCommand=no', 'ClearAllForwardings=yes', 'RemoteCommand=none'],
    ...['RequestTTY=no', 'LogLevel=DEBUG1', `ServerAliveInterval=${silence}`, 'ServerAliveCountMax=1'],
  ];
  return ['-E', join(folder, 'log'), ...options.flatMap((option) => ['-o', option])];
}

/** One `ssh` that carries SFTP on its input and output. */
export class OpensshProcess {
  /** Ends with the process; what breaks it is a RemoteError that says why. */
  readonly channel: Duplex;
  /** Undefined where the program could not be started. */
  readonly pid: number | undefined;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
  readonly #folder: string;
  #beside = '';

  constructor({ program, options, destination, environment, folder, log, explain }: OpensshProcessOptions) {
    this.#folder = folder;
    const args = [...options, ...usualOptions(folder), '-s', '--', destination, 'sftp'];
    log.info(`ssh: ${[program, ...args].map((arg) => (/\s/.test(arg) ? JSON.stringify(arg) : arg)).join(' ')}`);
    const { child, stdin, stdout, stderr } = startProcess(program, args, { env: { ...process.env, ...environment } });
    this.pid = child.pid;
    stderr.on('data', (chunk: Buffer) => {
      this.#beside = (this.#beside + chunk.toString()).slice(-mostBeside);
      noteSaid(log, chunk);
    });
    stderr.on('error', () => {});
    const channel = new PairedStream(
      stdout,
      stdin,
      () => {
        stdin.destroy();
        endProcess(child);
      },
      // Its input breaks, or its output ends, and a moment later it ends, and has said why; where it does not end by itself, it is ended.
      () => void setTimeout(() => channel.destroy(explain(this.written(), this.#beside)), 2 * lastWords).unref(),
    );
    this.channel = channel;
    this.ended = new Promise((resolve) => {
      const end = (): void => {
        channel.destroy(explain(this.written(), this.#beside));
        // A ControlMaster that goes on has it too, and would hold it open.
        stderr.destroy();
        resolve();
      };
      child.once('close', end).once('exit', (code, signal) => {
        log.debug(`ssh ended: ${signal ?? String(code)}`);
        setTimeout(end, lastWords).unref();
      });
      child.once('error', (error) => {
        channel.destroy(cannotStart(program, error));
        resolve();
      });
    });
  }

  /** What it has said so far. */
  written(): OpensshLog {
    try {
      const text = readFileSync(join(this.#folder, 'log'), 'utf8');
      return readOpensshLog(text.length <= 2 * mostLog ? text : `${text.slice(0, mostLog)}\n${text.slice(-mostLog)}`);
    } catch {
      return readOpensshLog('');
    }
  }
}

function cannotStart(program: string, error: Error): RemoteError {
  return new RemoteError('Unreachable', t('{0} can’t be run: {1}', program, error.message), {
    hint: t('Check “ferry.opensshPath” in your settings.'),
    retryable: false,
    cause: error,
  });
}

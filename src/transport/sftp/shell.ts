import type { ClientChannel } from 'ssh2';
import { charsetOf } from '../../core/charset.ts';
import { RemoteError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import type { Shell, ShellEnd, ShellOptions } from '../../core/shell.ts';
import { openChannel } from './remoteCommand.ts';
import { shellCommandIn } from './shellCommand.ts';
import type { SshLink } from './sshLink.ts';

/** Milliseconds for a server to open a terminal. */
const patience = 15_000;
/** Milliseconds for it to confirm the end of one. */
const farewell = 2000;

/** Opens a shell beside the SFTP channel of a connection. Rejects with `Unsupported` where the server gives none. */
export async function openShell(link: SshLink, host: Host, options: ShellOptions): Promise<Shell> {
  const { folder, signal } = options;
  const opening = { signal, patience };
  // Windows' own server hands commands to cmd.exe or PowerShell, which read them otherwise.
  const command = folder === undefined || /windows/i.test(link.ident ?? '') ? undefined : shellCommandIn(folder, charsetOf(host.charset));
  const pty = terminalOf(options);
  if (command !== undefined) {
    const channel = await openChannel(link, opening, (client, done) => client.exec(command, { pty }, done)).catch(refusedOnly);
    if (channel !== undefined) return new SshShell(channel, link, true);
  }
  const channel = await openChannel(link, opening, (client, done) => client.shell(pty, done));
  return new SshShell(channel, link, folder === undefined);
}

function terminalOf({ size: { columns, rows } }: ShellOptions) {
  return { term: 'xterm-256color', cols: columns, rows, width: 0, height: 0 };
}

/** Devices that run no commands may have a shell. */
function refusedOnly(error: unknown): undefined {
  if (error instanceof RemoteError && error.code === 'Unsupported') return undefined;
  throw error;
}

class SshShell implements Shell {
  readonly inFolder: boolean;
  readonly ended: Promise<ShellEnd>;
  readonly #channel: ClientChannel;
  readonly #finish: (end: ShellEnd) => void;
  #exit: { readonly exitCode: number | undefined; readonly signal: string | undefined } = { exitCode: undefined, signal: undefined };

  constructor(channel: ClientChannel, link: SshLink, inFolder: boolean) {
    this.#channel = channel;
    this.inFolder = inFolder;
    const end = Promise.withResolvers<ShellEnd>();
    const lost = () => this.#finish({ kind: 'lost', reason: link.signal.reason as RemoteError });
    this.ended = end.promise;
    this.#finish = (how) => {
      link.signal.removeEventListener('abort', lost);
      end.resolve(how);
    };
    channel.on(
      'exit',
      (code: number | null, signal?: string) => (this.#exit = { exitCode: code ?? undefined, signal: signal ?? undefined }),
    );
    channel.on('close', () => {
      // A channel ends with its link; which of both is heard of first is chance.
      setImmediate(() => (link.signal.aborted ? lost() : this.#finish({ kind: 'exited', ...this.#exit })));
    });
    channel.on('error', () => undefined);
    link.signal.addEventListener('abort', lost, { once: true });
  }

  onOutput(listener: (chunk: Uint8Array) => void): void {
    this.#channel.on('data', listener);
    // With a terminal there is one stream; what comes beside it is shown with it.
    this.#channel.stderr.on('data', listener);
  }

  pause(): void {
    this.#channel.pause();
    this.#channel.stderr.pause();
  }

  resume(): void {
    this.#channel.resume();
    this.#channel.stderr.resume();
  }

  write(input: Uint8Array): void {
    if (this.#channel.writable) this.#channel.write(input);
  }

  resize({ columns, rows }: ShellOptions['size']): void {
    if (this.#channel.writable) this.#channel.setWindow(rows, columns, 0, 0);
  }

  close(): void {
    const timer = setTimeout(() => this.#finish({ kind: 'exited', exitCode: undefined, signal: undefined }), farewell);
    void this.ended.then(() => clearTimeout(timer));
    this.resume();
    this.#channel.close();
  }
}

import type { Client, ClientChannel } from 'ssh2';
import { abortError, RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import type { SshLink } from './sshLink.ts';

export interface CommandOptions {
  readonly signal: AbortSignal | undefined;
  /** Ms that it may take, from its start to its end. */
  readonly patience: number;
}

export interface CommandResult {
  /** Undefined where the server told none. */
  readonly exitCode: number | undefined;
  /** Its beginning; raw. */
  readonly output: string;
}

/** Runs a command of ours on the server, without a terminal and without input. `Unsupported` where this login may run none. */
export type RunCommand = (command: string, options: CommandOptions) => Promise<CommandResult>;

/** Nothing that Ferry runs says more. */
const mostOutput = 4096;

/** Runs commands beside the SFTP channel of a connection. */
export function commandRunner(link: SshLink): RunCommand {
  return async (command, options) => {
    let result: Promise<CommandResult> | undefined;
    await openChannel(link, options, (client, done) =>
      client.exec(command, (error, channel) => {
        // At once: what a quick command says comes with this.
        if (error === undefined) result = resultOf(channel, link, options);
        done(error, channel);
      }),
    );
    if (result === undefined) throw new RemoteError('Unsupported', t('The server runs no commands for this login.'));
    return await result;
  };
}

type Request = (client: Client, done: (error: Error | undefined, channel: ClientChannel) => void) => unknown;

/** The channel, if the server gives one in time; one that comes later is closed. */
export function openChannel(link: SshLink, { signal, patience }: CommandOptions, request: Request): Promise<ClientChannel> {
  return inTime(link, signal, patience, (resolve, reject, isOver) => {
    request(link.client, (error, channel) => {
      if (error !== undefined) reject(refusal(error));
      else if (isOver()) channel.close();
      else resolve(channel);
    });
  });
}

function resultOf(channel: ClientChannel, link: SshLink, { signal, patience }: CommandOptions): Promise<CommandResult> {
  let output = '';
  let exitCode: number | undefined;
  const result = inTime<CommandResult>(link, signal, patience, (resolve) => {
    channel.on('data', (chunk: Buffer) => (output = (output + chunk.toString('latin1')).slice(0, mostOutput)));
    channel.stderr.resume();
    channel.on('error', () => undefined);
    channel.on('exit', (code: number | null) => (exitCode = code ?? undefined));
    channel.on('close', () => resolve({ exitCode, output }));
    channel.end();
  });
  // One that goes on is not wanted any more.
  result.catch(() => channel.close());
  return result;
}

type Begin<T> = (resolve: (value: T) => void, reject: (reason: RemoteError) => void, isOver: () => boolean) => void;

/** What `begin` makes of it, unless time, the caller or the link end first. */
function inTime<T>(link: SshLink, signal: AbortSignal | undefined, patience: number, begin: Begin<T>): Promise<T> {
  const stop = AbortSignal.any([link.signal, ...(signal === undefined ? [] : [signal])]);
  return new Promise((resolve, reject) => {
    let isOver = false;
    const settle = (by: () => void) => {
      isOver = true;
      clearTimeout(timer);
      stop.removeEventListener('abort', aborted);
      by();
    };
    const aborted = () => settle(() => reject(abortError(stop)));
    const late = () => settle(() => reject(new RemoteError('Busy', t('The server does not answer in time.'))));
    const timer = setTimeout(late, patience);
    stop.addEventListener('abort', aborted, { once: true });
    if (stop.aborted) aborted();
    else
      begin(
        (value) => settle(() => resolve(value)),
        (reason) => settle(() => reject(reason)),
        () => isOver,
      );
  });
}

function refusal(error: Error & { readonly reason?: unknown }): RemoteError {
  /* SSH_OPEN_CONNECT_FAILED, OpenSSH's word at MaxSessions, and SSH_OPEN_RESOURCE_SHORTAGE, RFC 4254 §5.1 */
  if (error.reason === 2 || error.reason === 4)
    return new RemoteError('Busy', t('The server allows no further session on this connection.'), {
      hint: t('Close another terminal and try again.'),
      cause: error,
    });
  return new RemoteError('Unsupported', t('The server gives this account no terminal: it may use files only.'), { cause: error });
}

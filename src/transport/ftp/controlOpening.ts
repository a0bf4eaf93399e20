import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import type { ConnectContext } from '../../core/connect.ts';
import { abortError, RemoteError, toRemoteError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import { safeText } from '../../core/text.ts';
import type { Deadline } from '../deadline.ts';
import type { ProxyDialer } from '../proxy/proxyDialer.ts';
import { ControlConnection, said } from './controlConnection.ts';
import type { Presented } from './certificate.ts';
import { endOnAbort, within, type Deadlines } from './deadlines.ts';
import { crowded } from './login.ts';
import { idleKeepAlive } from './keepAlive.ts';
import { isCrowded, isCompletion, isNotImplemented, type Reply } from './reply.ts';
import { SecureConnection } from './secureConnection.ts';
import { allowsOldTls, contextOptions, contextsOf, isPfx, secureContext, type ClientCertificate } from './tlsSettings.ts';

/** A control connection with its greeting read and its encryption on, nothing secret said. */
export interface OpenControl {
  readonly control: ControlConnection;
  readonly greeting: Reply;
  /** Only with TLS; the certificate is not judged yet. */
  readonly tls: { readonly connection: SecureConnection; readonly shown: Presented; accept(): void } | undefined;
}

/** TCP, the greeting, and TLS where the host says so: never without it then, whatever the server answers. */
export async function openControl(
  host: Host,
  context: ConnectContext,
  deadline: Deadline,
  deadlines: Deadlines,
  proxy?: ProxyDialer,
  at?: string,
): Promise<OpenControl> {
  const { signal } = deadline;
  const secure = host.protocol === 'ftps' ? await prepareTls(host, context, deadline) : undefined;
  const control = new ControlConnection(
    await (proxy?.dial(host, signal, deadline) ?? connectTcp(host, signal, at)),
    context.log,
    deadlines.reply,
  );
  const release = endOnAbort(control, signal);
  try {
    if (!secure) return { control, greeting: await greet(control, deadlines), tls: undefined };
    if (host.ftp.tls === 'implicit') {
      const tls = await encrypt(control, secure, deadlines, signal);
      return { control, greeting: await greet(control, deadlines), tls };
    }
    const greeting = await greet(control, deadlines);
    await authTls(control);
    return { control, greeting, tls: await encrypt(control, secure, deadlines, signal) };
  } catch (error) {
    const reason = toRemoteError(error);
    control.fail(reason);
    throw reason;
  } finally {
    release();
  }
}

async function prepareTls(host: Host, context: ConnectContext, deadline: Deadline): Promise<SecureConnection> {
  if (allowsOldTls(host.ftp)) context.prompts.warn('oldTls', host.name);
  const contexts = contextsOf(host.ftp, await clientCertificate(host, context, deadline));
  try {
    return new SecureConnection(contexts, host.address, context);
  } catch (error) {
    throw new RemoteError('Auth', t('The client certificate can’t be used: {0}', error instanceof Error ? error.message : String(error)), {
      hint: t('Check "clientCertificate" of the host and its passphrase.'),
      cause: error,
    });
  }
}

/** The host's certificate and key; the passphrase is asked for where they are encrypted, again while it is wrong. */
async function clientCertificate(host: Host, { prompts }: ConnectContext, deadline: Deadline): Promise<ClientCertificate | undefined> {
  const files = host.ftp.clientCertificate;
  if (!files) return undefined;
  const certificate = await readCertificate(files.certificate);
  const key = files.key === undefined ? undefined : await readCertificate(files.key);
  let passphrase: string | undefined;
  for (let refusals = 0; refusals < 4; refusals++) {
    if (opens({ certificate, key, passphrase })) return { certificate, key, passphrase };
    const file = files.key ?? files.certificate;
    const owner = { protocol: host.protocol, user: host.user ?? 'anonymous', address: host.address, port: host.port };
    const request = { hostName: host.name, owner, kind: 'passphrase', file, refused: refusals > 0, signal: deadline.signal } as const;
    passphrase = refusals < 3 ? await deadline.whileAsking(() => prompts.secret(request)) : undefined;
    if (passphrase === undefined && refusals < 3) throw new RemoteError('Cancelled', t('No passphrase was given.'));
  }
  throw new RemoteError('Auth', t('The client certificate could not be opened with that passphrase.'));
}

async function readCertificate(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new RemoteError('Auth', t('The client certificate {0} can’t be read.', file), {
      hint: t('Check "clientCertificate" of the host.'),
      cause: error,
    });
  }
}

/** Whether certificate and key open with that passphrase. What is wrong for another reason opens nowhere and is reported by its use. */
function opens(client: ClientCertificate): boolean {
  try {
    secureContext(contextOptions({ minTlsVersion: 'TLSv1.2', maxTlsVersion: undefined }, client, []));
    return true;
  } catch (error) {
    const code = String((error as NodeJS.ErrnoException).code);
    const message = error instanceof Error ? error.message : '';
    const locked = /PASSWORD|DECRYPT|PASSPHRASE|INTERRUPTED_OR_CANCELLED|mac verify/i.test(`${code} ${message}`);
    if (locked || (isPfx(client.certificate) && client.passphrase === undefined)) return false;
    return true;
  }
}

/** `at`: one of the addresses that the host's name leads to; undefined: whichever answers. */
function connectTcp(host: Host, signal: AbortSignal, at: string | undefined): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      host: at ?? host.address,
      port: host.port,
      ...(host.family !== undefined && { family: host.family, autoSelectFamily: false }),
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: idleKeepAlive,
    });
    const settle = (error?: RemoteError): void => {
      signal.removeEventListener('abort', onAbort);
      socket.off('connect', onConnect).off('error', onError);
      if (!error) {
        resolve(socket);
        return;
      }
      socket.on('error', () => {}).destroy();
      reject(error);
    };
    const onAbort = (): void => settle(abortError(signal));
    const onConnect = (): void => settle();
    const onError = (error: NodeJS.ErrnoException): void => settle(unreachable(host, error));
    socket.on('connect', onConnect).on('error', onError);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}

function unreachable(host: Host, error: NodeJS.ErrnoException): RemoteError {
  switch (error.code ?? '') {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new RemoteError('Unreachable', t('The name {0} is not known.', host.address), {
        hint: t('Check "address" of the host and the network.'),
        cause: error,
      });
    case 'ECONNREFUSED':
      return new RemoteError('Unreachable', t('Nothing answers at port {0} of {1}.', host.port, host.address), {
        hint: t('Check "port" of the host, and whether the server runs.'),
        cause: error,
      });
    default:
      return new RemoteError('Unreachable', t('{0} can’t be reached: {1}', host.address, error.message), { cause: error });
  }
}

async function greet(control: ControlConnection, deadlines: Deadlines): Promise<Reply> {
  let reply: Reply;
  try {
    reply = await control.greeting(deadlines.login);
  } catch (error) {
    throw control.noise === '' ? error : notFtp(control.noise);
  }
  if (isCompletion(reply)) return reply;
  if (isCrowded(reply)) throw crowded(reply);
  throw new RemoteError('Unreachable', t('The server refused the connection: {0}', said(reply)));
}

function notFtp(noise: string): RemoteError {
  const hint = noise.startsWith('SSH-')
    ? t('That is an SSH server: set "protocol" of the host to sftp.')
    : t('Check "port" and "protocol" of the host.');
  return new RemoteError('Unreachable', t('There is no FTP server; it says: {0}', safeText(noise, 80)), { hint, retryable: false });
}

/** AUTH of RFC 4217 §4; SSL is what servers of the time before it understand, for the same thing. */
async function authTls(control: ControlConnection): Promise<void> {
  let reply = await control.request('AUTH TLS');
  if (reply.code === 234) return;
  if (reply.code >= 500) reply = await control.request('AUTH SSL');
  if (reply.code === 234 || reply.code === 334) return;
  throw new RemoteError('Unsupported', t('The server does not encrypt here: {0}', said(reply)), {
    hint: isNotImplemented(reply)
      ? t('Ferry does not go on without encryption. If the server has none, set "protocol" of the host to ftp; or try "tls" implicit.')
      : t('Ferry does not go on without encryption. Ask the administrator.'),
    dropsConnection: true,
  });
}

async function encrypt(
  control: ControlConnection,
  connection: SecureConnection,
  { handshake }: Deadlines,
  signal: AbortSignal,
): Promise<NonNullable<OpenControl['tls']>> {
  const done = await within(connection.control(control.detach(), signal), handshake);
  if (!done) throw new RemoteError('Unreachable', t('The server does not answer the beginning of the encryption.'));
  const { secure, shown } = done;
  control.attach(secure);
  return { connection, shown, accept: () => connection.accept(secure, shown) };
}

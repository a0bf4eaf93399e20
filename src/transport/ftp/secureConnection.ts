import * as tls from 'node:tls';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ConnectContext } from '../../core/connect.ts';
import { abortError, RemoteError } from '../../core/errors.ts';
import type { HostProfile } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import { presented, type Presented } from './certificate.ts';
import { within } from './deadlines.ts';
import type { Features } from './features.ts';
import { failureText } from './failureText.ts';
import { serverName, slowGroup, type Contexts, type KeyGroup } from './tlsSettings.ts';

/** A TLS handshake on the data connection begins when the server said 150, or after so many ms: some servers say it only afterwards. */
const handshakePatience = 300;

/** TLS of one host's control connection and all data connections that belong to it. */
export class SecureConnection {
  readonly #contexts: Contexts;
  readonly #address: string;
  readonly #learn: (facts: HostProfile) => void;
  /** Of the key exchange that this server wants. */
  #group: KeyGroup | undefined;
  /** The newest ticket of a connection whose certificate was accepted (RFC 4217 §10.2 and what servers make of it: reuse proves that it is us). */
  #session: Buffer | undefined;
  /** The newest ticket of the control connection, presented nowhere before its certificate is accepted. */
  #offered: Buffer | undefined;
  #fingerprint: string | undefined;
  #remembersSessions = false;
  #takesEarlyHandshake = false;
  #readsEnd = false;
  /** How often in a row the server said nothing before the handshake of a download, and of an upload. */
  readonly #silences = { download: 0, upload: 0 };

  /** Throws where the contexts can't be made. */
  constructor(contexts: Contexts, address: string, context: Pick<ConnectContext, 'profile' | 'learn'>) {
    this.#contexts = contexts;
    this.#address = address;
    this.#learn = (facts) => context.learn(facts);
    this.#group = context.profile.keyGroup;
    contexts(this.#group);
  }

  /**
   * The handshake of the control connection over `socket`. The certificate is *not* judged yet: nothing secret may be sent before
   * the caller did, and called `accept`.
   */
  async control(socket: Socket, signal: AbortSignal): Promise<{ readonly secure: tls.TLSSocket; readonly shown: Presented }> {
    const secure = this.#start(socket, undefined);
    // With TLS 1.3 tickets come with the greeting of implicit TLS, before the certificate is judged.
    secure.on('session', (session) => (this.#offered = session));
    await handshake(secure, signal, 'Unreachable');
    return { secure, shown: presented(secure, this.#address) };
  }

  /** Whether a reader may end its side before the server ends its own; by the specification with TLS 1.3 alone (RFC 8446 §6.1). */
  get takesEarlyEnd(): boolean {
    return this.#readsEnd && !this.#remembersSessions;
  }

  /** TLS 1.2 and older, where the server keeps the session of all connections and drops it when one of them breaks. */
  get remembersSessions(): boolean {
    return this.#remembersSessions;
  }

  /** The certificate `shown` on the control connection is the one that data connections must show too. */
  accept(secure: tls.TLSSocket, shown: Presented): void {
    this.#fingerprint = shown.identity.fingerprint;
    this.#remembersSessions = secure.getProtocol() !== 'TLSv1.3';
    this.#session = this.#offered;
    const group = slowGroup(secure);
    if (group !== undefined && group !== this.#group) this.#learn({ keyGroup: group });
    this.#group = group ?? this.#group;
    this.#keepSessions(secure);
  }

  /** What the server turned out to be. One that closes over an end that it did not read resets all. */
  adapt({ takesEarlyHandshake, readsEnd }: Pick<Features, 'takesEarlyHandshake' | 'readsEnd'>): void {
    this.#takesEarlyHandshake = takesEarlyHandshake;
    this.#readsEnd = readsEnd;
  }

  /** The reply after which a data connection's handshake may begin; undefined where this server waits for the handshake itself. */
  async readiness<T>(reply: Promise<T>, uploads: boolean): Promise<T | undefined> {
    // With TLS 1.2, a handshake that a refusal ends costs ProFTPD its session, and no other data connection comes about.
    if (this.#takesEarlyHandshake && !this.#remembersSessions) return undefined;
    const direction = uploads ? 'upload' : 'download';
    if (this.#silences[direction] >= 2) return undefined;
    const first = await within(reply, handshakePatience);
    this.#silences[direction] = first === undefined ? this.#silences[direction] + 1 : 0;
    return first;
  }

  /** The next data connection begins a session of its own. */
  forgetSession(): void {
    this.#session = undefined;
  }

  /** The handshake of a data connection: we are the TLS client, in active mode as well (RFC 4217 §7). Throws `Untrusted` for a stranger. */
  async data(socket: Duplex, signal: AbortSignal): Promise<tls.TLSSocket> {
    const secure = this.#start(socket, this.#session);
    const tickets: Buffer[] = [];
    const collect = (session: Buffer): void => void tickets.push(session);
    secure.on('session', collect);
    await handshake(secure, signal, 'Lost');
    try {
      this.#check(secure);
    } catch (error) {
      secure.destroy();
      throw error;
    }
    secure.off('session', collect);
    this.#session = tickets.at(-1) ?? this.#session;
    this.#keepSessions(secure);
    return secure;
  }

  /** The same certificate as on the control connection, or one that an authority vouches for under the same name. */
  #check(secure: tls.TLSSocket): void {
    // A resumed session proves the control connection's peer by its keys; the certificate may not be repeated.
    if (secure.isSessionReused() && Object.keys(secure.getPeerCertificate()).length === 0) return;
    const shown = presented(secure, this.#address);
    if (shown.identity.fingerprint === this.#fingerprint || (shown.vouched && !secure.isSessionReused())) return;
    throw new RemoteError(
      'Untrusted',
      t('Another server answered on the data connection: its certificate is not that of the host. Nothing was sent to it.'),
    );
  }

  #keepSessions(secure: tls.TLSSocket): void {
    const now = secure.getSession();
    if (now && secure.getProtocol() !== 'TLSv1.3') this.#session = now;
    secure.on('session', (session) => (this.#session = session));
  }

  #start(socket: Duplex, session: Buffer | undefined): tls.TLSSocket {
    const secure = tls.connect({
      socket,
      secureContext: this.#contexts(this.#group),
      // Judged by us: a person may accept what no authority vouches for.
      rejectUnauthorized: false,
      // Sessions are bound to it (Node 24.17 and later), and an address has no server name.
      host: this.#address,
      servername: serverName(this.#address),
      ...(session && { session }),
    });
    // It may break while nobody waits for it; whoever uses it next finds it closed.
    return secure.on('error', () => {});
  }
}

/** `broken`: what it is where the connection breaks. */
function handshake(secure: tls.TLSSocket, signal: AbortSignal, broken: 'Unreachable' | 'Lost'): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (error?: RemoteError): void => {
      signal.removeEventListener('abort', onAbort);
      secure.off('secureConnect', onSecure).off('error', onError).off('close', onClose);
      if (!error) {
        resolve();
        return;
      }
      secure.destroy();
      reject(error);
    };
    const onAbort = (): void => settle(abortError(signal));
    const onSecure = (): void => settle();
    const onError = (error: Error): void => settle(handshakeFailed(error, broken));
    const onClose = (): void => settle(handshakeFailed(undefined, broken));
    secure.on('secureConnect', onSecure).on('error', onError).on('close', onClose);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}

function handshakeFailed(error: NodeJS.ErrnoException | undefined, broken: 'Unreachable' | 'Lost'): RemoteError {
  const code = error?.code ?? '';
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST/.test(code)) {
    return new RemoteError('Unreachable', t('The server does not begin with TLS here.'), {
      hint: t('Set "tls" of the host to explicit, or check the port.'),
      retryable: false,
      cause: error,
    });
  }
  if (
    /PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|NO_PROTOCOLS|HANDSHAKE_FAILURE|DH_KEY_TOO_SMALL|NO_SHARED_CIPHER|INSUFFICIENT_SECURITY|LEGACY_RENEG|EE_KEY_TOO_SMALL|CA_MD_TOO_WEAK/.test(
      code,
    )
  ) {
    return new RemoteError('Unreachable', t('The server and Ferry found no TLS version and cipher that both allow ({0}).', code), {
      hint: t('If the server is old, lower "minTlsVersion" of the host; if it breaks with new versions, set "maxTlsVersion".'),
      retryable: false,
      cause: error,
    });
  }
  if (/CERTIFICATE_REQUIRED|BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_UNKNOWN|CERT_EXPIRED|CERTIFICATE_EXPIRED/.test(code)) {
    return new RemoteError('Auth', t('The server did not accept our certificate ({0}).', code), {
      hint: t('Set "clientCertificate" of the host to the certificate that the server knows.'),
      cause: error,
    });
  }
  const why = error
    ? t('The encryption could not be set up: {0}', failureText(error))
    : t('The server closed the connection while the encryption was set up.');
  return new RemoteError(broken, why, { cause: error });
}

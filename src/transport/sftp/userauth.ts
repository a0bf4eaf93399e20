import type { Client, ParsedKey } from 'ssh2';
import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import { protocolOf, sendIgnore, sendUserauth, type Ssh2Protocol } from './ssh2Protocol.ts';
import { sshString } from './wire.ts';

/** A server's answer to one step of RFC 4252. */
export type UserauthReply =
  | { readonly kind: 'success' }
  /** `methods` can continue. */
  | { readonly kind: 'refused'; readonly methods: readonly string[] }
  /** The step itself was right and one of `methods` is wanted besides ("partial success", RFC 4252 §5.1). */
  | { readonly kind: 'partial'; readonly methods: readonly string[] }
  /** The public key would do; a signature is wanted. */
  | { readonly kind: 'keyAccepted' }
  /** Keyboard-interactive (RFC 4256 §3.2); texts are the server's own. */
  | {
      readonly kind: 'questions';
      readonly name: string;
      readonly instructions: string;
      readonly prompts: readonly { readonly prompt: string; readonly echo: boolean }[];
    }
  /** The password is right but expired (RFC 4252 §8). */
  | { readonly kind: 'passwordExpired' };

/** Where a whole attempt with one method ends. */
export type Outcome = Extract<UserauthReply, { kind: 'success' | 'refused' | 'partial' }>;

/** The end of an attempt; any other reply at this place breaks the protocol. */
export function finished(reply: UserauthReply): Outcome {
  if (reply.kind === 'success' || reply.kind === 'refused' || reply.kind === 'partial') return reply;
  throw new RemoteError('Lost', t('The server broke the rules of the log-in.'));
}

export type Sign = (data: Buffer) => Buffer | Promise<Buffer>;

/** RFC 4252's dialogue: one request, one reply. Every method rejects with the reason given to `end`, at once if that came before. */
export class UserauthDialogue {
  readonly #protocol: Ssh2Protocol;
  readonly #user: string;
  #pending: { readonly resolve: (reply: UserauthReply) => void; readonly reject: (error: RemoteError) => void } | undefined;
  #ended: RemoteError | undefined;
  #serverSignatures: readonly string[] | undefined;
  #credentialSent = false;

  /** To be made right after `client.connect()`, whose handlers it takes over. */
  constructor(client: Client, user: string) {
    this.#protocol = protocolOf(client);
    this.#user = user;
    this.#listen();
  }

  /** The server's `server-sig-algs` (RFC 8308 §3.1); undefined where it sent none so far. */
  get serverSignatures(): readonly string[] | undefined {
    return this.#serverSignatures;
  }

  /** Whether anything went out that a server counts as an attempt. */
  get credentialSent(): boolean {
    return this.#credentialSent;
  }

  none(): Promise<UserauthReply> {
    return this.#request(() => this.#protocol.authNone(this.#user));
  }

  /** Asks whether a key would do, without using its private half. */
  probe(key: ParsedKey, algorithm: string): Promise<UserauthReply> {
    return this.#request(() => this.#protocol.authPK(this.#user, key, algorithm));
  }

  async publicKey(key: ParsedKey, algorithm: string, sign: Sign): Promise<UserauthReply> {
    const signed = await new Promise<{ signature: Buffer; use: (signature: Buffer) => void }>((resolve, reject) => {
      this.#protocol.authPK(this.#user, key, algorithm, (data, use) => {
        Promise.resolve(data)
          .then(sign)
          .then((signature) => resolve({ signature, use }), reject);
      });
    });
    this.#credentialSent = true;
    return this.#request(() => signed.use(signed.signature));
  }

  /** As `probe`, for a key or certificate that `ssh2` does not know. */
  probeBlob(blob: Buffer, algorithm: string): Promise<UserauthReply> {
    return this.#request(() => sendUserauth(this.#protocol, 'publickey', this.#publicKeyRequest(blob, algorithm, false)));
  }

  /** As `publicKey`, for such a one. `sign` gives the signature with its name before it (RFC 4253 §6.6). */
  async publicBlob(blob: Buffer, algorithm: string, sign: (data: Buffer) => Promise<Buffer>): Promise<UserauthReply> {
    const request = this.#publicKeyRequest(blob, algorithm, true);
    const session = this.#protocol._kex?.sessionID;
    if (session === undefined) throw new RemoteError('Lost', t('The connection was lost during the log-in.'));
    const signature = await sign(Buffer.concat([sshString(session), request]));
    this.#credentialSent = true;
    return this.#request(() => sendUserauth(this.#protocol, 'publickey', Buffer.concat([request, sshString(signature)])));
  }

  /** RFC 4252 §7 */
  #publicKeyRequest(blob: Buffer, algorithm: string, isSigned: boolean): Buffer {
    const fields = [this.#user, 'ssh-connection', 'publickey'].map(sshString);
    return Buffer.concat([Buffer.from([50]), ...fields, Buffer.from([Number(isSigned)]), sshString(algorithm), sshString(blob)]);
  }

  password(password: string): Promise<UserauthReply> {
    this.#credentialSent = true;
    return this.#request(() => this.#protocol.authPassword(this.#user, password));
  }

  keyboardInteractive(): Promise<UserauthReply> {
    return this.#request(() => this.#protocol.authKeyboard(this.#user));
  }

  answers(answers: readonly string[]): Promise<UserauthReply> {
    this.#credentialSent ||= answers.length > 0;
    return this.#request(() => this.#protocol.authInfoRes(answers));
  }

  /** The connection is gone: nothing is waited for any longer. */
  end(reason: RemoteError): void {
    this.#ended ??= reason;
    this.#pending?.reject(this.#ended);
    this.#pending = undefined;
  }

  #request(send: () => void): Promise<UserauthReply> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) throw this.#ended;
      this.#pending = { resolve, reject };
      try {
        send();
      } catch (error) {
        this.#pending = undefined;
        throw new RemoteError('Lost', t('The connection was lost during the log-in.'), { cause: error });
      }
    });
  }

  #settle(reply: UserauthReply): void {
    const pending = this.#pending;
    this.#pending = undefined;
    pending?.resolve(reply);
  }

  #listen(): void {
    const handlers = this.#protocol._handlers;
    const accepted = handlers['SERVICE_ACCEPT'];
    handlers['SERVICE_ACCEPT'] = (protocol, ...values: never[]) => {
      accepted?.(protocol, ...values);
      /* By Nagle's algorithm the server holds its next answer back until this one is acknowledged, which takes the system 40 ms of its own. */
      if (this.#pending !== undefined) sendIgnore(protocol);
    };
    const succeeded = handlers['USERAUTH_SUCCESS'];
    handlers['USERAUTH_SUCCESS'] = (protocol) => {
      succeeded?.(protocol);
      this.#settle({ kind: 'success' });
    };
    handlers['USERAUTH_FAILURE'] = (_, methods: readonly string[] | undefined, partial: boolean) =>
      this.#settle({ kind: partial ? 'partial' : 'refused', methods: methods ?? [] });
    handlers['USERAUTH_PK_OK'] = () => this.#settle({ kind: 'keyAccepted' });
    handlers['USERAUTH_PASSWD_CHANGEREQ'] = () => this.#settle({ kind: 'passwordExpired' });
    handlers['USERAUTH_INFO_REQUEST'] = (_, name: string, instructions: string, prompts: { prompt: string; echo: boolean }[]) =>
      this.#settle({ kind: 'questions', name, instructions, prompts });
    handlers['EXT_INFO'] = (_, extensions: { name: string; algs?: string[] }[]) => {
      this.#serverSignatures ??= extensions.find(({ name }) => name === 'server-sig-algs')?.algs;
    };
  }
}

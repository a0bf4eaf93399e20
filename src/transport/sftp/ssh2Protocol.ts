import type { KeyObject } from 'node:crypto';
import type { Client, ParsedKey } from 'ssh2';

/**
 * What `ssh2` keeps private of its protocol layer, as of 1.17.0. Its public `authHandler` can't sign at once, can't look at a key
 * before asking for its passphrase, and takes the agent's keys only as a lump; its parser of the server's identification loses bytes.
 */
export interface Ssh2Protocol {
  readonly _handlers: Record<string, ((protocol: Ssh2Protocol, ...values: never[]) => void) | undefined>;
  /** Takes bytes of a chunk and returns where it stopped. Throws for what SSH does not allow. */
  _parse: (this: Ssh2Protocol, chunk: Buffer, from: number, to: number) => number;
  /** Set anew for every key exchange. */
  _kex: KeyExchange | undefined;
  /** Set anew by every key exchange. */
  _cipher: PacketCipher | undefined;
  _decipher: PacketCipher | undefined;
  /** Every cipher takes it over when it is made. */
  _onWrite: (data: Uint8Array) => void;
  /** What is sent for the log-in and not answered yet. */
  readonly _authsQueue: string[];
  readonly _packetRW: { readonly write: { readonly allocStart: number; alloc(length: number): Buffer; finalize(packet: Buffer): Buffer } };
  /** Set while keys are exchanged: packets have to wait in the queue. */
  readonly _kexinit: unknown;
  _queue: Buffer[] | undefined;
  authNone(user: string): void;
  authPassword(user: string, password: string): void;
  authPK(user: string, key: ParsedKey, algorithm: string, sign?: (data: Buffer, use: (signature: Buffer) => void) => void): void;
  authKeyboard(user: string): void;
  authInfoRes(answers: readonly string[]): void;
  requestFailure(): void;
  channelWindowAdjust(channel: number, bytes: number): void;
}

/** Which of them there are depends on the cipher. */
export interface PacketCipher {
  encrypt?(packet: Buffer): void;
  _encKey?: Buffer | KeyObject;
  _decipherKey?: Buffer | KeyObject;
  _macKey?: Buffer | KeyObject;
  /** As OpenSSL names it. */
  readonly _encSSLName?: string;
  readonly _decipherSSLName?: string;
  /** Memory for a packet, its length and its padding (RFC 4253 §6) filled in. */
  allocPacket?: (payload: number) => Buffer;
}

export interface KeyExchange {
  /** `groupex`: the server chooses the group. */
  readonly type: string;
  /** Of the first exchange; known when it is over. */
  readonly sessionID?: Buffer;
  /** Big-endian; known once the server told them. */
  readonly _prime?: Buffer | null;
  readonly _generator?: Buffer | null;
  _dh: GroupKeys | null;
  _public: Buffer | null;
  generateKeys: () => void;
}

export interface GroupKeys {
  getPrime(): Buffer;
  getGenerator(): Buffer;
  /** Throws for a value that no honest peer sends. */
  computeSecret(other: Buffer): Buffer;
}

/** Sends a request of the log-in with `method` that `ssh2` can't make; its answer comes as that to any other. */
export function sendUserauth(protocol: Ssh2Protocol, method: string, payload: Buffer): void {
  protocol._authsQueue.push(method);
  send(protocol, payload);
}

/** What the other side does nothing about (RFC 4253 §11.2). */
export function sendIgnore(protocol: Ssh2Protocol): void {
  send(protocol, Buffer.from([2, 0, 0, 0, 0]));
}

function send(protocol: Ssh2Protocol, payload: Buffer): void {
  const { write } = protocol._packetRW;
  const packet = write.alloc(payload.length);
  packet.set(payload, write.allocStart);
  const whole = write.finalize(packet);
  if (protocol._kexinit === undefined) protocol._cipher?.encrypt?.(whole);
  else (protocol._queue ??= []).push(whole);
}

/** To be asked for after `client.connect()`. */
export function protocolOf(client: Client): Ssh2Protocol {
  return (client as unknown as { readonly _protocol: Ssh2Protocol })._protocol;
}

import { generateKeyPairSync } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import ssh2, { type Algorithms, type AuthContext, type Connection, type ServerChannel } from 'ssh2';

/** What a client sent in the log-in, in order. */
export interface UserauthRequest {
  readonly method: string;
  readonly password?: string | undefined;
  /** Of `publickey`: the proof, not only the question. */
  readonly signed?: boolean | undefined;
}

export interface ScriptedSshServer {
  readonly port: number;
  readonly requests: readonly UserauthRequest[];
  readonly connections: readonly Connection[];
  stop(): Promise<void>;
}

export interface SshServerOptions {
  readonly port?: number;
  /** PEM, as `makeHostKey` gives it; default: a new one. */
  readonly hostKey?: string;
  readonly algorithms?: Algorithms;
  /** Speaks on the channel of every subsystem. Without it all are refused, so that a successful log-in ends in `Unsupported`. */
  readonly onSubsystem?: (channel: ServerChannel) => void;
  /** The software that it says it is. */
  readonly ident?: string;
  /** Number of the first channel of each connection; default 0. */
  readonly firstChannel?: number;
  /** Bytes of content that it says to take in one packet; default: as many as `ssh2` takes. */
  readonly packetSize?: number;
}

/** An SSH server in this process for log-ins that no real server is easily made to want. */
export async function startSshServer(
  answer: (request: AuthContext, count: number) => void,
  { port, hostKey = makeHostKey(), algorithms, onSubsystem, ident, firstChannel = 0, packetSize }: SshServerOptions = {},
): Promise<ScriptedSshServer> {
  const requests: UserauthRequest[] = [];
  const connections: Connection[] = [];
  const server = new ssh2.Server(
    { hostKeys: [hostKey], ...(algorithms && { algorithms }), ...(ident !== undefined && { ident }) },
    (connection) => {
      connections.push(connection);
      confirmChannels(connection, firstChannel, packetSize);
      connection.on('error', () => {});
      connection.on('authentication', (context) => {
        requests.push({
          method: context.method,
          ...(context.method === 'password' ? { password: context.password } : {}),
          ...(context.method === 'publickey' ? { signed: context.signature !== undefined } : {}),
        });
        answer(context, requests.length);
      });
      connection.on('session', (accept) => {
        const session = accept();
        if (onSubsystem) session.on('subsystem', (acceptSubsystem) => onSubsystem(acceptSubsystem()));
      });
    },
  );
  await new Promise<void>((resolve) => server.listen(port ?? 0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    connections,
    stop: () =>
      new Promise((resolve) => {
        connections.forEach((connection) => connection.end());
        server.close(() => resolve());
      }),
  };
}

/** A new host key in PEM, as `ssh2` reads it. */
export function makeHostKey(type: 'ecdsa' | 'rsa' = 'ecdsa'): string {
  if (type === 'rsa')
    return generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey.export({ type: 'sec1', format: 'pem' }).toString();
}

/** What `ssh2` says of the channels that a client opens. */
function confirmChannels(connection: Connection, first: number, packetSize: number | undefined): void {
  const { _chanMgr: channels, _protocol: protocol } = connection as unknown as ConfirmingConnection;
  channels._cur = first - 1;
  const confirm = protocol.channelOpenConfirm.bind(protocol);
  protocol.channelOpenConfirm = (to, from, window, usual) => confirm(to, from, window, packetSize ?? usual);
}

interface ConfirmingConnection {
  readonly _chanMgr: { _cur: number };
  readonly _protocol: { channelOpenConfirm(to: number, from: number, window: number, packetSize: number): void };
}

/** Sends a whole SSH message as the server, whatever it is. */
export function sendRaw(connection: Connection, payload: Uint8Array): void {
  const { _cipher: cipher, _packetRW: packets } = (connection as unknown as { readonly _protocol: RawProtocol })._protocol;
  const packet = packets.write.alloc(payload.length);
  packet.set(payload, packets.write.allocStart);
  cipher.encrypt(packets.write.finalize(packet));
}

/** What `ssh2` keeps private of its protocol layer. */
interface RawProtocol {
  readonly _cipher: { encrypt(packet: Buffer): void };
  readonly _packetRW: { readonly write: { readonly allocStart: number; alloc(size: number): Buffer; finalize(packet: Buffer): Buffer } };
}

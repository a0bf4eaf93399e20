import { generateKeyPairSync } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import ssh2, { type AuthContext, type Connection } from 'ssh2';

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

/**
 * An SSH server in this process for log-ins that no real server is easily made to want. After the log-in it refuses every subsystem,
 * so that a successful log-in ends in `Unsupported`.
 */
export async function startSshServer(
  answer: (request: AuthContext, count: number) => void,
  options: { readonly port?: number } = {},
): Promise<ScriptedSshServer> {
  const requests: UserauthRequest[] = [];
  const connections: Connection[] = [];
  const server = new ssh2.Server({ hostKeys: [makeHostKey()] }, (connection) => {
    connections.push(connection);
    connection.on('error', () => {});
    connection.on('authentication', (context) => {
      requests.push({
        method: context.method,
        ...(context.method === 'password' ? { password: context.password } : {}),
        ...(context.method === 'publickey' ? { signed: context.signature !== undefined } : {}),
      });
      answer(context, requests.length);
    });
    connection.on('session', (accept) => void accept());
  });
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve));
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
function makeHostKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return privateKey.export({ type: 'sec1', format: 'pem' }).toString();
}

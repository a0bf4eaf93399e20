import { connectFtpWithin } from '../../src/transport/ftp/ftpConnect.ts';
import type { Deadlines } from '../../src/transport/ftp/deadlines.ts';
import type { FtpOptions } from '../../src/core/host.ts';
import type { Remote } from '../../src/core/remote.ts';
import { startHostileFtp, type HostileFtp, type HostileScript } from '../servers/hostileFtp.ts';
import { connectContext, type Script, type TestContext } from './prompts.ts';

/** What a server gets only if it earned it. */
export const canary = 'Canary-Pass-1234';

/** Short enough to wait for. */
const hurried: Deadlines = {
  login: 2500,
  handshake: 1000,
  reply: 1000,
  data: 1000,
  confirmation: 1000,
  dataConnect: 1000,
  cancel: 300,
};

export interface Entering {
  readonly ftp?: Partial<FtpOptions>;
  readonly script?: Script;
  readonly context?: Parameters<typeof connectContext>[1];
  readonly deadlines?: Partial<Deadlines>;
}

/** Ferry's FTP transport on the way into `server`, as the product connects but with `hurried` deadlines. */
export function enter(
  server: HostileFtp,
  { ftp, script, context: given, deadlines }: Entering = {},
): {
  readonly context: TestContext;
  readonly remote: Promise<Remote>;
} {
  const context = connectContext({ password: canary, admit: false, ...script }, given);
  const host = { ...server.host, ftp: { ...server.host.ftp, ...ftp } };
  return { context, remote: connectFtpWithin({ ...hurried, ...deadlines })(host, context) };
}

/** `run` with a server that follows `script`; the server is ended when it settles. */
export async function againstHostile<T>(script: HostileScript, run: (server: HostileFtp) => Promise<T>): Promise<T> {
  const server = await startHostileFtp(script);
  try {
    return await run(server);
  } finally {
    await server.stop();
  }
}

/** `run` with a connection to a server that follows `script`. */
export async function insideHostile<T>(
  script: HostileScript,
  run: (remote: Remote, server: HostileFtp) => Promise<T>,
  entering: Entering = {},
): Promise<T> {
  return againstHostile(script, async (server) => {
    const remote = await enter(server, entering).remote;
    try {
      return await run(remote, server);
    } finally {
      await remote.close();
    }
  });
}

/** The RemoteError code that `promise` rejects with within `ms`, or what else happened. */
export async function outcome(promise: Promise<unknown>, ms = 5000): Promise<string> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<string>((resolve) => (timer = setTimeout(() => resolve(`nothing for ${ms} ms`), ms)));
  try {
    return await Promise.race([
      promise.then(
        () => 'it worked',
        (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : `thrown ${String(error)}`),
      ),
      late,
    ]);
  } finally {
    clearTimeout(timer);
  }
}

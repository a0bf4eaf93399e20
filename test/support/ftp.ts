import assert from 'node:assert/strict';
import type { ConnectContext } from '../../src/core/connect.ts';
import { RemoteError, type RemoteErrorCode } from '../../src/core/errors.ts';
import type { FtpOptions } from '../../src/core/host.ts';
import type { Remote } from '../../src/core/remote.ts';
import { connect } from '../../src/transport/index.ts';
import { requireServer, type TestServer } from '../servers/server.ts';
import { connectContext, type Script, type TestContext } from './prompts.ts';

export interface Attempt {
  /** Over what the server's host says. */
  readonly ftp?: Partial<FtpOptions>;
  readonly protocol?: 'ftp' | 'ftps';
  readonly address?: string;
  /** Over the right password and the admission of the right certificate. */
  readonly script?: Script;
  readonly context?: Partial<Pick<ConnectContext, 'trust' | 'profile' | 'log' | 'signal'>>;
}

export interface Connected {
  readonly remote: Remote;
  readonly context: TestContext;
}

/** A connection to `server` that is closed when `run` settles. */
export async function connected<T>(server: TestServer, attempt: Attempt, run: (connected: Connected) => Promise<T>): Promise<T> {
  const { context, host } = prepared(server, attempt);
  const remote = await connect(host, context);
  try {
    return await run({ remote, context });
  } finally {
    await remote.close();
  }
}

/** Connecting fails with a RemoteError of this code; what was asked on the way is in the context. */
export async function refused(
  server: TestServer,
  attempt: Attempt,
  code: RemoteErrorCode,
): Promise<{ error: RemoteError; context: TestContext }> {
  const { context, host } = prepared(server, attempt);
  const outcome = await connect(host, context).catch((error: unknown) => error);
  if (!(outcome instanceof RemoteError)) {
    if (!(outcome instanceof Error)) await (outcome as Remote).close();
    assert.fail(`expected ${code}, got ${outcome instanceof Error ? (outcome.stack ?? outcome.message) : 'a connection'}`);
  }
  assert.equal(outcome.code, code, `${outcome.message} ${String(outcome.cause)}`);
  return { error: outcome, context };
}

function prepared(server: TestServer, { ftp, protocol, address, script, context: given }: Attempt) {
  const host = {
    ...server.host,
    protocol: protocol ?? server.host.protocol,
    address: address ?? server.host.address,
    ftp: { ...server.host.ftp, ...ftp },
  };
  const { password, fingerprint } = server.secrets;
  return { host, context: connectContext({ password, admit: fingerprint ?? false, ...script }, given) };
}

/** A suite with one server, started before and ended after; `server()` in its tests. */
export function describeWithServer(title: string, start: () => Promise<TestServer>, tests: (server: () => TestServer) => void): void {
  describe(title, function () {
    this.timeout(60_000);
    let server: TestServer | undefined;
    before(async function () {
      server = await requireServer(this, start);
    });
    after(async () => server?.stop());
    afterEach(function () {
      if (this.currentTest?.state === 'failed') process.stderr.write(`${server?.output().slice(-2000) ?? ''}\n`);
    });
    tests(() => {
      assert.ok(server);
      return server;
    });
  });
}

/** The commands that the server saw, of those that note them. */
export function commandsSeen(server: TestServer): string[] {
  return [...server.output().matchAll(/^C: (\S+)/gm)].map((found) => found[1] ?? '');
}

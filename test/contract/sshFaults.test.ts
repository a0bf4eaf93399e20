import assert from 'node:assert/strict';
import { isRemoteError } from '../../src/core/errors.ts';
import type { Remote } from '../../src/core/remote.ts';
import { connect } from '../../src/transport/index.ts';
import { startFaultyProxy, type FaultKind, type FaultyProxy } from '../servers/faultyProxy.ts';
import { startOpenssh } from '../servers/openssh.ts';
import { requireServer, type TestServer } from '../servers/server.ts';
import { connectContext } from '../support/prompts.ts';

describe('an SSH connection over a bad link', () => {
  let server: TestServer;
  let proxy: FaultyProxy;

  before(async function () {
    server = await requireServer(this, () => startOpenssh());
    proxy = await startFaultyProxy({ port: server.host.port });
  });
  after(async () => {
    await proxy.close();
    await server.stop();
  });

  const open = (): Promise<Remote> =>
    connect({ ...server.host, address: proxy.address, port: proxy.port }, connectContext({ admit: true }));

  for (const kind of ['cut', 'reset'] as const satisfies readonly FaultKind[]) {
    for (const direction of ['toServer', 'toClient'] as const) {
      it(`${kind} at any byte ${direction} while connecting: a RemoteError, and the next attempt connects`, async () => {
        for (const afterBytes of [0, 1, 21, 40, 700, 1300, 1700, 2100, 2600]) {
          proxy.arm({ kind, direction, afterBytes });
          const remote = await open().catch((error: unknown) => {
            assert.ok(isRemoteError(error, 'Unreachable', 'Lost', 'Auth'), `${afterBytes}: ${String(error)}`);
            return undefined;
          });
          proxy.disarm();
          await remote?.close();
          const next = await open();
          await next.stat('/');
          await next.close();
        }
      });
    }
  }

  it('a black hole is noticed, and all that waits is told', async () => {
    const remote = await open();
    proxy.strike('stall');
    const waiting = assert.rejects(remote.stat('/'), (error) => isRemoteError(error, 'Lost'));
    assert.equal((await remote.closed).code, 'Lost');
    await waiting;
    await remote.close();
  });

  it('close settles though the link is dead', async () => {
    const remote = await open();
    proxy.strike('stall');
    await remote.close();
    await remote.closed;
  });
});

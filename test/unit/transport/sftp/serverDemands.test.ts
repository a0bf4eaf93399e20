import assert from 'node:assert/strict';
import { boundDemands } from '../../../../src/transport/sftp/serverDemands.ts';
import type { Ssh2Protocol } from '../../../../src/transport/sftp/ssh2Protocol.ts';

describe('what an SSH server asks of the client on its own', () => {
  const state = { refused: 0, passed: 0, failed: 0, untaken: 0 };
  let protocol: Ssh2Protocol;

  const ask = (name: string, ...values: unknown[]): void => protocol._handlers[name]?.(protocol, ...(values as never[]));

  beforeEach(() => {
    Object.assign(state, { refused: 0, passed: 0, failed: 0, untaken: 0 });
    const pass = (): number => state.passed++;
    protocol = {
      _handlers: { GLOBAL_REQUEST: pass, CHANNEL_OPEN: pass, CHANNEL_REQUEST: pass },
      requestFailure: () => state.refused++,
    } as unknown as Ssh2Protocol;
    boundDemands(
      protocol,
      () => state.untaken,
      () => state.failed++,
    );
  });

  it('is refused, and host keys that it offers are not looked at', () => {
    ask('GLOBAL_REQUEST', 'hostkeys-00@openssh.com', false, 'not keys');
    ask('GLOBAL_REQUEST', 'keepalive@openssh.com', true);
    assert.deepEqual(state, { refused: 1, passed: 0, failed: 0, untaken: 0 });
  });

  it('may be anything as long as the answers are taken', () => {
    for (let i = 0; i < 50_000; i++) ask(i % 2 === 0 ? 'GLOBAL_REQUEST' : 'CHANNEL_OPEN', 'x', true);
    assert.deepEqual(state, { refused: 25_000, passed: 25_000, failed: 0, untaken: 0 });
  });

  it('ends the connection where they are not', () => {
    state.untaken = 1;
    for (let i = 0; i < 30_000; i++) ask(['GLOBAL_REQUEST', 'CHANNEL_OPEN', 'CHANNEL_REQUEST'][i % 3]!, 'x', true);
    assert.ok(state.failed > 0);
    assert.equal(state.refused + state.passed, 10_000);
  });
});

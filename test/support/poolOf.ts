import type { Connect } from '../../src/core/connect.ts';
import type { Host } from '../../src/core/host.ts';
import { hostDefaults } from '../../src/core/hostDefaults.ts';
import { silentLog } from '../../src/core/log.ts';
import { createPool, type Pool, type PoolContext } from '../../src/core/pool.ts';
import { scriptedPrompts } from './prompts.ts';

/** A host of tests; nothing is connected by it. */
export function testHost(more: Partial<Host> = {}): Host {
  return { ...hostDefaults('sftp'), name: 'test', address: '127.0.0.1', ...more };
}

/** A pool whose connections are what `connect` makes. */
export function poolOf(connect: Connect, more: Partial<PoolContext> = {}): Pool {
  return createPool({
    connect,
    prompts: scriptedPrompts(),
    trust: { known: () => [], remember: () => Promise.resolve() },
    log: () => silentLog,
    profiles: { get: () => ({}), learn() {} },
    mayConnect: () => undefined,
    ...more,
  });
}

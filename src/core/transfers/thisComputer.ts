import { RemoteError } from '../errors.ts';
import type { Host } from '../host.ts';
import { hostFromAuthority } from '../hosts.ts';
import type { Pool } from '../pool.ts';
import type { Remote } from '../remote.ts';

/** This computer as a host: no saved host's name is empty, so that its place among them is its own. */
export function thisComputer(): Host {
  const host = hostFromAuthority('sftp', 'localhost');
  if (host instanceof RemoteError) throw host;
  return { ...host, name: '' };
}

/** The pool with this computer among its hosts; its disk is nobody's connection. */
export function withThisComputer(pool: Pool, disk: () => Promise<Remote>): Pool {
  return {
    ...pool,
    run: async (host, task, options = {}) =>
      host.name === '' ? task(await disk(), options.signal ?? new AbortController().signal) : pool.run(host, task, options),
  };
}

import { toRemoteError } from '../errors.ts';
import type { Host } from '../host.ts';
import type { Pool } from '../pool.ts';
import { UnsettledMove } from './moveOver.ts';

/** Settles like `work`, a move or copy on `host`; where the link was lost in the middle of a replacement, a new connection finishes it. */
export async function settleMove(pool: Pool, host: Host, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof UnsettledMove)) throw error;
    await settle(pool, host, error);
  }
}

async function settle(pool: Pool, host: Host, unsettled: UnsettledMove): Promise<void> {
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    try {
      await pool.run(host, (remote) => unsettled.settle(remote));
      return;
    } catch (error) {
      if (!toRemoteError(error).dropsConnection) throw error;
    }
  }
  throw unsettled;
}

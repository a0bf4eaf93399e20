import type { Clock } from './clock.ts';
import type { Connection } from './connection.ts';
import { RemoteError } from './errors.ts';
import { t } from './l10n.ts';

/** After so long without use, in ms, a connection has to prove that it lives. The computer may have slept, a firewall forgotten it. */
export const trustedTime = 30_000;
/** How long the proof may take, in ms. */
const proofTime = 4000;

/** Each has to prove that it lives before it is worked with: what cut another one may have cut all. */
export function doubt(connections: readonly Connection[]): void {
  for (const connection of connections) connection.suspect = true;
}

/** Whether it can be worked with; asks the server where that is in doubt, once for all who want to know. */
export async function isAlive(connection: Connection, clock: Clock): Promise<boolean> {
  if (connection.gone) return false;
  const idle = clock.now() - connection.usedAt;
  const doubtful = connection.suspect || idle >= trustedTime;
  if (!doubtful) return true;
  if (connection.proof === undefined) {
    const deadline = new AbortController();
    const overtake = () => deadline.abort(new RemoteError('Lost', t('The server did not answer.')));
    connection.proof = { outcome: prove(connection, clock, deadline.signal, clock.after(proofTime, overtake)), overtake };
  }
  return (await connection.proof.outcome) && !stillGone(connection);
}

async function prove(connection: Connection, clock: Clock, signal: AbortSignal, cancel: () => void): Promise<boolean> {
  try {
    await connection.remote.ping({ signal });
    connection.usedAt = clock.now();
    connection.suspect = false;
    return true;
  } catch {
    return false;
  } finally {
    cancel();
    connection.proof = undefined;
  }
}

function stillGone(connection: Connection): boolean {
  return connection.gone;
}

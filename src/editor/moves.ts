import type { Host } from '../core/host.ts';
import { t } from '../core/l10n.ts';
import type { Discard } from '../core/operations/moveOver.ts';
import type { SaveJournal } from '../core/operations/save.ts';
import { basename } from '../core/path.ts';
import type { Pool } from '../core/pool.ts';
import type { Transfers } from '../core/transfers.ts';
import type { Location } from './uri.ts';

export interface Moves {
  /** Within a host by renaming, between hosts by a verified copy after which the source is removed. */
  move(from: Location, to: Location, overwrite: boolean): Promise<void>;
  copy(from: Location, to: Location, overwrite: boolean): Promise<void>;
}

export interface MovesParts {
  readonly pool: Pool;
  readonly transfers: Transfers;
  readonly journal: (host: Host) => SaveJournal;
  /** What becomes of what is replaced; undefined: it is removed. */
  readonly discard?: ((host: Host) => Discard | undefined) | undefined;
}

export function createMoves({ pool, transfers, journal, discard }: MovesParts): Moves {
  const run = (verb: string, act: 'moveThroughPool' | 'copyThroughPool', from: Location, to: Location, overwrite: boolean) =>
    transfers.track({ verb, name: basename(from.path), hostName: from.host.name }, undefined, async (report, signal) => {
      const operations = await import('../core/operations/moveThroughPool.ts');
      await operations[act](pool, from, to, {
        overwrite,
        signal,
        journal: journal(to.host),
        discard: discard?.(to.host),
        onProgress: (count, current) => report({ count, current }),
      });
    });

  return {
    move: (from, to, overwrite) => run(t('Moving'), 'moveThroughPool', from, to, overwrite),
    copy: (from, to, overwrite) => run(t('Copying'), 'copyThroughPool', from, to, overwrite),
  };
}

import type { Host } from '../../core/host.ts';
import type { Place } from '../../core/operations/moveThroughPool.ts';
import type { SaveJournal } from '../../core/operations/save.ts';
import type { Version } from '../../core/operations/version.ts';
import type { Pool } from '../../core/pool.ts';
import type { Attributes, Remote } from '../../core/remote.ts';
import type { Bandwidth } from '../../core/transfers/bandwidth.ts';
import { fetchOver, sendOver } from '../../core/transfers/overVersion.ts';
import { thisComputer, withThisComputer } from '../../core/transfers/thisComputer.ts';
import type { ExchangeCall } from './exchange.ts';
import type { MappedFile } from './mappings.ts';

export interface LargeFilesParts {
  readonly pool: Pool;
  readonly bandwidth: Bandwidth;
  /** The disk of this computer. */
  readonly local: () => Promise<Remote>;
  journal(host: Host): SaveJournal;
}

/** Files that are not held in memory, between this computer and their servers. */
export interface LargeFiles {
  /** As `sendOver`. */
  send(file: MappedFile, source: Pick<Attributes, 'size' | 'mtime'>, base: Version | 'missing', call: ExchangeCall): Promise<Version | undefined>;
  /** As `fetchOver`, into the file of this computer. */
  fetch(file: MappedFile, source: Pick<Attributes, 'size' | 'mtime'>, mayPlace: () => Promise<void>, call: ExchangeCall): Promise<Attributes>;
}

export function createLargeFiles({ pool, bandwidth, local, journal }: LargeFilesParts): LargeFiles {
  const here = thisComputer();
  const both = withThisComputer(pool, local);
  const places = ({ uri, location: { host, path } }: MappedFile): [near: Place, far: Place] => [
    { host: here, path: uri.path },
    { host, path },
  ];
  const never = new AbortController().signal;
  return {
    send(file, source, base, { signal = never, onProgress, isQueued = false }) {
      const [from, to] = places(file);
      const parts = { pool: both, bandwidth, journal: journal(to.host) };
      return sendOver(parts, { from, to, source, isResumed: isQueued, saveMode: to.host.saveMode }, base, { signal, onProgress });
    },
    fetch(file, source, mayPlace, { signal = never, onProgress, isQueued = false }) {
      const [to, from] = places(file);
      const parts = { pool: both, bandwidth, journal: undefined };
      return fetchOver(parts, { from, to, source, isResumed: isQueued }, mayPlace, { signal, onProgress });
    },
  };
}

import { realpath } from 'node:fs/promises';
import { Uri } from 'vscode';
import type { Host } from '../../core/host.ts';
import type { SaveJournal } from '../../core/operations/save.ts';
import type { Version } from '../../core/operations/version.ts';
import { t } from '../../core/l10n.ts';
import { basename } from '../../core/path.ts';
import type { Pool } from '../../core/pool.ts';
import type { Attributes, Remote } from '../../core/remote.ts';
import type { Bandwidth } from '../../core/transfers/bandwidth.ts';
import type { FillCall } from '../../core/transfers/partialFile.ts';
import { fetchOver, sendOver } from '../../core/transfers/overVersion.ts';
import { thisComputer, withThisComputer } from '../../core/transfers/thisComputer.ts';
import type { Transfers } from '../../core/transfers.ts';
import type { ExchangeCall } from './exchange.ts';
import type { MappedFile } from './mappings.ts';

export interface LargeFilesParts {
  readonly pool: Pool;
  readonly transfers: Transfers;
  /** The disk of this computer. */
  readonly local: () => Promise<Remote>;
  readonly journal: (host: Host) => SaveJournal;
}

/** Files that are not held in memory, between this computer and their servers. */
export interface LargeFiles {
  /** As `sendOver`. */
  send(file: MappedFile, base: Version | 'missing', call: ExchangeCall): Promise<Agreed | undefined>;
  /** As `fetchOver`, into the file of this computer. */
  fetch(
    file: MappedFile,
    source: Pick<Attributes, 'size' | 'mtime'>,
    mayPlace: () => Promise<void>,
    call: ExchangeCall,
  ): Promise<Attributes>;
}

export interface Agreed {
  readonly version: Version;
  /** Of the file of this computer, in ms since the epoch. */
  readonly time: number | undefined;
}

export function createLargeFiles(parts: LargeFilesParts): LargeFiles {
  const { transfers, local, journal } = parts;
  const here = thisComputer();
  const pool = withThisComputer(parts.pool, local);
  /** Shown by itself, unless the queue shows it. */
  const run = <T>(
    verb: string,
    { location }: MappedFile,
    call: ExchangeCall,
    size: number,
    act: (course: Course) => Promise<T>,
  ): Promise<T> => {
    const { signal, onProgress, queued } = call;
    if (queued !== undefined) return act({ ...queued, isResumed: true, call: { signal: signal ?? never, onProgress } });
    return transfers.track({ verb, name: basename(location.path), hostName: location.host.name }, signal, (report, ended) =>
      act({ bandwidth: unbounded, isResumed: false, call: { signal: ended, onProgress: (bytes) => report({ bytes, total: size }) } }),
    );
  };
  return {
    async send(file, base, call) {
      const { host, path } = file.location;
      const from = { host: here, path: file.uri.path };
      const source = await (await local()).stat(from.path);
      const version = await run(t('Saving'), file, call, source.size, ({ bandwidth, isResumed, call: ended }) => {
        const transfer = { from, to: { host, path }, source, isResumed, saveMode: host.saveMode, newMode: file.mapping.permissions.files };
        return sendOver({ pool, bandwidth, journal: journal(host) }, transfer, base, ended);
      });
      return version && { version, time: source.mtime };
    },
    async fetch(file, source, mayPlace, call) {
      // A link on this computer stays one.
      const disk = await realpath(file.uri.fsPath).catch(() => file.uri.fsPath);
      const to = { host: here, path: Uri.file(disk).path };
      return run(t('Downloading'), file, call, source.size, ({ bandwidth, isResumed, call: ended }) =>
        fetchOver({ pool, bandwidth, journal: undefined }, { from: file.location, to, source, isResumed }, mayPlace, ended),
      );
    },
  };
}

interface Course {
  readonly bandwidth: Bandwidth;
  readonly isResumed: boolean;
  readonly call: FillCall;
}

const never = new AbortController().signal;
const unbounded: Bandwidth = { slice: Infinity, take: () => Promise.resolve(), changed: () => {} };

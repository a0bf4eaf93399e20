import type { EditorFigures } from './editorJob.ts';
import type { MemoryFigures } from './memory.ts';
import type { Times } from './times.ts';

export type Measured = Times | { readonly longerThan: number } | { readonly failed: string };

/** RTT 0 and the chosen RTT; `direct`: on the server's loopback, without the line. */
export const lineNames = ['near', 'far', 'direct'] as const;
export type LineName = (typeof lineNames)[number];

/** What one client came to with one operation. */
export interface Figure extends Readonly<Partial<Record<LineName, Measured>>> {
  readonly operation: string;
  readonly client: string;
}

export interface ClientNote {
  readonly client: string;
  readonly how: string;
}

/** One server with all clients that speak its protocol. */
export interface ServerFigures {
  readonly server: string;
  readonly version: string;
  readonly protocol: 'sftp' | 'ftp' | 'ftps';
  readonly clients: readonly ClientNote[];
  readonly figures: readonly Figure[];
  /** Why other clients were not measured. */
  readonly missing: readonly string[];
}

/** What `npm run bench` keeps of a run. */
export interface BenchResult {
  readonly time: string;
  readonly machine: string;
  /** Of the machine, in its three usual spans, when the run began and ended. */
  readonly loadBefore: readonly number[];
  readonly loadAfter: readonly number[];
  readonly line: string;
  readonly rttMs: number;
  readonly bytesPerSecond: number | undefined;
  readonly servers: readonly ServerFigures[];
  readonly memory: readonly MemoryFigures[];
  readonly editor: EditorFigures | undefined;
}

export function isTimes(measured: Measured | undefined): measured is Times {
  return measured !== undefined && 'median' in measured;
}

/** How many round trips lie between both medians. */
export function roundTrips({ near, far }: Figure, rttMs: number): number | undefined {
  return isTimes(near) && isTimes(far) ? (far.median - near.median) / rttMs : undefined;
}

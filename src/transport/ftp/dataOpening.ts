import type { Socket } from 'node:net';

/** The commands of RFC 959 and 2428 that agree on a data connection. */
export type DataMode = 'EPSV' | 'PASV' | 'EPRT' | 'PORT';

/** An agreed data connection, not made yet. */
export interface Opening {
  readonly mode: DataMode;
  /** Passive: connects. Active: waits for the server. Rejects with a RemoteError (`NoDataConnection`). May be called once. */
  connect(signal: AbortSignal): Promise<Socket>;
  /** Gives up what is open or waits. */
  cancel(): void;
}

export function isActive(mode: DataMode): mode is 'EPRT' | 'PORT' {
  return mode === 'EPRT' || mode === 'PORT';
}

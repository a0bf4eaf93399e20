import type { Socket } from 'node:net';
import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';

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

/** No data connection came about in this mode; another one may do. */
export class NoDataConnection extends RemoteError {
  constructor(why: string, cause?: unknown) {
    super('Unreachable', t('No data connection could be made: {0}', why), {
      hint: t('A firewall or router may stand in between. Set "mode" of the host to passive or active, or ask the administrator.'),
      dropsConnection: false,
      cause,
    });
  }
}

/** Where the protocol's dialogue goes. Implementations strip control characters; callers never pass a secret (`redacted` instead). */
export interface Log {
  /** False: what `trace` is told goes nowhere, so that it need not be put into words; undefined: it is wanted. Changes with time. */
  readonly wantsTrace?: boolean;
  trace(message: string): void;
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** What stands in a log in place of a secret. */
export const redacted = '***';

export const silentLog: Log = { wantsTrace: false, trace() {}, debug() {}, info() {}, warn() {}, error() {} };

/** Where the protocol's dialogue goes. Implementations strip control characters; callers never pass a secret (`redacted` instead). */
export interface Log {
  trace(message: string): void;
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** What stands in a log in place of a secret. */
export const redacted = '***';

export const silentLog: Log = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };

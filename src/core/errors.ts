/** Every way an operation on a server can fail. `editor/fileSystemError.ts` must map each one, or it does not compile. */
export const remoteErrorCodes = [
  'NotFound',
  'Exists',
  'NotADirectory',
  'IsADirectory',
  'NotEmpty',
  'Denied',
  'NoSpace',
  'Unsupported',
  'BadPath',
  'Conflict',
  'Corrupt',
  'Auth',
  'Untrusted',
  'Cancelled',
  'Unreachable',
  'Lost',
  'Busy',
  'Unknown',
] as const;

export type RemoteErrorCode = (typeof remoteErrorCodes)[number];

/**
 * What a code means for the connection it came from and for a second attempt.
 * `retry`: the same operation may succeed on a new connection. `drop`: the connection that raised it is of no more use.
 */
const errorBehaviour: Readonly<Record<RemoteErrorCode, { readonly retry: boolean; readonly drop: boolean }>> = {
  NotFound: { retry: false, drop: false },
  Exists: { retry: false, drop: false },
  NotADirectory: { retry: false, drop: false },
  IsADirectory: { retry: false, drop: false },
  NotEmpty: { retry: false, drop: false },
  Denied: { retry: false, drop: false },
  NoSpace: { retry: false, drop: false },
  Unsupported: { retry: false, drop: false },
  BadPath: { retry: false, drop: false },
  Conflict: { retry: false, drop: false },
  Corrupt: { retry: false, drop: false },
  Auth: { retry: false, drop: true },
  Untrusted: { retry: false, drop: true },
  Cancelled: { retry: false, drop: false },
  Unreachable: { retry: true, drop: true },
  Lost: { retry: true, drop: true },
  Busy: { retry: true, drop: false },
  Unknown: { retry: false, drop: false },
};

export interface RemoteErrorDetails {
  /** Absolute path on the server, where one is concerned. */
  readonly path?: string | undefined;
  /** The host's name as the person knows it. */
  readonly host?: string | undefined;
  /** What the person can do next, in plain words; one sentence. */
  readonly hint?: string | undefined;
  /** What may get through to `host` instead: `openssh`, the person's own `ssh` program. */
  readonly remedy?: 'openssh' | undefined;
  /** Overrides of what `errorBehaviour` says for the code, for the rare case that knows better. */
  readonly retryable?: boolean | undefined;
  readonly dropsConnection?: boolean | undefined;
  readonly cause?: unknown;
}

/**
 * The only error that transports and operations throw. `message` is plain words without the path and host (they are fields);
 * text from a server in it has gone through `safeText`.
 */
export class RemoteError extends Error {
  override readonly name = 'RemoteError';
  readonly code: RemoteErrorCode;
  readonly path: string | undefined;
  readonly host: string | undefined;
  readonly hint: string | undefined;
  readonly remedy: 'openssh' | undefined;
  readonly retryable: boolean;
  readonly dropsConnection: boolean;

  constructor(code: RemoteErrorCode, message: string, details: RemoteErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.path = details.path;
    this.host = details.host;
    this.hint = details.hint;
    this.remedy = details.remedy;
    this.retryable = details.retryable ?? errorBehaviour[code].retry;
    this.dropsConnection = details.dropsConnection ?? errorBehaviour[code].drop;
  }

  /** The same failure, of the same class, with what the raising layer could not know; a field that is already set stays. */
  with(details: Pick<RemoteErrorDetails, 'path' | 'host' | 'hint'>): this {
    return changed(this, {
      path: this.path ?? details.path,
      host: this.host ?? details.host,
      hint: this.hint ?? details.hint,
    });
  }

  /** The same failure, of the same class, with a hint that matters more than the one that it may have. */
  withHint(hint: string): this {
    return changed(this, { hint });
  }
}

/** Not a private method: what `Object.create` makes has none. */
function changed<T extends RemoteError>(error: T, fields: Readonly<Record<string, string | undefined>>): T {
  const value = (of: unknown, enumerable = true) => ({ value: of, enumerable, writable: true, configurable: true });
  return Object.create(Object.getPrototypeOf(error) as object, {
    ...Object.getOwnPropertyDescriptors(error),
    // V8's own `stack` is an accessor that answers only to the error that it was made for.
    stack: value(error.stack, false),
    ...Object.fromEntries(Object.entries(fields).map(([name, of]) => [name, value(of)])),
  }) as T;
}

export function isRemoteError(error: unknown, ...codes: RemoteErrorCode[]): error is RemoteError {
  return error instanceof RemoteError && (codes.length === 0 || codes.includes(error.code));
}

/** Any thrown value as a RemoteError; an abort becomes `Cancelled`, the unforeseen `Unknown`. */
export function toRemoteError(error: unknown): RemoteError {
  if (error instanceof RemoteError) return error;
  if (error instanceof Error && error.name === 'AbortError') return new RemoteError('Cancelled', 'Cancelled.', { cause: error });
  return new RemoteError('Unknown', error instanceof Error ? error.message : String(error), { cause: error });
}

/** The error that an aborted signal stands for: its reason if that is a RemoteError, else `Cancelled`. */
export function abortError(signal: AbortSignal): RemoteError {
  return signal.reason instanceof RemoteError ? signal.reason : new RemoteError('Cancelled', 'Cancelled.', { cause: signal.reason });
}

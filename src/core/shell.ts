import type { RemoteError } from './errors.ts';

/** A program of this computer, with its arguments as they are: no shell reads them. */
export interface LocalCommand {
  readonly program: string;
  readonly args: readonly string[];
}

/** In characters, 1 or more each. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

export interface ShellOptions {
  readonly size: TerminalSize;
  /** Where it is to begin, absolute; undefined: where the log-in starts. */
  readonly folder?: string | undefined;
  /** Ends the opening, not the shell. */
  readonly signal?: AbortSignal | undefined;
}

/** How a shell ended; `exitCode` undefined where the server told none, such as after a signal, which `signal` names (`SIGKILL`). Raw. */
export type ShellEnd =
  | { readonly kind: 'exited'; readonly exitCode: number | undefined; readonly signal: string | undefined }
  | { readonly kind: 'lost'; readonly reason: RemoteError };

/** A shell on a terminal of the server (RFC 4254, section 6). Its output is the server's, whatever is in it. */
export interface Shell {
  /** Whether it began in `ShellOptions.folder`, as far as the server lets one ask for that. */
  readonly inFolder: boolean;
  /** Resolves once, after the last output. Never rejects. */
  readonly ended: Promise<ShellEnd>;
  /** To be called once, at once. */
  onOutput(listener: (chunk: Uint8Array) => void): void;
  /** While paused no output comes, and the server waits. */
  pause(): void;
  resume(): void;
  write(input: Uint8Array): void;
  resize(size: TerminalSize): void;
  /** Ends it; `ended` resolves in bounded time, whatever the server does. */
  close(): void;
}

import { EventEmitter } from 'vscode';
import type { Event, Pseudoterminal, TerminalDimensions } from 'vscode';
import { charsetOf } from '../core/charset.ts';
import { abortError, RemoteError, toRemoteError } from '../core/errors.ts';
import type { Host } from '../core/host.ts';
import { t } from '../core/l10n.ts';
import type { Pool } from '../core/pool.ts';
import type { Remote } from '../core/remote.ts';
import type { Shell, ShellEnd, TerminalSize } from '../core/shell.ts';
import { safeText } from '../core/text.ts';
import { onAbort } from './abort.ts';
import { describeError } from './fileSystemError.ts';
import { createOutput, type Output } from './terminalOutput.ts';

export interface RemoteTerminalOptions {
  readonly pool: Pool;
  readonly host: Host;
  /** Undefined: where the log-in starts. */
  readonly folder: string | undefined;
}

const usualSize: TerminalSize = { columns: 80, rows: 24 };

/** A terminal of VS Code with a shell on the host, on a connection of the pool. When the shell is gone, Enter opens another one. */
export class RemoteTerminal implements Pseudoterminal {
  readonly onDidWrite: Event<string>;
  readonly onDidClose: Event<number>;
  readonly #options: RemoteTerminalOptions;
  readonly #written = new EventEmitter<string>();
  readonly #closed = new EventEmitter<number>();
  #size = usualSize;
  #shell: Shell | undefined;
  /** Of the shell that runs or is being opened; undefined: none is. */
  #run: AbortController | undefined;

  constructor(options: RemoteTerminalOptions) {
    this.#options = options;
    this.onDidWrite = this.#written.event;
    this.onDidClose = this.#closed.event;
  }

  open(size: TerminalDimensions | undefined): void {
    if (size !== undefined) this.#size = size;
    this.#start();
  }

  close(): void {
    this.#run?.abort();
    this.#run = undefined;
  }

  handleInput(typed: string): void {
    if (this.#shell !== undefined) this.#shell.write(this.#encoded(typed));
    else if (this.#run === undefined && typed.includes('\r')) this.#start();
    // Ctrl+C while it connects.
    else if (typed.includes('\u0003')) this.#run?.abort();
  }

  setDimensions(size: TerminalDimensions): void {
    this.#size = size;
    this.#shell?.resize(size);
  }

  #start(): void {
    const run = (this.#run = new AbortController());
    void this.#live(run.signal).then((end) => {
      // Closed by the person meanwhile.
      if (this.#run !== run) return;
      this.#run = undefined;
      if (end === undefined) this.#closed.fire(0);
      else this.#say(end, t('Press Enter to open a new shell.'));
    });
  }

  /** Resolves with what is to be said of its end; undefined: nothing, it came as it was meant to. Never rejects. */
  async #live(signal: AbortSignal): Promise<string | undefined> {
    const { pool, host } = this.#options;
    const began = Date.now();
    if (pool.state(host.name).state !== 'connected') this.#say(t('Connecting to {0}…', safeText(host.name, 80)));
    try {
      const end = await pool.run(host, (remote, running) => this.#converse(remote, running), { signal, demanded: true });
      return describeEnd(end, Date.now() - began);
    } catch (error) {
      return describeError(error);
    } finally {
      this.#shell = undefined;
    }
  }

  async #converse(remote: Remote, signal: AbortSignal): Promise<ShellEnd> {
    const { host, folder } = this.#options;
    if (remote.openShell === undefined) throw noTerminal(host);
    const shell = await remote.openShell({ size: this.#size, folder, signal });
    const output: Output = createOutput(shell, host.charset, (text) => this.#written.fire(text));
    const stop = onAbort(signal, () => shell.close());
    this.#shell = shell;
    if (!shell.inFolder) this.#say(t('The server lets nobody choose the folder: this is where the log-in starts.'));
    // It may have been drawn in another size meanwhile.
    shell.resize(this.#size);
    const end = await shell.ended;
    stop.dispose();
    output.end();
    if (signal.aborted) throw abortError(signal);
    if (end.kind === 'lost') throw toRemoteError(end.reason);
    return end;
  }

  #encoded(typed: string): Uint8Array {
    try {
      return charsetOf(this.#options.host.charset).encode(typed);
    } catch {
      return new TextEncoder().encode(typed);
    }
  }

  /** A line of Ferry's own, told from what the server writes by its looks. */
  #say(...sentences: readonly string[]): void {
    this.#written.fire(`\u001b[0m\r\n\u001b[2m[${sentences.join(' ')}]\u001b[0m\r\n`);
  }
}

/** A shell that goes so soon, in ms, was none to work with. */
const atOnce = 5000;

function describeEnd(end: ShellEnd, lasted: number): string | undefined {
  if (end.kind === 'lost') return describeError(end.reason);
  const { exitCode, signal } = end;
  if (signal !== undefined) return t('The shell was ended by the signal {0}.', safeText(signal, 40));
  if (exitCode === undefined || exitCode === 0) return undefined;
  const ended = t('The shell ended with exit code {0}.', exitCode);
  return lasted > atOnce ? ended : `${ended} ${t('If that is at once each time, the account may use files only.')}`;
}

function noTerminal({ name }: Host): RemoteError {
  return new RemoteError('Unsupported', t('This server gives no terminals.'), { host: name });
}

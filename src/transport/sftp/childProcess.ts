import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { homedir } from 'node:os';
import { PassThrough, type Readable, type Writable } from 'node:stream';

/** A program, with its input and output. What it could not be started for comes as its `error`. */
export interface PipedProcess {
  readonly child: ChildProcess;
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
}

/** In a group and session of its own, so that what it starts ends with it, and no terminal is there to ask on. */
export function startProcess(file: string, args: readonly string[], options: SpawnOptions = {}): PipedProcess {
  const { platform } = process;
  const usual = { cwd: homedir(), windowsHide: true, detached: platform !== 'win32' };
  const child: ChildProcess = spawn(file, args, { ...usual, ...options, stdio: 'pipe' });
  // Where no more files can be opened (EMFILE) there are no pipes: nothing comes and goes until the error does.
  const { stdin, stdout, stderr } = child;
  return { child, stdin: stdin ?? new PassThrough(), stdout: stdout ?? new PassThrough(), stderr: stderr ?? new PassThrough() };
}

/** How long a program may take over its end after SIGHUP. */
const farewell = 2000;

/** Ends a program and all that it started, which but on Windows is a group of its own (`detached`). Also one that has gone already. */
export function endProcess(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  if (process.platform === 'win32') {
    child.kill();
    return;
  }
  const tell = (signal: NodeJS.Signals): void => {
    try {
      process.kill(-pid, signal);
    } catch {
      // It has gone already.
    }
  };
  tell('SIGHUP');
  setTimeout(() => tell('SIGKILL'), farewell).unref();
}

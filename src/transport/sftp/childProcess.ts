import type { ChildProcess } from 'node:child_process';

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

import { spawn } from 'node:child_process';
import { homedir } from 'node:os';

/** How a command of the person's configuration is run: by their shell, as OpenSSH does. */
export function shellCommand(command: string): { readonly file: string; readonly args: readonly string[]; readonly verbatim: boolean } {
  if (process.platform === 'win32')
    return { file: process.env['ComSpec'] ?? 'cmd.exe', args: ['/d', '/s', '/c', `"${command}"`], verbatim: true };
  const shell = process.env['SHELL'];
  return { file: shell === undefined || shell === '' ? '/bin/sh' : shell, args: ['-c', command], verbatim: false };
}

/** A command that decides about a configuration is given up after so many ms. */
const patience = 10_000;

/** Whether a command succeeds, in bounded time. Never rejects. */
export function runInShell(command: string): Promise<boolean> {
  const { file, args, verbatim } = shellCommand(command);
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: 'ignore', cwd: homedir(), windowsHide: true, windowsVerbatimArguments: verbatim });
    const timer = setTimeout(() => child.kill('SIGKILL'), patience);
    const settle = (succeeded: boolean): void => {
      clearTimeout(timer);
      resolve(succeeded);
    };
    child.once('error', () => settle(false)).once('exit', (code) => settle(code === 0));
  });
}

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { environment, repository } from '../host/places.ts';

export interface Finished {
  readonly code: number;
  readonly output: string;
}

export interface CommandOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Gets the output as it comes; without it, it is only collected. */
  readonly onOutput?: (text: string) => void;
}

/** A tool of `node_modules/.bin`, or any other command, in the repository. Never rejects for a bad exit code. */
export async function runCommand(command: string, args: readonly string[], options: CommandOptions = {}): Promise<Finished> {
  const child = spawn(command, args, {
    cwd: repository,
    env: environment(options.env),
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
  let output = '';
  const collect = (chunk: Buffer): void => {
    const text = chunk.toString();
    output += text;
    options.onOutput?.(text);
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const code = await new Promise<number>((resolve) => {
    child.once('error', (error) => {
      output += error.message;
      resolve(1);
    });
    child.once('close', (exit) => resolve(exit ?? 1));
  });
  return { code, output };
}

/** `npm run NAME`; throws with its output if it fails. */
export async function runScript(name: string): Promise<void> {
  const { code, output } = await runCommand('npm', ['run', '--silent', name]);
  if (code !== 0) throw new Error(`npm run ${name} failed:\n${output}`);
}

/** A path within the repository. */
export function inRepository(...names: string[]): string {
  return join(repository, ...names);
}

import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { environment, repository } from '../host/places.ts';

export interface Finished {
  readonly code: number;
  readonly output: string;
}

export interface CommandOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** It is ended when it takes longer. */
  readonly timeoutMs?: number;
}

/** A tool of `node_modules/.bin`, or any other command, in the repository. Never rejects for a bad exit code. */
export async function runCommand(command: string, args: readonly string[], options: CommandOptions = {}): Promise<Finished> {
  const child = spawn(command, args, {
    cwd: repository,
    env: environment(options.env),
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
    ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
  });
  let output = '';
  const collect = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const code = await new Promise<number>((resolve) => {
    child.once('error', (error) => {
      output += error.message;
      resolve(1);
    });
    child.once('close', (exit, signal) => {
      if (signal !== null) output += `\nEnded by ${signal}.\n`;
      resolve(exit ?? 1);
    });
  });
  return { code, output };
}

/** `npm run NAME`; throws with its output if it fails. */
export async function runScript(name: string): Promise<void> {
  const { code, output } = await runCommand('npm', ['run', '--silent', name]);
  if (code !== 0) throw new Error(`npm run ${name} failed:\n${output}`);
}

/** Once for all that need it: `npm test` says by FERRY_BUILT that it did. */
export async function buildExtension(...scripts: readonly string[]): Promise<void> {
  if (!process.env['FERRY_BUILT']) await Promise.all((scripts.length > 0 ? scripts : ['build']).map((script) => runScript(script)));
}

/** A path within the repository. */
export function inRepository(...names: string[]): string {
  return join(repository, ...names);
}

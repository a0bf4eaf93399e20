import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { ensurePackages } from '../setup/debian.ts';
import { environment, toolsFolder } from './places.ts';

/** VS Code 1.139.1 as npm carries it: the same workbench and the same Node extension host as the desktop's. */
const version = '4.139.1';
/** Its native modules are compiled on the spot. */
const compilerPackages = ['libkrb5-dev', 'python3', 'make', 'g++'];
const folder = join(toolsFolder, `code-server-${version}`);
const serverMain = join(folder, 'node_modules', 'code-server', 'lib', 'vscode', 'out', 'server-main.js');
const marker = join(folder, 'installed');

/** The entry point of the workbench's server, installed first if need be (1 to 2 minutes, once). Throws with npm's words if it can't be. */
export async function installWorkbench(say: (line: string) => void): Promise<string> {
  if (existsSync(marker) && (await readFile(marker, 'utf8')) === process.version) return serverMain;
  say(`Installing VS Code from npm (code-server ${version}); this takes a minute or two, once.`);
  if (process.platform === 'linux') ensurePackages(compilerPackages);
  const headers = await installHeaders();
  await rm(folder, { recursive: true, force: true });
  await writePackage(folder, 'workbench', { 'code-server': version }, ['code-server', 'argon2']);
  /* Optimising SQLite alone would take longer than all the rest. */
  const quick = { CFLAGS: '-O0', CXXFLAGS: '-O0' };
  await npmInstall(folder, { npm_config_nodedir: headers, MAKEFLAGS: `-j${String(availableParallelism())}`, ...quick });
  await writeFile(marker, process.version);
  return serverMain;
}

/** Node's own headers, for the workbench's native modules: from npm, because its usual source may be out of reach. */
async function installHeaders(): Promise<string> {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const into = join(toolsFolder, `headers-${process.version}`);
  const headers = join(into, 'node_modules', name);
  if (!existsSync(join(headers, 'include', 'node', 'node_api.h'))) {
    await writePackage(into, 'headers', { [name]: process.versions.node }, []);
    await npmInstall(into, {});
  }
  return headers;
}

async function writePackage(into: string, name: string, dependencies: Record<string, string>, scripts: readonly string[]): Promise<void> {
  await mkdir(into, { recursive: true });
  const allowScripts = Object.fromEntries(scripts.map((script) => [script, true]));
  await writeFile(join(into, 'package.json'), JSON.stringify({ name, private: true, allowScripts, dependencies }, undefined, 2));
}

async function npmInstall(into: string, extra: NodeJS.ProcessEnv): Promise<void> {
  const output: string[] = [];
  const npm = spawn('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: into,
    /* An npm that runs us hands down the Node of its own, which code-server would take for the one that compiles. */
    env: environment({ ...extra, npm_config_user_agent: undefined }),
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
  npm.stdout.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  npm.stderr.on('data', (chunk: Buffer) => output.push(chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) => npm.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`VS Code could not be installed from npm:\n${output.join('').slice(-3000)}`);
}

// Runs on whatever Node a machine has (18 or newer): installs the project's packages if they are missing or not those of
// package-lock.json, then runs a TypeScript file with the Node of the project: `node bootstrap.mjs FILE.ts [ARGUMENT…]`.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const repository = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const windows = process.platform === 'win32';
const projectNode = join(repository, 'node_modules', 'node', 'bin', windows ? 'node.exe' : 'node');
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];

function readPackages(...path) {
  try {
    return JSON.parse(readFileSync(join(repository, ...path), 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** Whether what npm wrote down of its last installation holds every package of the lock file, in its version. */
function isInstalled() {
  const wanted = readPackages('package-lock.json');
  const installed = readPackages('node_modules', '.package-lock.json');
  if (wanted === undefined || installed === undefined || !existsSync(projectNode)) return false;
  return Object.entries(wanted).every(
    ([path, { version, optional, devOptional }]) => path === '' || optional || devOptional || installed[path]?.version === version,
  );
}

/** Signals go on to the child, and this process lives until it has ended. */
function run(command, args, options) {
  const child = spawn(command, args, { cwd: repository, stdio: 'inherit', ...options });
  const passOn = (signal) => child.kill(signal);
  for (const signal of signals) process.on(signal, passOn);
  return new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(`${command} can't be started: ${error.message}`);
      resolve(1);
    });
    child.once('exit', (code, signal) => {
      for (const one of signals) process.off(one, passOn);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });
}

const [target, ...args] = process.argv.slice(2);
if (target === undefined) {
  console.error('Which file is to be run?');
  process.exit(1);
}
if (!isInstalled()) {
  console.log('Installing the packages of the project (npm ci)…');
  const code = await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { shell: windows });
  if (code !== 0) process.exit(code);
}
const path = [join(repository, 'node_modules', '.bin'), dirname(projectNode), process.env.PATH ?? ''].join(delimiter);
process.exit(await run(projectNode, [join(repository, target), ...args], { env: { ...process.env, PATH: path } }));

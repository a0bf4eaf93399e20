import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';

/**
 * What the tests need from the system, as Debian packages. The FTP servers other than pyftpdlib are no part of it:
 * they conflict as packages and are unpacked beside each other by `test/servers/unpacked.ts`.
 */
const neededPackages = [
  'openssh-client',
  'openssh-server',
  'openssh-sftp-server',
  'dropbear-bin',
  'putty-tools',
  'openssl',
  'curl',
  'python3-pyftpdlib',
  'python3-openssl',
  'chromium',
  'fonts-dejavu-core',
  // To compile what the npm-packaged VS Code brings as source.
  'libkrb5-dev',
  'python3',
  'make',
  'g++',
] as const;

export interface PackagesResult {
  /** Not installed and not installable here; the suites that need them are skipped. */
  readonly missing: readonly string[];
}

/** Installs what is missing where this user may; quick and silent when all is there. Prints one line otherwise. */
export function ensurePackages(packages: readonly string[] = neededPackages): PackagesResult {
  if (!has('dpkg-query'))
    return { missing: tell(packages, 'This is not a Debian system: tests of the servers that are not installed are skipped.') };
  const before = notInstalled(packages);
  if (before.length === 0) return { missing: [] };
  const asRoot = rootPrefix();
  if (asRoot === undefined) return { missing: tell(before, 'Missing packages. To run all tests:') };
  process.stdout.write(`Installing ${before.join(' ')}\n`);
  withoutStartingServices(asRoot, () => {
    run([...asRoot, 'apt-get', 'update', '-q']);
    install(asRoot, before);
    /* One unknown name makes apt-get refuse them all. */
    if (before.length > 1) for (const one of notInstalled(before)) install(asRoot, [one]);
  });
  const missing = notInstalled(packages);
  return { missing: missing.length === 0 ? [] : tell(missing, 'These packages could not be installed:') };
}

function tell(missing: readonly string[], why: string): readonly string[] {
  process.stdout.write(`${why} sudo apt-get install --no-install-recommends ${missing.join(' ')}\n`);
  return missing;
}

function install(asRoot: readonly string[], packages: readonly string[]): void {
  run([...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', 'install', '-yq', '--no-install-recommends', ...packages]);
}

/** The words that make a command root's: none for root, `sudo -n` where it asks no password; undefined: there is no way. */
function rootPrefix(): readonly string[] | undefined {
  if (!has('apt-get')) return undefined;
  if (process.getuid?.() === 0) return [];
  return spawnSync('sudo', ['-n', 'true']).status === 0 ? ['sudo', '-n'] : undefined;
}

function notInstalled(packages: readonly string[]): string[] {
  const { stdout } = spawnSync('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...packages], { encoding: 'utf8' });
  const installed = new Set(stdout.split('\n').flatMap((line) => (line.endsWith(' installed') ? [line.split(' ')[0]] : [])));
  return packages.filter((name) => !installed.has(name));
}

/* Debian starts a server when its package is installed, unless this file says 101 (invoke-rc.d(8)). */
const policy = '/usr/sbin/policy-rc.d';

function withoutStartingServices(asRoot: readonly string[], work: () => void): void {
  const ours = !existsSync(policy);
  if (ours) putPolicy(asRoot);
  try {
    work();
  } finally {
    if (ours) removePolicy(asRoot);
  }
}

function putPolicy(asRoot: readonly string[]): void {
  const script = '#!/bin/sh\nexit 101\n';
  if (asRoot.length > 0) {
    spawnSync(asRoot[0] ?? '', [...asRoot.slice(1), 'tee', policy], { input: script });
    run([...asRoot, 'chmod', '755', policy]);
    return;
  }
  writeFileSync(policy, script);
  chmodSync(policy, 0o755);
}

function removePolicy(asRoot: readonly string[]): void {
  if (asRoot.length > 0) run([...asRoot, 'rm', '-f', policy]);
  else rmSync(policy, { force: true });
}

/** Its output goes to a person only if it fails. */
function run([command = '', ...args]: readonly string[]): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (status !== 0) process.stderr.write(`${command} ${args.join(' ')}\n${error?.message ?? `${stdout}${stderr}`.slice(-2000)}\n`);
}

function has(program: string): boolean {
  return spawnSync(program, ['--version']).error === undefined;
}

import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { ServerUnavailable } from './server.ts';

/** A system user whom servers can log in: made once by root for the tests, or whoever runs the tests (then without a password). */
export interface Account {
  readonly user: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  /** Undefined for the person's own account: nobody's real password is needed. */
  readonly password: string | undefined;
}

const name = 'ferry-test';
/* Only root can read it: the account has a real password on this machine. */
const secretFile = '/etc/ferry-test.secret';

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** For servers that log in with a key. */
export async function loginAccount(): Promise<Account> {
  if (isRoot()) return passwordAccount();
  const { username, uid, gid, homedir } = userInfo();
  return { user: username, uid, gid, home: homedir, password: undefined };
}

/** For servers that ask PAM or the shadow file. */
export async function passwordAccount(): Promise<Account & { readonly password: string }> {
  if (!isRoot())
    throw new ServerUnavailable('Logging in with a system password needs a user made for the tests, which only root can make.');
  await alone(createAccount);
  const line = lookUp() ?? '';
  const [, , uid, gid, , home] = line.split(':');
  return { user: name, uid: Number(uid), gid: Number(gid), home: home ?? '/', password: readFileSync(secretFile, 'utf8') };
}

function lookUp(): string | undefined {
  return readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((line) => line.startsWith(`${name}:`));
}

function createAccount(): void {
  if (lookUp() !== undefined && existsSync(secretFile)) return;
  if (lookUp() === undefined) run('useradd', ['--create-home', '--shell', '/bin/sh', '--comment', 'Ferry tests', name]);
  const password = randomBytes(15).toString('base64url');
  run('chpasswd', [], `${name}:${password}\n`);
  writeFileSync(secretFile, password, { mode: 0o600 });
  chmodSync(secretFile, 0o600);
}

function run(command: string, args: string[], input = ''): void {
  const { status, stderr, error } = spawnSync(command, args, { input, encoding: 'utf8' });
  if (status !== 0) throw new ServerUnavailable(`The user for the tests could not be made (${command}): ${error?.message ?? stderr}`);
}

/** Several test runs may begin at the same moment. */
async function alone(work: () => void): Promise<void> {
  const lock = '/run/ferry-test.lock';
  for (let attempt = 0; ; attempt++) {
    try {
      mkdirSync(lock);
      break;
    } catch {
      if (attempt > 100) throw new ServerUnavailable(`Another run makes the user for the tests and does not end (${lock}).`);
      await sleep(50);
    }
  }
  try {
    work();
  } finally {
    rmdirSync(lock);
  }
}

import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { findProgram, printedBy } from '../servers/program.ts';
import { startDialogue } from './dialogue.ts';
import type { Client, Driver } from './driver.ts';
import type { Target } from './target.ts';

export const opensshSftp: Client = {
  name: 'OpenSSH sftp',
  speaks: ({ host }) => host.protocol === 'sftp',
  missing: () => missingProgram('sftp', 'openssh-client'),
  start: startSftp,
};

export function missingProgram(name: string, debianPackage: string): string | undefined {
  try {
    findProgram(name, debianPackage);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** The cipher that Ferry takes first, no files of the person's own, no questions. */
export function sshOptions({ privateKey }: Target): string[] {
  const options = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'GlobalKnownHostsFile=/dev/null', 'LogLevel=ERROR'];
  const all = [...options, 'BatchMode=yes', 'IdentitiesOnly=yes', 'Ciphers=aes128-gcm@openssh.com'].flatMap((option) => ['-o', option]);
  return ['-F', 'none', ...all, ...(privateKey === undefined ? [] : ['-i', privateKey])];
}

const quoted = (path: string): string => `"${path.replaceAll(/["\\]/g, String.raw`\$&`)}"`;

async function startSftp(target: Target, local: string): Promise<Driver> {
  const { host, user } = target;
  const sftp = findProgram('sftp', 'openssh-client');
  const args = [...sshOptions(target), '-q', '-P', String(host.port), '-b', '-', `${user}@${host.address}`];
  // A local command, so without the server's answer; its output carries no number, but lines are asked one by one.
  const mark = { command: 'lpwd', printed: 'Local working directory:' };
  const dialogue = startDialogue(sftp, args, { mark });
  const ask = async (...lines: string[]): Promise<void> => {
    await dialogue.ask(...lines);
  };
  await ask();
  const get = (path: string, to: string): string => `get ${quoted(path)} ${quoted(to)}`;
  return {
    client: `OpenSSH ${/OpenSSH_([\w.]+)/.exec(printedBy(findProgram('ssh', 'openssh-client'), ['-V']))?.[1] ?? ''} sftp`,
    how: 'one session with commands by its standard input (sftp -b -), AES-GCM as Ferry; a stat is ls -l of the file',
    stat: (path) => ask(`ls -l ${quoted(path)}`),
    list: async (path) => (await dialogue.ask(`ls -1af ${quoted(path)}`)).split('\n').filter((line) => isEntry(line)).length,
    async read(path) {
      await ask(get(path, '/dev/null'));
      return Number.NaN;
    },
    async replace(path, content) {
      const temporary = `${dirname(path)}/.${basename(path)}.new`;
      const file = join(local, 'content');
      writeFileSync(file, content);
      await ask(`put ${quoted(file)} ${quoted(temporary)}`, `ls -l ${quoted(temporary)}`, `rename ${quoted(temporary)} ${quoted(path)}`);
    },
    async readMany(paths) {
      await ask(...paths.map((path) => get(path, '/dev/null')));
      return Number.NaN;
    },
    upload: (from, to) => ask(`mkdir ${quoted(to)}`, `put -R ${quoted(`${from}/.`)} ${quoted(to)}`),
    download: (from, to) => ask(`lmkdir ${quoted(to)}`, `get -R ${quoted(`${from}/.`)} ${quoted(to)}`),
    rename: (from, to) => ask(`rename ${quoted(from)} ${quoted(to)}`),
    connectAndList: (path) => connectAndList(sftp, args, path),
    async readLarge(path) {
      await ask(get(path, '/dev/null'));
      return Number.NaN;
    },
    writeLarge: (from, path) => ask(`put ${quoted(from)} ${quoted(path)}`),
    close: () => dialogue.end(),
  };
}

function isEntry(line: string): boolean {
  return line !== '' && !line.startsWith('sftp> ') && !/(?:^|\/)\.{1,2}$/.test(line);
}

async function connectAndList(sftp: string, args: readonly string[], path: string): Promise<() => Promise<void>> {
  const child = spawn(sftp, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const listed = new Promise<void>((resolve, reject) => {
    let printed = '';
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.includes('Local working directory:')) resolve();
    });
    void ended.then(() => reject(new Error('sftp ended')));
  });
  child.stdin.end(`ls -1af ${quoted(path)}\nlpwd\n`);
  await listed;
  return () => ended;
}

import { writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { findProgram, printedBy } from '../servers/program.ts';
import { startDialogue, type Dialogue } from './dialogue.ts';
import type { Client, Driver } from './driver.ts';
import { missingProgram, sshOptions } from './opensshSftp.ts';
import type { Target } from './target.ts';

export const lftp: Client = {
  name: 'lftp',
  speaks: () => true,
  missing: () => missingProgram('lftp', 'lftp'),
  start: startLftp,
};

/** lftp's own default for a mirror is one at a time. */
const parallel = 4;

const quoted = (path: string): string => `"${path.replaceAll(/["\\]/g, String.raw`\$&`)}"`;

const get = (path: string): string => `get ${quoted(path)} -o /dev/null`;
const put = (from: string, path: string): string => `put ${quoted(from)} -o ${quoted(path)}`;

async function open(target: Target): Promise<Dialogue> {
  const { host, user, password } = target;
  const dialogue = startDialogue(findProgram('lftp', 'lftp'), ['--norc'], {
    mark: { command: 'echo mark-N-', printed: 'mark-N-' },
    complaint: /failed|fatal|error|denied|not |unknown/i,
  });
  const sftp = host.protocol === 'sftp';
  const connect = ['ssh', '-a', '-x', ...sshOptions(target)].join(' ');
  await dialogue.ask(
    ...['set cache:enable no', 'set xfer:clobber yes', 'set net:max-retries 1', 'set cmd:interactive no', 'set cmd:verify-path no'],
    ...(sftp ? [`set sftp:connect-program ${quoted(connect)}`, 'set sftp:auto-confirm yes'] : []),
    ...(host.protocol === 'ftps' ? ['set ftp:ssl-force yes', 'set ftp:ssl-protect-data yes', 'set ssl:verify-certificate no'] : []),
    `open -u ${quoted(`${user},${password ?? 'none'}`)} ${sftp ? 'sftp' : 'ftp'}://${host.address}:${host.port}/`,
  );
  return dialogue;
}

async function startLftp(target: Target, local: string): Promise<Driver> {
  const dialogue = await open(target);
  const ask = async (...lines: string[]): Promise<void> => {
    await dialogue.ask(...lines);
  };
  await list(dialogue, target.rootOnServer);
  return {
    client: `lftp ${/Version ([\w.]+)/.exec(printedBy(findProgram('lftp', 'lftp'), ['--version']))?.[1] ?? ''}`,
    how: `one process with commands by its standard input, cache off; trees by mirror --parallel=${parallel}, deleted by rm -r; a stat is cls -l of the file; over SFTP its mv replaces no file`,
    stat: (path) => ask(`cls -ld ${quoted(path)}`),
    list: (path) => list(dialogue, path),
    async read(path) {
      await ask(get(path));
      return Number.NaN;
    },
    ...(target.host.protocol === 'sftp' ? {} : { replace: (path, content) => replace(dialogue, local, path, content) }),
    async readMany(paths) {
      await ask(...paths.map((path) => `${get(path)} &`), 'wait all');
      return Number.NaN;
    },
    upload: (from, to) => ask(`mirror -R --parallel=${parallel} ${quoted(from)} ${quoted(to)}`),
    download: (from, to) => ask(`mirror --parallel=${parallel} ${quoted(from)} ${quoted(to)}`),
    remove: (path) => ask(`rm -r ${quoted(path)}`),
    rename: (from, to) => ask(`mv ${quoted(from)} ${quoted(to)}`),
    async connectAndList(path) {
      const other = await open(target);
      await list(other, path);
      return () => other.end();
    },
    async readLarge(path) {
      await ask(get(path));
      return Number.NaN;
    },
    writeLarge: (from, path) => ask(put(from, path)),
    close: () => dialogue.end(),
  };
}

async function replace(dialogue: Dialogue, local: string, path: string, content: Buffer): Promise<void> {
  const temporary = `${dirname(path)}/.${basename(path)}.new`;
  const file = join(local, 'content');
  writeFileSync(file, content);
  await dialogue.ask(put(file, temporary), `cls -l ${quoted(temporary)}`, `mv ${quoted(temporary)} ${quoted(path)}`);
}

async function list(dialogue: Dialogue, path: string): Promise<number> {
  return (await dialogue.ask(`cls -1a ${quoted(path)}`)).split('\n').filter((line) => line !== '' && !/(?:^|\/)\.{1,2}\/?$/.test(line))
    .length;
}

import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';
import { type Keyword, keywords } from '../../core/sshConfig/keywords.ts';
import type { SshAnswers, SshConfigRequest } from '../../core/sshConfig/resolution.ts';

/** `Match exec` is run within. */
const patience = 10_000;

/** The person's own `ssh`; undefined where there is none. Never one of the folder that is open. */
export async function findOpenssh(): Promise<string | undefined> {
  const windows = process.platform === 'win32';
  const own = windows ? [join(process.env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'OpenSSH')] : [];
  const folders = [...own, ...(process.env['PATH'] ?? '').split(delimiter)].filter(isAbsolute);
  for (const folder of folders) {
    const file = join(folder, windows ? 'ssh.exe' : 'ssh');
    if (
      await access(file, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return file;
  }
  return undefined;
}

/**
 * What `ssh -G` says about a host, in the words of `resolveSshConfig`: what is as without any configuration is left out. Rejects with what
 * `ssh` says where it refuses the configuration. `config`: in place of the usual files.
 */
export async function askOpenssh(program: string, { host, user, port }: SshConfigRequest, config?: string): Promise<SshAnswers> {
  const login = [...(user === undefined ? [] : ['-l', user]), ...(port === undefined ? [] : ['-p', String(port)])];
  const [usual, answers] = await Promise.all([
    usualAnswers(program),
    dump(program, [...(config === undefined ? [] : ['-F', config]), ...login, '--', host]),
  ]);
  const always: readonly Keyword[] = ['hostname', 'user', 'port'];
  return new Map(
    [...answers].filter(([keyword, values]) => always.includes(keyword) || usual.get(keyword)?.join('\n') !== values.join('\n')),
  );
}

const usualOf = new Map<string, Promise<SshAnswers>>();

function usualAnswers(program: string): Promise<SshAnswers> {
  const known = usualOf.get(program) ?? dump(program, ['-F', 'none', '--', 'localhost']);
  usualOf.set(program, known);
  known.catch(() => usualOf.delete(program));
  return known;
}

async function dump(program: string, args: readonly string[]): Promise<Map<Keyword, readonly string[]>> {
  return readDump(await run(program, ['-G', ...args]));
}

function run(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { timeout: patience, killSignal: 'SIGKILL', cwd: homedir(), windowsHide: true, maxBuffer: 1024 * 1024 } as const;
    const child = execFile(program, args, options, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(stderr.trim() === '' ? error.message : stderr.trim(), { cause: error }));
    });
    child.stdin?.end();
  });
}

/** Those whose tokens and `~` are filled in already. */
const expanded: ReadonlySet<Keyword> = new Set<Keyword>(['identityagent', 'userknownhostsfile', 'globalknownhostsfile']);

function readDump(text: string): Map<Keyword, readonly string[]> {
  const answers = new Map<Keyword, readonly string[]>();
  for (const line of text.split(/\r?\n/)) {
    const blank = line.indexOf(' ');
    const keyword = keywordOf(line.slice(0, Math.max(blank, 0)));
    if (keyword === undefined) continue;
    const value = line.slice(blank + 1);
    const values = keyword === 'userknownhostsfile' || keyword === 'globalknownhostsfile' ? value.split(' ') : [value];
    const plain = expanded.has(keyword) ? values.map((each) => each.replaceAll('%', '%%')) : values;
    answers.set(keyword, [...(answers.get(keyword) ?? []), ...plain]);
  }
  return answers;
}

function keywordOf(name: string): Keyword | undefined {
  return name === 'proxycommand' || name === 'proxyjump' || Object.hasOwn(keywords, name) ? (name as Keyword) : undefined;
}

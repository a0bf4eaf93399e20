import { execFile } from 'node:child_process';
import { workspace } from 'vscode';
import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import { safeText } from '../../core/text.ts';

/** What is other in a folder than it was in a commit. Paths relative to the folder, `/` between names. */
export interface GitChanges {
  /** Changed, made or not in Git at all; nothing that Git ignores. */
  readonly changed: readonly string[];
  readonly deleted: readonly string[];
  /** In the middle of a merge: with marks of conflicts in them. */
  readonly unmerged: readonly string[];
}

export interface GitCommit {
  readonly id: string;
  readonly shortId: string;
  readonly subject: string;
  readonly author: string;
  /** How long ago, in Git's words. */
  readonly age: string;
}

/** The names of files of a large project, and more. */
const mostOutput = 256 * 1024 * 1024;
const mostCommits = 100;

/** The top folder of the repository that a folder of this computer is in; undefined where it is in none. Throws where there is no Git. */
export async function topFolderOf(folder: string): Promise<string | undefined> {
  const { code, output } = await runGit(folder, ['rev-parse', '--show-toplevel']);
  return code === 0 ? output.replace(/\r?\n$/, '') : undefined;
}

const relativeNames = ['-z', '--no-ext-diff', '--ignore-submodules=all', '--relative'];

/** Of the working tree, staged or not, against `commit`; default: the one that is checked out. */
export async function changesSince(folder: string, commit?: string): Promise<GitChanges> {
  const against = commit ?? (await headOf(folder));
  const [compared, inMerge, others] = await Promise.all([
    output(folder, ['diff', '--name-status', '--no-renames', ...relativeNames, against, '--']),
    // Against a commit they are just changed.
    output(folder, ['diff', '--name-only', '--diff-filter=U', ...relativeNames]),
    output(folder, ['ls-files', '-z', '--others', '--exclude-standard']),
  ]);
  const unmerged = new Set(namesIn(inMerge));
  const { changed, deleted } = differencesIn(compared);
  const settled = (paths: readonly string[]) => paths.filter((path) => !unmerged.has(path));
  // A folder among the others is a repository of its own.
  const unknown = namesIn(others).filter((path) => !path.endsWith('/'));
  return { changed: [...settled(changed), ...unknown], deleted: settled(deleted), unmerged: [...unmerged] };
}

/** The newest first. */
export async function recentCommits(folder: string): Promise<readonly GitCommit[]> {
  const { code, output: text } = await runGit(folder, ['log', '-z', `-n${mostCommits}`, '--format=%H%x1f%h%x1f%s%x1f%an%x1f%ar']);
  if (code !== 0) return [];
  return text
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => {
      const [id = '', shortId = '', subject = '', author = '', age = ''] = line.split('\x1f');
      return { id, shortId, subject, author, age };
    });
}

/** Pairs of a letter and a name. */
function differencesIn(text: string): Pick<GitChanges, 'changed' | 'deleted'> {
  const [changed, deleted]: [string[], string[]] = [[], []];
  const words = namesIn(text);
  for (let at = 0; at + 1 < words.length; at += 2) (words[at] === 'D' ? deleted : changed).push(words[at + 1] ?? '');
  return { changed, deleted };
}

function namesIn(text: string): string[] {
  return text.split('\0').filter((name) => name !== '');
}

/** Before the first commit all is new. */
async function headOf(folder: string): Promise<string> {
  const { code } = await runGit(folder, ['rev-parse', '--verify', '--quiet', 'HEAD']);
  return code === 0 ? 'HEAD' : (await output(folder, ['hash-object', '-t', 'tree', '--stdin'])).trim();
}

async function output(folder: string, args: readonly string[]): Promise<string> {
  const { code, output: text, said } = await runGit(folder, args);
  if (code === 0) return text;
  throw new RemoteError('Unknown', t('Git says: {0}', safeText(said.trim(), 300)));
}

interface GitResult {
  readonly code: number;
  readonly output: string;
  readonly said: string;
}

/** Without a lock on the index, which would keep others from theirs, and without programs that the repository names. */
function runGit(folder: string, args: readonly string[]): Promise<GitResult> {
  const options = { cwd: folder, maxBuffer: mostOutput, windowsHide: true, env: { ...process.env, GIT_OPTIONAL_LOCKS: '0' } };
  return new Promise((resolve, reject) => {
    const child = execFile(gitProgram(), ['-c', 'core.fsmonitor=false', ...args], options, (error, stdout, stderr) => {
      if (error === null) resolve({ code: 0, output: stdout, said: stderr });
      else if (typeof error.code === 'number') resolve({ code: error.code, output: stdout, said: stderr });
      else reject(notRun(error));
    });
    child.stdin?.end();
  });
}

function notRun(error: Error): RemoteError {
  return new RemoteError('Unsupported', t('Git could not be run: {0}', safeText(error.message, 200)), {
    hint: t('Install it, or name it in VS Code’s setting “git.path”.'),
    cause: error,
  });
}

/** The person's own setting for VS Code's Git; no workspace can name a program. */
function gitProgram(): string {
  const set = workspace.getConfiguration('git').inspect<unknown>('path')?.globalValue;
  const [named] = (Array.isArray(set) ? (set as unknown[]) : [set]).filter((path) => typeof path === 'string' && path !== '');
  return typeof named === 'string' ? named : 'git';
}

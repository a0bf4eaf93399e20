import { createHash } from 'node:crypto';
import { homedir, hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import type { ConfigSource, SshConfigWorld } from '../../core/sshConfig/world.ts';
import { expandHome } from '../sftp/environment.ts';
import { findFiles, readConfigFile } from './files.ts';
import { runInShell } from './shell.ts';

/**
 * Where the configuration is: `file` as the person set it; undefined for the usual files; none for `off`. Relative names of `Include` are
 * looked for in `~/.ssh` wherever the person's file lies (ssh_config(5)).
 */
export function sourcesOf(file: string | undefined): readonly ConfigSource[] {
  if (file === undefined) return usualSources(homedir());
  if (file === 'off') return [];
  return [{ file: expandHome(file, homedir()), folder: join(homedir(), '.ssh'), own: true }];
}

/** The person's configuration and the system's, where OpenSSH has them. */
function usualSources(home: string): readonly ConfigSource[] {
  const own = join(home, '.ssh');
  const system = process.platform === 'win32' ? join(process.env['ProgramData'] ?? 'C:\\ProgramData', 'ssh') : '/etc/ssh';
  return [
    { file: join(own, 'config'), folder: own, own: true },
    { file: join(system, 'ssh_config'), folder: system, own: false },
  ];
}

export interface WorldOptions {
  readonly sources: readonly ConfigSource[];
  /** Whether commands of `Match exec` may be run: never in Restricted Mode. */
  readonly executes: boolean;
  readonly warn: (message: string) => void;
}

/** This computer, as the reading of a configuration sees it. A file is read once. */
export function sshConfigWorld({ sources, executes, warn }: WorldOptions): SshConfigWorld {
  const home = homedir();
  const system = new Set(sources.filter(({ own }) => !own).map(({ file }) => file));
  const texts = new Map<string, Promise<string | undefined>>();
  return {
    localUser: userInfo().username,
    uid: String(process.getuid?.() ?? ''),
    ...{ home, localHost: hostname(), sources },
    read(file) {
      const known = texts.get(file) ?? readConfigFile(file, !system.has(file), warn);
      texts.set(file, known);
      return known;
    },
    find: (pattern) => findFiles(/^~(?=[/\\]|$)/.test(pattern) ? home + pattern.slice(1) : pattern),
    variable: (name) => process.env[name],
    execute: executes ? runInShell : undefined,
    hash: (text) => createHash('sha1').update(text).digest('hex'),
  };
}

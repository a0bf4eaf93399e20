import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../servers/process.ts';
import { findProgram, printedBy, runProgram } from '../servers/program.ts';
import type { Client, Driver } from './driver.ts';
import { missingProgram } from './opensshSftp.ts';
import type { Target } from './target.ts';

export const rclone: Client = { name: 'rclone', speaks: () => true, missing: () => missingProgram('rclone', 'rclone'), start: startRclone };

/** The remote as rclone's connection strings name it, with `path` in it. */
function remoteAt({ host, user, password, privateKey }: Target, path: string): string {
  const common = [`host=${host.address}`, `port=${host.port}`, `user=${user}`];
  if (host.protocol === 'sftp') {
    const key = privateKey === undefined ? [] : [`key_file="${privateKey}"`];
    return `:sftp,${[...common, ...key, 'shell_type=none', 'disable_hashcheck=true'].join(',')}:${path}`;
  }
  const pass = runProgram(findProgram('rclone', 'rclone'), ['obscure', '-'], password ?? '').trim();
  const tls = host.protocol === 'ftps' ? ['explicit_tls=true', 'no_check_certificate=true'] : [];
  return `:ftp,${[...common, `pass=${pass}`, ...tls].join(',')}:${path}`;
}

type Call = (command: string, parameters: Readonly<Record<string, unknown>>) => Promise<unknown>;

async function startRclone(target: Target, local: string): Promise<Driver> {
  const daemon = await startDaemon(local);
  const { call } = daemon;
  const fs = remoteAt(target, '/');
  /** Below the root of the remote. */
  const below = (path: string): string => path.slice(1);
  const read = async (path: string): Promise<number> => {
    await call('operations/copyfile', { srcFs: fs, srcRemote: below(path), dstFs: local, dstRemote: 'read' });
    return Number.NaN;
  };
  const move = (from: string, to: string): Promise<unknown> =>
    call('operations/movefile', { srcFs: fs, srcRemote: below(from), dstFs: fs, dstRemote: below(to) });
  const list = async (path: string): Promise<number> => {
    const { list: entries } = (await call('operations/list', { fs, remote: below(path) })) as { readonly list: readonly unknown[] };
    return entries.length;
  };
  await list(target.rootOnServer);
  return {
    client: `rclone ${/v([\d.]+)/.exec(printedBy(findProgram('rclone', 'rclone'), ['version']))?.[1] ?? ''}`,
    how: 'its daemon (rclone rcd), which keeps connections, by its HTTP interface; defaults: 4 transfers at once; a replace is copyfile, stat, movefile',
    stat: (path) => call('operations/stat', { fs, remote: below(path) }),
    list,
    read,
    async replace(path, content) {
      writeFileSync(join(local, 'content'), content);
      const temporary = `${dirname(path)}/.${basename(path)}.new`;
      await call('operations/copyfile', { srcFs: local, srcRemote: 'content', dstFs: fs, dstRemote: below(temporary) });
      await call('operations/stat', { fs, remote: below(temporary) });
      await move(temporary, path);
    },
    readMany: async (paths) => {
      await Promise.all(
        paths.map((path) => call('operations/copyfile', { srcFs: fs, srcRemote: below(path), dstFs: local, dstRemote: basename(path) })),
      );
      return Number.NaN;
    },
    upload: async (from, to) => {
      await call('sync/copy', { srcFs: from, dstFs: remoteAt(target, to) });
    },
    download: async (from, to) => {
      await call('sync/copy', { srcFs: remoteAt(target, from), dstFs: to });
    },
    remove: async (path) => {
      await call('operations/purge', { fs, remote: below(path) });
    },
    rename: async (from, to) => {
      await move(from, to);
    },
    async connectAndList(path) {
      // A remote that is described in other words has connections of its own.
      const other = remoteAt(target, path).replace('user=', `idle_timeout=${(used += 1)}s,user=`);
      await call('operations/list', { fs: other, remote: '' });
      return () => Promise.resolve();
    },
    readLarge: read,
    writeLarge: async (from, path) => {
      await call('operations/copyfile', { srcFs: dirname(from), srcRemote: basename(from), dstFs: fs, dstRemote: below(path) });
    },
    close: () => daemon.end(),
  };
}

/** Seconds; counts up. */
let used = 60;

async function startDaemon(local: string): Promise<{ readonly call: Call; end(): Promise<void> }> {
  const port = await freePort();
  const args = ['rcd', '--rc-no-auth', '--rc-addr', `127.0.0.1:${port}`, '--config', join(local, 'rclone.conf'), '--ignore-times'];
  const child = spawn(findProgram('rclone', 'rclone'), args, { stdio: 'ignore' });
  const kill = (): void => void child.kill();
  process.once('exit', kill);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const call: Call = async (command, parameters) => {
    const body = JSON.stringify(parameters);
    const response = await fetch(`http://127.0.0.1:${port}/${command}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body,
    });
    const answer = (await response.json()) as { readonly error?: string };
    if (!response.ok) throw new Error(`rclone ${command}: ${answer.error ?? response.statusText}`);
    return answer;
  };
  for (let attempt = 0; ; attempt++) {
    try {
      await call('rc/noop', {});
      break;
    } catch (error) {
      if (attempt > 100) throw error;
      await sleep(50);
    }
  }
  return {
    call,
    async end() {
      process.off('exit', kill);
      kill();
      await ended;
    },
  };
}

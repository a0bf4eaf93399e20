import { chmod, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Paths of sockets hold no more bytes (sun_path: 108 on Linux, 104 on macOS). */
const longestSocket = 100;
const prefix = 'ssh-';

export interface PrivateFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/** A folder that nobody but the person can look into, for the life of one connection. */
export async function makePrivateFolder(storage: string): Promise<PrivateFolder> {
  const named = `${prefix}${process.pid}-`;
  const fits = process.platform === 'win32' || Buffer.byteLength(join(storage, `${named}XXXXXX`, 's')) <= longestSocket;
  const parent = fits ? storage : tmpdir();
  await mkdir(parent, { recursive: true });
  const path = await mkdtemp(join(parent, fits ? named : `ferry-${named}`));
  await chmod(path, 0o700);
  if (fits) await tidy(parent);
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 2 }).catch(() => undefined) };
}

/** What a crash left: the folders of processes that are gone. */
async function tidy(parent: string): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  const left = names.filter((name) => {
    const pid = Number(/^ssh-(\d+)-/.exec(name)?.[1] ?? Number.NaN);
    return Number.isInteger(pid) && !isRunning(pid);
  });
  await Promise.all(left.map((name) => rm(join(parent, name), { recursive: true, force: true }).catch(() => undefined)));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

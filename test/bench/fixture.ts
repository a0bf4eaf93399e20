import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pattern } from '../contract/ground.ts';
import type { Target } from './target.ts';

export const smallSize = 10 * 1024;
export const largeSize = 100 * 1_000_000;
const tree = { folders: 50, files: 20, size: 4096 };

/** What the operations work on: a folder of the server, looked at past it, and a local one in memory. */
export interface Fixture {
  /** For local files. */
  readonly local: string;
  /** As clients name it. */
  readonly path: (...names: readonly string[]) => string;
  readonly disk: (...names: readonly string[]) => string;
  /** A tree as they are uploaded, on the local disk. */
  readonly localTree: string;
  /** On the server, copies a folder or file as the server's user has it. */
  readonly copy: (from: string, to: string) => void;
  readonly removeLocal: (name: string) => void;
  readonly remove: (name: string) => void;
}

export function makeFixture({ root, rootOnServer, owner }: Target, local: string): Fixture {
  // Of this process: others may work with the same server.
  const top = `bench-${process.pid}`;
  const disk = (...names: readonly string[]): string => join(root, top, ...names);
  const give = (path: string): void => {
    if (owner !== undefined) chownSync(path, owner.uid, owner.gid);
  };
  const folder = (path: string): void => {
    mkdirSync(path);
    give(path);
  };
  const file = (path: string, content: Buffer): void => {
    writeFileSync(path, content);
    give(path);
  };
  folder(disk());
  file(disk('small'), pattern(smallSize));
  file(disk('saved'), pattern(smallSize));
  file(disk('renamed0'), pattern(smallSize));
  for (const [name, entries] of [
    ['few', 20],
    ['many', 5000],
    ['more', 20_000],
  ] as const) {
    folder(disk(name));
    for (let entry = 0; entry < entries; entry++) file(disk(name, `${String(entry).padStart(5, '0')} of the files.txt`), Buffer.alloc(0));
  }
  folder(disk('twenty'));
  for (let index = 0; index < 20; index++) file(disk('twenty', `file${index}`), pattern(smallSize, index + 1));
  const localTree = join(local, 'tree');
  makeTree(localTree, () => {});
  makeTree(disk('tree'), give);
  return {
    ...{ local, disk, localTree },
    path: (...names) => [rootOnServer.replace(/\/$/, ''), top, ...names].join('/'),
    copy: (from, to) => run('cp', ['-a', disk(from), disk(to)]),
    removeLocal: (name) => rmSync(join(local, name), { recursive: true, force: true }),
    remove: (name) => rmSync(disk(name), { recursive: true, force: true }),
  };
}

/** Made when they are needed: `large` on both sides. */
export function makeLarge({ disk, local }: Fixture, { owner }: Target): void {
  if (existsSync(disk('large'))) return;
  const content = pattern(1_000_000);
  for (const path of [disk('large'), join(local, 'large')]) {
    for (let at = 0; at < largeSize; at += content.length) writeFileSync(path, content, { flag: 'a' });
  }
  if (owner !== undefined) chownSync(disk('large'), owner.uid, owner.gid);
}

function makeTree(path: string, give: (path: string) => void): void {
  mkdirSync(path);
  give(path);
  for (let folder = 0; folder < tree.folders; folder++) {
    const within = join(path, `folder${folder}`);
    mkdirSync(within);
    give(within);
    for (let file = 0; file < tree.files; file++) {
      writeFileSync(join(within, `file${file}.txt`), pattern(tree.size, folder * tree.files + file + 1));
      give(join(within, `file${file}.txt`));
    }
  }
}

/** Throws unless all files of the tree are below `path`, in full. */
export function assertTree(path: string): void {
  for (let folder = 0; folder < tree.folders; folder++) {
    const within = join(path, `folder${folder}`);
    const names = readdirSync(within);
    if (names.length !== tree.files) throw new Error(`${within} holds ${names.length} files.`);
    for (const name of names) if (statSync(join(within, name)).size !== tree.size) throw new Error(`${within}/${name} is not whole.`);
  }
  const last = tree.folders * tree.files;
  const sample = readFileSync(join(path, `folder${tree.folders - 1}`, `file${tree.files - 1}.txt`));
  if (!sample.equals(pattern(tree.size, last))) throw new Error(`${path} does not hold what was copied.`);
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
}

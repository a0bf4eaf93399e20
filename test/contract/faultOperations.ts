import assert from 'node:assert/strict';
import { lstatSync, rmSync } from 'node:fs';
import type { Fault } from '../servers/faultyProxy.ts';
import { makeFolder } from '../../src/core/operations/changes.ts';
import { copyThroughPool, moveThroughPool, type Place } from '../../src/core/operations/moveThroughPool.ts';
import { removeAny } from '../../src/core/operations/tree.ts';
import { runChange } from '../../src/core/operations/unsettled.ts';
import { assertLinkError, type FaultGround, type Outcome } from './faultGround.ts';
import { child } from '../../src/core/path.ts';
import { pattern, type Disk } from './ground.ts';

/** One doing of an operation, ready to begin. */
export interface Deed {
  run(): Promise<unknown>;
  /** Looks at the server's disk: what is done has happened in full, what is not has lost nothing. `value`: what `run` resolved to. */
  verify(done: boolean, value?: unknown): void;
}

export interface FaultOperation {
  readonly name: string;
  /** Bytes of content that it moves to the server and from it, about. */
  readonly up: number;
  readonly down: number;
  /** Whether a new connection does what a lost one did not; a black hole may take longer than whoever waits. */
  readonly repeats: 'always' | 'unlessStalled' | 'never';
  /** In the folder `work`, which is empty. */
  prepare(ground: FaultGround): Deed | Promise<Deed>;
}

const size = 2 ** 20;
const entryCount = 3000;
const oldContent = pattern(size, 3);
const newContent = pattern(size + 17, 4);
const treeFiles = ['one', 'two', 'sub/three', 'sub/four', 'sub/below/five'];

/** A folder `many`. */
export function makeEntries(disk: Disk): void {
  disk.makeFolder('many');
  for (let i = 0; i < entryCount; i++) disk.file(`many/entry ${i}`, '');
}

/** An empty `work`, as the server's user. */
export function clearWork({ disk }: FaultGround): void {
  rmSync(`${disk.folder}/work`, { recursive: true, force: true });
  disk.makeFolder('work');
}

function makeTree({ disk }: FaultGround, name: string, mark: string): void {
  for (const folder of ['', '/sub', '/sub/below']) disk.makeFolder(`${name}${folder}`);
  for (const file of treeFiles) disk.file(`${name}/${file}`, `${mark} ${file}`.repeat(1000));
}

function treeIsWhole({ disk }: FaultGround, name: string, mark: string): boolean {
  return treeFiles.every((file) => holds(disk, `${name}/${file}`, `${mark} ${file}`.repeat(1000)));
}

function at({ host, path }: FaultGround, name: string): Place {
  return { host, path: path(name) };
}

function holds(disk: FaultGround['disk'], name: string, content: string | Uint8Array): boolean {
  return lstatSync(disk.pathOf(name), { throwIfNoEntry: false })?.isFile() === true && disk.read(name).equals(Buffer.from(content));
}

/** Whether it was done after a fault of the link. Where it was not, the error says so and names the path. */
export function isDone({ name, repeats }: FaultOperation, outcome: Outcome<unknown>, { kind }: Fault, { path }: FaultGround): boolean {
  if ('value' in outcome) return true;
  const { error } = outcome;
  assert.ok(repeats === 'never' || (repeats === 'unlessStalled' && kind === 'stall'), `not done: ${error.code}: ${error.message}`);
  if (name === 'connect' && error.code === 'Auth') return false;
  assertLinkError(error);
  assert.ok(name === 'connect' || error.path?.startsWith(path('work')), `the path is named: ${String(error.path)} (${error.message})`);
  return false;
}

export function saving(name: string, before: Uint8Array | undefined, content: Uint8Array): FaultOperation {
  return {
    name,
    up: content.length,
    down: before?.length ?? 0,
    repeats: 'unlessStalled',
    async prepare({ disk, save, read, journal }) {
      if (before !== undefined) disk.file('work/file', before, { mode: 0o640 });
      const base = before === undefined ? undefined : (await read('work/file')).version;
      return {
        run: () => save('work/file', content, { base }),
        verify(done) {
          if (!done) {
            assert.ok(before === undefined ? !disk.exists('work/file') : holds(disk, 'work/file', before), 'the old file is whole');
            return;
          }
          assert.ok(holds(disk, 'work/file', content), `torn: ${disk.exists('work/file') ? disk.read('work/file').length : 'no file'}`);
          if (before !== undefined) assert.equal(Number(disk.stat('work/file')?.mode) & 0o777, 0o640, 'its mode stays');
          assert.equal(journal.kept.size, 0, 'nothing is kept of a save that is done');
        },
      };
    },
  };
}

export const connecting: FaultOperation = {
  ...{ name: 'connect', up: 2500, down: 2500, repeats: 'never' },
  async prepare({ pool, host, run, path }) {
    await pool.disconnect(host.name);
    return {
      run: () => run((remote, signal) => remote.stat(path('work'), { signal }), { repeatable: true }),
      verify() {},
    };
  },
};

const listing: FaultOperation = {
  ...{ name: `list ${entryCount} entries`, up: 0, down: 60 * entryCount, repeats: 'always' },
  prepare: ({ run, server }) => ({
    run: () => run((remote, signal) => remote.list(child(server.rootOnServer, 'many'), { signal }), { repeatable: true }),
    verify(done, value) {
      if (done) assert.equal(new Set((value as { name: string }[]).map(({ name }) => name)).size, entryCount);
    },
  }),
};

export const reading: FaultOperation = {
  ...{ name: 'read 1 MB', up: 0, down: size, repeats: 'always' },
  prepare({ disk, read }) {
    disk.file('work/file', oldContent);
    return {
      run: () => read('work/file'),
      verify(done, value) {
        if (done) assert.ok(Buffer.from((value as { bytes: Uint8Array }).bytes).equals(oldContent), 'exactly');
      },
    };
  },
};

export const renaming: FaultOperation = {
  ...{ name: 'rename a file', up: 0, down: 0, repeats: 'unlessStalled' },
  prepare(ground) {
    const { disk } = ground;
    disk.file('work/from', 'precious');
    return {
      run: () =>
        moveThroughPool(ground.pool, at(ground, 'work/from'), at(ground, 'work/to'), { overwrite: false, journal: ground.journal }),
      verify(done) {
        const names = disk.names('work');
        assert.equal(names.length, 1, names.join());
        assert.ok(holds(disk, `work/${names[0] ?? ''}`, 'precious'));
        if (done) assert.deepEqual(names, ['to']);
      },
    };
  },
};

export const deleting: FaultOperation = {
  ...{ name: 'delete a file', up: 0, down: 0, repeats: 'unlessStalled' },
  prepare({ disk, pool, host, path }) {
    disk.file('work/file', 'old');
    return {
      run: () => runChange(pool, host, (remote, signal) => removeAny(remote, path('work/file'), { recursive: false, signal })),
      verify(done) {
        if (done) assert.equal(disk.exists('work/file'), false);
        else if (disk.exists('work/file')) assert.ok(holds(disk, 'work/file', 'old'));
      },
    };
  },
};

const deletingTree: FaultOperation = {
  ...{ name: 'delete a folder with all in it', up: 0, down: 0, repeats: 'unlessStalled' },
  prepare(ground) {
    const { disk, pool, host, path } = ground;
    makeTree(ground, 'work/tree', 'old');
    makeTree(ground, 'work/other', 'other');
    return {
      run: () =>
        runChange(pool, host, (remote, signal) => removeAny(remote, path('work/tree'), { recursive: true, signal }), { lane: 'bulk' }),
      verify(done) {
        if (done) assert.equal(disk.exists('work/tree'), false);
        assert.ok(treeIsWhole(ground, 'work/other', 'other'));
      },
    };
  },
};

const makingFolder: FaultOperation = {
  ...{ name: 'make a folder', up: 0, down: 0, repeats: 'unlessStalled' },
  prepare({ disk, pool, host, path }) {
    return {
      run: () => runChange(pool, host, (remote) => makeFolder(remote, path('work/new'))),
      verify(done) {
        if (done) assert.ok(disk.stat('work/new')?.isDirectory());
      },
    };
  },
};

export const copyingTree: FaultOperation = {
  ...{ name: 'copy a folder with all in it', up: 10_000, down: 10_000, repeats: 'never' },
  prepare(ground) {
    makeTree(ground, 'work/tree', 'old');
    return {
      run: () =>
        copyThroughPool(ground.pool, at(ground, 'work/tree'), at(ground, 'work/copy'), { overwrite: false, journal: ground.journal }),
      verify(done) {
        assert.ok(treeIsWhole(ground, 'work/tree', 'old'));
        if (done) assert.ok(treeIsWhole(ground, 'work/copy', 'old'));
      },
    };
  },
};

const movingTree: FaultOperation = {
  ...{ name: 'move a folder', up: 0, down: 0, repeats: 'unlessStalled' },
  prepare(ground) {
    const { disk } = ground;
    makeTree(ground, 'work/tree', 'old');
    return {
      run: () =>
        moveThroughPool(ground.pool, at(ground, 'work/tree'), at(ground, 'work/moved'), { overwrite: false, journal: ground.journal }),
      verify(done) {
        const names = disk.names('work');
        assert.equal(names.length, 1, names.join());
        assert.ok(treeIsWhole(ground, `work/${names[0] ?? ''}`, 'old'));
        if (done) assert.deepEqual(names, ['moved']);
      },
    };
  },
};

/** `replaced`: what is at the target before. It stays whole, under its own name, until the new is in its place. */
const movingOver: FaultOperation = {
  ...{ name: 'move a folder over another', up: 0, down: 0, repeats: 'unlessStalled' },
  prepare(ground) {
    const { disk } = ground;
    makeTree(ground, 'work/tree', 'new');
    makeTree(ground, 'work/target', 'replaced');
    return {
      run: () =>
        moveThroughPool(ground.pool, at(ground, 'work/tree'), at(ground, 'work/target'), { overwrite: true, journal: ground.journal }),
      verify(done) {
        const [moved, stayed] = [treeIsWhole(ground, 'work/target', 'new'), treeIsWhole(ground, 'work/tree', 'new')];
        assert.ok(moved !== stayed, `what is moved is at one place: ${disk.names('work').join()}`);
        if (done) assert.ok(moved);
        if (!moved)
          assert.ok(treeIsWhole(ground, 'work/target', 'replaced'), `what is to be replaced is there: ${disk.names('work').join()}`);
      },
    };
  },
};

export const operations: readonly FaultOperation[] = [
  ...[connecting, listing, reading],
  saving('save 1 MB', oldContent, newContent),
  saving('save a small file', Buffer.from('old'), Buffer.from('the new content')),
  saving('save a new file', undefined, newContent),
  ...[renaming, deleting, deletingTree, makingFolder, copyingTree, movingTree, movingOver],
];

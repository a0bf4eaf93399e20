import assert from 'node:assert/strict';
import { lstatSync, rmSync } from 'node:fs';
import type { Fault } from '../servers/faultyProxy.ts';
import { copyWithin, moveWithin } from '../../src/core/operations/move.ts';
import { settleMove } from '../../src/core/operations/moveThroughPool.ts';
import { removeTree } from '../../src/core/operations/tree.ts';
import { assertLinkError, type FaultGround, type Outcome } from './faultGround.ts';
import { child } from '../../src/core/path.ts';
import { pattern, type Disk } from './ground.ts';

/** One doing of an operation, ready to begin. */
export interface Deed {
  run(): Promise<unknown>;
  /** Looks at the server's disk. A resolved operation must have happened in full; a rejected one must have lost nothing. */
  verify(outcome: Outcome<unknown>, fault: Fault): void;
}

export interface FaultOperation {
  readonly name: string;
  /** Bytes of content that it moves to the server and from it, about. */
  readonly up: number;
  readonly down: number;
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
  for (const file of treeFiles) disk.file(`${name}/${file}`, `${mark} ${file}`.repeat(100));
}

function treeIsWhole({ disk }: FaultGround, name: string, mark: string): boolean {
  return treeFiles.every((file) => holds(disk, `${name}/${file}`, `${mark} ${file}`.repeat(100)));
}

function holds(disk: FaultGround['disk'], name: string, content: string | Uint8Array): boolean {
  return lstatSync(disk.pathOf(name), { throwIfNoEntry: false })?.isFile() === true && disk.read(name).equals(Buffer.from(content));
}

/** What a repeated attempt on a new connection can do in full is done in full. */
function succeeded(outcome: Outcome<unknown>): true {
  assert.ok('value' in outcome, 'error' in outcome ? `${outcome.error.code}: ${outcome.error.message}` : '');
  return true;
}

function isDone(outcome: Outcome<unknown>, path: string): boolean {
  if ('value' in outcome) return true;
  assertLinkError(outcome.error);
  assert.ok(outcome.error.path?.startsWith(path), `the path is named: ${String(outcome.error.path)} (${outcome.error.message})`);
  return false;
}

function saving(name: string, before: Uint8Array | undefined, content: Uint8Array): FaultOperation {
  return {
    name,
    up: content.length,
    down: before?.length ?? 0,
    async prepare({ disk, save, read, journal, path }) {
      if (before !== undefined) disk.file('work/file', before, { mode: 0o640 });
      const base = before === undefined ? undefined : (await read('work/file')).version;
      return {
        run: () => save('work/file', content, { base }),
        verify(outcome, { kind }) {
          // A second attempt may come too late for whoever waits; the file is whole all the same.
          const saved = kind === 'stall' ? isDone(outcome, path('work/file')) : succeeded(outcome);
          if (!saved) {
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

const connecting: FaultOperation = {
  ...{ name: 'connect', up: 2500, down: 2500 },
  async prepare({ pool, host, run, path }) {
    await pool.disconnect(host.name);
    return {
      run: () => run((remote, signal) => remote.stat(path('work'), { signal }), { repeatable: true }),
      verify(outcome) {
        if ('error' in outcome && outcome.error.code !== 'Auth') assertLinkError(outcome.error);
      },
    };
  },
};

const listing: FaultOperation = {
  ...{ name: `list ${entryCount} entries`, up: 0, down: 60 * entryCount },
  prepare: ({ run, server }) => ({
    run: () => run((remote, signal) => remote.list(child(server.rootOnServer, 'many'), { signal }), { repeatable: true }),
    verify(outcome) {
      succeeded(outcome);
      const names = 'value' in outcome ? (outcome.value as { name: string }[]).map(({ name }) => name) : [];
      assert.equal(new Set(names).size, entryCount);
    },
  }),
};

const reading: FaultOperation = {
  ...{ name: 'read 1 MB', up: 0, down: size },
  prepare({ disk, read }) {
    disk.file('work/file', oldContent);
    return {
      run: () => read('work/file'),
      verify(outcome) {
        succeeded(outcome);
        if ('value' in outcome) assert.ok(Buffer.from((outcome.value as { bytes: Uint8Array }).bytes).equals(oldContent), 'exactly');
      },
    };
  },
};

const renaming: FaultOperation = {
  ...{ name: 'rename a file', up: 0, down: 0 },
  prepare({ disk, run, path }) {
    disk.file('work/from', 'precious');
    return {
      run: () => run((remote, signal) => moveWithin(remote, path('work/from'), path('work/to'), { overwrite: false, signal })),
      verify(outcome) {
        const names = disk.names('work');
        assert.equal(names.length, 1, names.join());
        assert.ok(holds(disk, `work/${names[0] ?? ''}`, 'precious'));
        if (isDone(outcome, path('work'))) assert.deepEqual(names, ['to']);
      },
    };
  },
};

const deleting: FaultOperation = {
  ...{ name: 'delete a file', up: 0, down: 0 },
  prepare({ disk, run, path }) {
    disk.file('work/file', 'old');
    return {
      run: () => run((remote, signal) => remote.unlink(path('work/file'), { signal })),
      verify(outcome) {
        if (isDone(outcome, path('work'))) assert.equal(disk.exists('work/file'), false);
        else if (disk.exists('work/file')) assert.ok(holds(disk, 'work/file', 'old'));
      },
    };
  },
};

const deletingTree: FaultOperation = {
  ...{ name: 'delete a folder with all in it', up: 0, down: 0 },
  prepare(ground) {
    const { disk, run, path } = ground;
    makeTree(ground, 'work/tree', 'old');
    makeTree(ground, 'work/other', 'other');
    return {
      run: () => run((remote, signal) => removeTree(remote, path('work/tree'), { signal }), { lane: 'bulk' }),
      verify(outcome) {
        if (isDone(outcome, path('work'))) assert.equal(disk.exists('work/tree'), false);
        assert.ok(treeIsWhole(ground, 'work/other', 'other'));
      },
    };
  },
};

const makingFolder: FaultOperation = {
  ...{ name: 'make a folder', up: 0, down: 0 },
  prepare({ disk, run, path }) {
    return {
      run: () => run((remote, signal) => remote.mkdir(path('work/new'), { signal })),
      verify(outcome) {
        if (isDone(outcome, path('work'))) assert.ok(disk.stat('work/new')?.isDirectory());
      },
    };
  },
};

const copyingTree: FaultOperation = {
  ...{ name: 'copy a folder with all in it', up: 3000, down: 3000 },
  prepare(ground) {
    const { run, path } = ground;
    makeTree(ground, 'work/tree', 'old');
    return {
      run: () =>
        run((remote, signal) => copyWithin(remote, path('work/tree'), path('work/copy'), { overwrite: false, signal }), { lane: 'bulk' }),
      verify(outcome) {
        assert.ok(treeIsWhole(ground, 'work/tree', 'old'));
        if (isDone(outcome, path('work'))) assert.ok(treeIsWhole(ground, 'work/copy', 'old'));
      },
    };
  },
};

const movingTree: FaultOperation = {
  ...{ name: 'move a folder', up: 0, down: 0 },
  prepare(ground) {
    const { disk, run, path } = ground;
    makeTree(ground, 'work/tree', 'old');
    return {
      run: () => run((remote, signal) => moveWithin(remote, path('work/tree'), path('work/moved'), { overwrite: false, signal })),
      verify(outcome) {
        const names = disk.names('work');
        assert.equal(names.length, 1, names.join());
        assert.ok(treeIsWhole(ground, `work/${names[0] ?? ''}`, 'old'));
        if (isDone(outcome, path('work'))) assert.deepEqual(names, ['moved']);
      },
    };
  },
};

/** `replaced`: what is at the target before. It stays whole, under its own name, until the new is in its place. */
const movingOver: FaultOperation = {
  ...{ name: 'move a folder over another', up: 0, down: 0 },
  prepare(ground) {
    const { disk, pool, host, run, path } = ground;
    makeTree(ground, 'work/tree', 'new');
    makeTree(ground, 'work/target', 'replaced');
    return {
      run: () =>
        settleMove(
          pool,
          host,
          run((remote, signal) => moveWithin(remote, path('work/tree'), path('work/target'), { overwrite: true, signal })),
        ),
      verify(outcome) {
        const done = isDone(outcome, path('work'));
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

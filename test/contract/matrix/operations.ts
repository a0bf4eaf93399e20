import assert from 'node:assert/strict';
import { connecting, copyingTree, deleting, reading, renaming, saving, type FaultOperation } from '../faultOperations.ts';
import { pattern } from '../ground.ts';

const entryCount = 150;
const names = Array.from({ length: entryCount }, (_, index) => `entry ${index}`);

/** What a save finds and writes; in the middle of it is a byte after `savedHalf`. */
const [oldContent, newContent] = [pattern(2 ** 18, 3), pattern(2 ** 18 + 17, 4)];
export const savedHalf = 2 ** 17;

/** After the connection was lost, as a person meets it: the work that comes next connects. */
const reconnecting: FaultOperation = {
  ...connecting,
  async prepare(ground) {
    const { run } = ground;
    const deed = await connecting.prepare(ground);
    await run((remote) => remote.ping());
    await ground.loseConnections();
    return deed;
  },
};

const listing: FaultOperation = {
  ...{ name: `list ${entryCount} entries`, up: 0, down: 60 * entryCount, repeats: 'always' },
  prepare({ disk, run, path }) {
    disk.makeFolder('work/list');
    for (const name of names) disk.file(`work/list/${name}`);
    return {
      run: () => run((remote, signal) => remote.list(path('work/list'), { signal }), { repeatable: true }),
      verify(done, value) {
        if (done) assert.deepEqual(new Set((value as { name: string }[]).map(({ name }) => name)), new Set(names));
      },
    };
  },
};

export const matrixOperations = {
  connect: reconnecting,
  list: listing,
  read: reading,
  save: saving('save 256 KB', oldContent, newContent),
  move: renaming,
  delete: deleting,
  copy: copyingTree,
} as const satisfies Record<string, FaultOperation>;

export type OperationName = keyof typeof matrixOperations;

export const operationNames = Object.keys(matrixOperations) as OperationName[];

import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Protocol } from '../../src/core/host.ts';
import { pattern } from '../contract/ground.ts';
import type { Driver } from './driver.ts';
import { assertTree, largeSize, smallSize, type Fixture } from './fixture.ts';

/** Round trips: what a hand-written client reached on these servers, and what Ferry allows itself. */
export interface Bounds {
  readonly limit: string;
  readonly budget: number;
}

export interface Operation {
  readonly id: string;
  readonly title: string;
  readonly bounds: Partial<Record<Protocol, Bounds>>;
  /**
   * At most so many times each at the short and at the long line. A first run that does not count comes before; for `long` ones only that of
   * libraries without the line.
   */
  readonly runs: number;
  readonly long?: boolean;
  /** Bytes moved: shown as a speed. Measured without the line as well. */
  readonly bytes?: number;
  /** Whether the client has it. */
  readonly can: (driver: Driver) => boolean;
  readonly prepare?: (fixture: Fixture, run: number) => void;
  readonly run: (driver: Driver, fixture: Fixture, run: number) => Promise<unknown>;
  /** Throws where the outcome is not what was asked for. Not measured. */
  readonly check?: (fixture: Fixture, run: number, result: unknown) => void | Promise<void>;
}

const counts = (entries: number) => (_: Fixture, __: number, result: unknown) => {
  if (result !== entries) throw new Error(`${String(result)} entries were listed instead of ${entries}.`);
};
/** Programs that write into /dev/null don't tell. */
const gives = (bytes: number) => (_: Fixture, __: number, result: unknown) => {
  if (!Number.isNaN(result) && result !== bytes) throw new Error(`${String(result)} bytes were read instead of ${bytes}.`);
};
const bounds = (sftp: [string, number], ftp: [string, number], ftps: [string, number]): Operation['bounds'] => {
  const [one, two, three] = [sftp, ftp, ftps].map(([limit, budget]) => ({ limit, budget }));
  return { sftp: one!, ftp: two!, ftps: three! };
};

const looking: readonly Operation[] = [
  {
    ...{ id: 'stat', title: 'stat', runs: 9, bounds: bounds(['1.0', 1], ['1.0', 1], ['1.0', 1]) },
    can: ({ stat }) => stat !== undefined,
    run: (driver, { path }) => driver.stat!(path('small')),
  },
  {
    ...{ id: 'list5000', title: 'list 5,000 entries', runs: 5, bounds: bounds(['4.1', 5], ['1.2', 3], ['5.8–8', 8]) },
    can: ({ list }) => list !== undefined,
    run: (driver, { path }) => driver.list!(path('many')),
    check: counts(5000),
  },
  {
    ...{ id: 'list20000', title: 'list 20,000 entries', runs: 3, bounds: bounds(['5.5', 6], ['1.4', 3], ['7–10', 10]) },
    can: ({ list }) => list !== undefined,
    run: (driver, { path }) => driver.list!(path('more')),
    check: counts(20_000),
  },
  {
    ...{ id: 'cold', title: 'cold: connect, log in, list', runs: 5, bounds: bounds(['12 (7.7)', 10], ['5.0', 6], ['8–12', 10]) },
    can: ({ connectAndList }) => connectAndList !== undefined,
    run: (driver, { path }) => driver.connectAndList!(path('few')),
    check: (_, __, end) => (end as () => Promise<void>)(),
  },
];

const files: readonly Operation[] = [
  {
    ...{ id: 'read', title: 'read a 10 KB file', runs: 9, bounds: bounds(['2.0', 2], ['1.0', 2], ['1.0–2', 3]) },
    can: ({ read }) => read !== undefined,
    run: (driver, { path }) => driver.read!(path('small')),
    check: gives(smallSize),
  },
  {
    ...{ id: 'readInTurn', title: '20 files of 10 KB one right after the other', runs: 3, bounds: {} },
    can: ({ read }) => read !== undefined,
    async run({ read }, { path }) {
      let sum = 0;
      for (let index = 0; index < 20; index++) sum += await read!(path('twenty', `file${index}`));
      return sum;
    },
    check: gives(20 * smallSize),
  },
  {
    ...{ id: 'open', title: 'open it as an editor does: with the version that a save compares with', runs: 9, bounds: {} },
    can: ({ open }) => open !== undefined,
    run: (driver, { path }) => driver.open!(path('saved')),
    check: gives(smallSize),
  },
  {
    ...{ id: 'replace', title: 'safe replace of a 10 KB file, verified', runs: 9, bounds: bounds(['3.0', 4], ['2–3', 4], ['2–4', 5]) },
    can: ({ replace }) => replace !== undefined,
    run: (driver, { path }, run) => driver.replace!(path('saved'), pattern(smallSize, run + 2)),
    check({ disk }, run) {
      if (!readFileSync(disk('saved')).equals(pattern(smallSize, run + 2))) throw new Error('The file does not hold what was saved.');
    },
  },
  {
    ...{ id: 'read20', title: '20 files of 10 KB at once', runs: 5, bounds: bounds(['2.0', 3], ['7–13', 14], ['7–15', 15]) },
    can: ({ readMany }) => readMany !== undefined,
    run: (driver, { path }) => driver.readMany!(Array.from({ length: 20 }, (_, index) => path('twenty', `file${index}`))),
    check: gives(20 * smallSize),
  },
  {
    ...{ id: 'rename', title: 'rename', runs: 9, bounds: bounds(['1', 1], ['2', 2], ['2', 2]) },
    can: ({ rename }) => rename !== undefined,
    prepare({ copy }, run) {
      copy('small', `renamed${run}`);
    },
    run: (driver, { path }, run) => driver.rename!(path(`renamed${run}`), path(`renamed${run}.new`)),
    check({ disk, remove }, run) {
      if (!existsSync(disk(`renamed${run}.new`))) throw new Error('It was not renamed.');
      remove(`renamed${run}.new`);
    },
  },
];

const trees: readonly Operation[] = [
  {
    ...{ id: 'upload', title: 'upload 1,000 files × 4 KB in 50 folders', runs: 3, long: true },
    bounds: bounds(['7.1', 10], ['250', 300], ['250–500', 600]),
    can: ({ upload }) => upload !== undefined,
    run: (driver, { path, localTree }, run) => driver.upload!(localTree, path(`up${run}`)),
    check({ disk, remove }, run) {
      assertTree(disk(`up${run}`));
      remove(`up${run}`);
    },
  },
  {
    ...{ id: 'download', title: 'download that tree', runs: 3, long: true },
    bounds: bounds(['13', 15], ['400', 450], ['400–800', 800]),
    can: ({ download }) => download !== undefined,
    run: (driver, { path, local }, run) => driver.download!(path('tree'), join(local, `down${run}`)),
    check({ local, removeLocal }, run) {
      // Ferry's went into memory, and was looked at there.
      if (existsSync(join(local, `down${run}`))) assertTree(join(local, `down${run}`));
      removeLocal(`down${run}`);
    },
  },
  {
    ...{ id: 'remove', title: 'delete that tree', runs: 3, long: true, bounds: bounds(['6.9', 8], ['23–42', 45], ['23–48', 50]) },
    can: ({ remove }) => remove !== undefined,
    prepare: ({ copy }, run) => copy('tree', `gone${run}`),
    run: (driver, { path }, run) => driver.remove!(path(`gone${run}`)),
    check({ disk }, run) {
      if (existsSync(disk(`gone${run}`))) throw new Error('It is still there.');
    },
  },
];

const large: readonly Operation[] = [
  {
    ...{ id: 'readLarge', title: 'read 100 MB', runs: 5, long: true, bytes: largeSize, bounds: {} },
    can: ({ readLarge }) => readLarge !== undefined,
    run: (driver, { path }) => driver.readLarge!(path('large')),
    check: gives(largeSize),
  },
  {
    ...{ id: 'writeLarge', title: 'write 100 MB', runs: 5, long: true, bytes: largeSize, bounds: {} },
    can: ({ writeLarge }) => writeLarge !== undefined,
    run: (driver, { path, local }) => driver.writeLarge!(join(local, 'large'), path('written')),
    check({ disk, remove }) {
      if (statSync(disk('written')).size !== largeSize) throw new Error('It was not written in full.');
      remove('written');
    },
  },
];

export const operations: readonly Operation[] = [...looking, ...files, ...trees, ...large];

import assert from 'node:assert/strict';
import { readFile } from '../../src/core/operations/readFile.ts';
import { saveThroughPool } from '../../src/core/operations/saveThroughPool.ts';
import type { Version } from '../../src/core/operations/version.ts';
import { startProftpd } from '../servers/proftpd.ts';
import { startPureFtpd } from '../servers/pureftpd.ts';
import { requireServer } from '../servers/server.ts';
import { startVsftpd } from '../servers/vsftpd.ts';
import { memoryJournal } from '../support/memoryJournal.ts';
import { type FaultServer, vsftpdPorts, withDataPorts } from './faultServers.ts';
import { type Disk, pattern } from './ground.ts';
import { makeLockstepGround, type LockstepGround } from './lockstepGround.ts';

const size = 10_000;
/** A busy machine can only make more of them: the least of so many runs tells. */
const attempts = 3;

interface Deed {
  readonly name: string;
  /** What is done before, uncounted. */
  readonly prepare?: (ground: LockstepGround) => Promise<unknown> | undefined;
  run(ground: LockstepGround, attempt: number): Promise<unknown>;
}

/** In this order, on one connection. */
const deeds: readonly Deed[] = [
  {
    name: 'connect, log in and list',
    prepare: ({ pool, host }) => pool.disconnect(host.name),
    run: ({ run, path }) => run((remote) => remote.list(path('few'))),
  },
  { name: 'list 5,000 entries', run: ({ run, path }) => run((remote) => remote.list(path('many'))) },
  { name: 'stat of a file', run: ({ run, path }, attempt) => run((remote) => remote.stat(path(`file${attempt}`))) },
  { name: 'stat of the same file again', run: ({ run, path }) => run((remote) => remote.stat(path('file1'))) },
  { name: 'look at 50 files at once, as at watched ones', prepare: lookAt50, run: lookAt50 },
  { name: 'read 10 KB', run: ({ run, path }) => run((remote) => remote.read(path('file'), () => {})) },
  { name: 'open a file of 10 KB', run: ({ run, path }) => run((remote) => readFile(remote, path('file'))) },
  {
    name: 'write 10 KB',
    run: ({ run, path }, attempt) => run((remote) => remote.write(path(`new${attempt}`), pattern(size), { disposition: 'truncate' })),
  },
  {
    name: 'rename',
    prepare: makeFile,
    run: ({ run, path }) => run((remote) => remote.rename(path('from'), path('to'), { replace: true })),
  },
  {
    name: 'rename, where nothing must be replaced',
    prepare: makeFile,
    run: ({ run, path }, attempt) => run((remote) => remote.rename(path('from'), path(`free${attempt}`), { replace: false })),
  },
  {
    name: 'delete',
    prepare: makeFile,
    run: ({ run, path }) => run((remote) => remote.unlink(path('from'))),
  },
  { name: 'save 10 KB, alone', prepare: open, run: save },
  // The save before has brought it up.
  { name: 'save 10 KB with a second connection', prepare: open, run: save },
];

/** As long as paths of projects are. */
const project = 'www/customers.example.com/releases/current/packages/application/src/components';

let saved: Version | undefined;

function makeFolders(disk: Disk, path: string): void {
  const names = path.split('/');
  for (const index of names.keys()) disk.makeFolder(names.slice(0, index + 1).join('/'));
}

function makeFile({ disk }: LockstepGround): undefined {
  disk.file('from');
}

function lookAt50({ run, path }: LockstepGround): Promise<unknown> {
  return run((remote) => Promise.all(Array.from({ length: 50 }, (_, index) => remote.stat(path(`${project}/entry-${index}`)))));
}

async function open({ run, path }: LockstepGround): Promise<void> {
  saved = (await run((remote) => readFile(remote, path('file')))).version;
}

async function save({ pool, host, path, learn }: LockstepGround, attempt: number): Promise<void> {
  saved = await saveThroughPool(pool, host, path('file'), pattern(size, attempt + 1), {
    ...{ create: false, overwrite: true, base: saved, journal: memoryJournal(), saveMode: host.saveMode, profile: {}, learn },
  });
}

interface Budgets {
  readonly name: string;
  readonly start: () => Promise<FaultServer>;
  /** Round trips of `deeds`; of the long listing, one is the next data connection's, which may come up while that is read. */
  readonly most: readonly number[];
}

const servers: readonly Budgets[] = [
  {
    name: 'vsftpd',
    start: () => withDataPorts((first, last) => startVsftpd({ config: vsftpdPorts(first, last) })),
    most: [6, 2, 2, 1, 1, 1, 1, 1, 1, 2, 1, 4, 3],
  },
  {
    name: 'vsftpd, TLS 1.3 with session reuse required',
    start: () => withDataPorts((first, last) => startVsftpd({ tls: 'explicit', sessionReuse: true, config: vsftpdPorts(first, last) })),
    most: [10, 3, 2, 1, 1, 2, 2, 2, 1, 2, 1, 6, 4],
  },
  {
    name: 'ProFTPD, TLS 1.3',
    start: () => withDataPorts((first, last) => startProftpd({ tls: 'explicit', config: [`PassivePorts ${first} ${last}`] })),
    most: [10, 4, 1, 1, 1, 2, 2, 3, 1, 2, 1, 8, 5],
  },
  {
    name: 'Pure-FTPd',
    start: () => withDataPorts((first, last) => startPureFtpd({ args: ['-p', `${first}:${last}`] })),
    most: [6, 2, 1, 1, 1, 1, 1, 2, 1, 2, 1, 6, 4],
  },
];

function seed({ disk }: LockstepGround): void {
  for (const name of ['file', 'file1', 'file2', 'file3']) disk.file(name, pattern(size));
  for (const [folder, count] of [
    ['few', 10],
    ['many', 5000],
    [project, 50],
  ] as const) {
    makeFolders(disk, folder);
    for (let index = 0; index < count; index++) disk.file(`${folder}/entry-${index}`, '');
  }
}

describe('round trips over FTP', function () {
  this.timeout(60_000);
  for (const { name, start, most } of servers) {
    describe(name, () => {
      let behind: FaultServer | undefined;
      let ground: LockstepGround;

      before(async function () {
        behind = await requireServer(this, start);
        ground = await makeLockstepGround(behind);
        seed(ground);
      });

      after(async () => {
        await ground.end();
        await behind?.server.stop();
      });

      for (const [index, deed] of deeds.entries()) {
        const budget = most[index] ?? 0;
        it(`${deed.name}: at most ${budget}`, async () => {
          const counts: number[] = [];
          do {
            await deed.prepare?.(ground);
            counts.push(await ground.roundTrips(() => deed.run(ground, counts.length + 1)));
          } while (Math.min(...counts) > budget && counts.length < attempts);
          process.stderr.write(`        ${Math.min(...counts)} of ${budget} for:\n`);
          assert.ok(Math.min(...counts) <= budget, `${counts.join(', ')} round trips; the budget is ${budget}`);
          assert.ok(Math.min(...counts) > 0, 'counted');
        });
      }
    });
  }
});

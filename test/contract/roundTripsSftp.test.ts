import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { copyTree } from '../../src/core/operations/copyTree.ts';
import { readFile } from '../../src/core/operations/readFile.ts';
import { save } from '../../src/core/operations/save.ts';
import { removeTree } from '../../src/core/operations/tree.ts';
import type { Remote } from '../../src/core/remote.ts';
import { connect } from '../../src/transport/index.ts';
import { type LockstepLink, startLockstepLink } from '../servers/lockstepLink.ts';
import { startOpenssh } from '../servers/openssh.ts';
import { startProftpdSftp } from '../servers/proftpdSftp.ts';
import { requireServer, type TestServer } from '../servers/server.ts';
import { memoryJournal } from '../support/memoryJournal.ts';
import { MemoryRemote, MemoryServer } from '../support/memoryRemote.ts';
import { memoryTrust, scriptedPrompts } from '../support/prompts.ts';
import { pattern } from './ground.ts';

const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
/** A busy machine can only make one flight look like two: the least of so many runs tells. */
const attempts = 4;

/** Flights that an operation may take. */
interface Budgets {
  readonly connect: number;
  readonly list: number;
  readonly read: number;
  readonly readMany: number;
  readonly rename: number;
  readonly remove: number;
  readonly save: number;
  readonly create: number;
  /** Undefined: not looked at. */
  readonly large?: {
    readonly list5000: number;
    readonly list20000: number;
    readonly upload: number;
    readonly download: number;
    readonly remove: number;
  };
}

const servers: readonly (readonly [string, () => Promise<TestServer>, Budgets])[] = [
  [
    'OpenSSH',
    startOpenssh,
    {
      ...{ connect: 7, list: 1, read: 1, readMany: 1, rename: 1, remove: 1, save: 4, create: 6 },
      large: { list5000: 3, list20000: 4, upload: 10, download: 7, remove: 7 },
    },
  ],
  [
    'OpenSSH without extensions',
    () => startOpenssh({ name: 'without extensions', sftp: 'noExtensions' }),
    { connect: 8, list: 1, read: 1, readMany: 1, rename: 2, remove: 2, save: 11, create: 7 },
  ],
  [
    'ProFTPD mod_sftp',
    () => startProftpdSftp({ authentication: 'publickey' }),
    { connect: 8, list: 2, read: 2, readMany: 2, rename: 2, remove: 2, save: 4, create: 7 },
  ],
];

for (const [name, start, budgets] of servers)
  describe(`round trips over SFTP: ${name}`, function () {
    this.timeout(180_000);
    let server: TestServer;
    let link: LockstepLink;
    let remote: Remote;
    let run = 0;
    const connected: Remote[] = [];

    const at = (name: string) => `${server.rootOnServer}/${name}`;
    const logIn = async () =>
      connect(
        { ...server.host, port: link.port },
        {
          ...{ prompts: scriptedPrompts({ ...server.secrets, admit: true }), trust: memoryTrust(), log: silent, profile: {} },
          ...{ learn() {}, signal: new AbortController().signal },
        },
      );
    const put = (name: string, seed = 1, size = 10_000) => remote.write(at(name), pattern(size, seed), { disposition: 'create' });

    /** `prepare` gives what is counted. */
    const costs = (what: string, budget: number, prepare: (run: number) => Promise<() => Promise<unknown>>) =>
      it(`${what}: at most ${budget}`, async () => {
        const counts: number[] = [];
        do {
          const counted = await prepare((run += 1));
          // What nobody waits for, as a CLOSE, is none of what is counted.
          await link.quiet();
          const before = link.roundTrips;
          await counted();
          counts.push(link.roundTrips - before);
        } while (Math.min(...counts) > budget && counts.length < attempts);
        process.stderr.write(`      ${Math.min(...counts)} of ${budget} for:\n`);
        assert.ok(Math.min(...counts) <= budget, `${counts.join(', ')} round trips; the budget is ${budget}`);
        assert.ok(Math.min(...counts) > 0, 'counted');
      });
    const ready = (counted: () => Promise<unknown>) => () => Promise.resolve(counted);
    const saving = { overwrite: true, journal: memoryJournal(), saveMode: 'auto', profile: {}, learn() {} } as const;

    before(async function () {
      server = await requireServer(this, start);
      link = await startLockstepLink(server.host.port);
      mkdirSync(`${server.root}/few`);
      chmodSync(`${server.root}/few`, 0o755);
      for (let index = 0; index < 50; index += 1) writeFileSync(`${server.root}/few/an entry ${index}`, '');
      remote = await logIn();
      await Promise.all(Array.from({ length: 20 }, (_, index) => put(`f${index}`, index + 1)));
    });
    after(async () => {
      await Promise.all([remote, ...connected].map((each) => each.close()));
      await link.close();
      await server.stop();
    });

    costs('connect, log in and list', budgets.connect, () =>
      Promise.resolve(async () => {
        const another = await logIn();
        connected.push(another);
        await another.list(server.rootOnServer);
      }),
    );
    costs(
      'stat',
      1,
      ready(() => remote.stat(at('f0'))),
    );
    costs(
      'list 50 entries',
      budgets.list,
      ready(() => remote.list(at('few'))),
    );
    costs(
      'read 10 KB',
      budgets.read,
      ready(() => readFile(remote, at('f0'))),
    );
    costs(
      '20 files of 10 KB at once',
      budgets.readMany,
      ready(() => Promise.all(Array.from({ length: 20 }, (_, index) => readFile(remote, at(`f${index}`))))),
    );
    costs('rename', budgets.rename, async (run) => {
      await put(`from${run}`);
      return () => remote.rename(at(`from${run}`), at(`to${run}`), { replace: false });
    });
    costs('make a folder', 1, (run) => Promise.resolve(() => remote.mkdir(at(`made${run}`))));
    costs('remove a file', budgets.remove, async (run) => {
      await put(`gone${run}`);
      return () => remote.unlink(at(`gone${run}`));
    });
    costs('remove an empty folder', budgets.remove, async (run) => {
      await remote.mkdir(at(`empty${run}`));
      return () => remote.rmdir(at(`empty${run}`));
    });
    costs(
      'change a mode',
      1,
      ready(() => remote.chmod?.(at('f0'), 0o640) ?? Promise.reject(new Error('no chmod'))),
    );
    costs('save 10 KB', budgets.save, async (run) => {
      const { version: base } = await readFile(remote, at('f1'));
      return () => save(remote, at('f1'), pattern(10_000, 100 + run), { ...saving, create: false, base });
    });
    costs('save 10 KB as a new file', budgets.create, (run) =>
      Promise.resolve(() => save(remote, at(`new${run}`), pattern(10_000, run), { ...saving, create: true })),
    );

    const { large } = budgets;
    if (large === undefined) return;

    describe('long folders', () => {
      before(() => {
        for (const [name, entries] of [
          ['five', 5000],
          ['twenty', 20_000],
        ] as const) {
          mkdirSync(`${server.root}/${name}`);
          for (let index = 0; index < entries; index += 1) writeFileSync(`${server.root}/${name}/an entry ${index}`, '');
          chmodSync(`${server.root}/${name}`, 0o755);
        }
      });

      costs(
        'list 5,000 entries',
        large.list5000,
        ready(() => remote.list(at('five'))),
      );
      costs(
        'list 20,000 entries',
        large.list20000,
        ready(() => remote.list(at('twenty'))),
      );
    });

    describe('a tree of 1,000 files of 4 KB in 50 folders', () => {
      const local = new MemoryServer();
      const here = () => new MemoryRemote(local, { facts: { parallel: 1000 } });
      let uploaded = '';

      before(() => {
        local.folder('/back');
        for (let index = 0; index < 1000; index += 1) local.file(`/tree/folder ${index % 50}/file ${index}`, 'x'.repeat(4096));
      });

      costs('upload', large.upload, (run) => {
        uploaded = at(`tree${run}`);
        return Promise.resolve(() => copyTree(here(), remote, '/tree', uploaded));
      });
      costs('download', large.download, (run) => Promise.resolve(() => copyTree(remote, here(), uploaded, `/back/${run}`)));
      costs('delete', large.remove, async (run) => {
        const path = at(`deleted${run}`);
        await copyTree(here(), remote, '/tree', path);
        return () => removeTree(remote, path);
      });
    });
  });

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
import { requireServer, type TestServer } from '../servers/server.ts';
import { memoryJournal } from '../support/memoryJournal.ts';
import { MemoryRemote, MemoryServer } from '../support/memoryRemote.ts';
import { memoryTrust, scriptedPrompts } from '../support/prompts.ts';
import { pattern } from './ground.ts';

const silent = { trace() {}, debug() {}, info() {}, warn() {}, error() {} };
/** A busy machine can only make one flight look like two: the least of so many runs tells. */
const attempts = 4;

describe('round trips over SFTP', function () {
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

  /** `prepare` gives what is counted. */
  const costs = (name: string, budget: number, prepare: (run: number) => Promise<() => Promise<unknown>>) =>
    it(`${name}: at most ${budget}`, async () => {
      const counts: number[] = [];
      do {
        const counted = await prepare((run += 1));
        const before = link.flights;
        await counted();
        counts.push(link.flights - before);
      } while (Math.min(...counts) > budget && counts.length < attempts);
      process.stderr.write(`      ${Math.min(...counts)} of ${budget} for:\n`);
      assert.ok(Math.min(...counts) <= budget, `${counts.join(', ')} round trips; the budget is ${budget}`);
      assert.ok(Math.min(...counts) > 0, 'counted');
    });
  const ready = (counted: () => Promise<unknown>) => () => Promise.resolve(counted);

  before(async function () {
    server = await requireServer(this, startOpenssh);
    link = await startLockstepLink(server.host.port);
    for (const [name, entries] of [
      ['five', 5000],
      ['twenty', 20_000],
    ] as const) {
      mkdirSync(`${server.root}/${name}`);
      for (let index = 0; index < entries; index += 1) writeFileSync(`${server.root}/${name}/an entry ${index}`, '');
      chmodSync(`${server.root}/${name}`, 0o755);
    }
    remote = await logIn();
    for (let index = 0; index < 20; index += 1) await remote.write(at(`f${index}`), pattern(10_000, index + 1), { disposition: 'create' });
  });
  after(async () => {
    await Promise.all([remote, ...connected].map((each) => each.close()));
    await link.close();
    await server.stop();
  });

  costs('connect, log in and list', 10, () =>
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
    'list 5,000 entries',
    5,
    ready(() => remote.list(at('five'))),
  );
  costs(
    'list 20,000 entries',
    6,
    ready(() => remote.list(at('twenty'))),
  );
  costs(
    'read 10 KB',
    2,
    ready(() => readFile(remote, at('f0'))),
  );
  costs(
    '20 files of 10 KB at once',
    3,
    ready(() => Promise.all(Array.from({ length: 20 }, (_, index) => readFile(remote, at(`f${index}`))))),
  );
  costs('rename', 1, async (run) => {
    await remote.write(at(`from${run}`), pattern(10), { disposition: 'create' });
    return () => remote.rename(at(`from${run}`), at('to'), { replace: true });
  });
  costs('save 10 KB', 5, async (run) => {
    const { version: base } = await readFile(remote, at('f1'));
    const options = { create: false, overwrite: true, base, journal: memoryJournal(), saveMode: 'auto', profile: {}, learn() {} } as const;
    return () => save(remote, at('f1'), pattern(10_000, 100 + run), options);
  });

  describe('a tree of 1,000 files of 4 KB in 50 folders', () => {
    const local = new MemoryServer();
    const here = () => new MemoryRemote(local, { facts: { parallel: 1000 } });
    let uploaded = '';

    before(() => {
      local.folder('/back');
      for (let index = 0; index < 1000; index += 1) local.file(`/tree/folder ${index % 50}/file ${index}`, 'x'.repeat(4096));
    });

    costs('upload', 10, (run) => {
      uploaded = at(`tree${run}`);
      return Promise.resolve(() => copyTree(here(), remote, '/tree', uploaded));
    });
    costs('download', 15, (run) => Promise.resolve(() => copyTree(remote, here(), uploaded, `/back/${run}`)));
    costs('delete', 8, async (run) => {
      const path = at(`deleted${run}`);
      await copyTree(here(), remote, '/tree', path);
      return () => removeTree(remote, path);
    });
  });
});

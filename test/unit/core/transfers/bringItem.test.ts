import assert from 'node:assert/strict';
import { RemoteError } from '../../../../src/core/errors.ts';
import type { Host } from '../../../../src/core/host.ts';
import type { Pool } from '../../../../src/core/pool.ts';
import { createBandwidth } from '../../../../src/core/transfers/bandwidth.ts';
import { createBringItem } from '../../../../src/core/transfers/bringItem.ts';
import { ChangedSourceError } from '../../../../src/core/transfers/changedSource.ts';
import { type OnExists, serverOf, type TransferGroup, type TransferItem, type TransferTask } from '../../../../src/core/transfers/item.ts';
import { thisComputer, withThisComputer } from '../../../../src/core/transfers/thisComputer.ts';
import { fakeClock, turns } from '../../../support/fakeClock.ts';
import { memoryJournal } from '../../../support/memoryJournal.ts';
import { type MemoryOptions, MemoryRemote, MemoryServer, type Step } from '../../../support/memoryRemote.ts';
import { poolOf, testHost } from '../../../support/poolOf.ts';

const far = 'sftp://test';
const large = 1024 * 1024;

/** What was once asked for, of a file in `/there` of the server and `/here` of this computer. */
function itemOf(way: 'up' | 'down', name: string, more: Partial<TransferItem> = {}): TransferItem {
  const [near, there] = [
    { host: '', path: `/here/${name}` },
    { host: far, path: `/there/${name}` },
  ];
  return {
    ...{ id: 1, kind: 'file', from: way === 'up' ? near : there, to: way === 'up' ? there : near, size: 0, mtime: 0, mode: undefined },
    ...{ onExists: 'overwrite', state: 'running', bytes: 0, error: undefined, ...more },
  };
}

function groupOf(way: 'up' | 'down'): TransferGroup {
  const into = way === 'up' ? { host: far, path: '/there' } : { host: '', path: '/here' };
  return { id: 1, direction: way === 'up' ? 'upload' : 'download', title: 'test', into, items: [] };
}

const ends: (() => Promise<void>)[] = [];

function makeGround(options: { readonly near?: MemoryOptions['onStep']; readonly far?: MemoryOptions['onStep'] } = {}) {
  const [disk, server] = [new MemoryServer(), new MemoryServer()];
  disk.folder('/here');
  server.folder('/there');
  const connect = () => Promise.resolve(new MemoryRemote(server, options.far === undefined ? {} : { onStep: options.far }));
  const local = new MemoryRemote(disk, options.near === undefined ? {} : { onStep: options.near });
  let host = testHost();
  const here = thisComputer();
  const pool: Pool = withThisComputer(poolOf(connect), () => Promise.resolve(local));
  const journal = memoryJournal();
  const asked: string[] = [];
  const answers: Exclude<OnExists, 'ask'>[] = [];
  ends.push(() => pool.dispose());
  const items = createBringItem({
    ...{ pool, hostOf: (key): Host => (key === '' ? here : host), keeps: () => false, discard: () => undefined },
    journal: (each) => (each === here ? undefined : journal),
    bandwidth: createBandwidth(fakeClock(), () => 0),
    ask: ({ item }) => {
      asked.push(item.to.path);
      return Promise.resolve(answers.shift() ?? 'skip');
    },
    placing: (_, act) => act(),
    leaving: (_from, _to, act) => act(),
  });
  const bring = (item: TransferItem, way: 'up' | 'down', signal = new AbortController().signal) =>
    items.bring(item, groupOf(way), { signal, onProgress: () => {} });
  const edit = (more: Partial<Host>) => (host = { ...host, ...more });
  return { disk, server, local, journal, asked, answers, items, bring, edit };
}

/** What names a file at `path` as it is now. */
function seen(server: MemoryServer, path: string): Pick<TransferTask, 'size' | 'mtime' | 'mode'> {
  const inode = server.find(path, true);
  assert.ok(inode);
  return { size: inode.bytes.length, mtime: inode.mtime, mode: inode.mode };
}

const codeOf = (outcome: PromiseSettledResult<unknown>) =>
  outcome.status === 'rejected' ? (outcome.reason as RemoteError).code : outcome.value;

describe('bringing an item of the queue to its place', () => {
  afterEach(() => Promise.all(ends.splice(0).map((end) => end())));

  for (const [what, edited] of [
    ['another address', { address: 'elsewhere' }],
    ['another port', { port: 2222 }],
    ['another user', { user: 'root' }],
  ] as const)
    it(`never asks another server for what was meant for the one before: the host was given ${what}`, async () => {
      const touched: string[] = [];
      const ground = makeGround({ far: ({ verb }) => void touched.push(verb) });
      ground.disk.file('/here/deep/a', 'mine');
      ground.server.file('/there/a', 'theirs');
      const server = serverOf(testHost());
      const up = itemOf('up', 'a', {
        from: { host: '', path: '/here/deep/a' },
        to: { host: far, path: '/there/deep/a', server },
        ...seen(ground.disk, '/here/deep/a'),
      });
      const down = itemOf('down', 'a', { from: { host: far, path: '/there/a', server }, ...seen(ground.server, '/there/a') });
      const part = itemOf('up', 'b', { to: { host: far, path: '/there/b', server }, size: large, bytes: large - 1 });
      ground.edit(edited);
      const outcomes = await Promise.allSettled([ground.bring(up, 'up'), ground.bring(down, 'down')]);
      assert.deepEqual(outcomes.map(codeOf), ['Conflict', 'Conflict']);
      await ground.items.drop(part);
      assert.deepEqual([touched, ground.disk.names('/here')], [[], ['deep']]);
      ground.edit(testHost());
      assert.equal(await ground.bring(up, 'up'), 'done');
      assert.equal(ground.server.text('/there/deep/a'), 'mine');
    });

  it('takes no link for a folder that it could not make on this computer', async () => {
    const { disk, server, bring } = makeGround({
      near({ verb, path, phase }: Step) {
        // Another item of the group is that link: the server tells of both under one name.
        if (verb === 'mkdir' && path === '/here/sub' && phase === 'before') disk.link('/here/sub', '/elsewhere');
      },
    });
    disk.folder('/elsewhere');
    server.file('/there/sub/file', 'theirs');
    const [outcome] = await Promise.allSettled([bring(itemOf('down', 'sub/file', seen(server, '/there/sub/file')), 'down')]);
    assert.equal(codeOf(outcome), 'NotADirectory');
    assert.deepEqual(disk.names('/elsewhere'), []);
  });

  it('has a file whole at its place for one who brings it while another does', async () => {
    const [placing, writing] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    let writes = 0;
    const { disk, server, bring } = makeGround({
      async far({ verb, phase }) {
        if (verb === 'write' && phase === 'middle' && (writes += 1) === 2) await writing.promise;
        if (verb !== 'rename' || phase !== 'before') return;
        placing.resolve(undefined);
        // The other gets as far as it can.
        for (let round = 0; round < 10 && writes < 2; round += 1) await turns();
      },
    });
    disk.file('/here/file', 'all of it');
    const item = itemOf('up', 'file', seen(disk, '/here/file'));
    const other = placing.promise.then(() => bring({ ...item, id: 2 }, 'up'));
    const one = bring(item, 'up');
    assert.equal(await one, 'done');
    assert.equal(server.text('/there/file'), 'all of it');
    writing.resolve(undefined);
    assert.equal(await other, 'done');
    assert.equal(server.text('/there/file'), 'all of it');
    assert.deepEqual(server.names('/there'), ['file']);
  });

  it('lets one who waits for another leave', async () => {
    const writing = Promise.withResolvers<undefined>();
    const { disk, server, bring } = makeGround({
      far: async ({ verb, phase }) => (verb === 'write' && phase === 'middle' ? writing.promise : undefined),
    });
    disk.file('/here/file', 'all of it');
    const item = itemOf('up', 'file', seen(disk, '/here/file'));
    const own = new AbortController();
    const one = bring(item, 'up');
    const other = Promise.allSettled([bring({ ...item, id: 2 }, 'up', own.signal)]);
    await turns();
    own.abort();
    const [outcome] = await other;
    assert.equal(codeOf(outcome), 'Cancelled');
    writing.resolve(undefined);
    assert.equal(await one, 'done');
    assert.equal(server.text('/there/file'), 'all of it');
  });

  it('tells what a small source is now where it is not what was listed', async () => {
    const { disk, bring } = makeGround();
    disk.file('/here/log', 'one');
    const listed = seen(disk, '/here/log');
    disk.file('/here/log', 'one, two');
    const [outcome] = await Promise.allSettled([bring(itemOf('up', 'log', listed), 'up')]);
    assert.ok(outcome.status === 'rejected' && outcome.reason instanceof ChangedSourceError);
    assert.equal(outcome.reason.source.size, 8);
    assert.equal(await bring(itemOf('up', 'log', seen(disk, '/here/log')), 'up'), 'done');
  });

  for (const [way, size] of [
    ['up', 3],
    ['up', 100_000],
    ['down', 100_000],
  ] as const)
    it(`brings no mixture of two contents of the same size: ${size} bytes, ${way}`, async () => {
      const [near, there] = ['/here/file', '/there/file'];
      let isRewritten = false;
      const rewrite: MemoryOptions['onStep'] = ({ verb, phase }) => {
        if (verb !== 'read' || phase !== 'middle' || isRewritten) return;
        isRewritten = true;
        const [side, path] = way === 'up' ? [ground.disk, near] : [ground.server, there];
        side.file(path, 'B'.repeat(size));
      };
      const ground = makeGround({ near: rewrite, far: rewrite });
      const [source, target] = way === 'up' ? [ground.disk, ground.server] : [ground.server, ground.disk];
      source.file(way === 'up' ? near : there, 'A'.repeat(size));
      const listed = () => itemOf(way, 'file', seen(source, way === 'up' ? near : there));
      const [outcome] = await Promise.allSettled([ground.bring(listed(), way)]);
      assert.ok(outcome.status === 'rejected' && outcome.reason instanceof ChangedSourceError);
      assert.deepEqual([target.names(way === 'up' ? '/there' : '/here'), [...ground.journal.temporaries]], [[], []]);
      assert.equal(await ground.bring(listed(), way), 'done');
      assert.equal(target.text(way === 'up' ? there : near), 'B'.repeat(size));
    });

  it('leaves nothing of a small file that can not be put in its place', async () => {
    const { disk, server, journal, bring } = makeGround({
      far({ verb, phase }) {
        if (verb === 'rename' && phase === 'before') throw new RemoteError('Denied', 'No.');
      },
    });
    disk.file('/here/file', 'new');
    const [outcome] = await Promise.allSettled([bring(itemOf('up', 'file', seen(disk, '/here/file')), 'up')]);
    assert.equal(codeOf(outcome), 'Denied');
    assert.deepEqual(server.names('/there'), []);
    assert.deepEqual([...journal.temporaries], []);
  });

  it('takes another name after a lost link, and leaves the first to be removed', async () => {
    const written: string[] = [];
    const { disk, server, journal, bring } = makeGround({
      far({ verb, path, phase }) {
        if (verb !== 'write' || phase !== 'middle') return;
        written.push(path);
        if (written.length === 1) throw new RemoteError('Lost', 'The link was cut.');
      },
    });
    disk.file('/here/file', 'all of it');
    const item = itemOf('up', 'file', seen(disk, '/here/file'));
    const [outcome] = await Promise.allSettled([bring(item, 'up')]);
    assert.equal(codeOf(outcome), 'Lost');
    assert.deepEqual([...journal.abandoned], written);
    assert.equal(await bring(item, 'up'), 'done');
    assert.equal(server.text('/there/file'), 'all of it');
    assert.notEqual(written[0], written[1]);
    assert.deepEqual([...journal.temporaries], written.slice(0, 1));
  });

  it('takes back a large part that was given up and is wanted again', async () => {
    const given: string[][] = [];
    const { disk, items, journal, bring } = makeGround({
      far({ verb, phase }) {
        if (verb === 'rename' && phase === 'before') given.push([...journal.temporaries]);
      },
    });
    disk.file('/here/big', new Uint8Array(large));
    const item = itemOf('up', 'big', { ...seen(disk, '/here/big'), bytes: 1 });
    // The host is not connected: it can not be removed now.
    await items.drop(item);
    assert.equal(journal.abandoned.size, 1);
    assert.equal(await bring(item, 'up'), 'done');
    assert.deepEqual(given, [[]]);
    assert.equal(journal.abandoned.size, 0);
  });

  it('decides again where the target of a large file changed on the way', async () => {
    const { disk, server, bring } = makeGround({
      far({ verb, phase }) {
        if (verb === 'write' && phase === 'after') server.file('/there/big', 'newer than that').mtime = 1_800_000_000_000;
      },
    });
    disk.file('/here/big', new Uint8Array(large)).mtime = 1_700_000_900_000;
    server.file('/there/big', 'old').mtime = 1_600_000_000_000;
    const item = itemOf('up', 'big', { ...seen(disk, '/here/big'), onExists: 'newer' });
    assert.equal(await bring(item, 'up'), 'skipped');
    assert.equal(server.text('/there/big'), 'newer than that');
    assert.deepEqual(server.names('/there'), ['big']);
  });

  it('asks where somebody was faster to take a name that was free', async () => {
    let isFirst = true;
    const { disk, server, asked, answers, bring } = makeGround({
      far({ verb, phase }) {
        if (verb !== 'rename' || phase !== 'before' || !isFirst) return;
        isFirst = false;
        server.file('/there/file', 'theirs');
      },
    });
    server.file('/there/other', '');
    disk.file('/here/file', 'mine');
    answers.push('rename');
    assert.equal(await bring(itemOf('up', 'file', { ...seen(disk, '/here/file'), onExists: 'ask' }), 'up'), 'done');
    assert.deepEqual(asked, ['/there/file']);
    assert.deepEqual([server.text('/there/file'), server.text('/there/file copy')], ['theirs', 'mine']);
    assert.deepEqual(server.names('/there'), ['file', 'file copy', 'other']);
  });

  it('has the old link at its place until the new one is there', async () => {
    const { disk, server, bring } = makeGround({
      far({ verb, path, phase }) {
        if (verb === 'symlink' && phase === 'before') {
          assert.equal(server.find('/there/link', false)?.target, 'old');
          if (path === '/there/link') throw new RemoteError('Lost', 'The link was cut.');
        }
      },
    });
    disk.link('/here/link', 'new');
    server.link('/there/link', 'old');
    assert.equal(await bring(itemOf('up', 'link', { kind: 'link' }), 'up'), 'done');
    assert.equal(server.find('/there/link', false)?.target, 'new');
    assert.deepEqual(server.names('/there'), ['link']);
  });
});

import assert from 'node:assert/strict';
import { RemoteError } from '../../../../src/core/errors.ts';
import type { Host } from '../../../../src/core/host.ts';
import type { Pool } from '../../../../src/core/pool.ts';
import { createBandwidth } from '../../../../src/core/transfers/bandwidth.ts';
import { createBringItem } from '../../../../src/core/transfers/bringItem.ts';
import type { OnExists, TransferGroup, TransferItem, TransferTask } from '../../../../src/core/transfers/item.ts';
import { thisComputer, withThisComputer } from '../../../../src/core/transfers/thisComputer.ts';
import { fakeClock } from '../../../support/fakeClock.ts';
import { memoryJournal } from '../../../support/memoryJournal.ts';
import { type MemoryOptions, MemoryRemote, MemoryServer, type Step } from '../../../support/memoryRemote.ts';
import { poolOf, testHost } from '../../../support/poolOf.ts';

const far = 'sftp://test';

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
  const host = testHost();
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
    ask: (item) => {
      asked.push(item.to.path);
      return Promise.resolve(answers.shift() ?? 'skip');
    },
    placing: (_, act) => act(),
  });
  const bring = (item: TransferItem, way: 'up' | 'down', signal = new AbortController().signal) =>
    items.bring(item, groupOf(way), { signal, onProgress: () => {} });
  return { disk, server, local, journal, asked, answers, items, bring };
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
});

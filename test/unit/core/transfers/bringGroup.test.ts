import assert from 'node:assert/strict';
import { systemClock } from '../../../../src/core/clock.ts';
import { RemoteError } from '../../../../src/core/errors.ts';
import { createBandwidth } from '../../../../src/core/transfers/bandwidth.ts';
import { createBringItem, type BringItemParts } from '../../../../src/core/transfers/bringItem.ts';
import type { Direction, GroupOutcome, OnExists } from '../../../../src/core/transfers/item.ts';
import type { Meeting } from '../../../../src/core/transfers/meeting.ts';
import { planMove, planTransfer } from '../../../../src/core/transfers/plan.ts';
import { createQueue } from '../../../../src/core/transfers/queue.ts';
import { memoryJournal } from '../../../support/memoryJournal.ts';
import { type MemoryOptions, MemoryRemote, MemoryServer } from '../../../support/memoryRemote.ts';
import { poolOf, testHost } from '../../../support/poolOf.ts';

const one = testHost({ name: 'one' });
const two = testHost({ name: 'two' });

interface DeskOptions extends Partial<BringItemParts> {
  readonly source?: MemoryOptions;
  readonly target?: MemoryOptions;
  readonly from?: MemoryServer;
  readonly to?: MemoryServer;
}

/** A queue between two servers in memory. */
function makeDesk({ source = {}, target = {}, from = new MemoryServer(), to = new MemoryServer(), ...more }: DeskOptions = {}) {
  to.folder('/to');
  const pool = poolOf(({ name }) => Promise.resolve(name === 'one' ? new MemoryRemote(from, source) : new MemoryRemote(to, target)));
  const journal = memoryJournal();
  const asked: Meeting[] = [];
  const left: string[] = [];
  const items = createBringItem({
    pool,
    hostOf: (key) => (key === 'sftp://one' ? one : two),
    journal: () => journal,
    discard: () => undefined,
    bandwidth: createBandwidth(systemClock, () => 0),
    keeps: () => false,
    ask(meeting) {
      asked.push(meeting);
      return Promise.resolve('skip');
    },
    placing: (_, act) => act(),
    async leaving({ path }, _, act) {
      await act();
      left.push(path);
    },
    ...more,
  });
  const queue = createQueue({ items, budget: () => 4, clock: systemClock });
  const bring = async (path: string, direction: Direction, onExists: OnExists = 'ask'): Promise<GroupOutcome> => {
    const errands = [{ from: { host: one, path }, to: { host: two, path: `/to${path}` }, onExists }];
    const tasks = await (direction === 'move' ? planMove : planTransfer)(pool, errands, new AbortController().signal);
    return queue.add({ direction, title: path, into: { host: 'sftp://two', path: '/to' } }, tasks).settled;
  };
  const end = async () => {
    queue.dispose();
    await pool.dispose();
    assert.deepEqual([...journal.temporaries, ...journal.asides.keys()], [], 'nothing is left in the journal');
  };
  return { from, to, queue, asked, left, bring, end };
}

const counts = ({ done, skipped, failed, cancelled }: GroupOutcome) => [done, skipped, failed.length, cancelled];
const large = Buffer.from(Array.from({ length: 400_000 }, (_, index) => (index * 7 + (index >> 8)) % 251));

describe('a file that is there already', () => {
  let desk: ReturnType<typeof makeDesk>;
  afterEach(() => desk.end());

  it('is gone on with where it is a beginning, and nothing of it is sent again', async () => {
    const resumed: string[] = [];
    desk = makeDesk({ target: { onStep: ({ verb, phase }) => void resumed.push(`${verb} ${phase}`) } });
    desk.from.file('/file', large);
    const inode = desk.to.file('/to/file', large.subarray(0, 300_000), 0o600);
    assert.deepEqual(counts(await desk.bring('/file', 'copy', 'resume')), [1, 0, 0, 0]);
    assert.ok(large.equals(desk.to.find('/to/file', true)!.bytes));
    assert.equal(desk.to.find('/to/file', true), inode, 'it is the same file');
    assert.deepEqual([resumed.includes('resume before'), resumed.includes('write before')], [true, false]);
    assert.deepEqual(desk.to.names('/to'), ['file']);
  });

  it('is left alone where it is all of it already', async () => {
    desk = makeDesk();
    desk.from.file('/file', large);
    desk.to.file('/to/file', large);
    assert.deepEqual(counts(await desk.bring('/file', 'copy', 'resume')), [0, 1, 0, 0]);
    assert.equal(desk.asked.length, 0);
  });

  for (const [name, content] of [
    ['differs at its beginning', Buffer.concat([Buffer.from('x'), large.subarray(1, 300_000)])],
    ['differs in its middle', Buffer.concat([large.subarray(0, 100_000), Buffer.from('xyz'), large.subarray(100_003, 300_000)])],
    ['differs in one byte', Buffer.from(large.subarray(0, 300_000)).fill('x', 70_000, 70_001)],
    ['differs at its end', Buffer.concat([large.subarray(0, 299_999), Buffer.from('x')])],
    ['is longer', Buffer.concat([large, Buffer.from('more')])],
    ['has the same size and is another', Buffer.concat([large.subarray(0, 399_999), Buffer.from('x')])],
  ] as const)
    it(`is asked about where it ${name}: no word of going on then`, async () => {
      desk = makeDesk();
      desk.from.file('/file', large);
      desk.to.file('/to/file', content);
      assert.deepEqual(counts(await desk.bring('/file', 'copy', 'resume')), [0, 1, 0, 0]);
      assert.deepEqual(
        desk.asked.map(({ mayResume }) => mayResume),
        [false],
      );
      assert.ok(content.equals(desk.to.find('/to/file', true)!.bytes));
    });

  it('is asked about with that way only where it may be a beginning', async () => {
    desk = makeDesk();
    desk.from.file('/files/short', 'abc');
    desk.from.file('/files/long', 'abcdef');
    desk.to.file('/to/files/short', 'abcd');
    desk.to.file('/to/files/long', 'abcd');
    await desk.bring('/files', 'copy');
    assert.deepEqual(Object.fromEntries(desk.asked.map(({ item, mayResume }) => [item.to.path, mayResume])), {
      '/to/files/long': true,
      '/to/files/short': false,
    });
  });

  it('is replaced as a whole where the server goes on with no file', async () => {
    desk = makeDesk({
      target: {
        onStep({ verb, phase }) {
          if (verb === 'resume' && phase === 'before') throw new RemoteError('Unsupported', 'No REST.');
        },
      },
    });
    desk.from.file('/file', large);
    desk.to.file('/to/file', large.subarray(0, 300_000));
    assert.deepEqual(counts(await desk.bring('/file', 'copy', 'resume')), [1, 0, 0, 0]);
    assert.ok(large.equals(desk.to.find('/to/file', true)!.bytes));
    assert.deepEqual(desk.to.names('/to'), ['file']);
  });

  it('is replaced as a whole where the source became another one meanwhile', async () => {
    const other = Buffer.from(large).fill('o', 350_000);
    let isChanged = false;
    desk = makeDesk({
      target: {
        onStep({ verb, phase }) {
          if (verb !== 'resume' || phase !== 'after' || isChanged) return;
          isChanged = true;
          desk.from.file('/file', other);
        },
      },
    });
    desk.from.file('/file', large);
    desk.to.file('/to/file', large.subarray(0, 300_000));
    assert.deepEqual(counts(await desk.bring('/file', 'copy', 'resume')), [1, 0, 0, 0]);
    assert.ok(other.equals(desk.to.find('/to/file', true)!.bytes));
  });

  it('stays when what goes on with it is cancelled', async () => {
    desk = makeDesk({
      target: {
        onStep({ verb, phase }) {
          if (verb === 'resume' && phase === 'before') desk.queue.cancel(() => true);
        },
      },
    });
    desk.from.file('/file', large);
    desk.to.file('/to/file', large.subarray(0, 300_000));
    assert.deepEqual(counts(await desk.bring('/file', 'copy', 'resume')), [0, 0, 0, 1]);
    const { bytes } = desk.to.find('/to/file', true)!;
    assert.ok(bytes.length >= 300_000 && large.subarray(0, bytes.length).equals(bytes));
  });
});

describe('a move through the queue', () => {
  let desk: ReturnType<typeof makeDesk>;
  afterEach(() => desk.end());
  const seed = () => {
    desk.from.file('/site/index.html', 'index');
    desk.from.file('/site/deep/er/a', large);
    desk.from.folder('/site/empty');
    desk.from.link('/site/deep/link', 'er/a');
  };

  it('brings all of it and leaves nothing where it was', async () => {
    desk = makeDesk();
    seed();
    assert.equal((await desk.bring('/site', 'move')).failed.length, 0);
    assert.deepEqual(desk.from.names('/'), []);
    assert.deepEqual(desk.to.names('/to/site'), ['deep', 'empty', 'index.html']);
    assert.ok(large.equals(desk.to.find('/to/site/deep/er/a', false)!.bytes));
    assert.equal(desk.to.find('/to/site/deep/link', false)?.target, 'er/a');
    assert.deepEqual(desk.left.toSorted(), ['/site/deep/er/a', '/site/deep/link', '/site/index.html']);
  });

  it('leaves the source of what was skipped, with its folders', async () => {
    desk = makeDesk();
    seed();
    desk.to.file('/to/site/deep/er/a', 'theirs');
    assert.deepEqual((await desk.bring('/site', 'move')).skipped, 1);
    assert.equal(desk.to.text('/to/site/deep/er/a'), 'theirs');
    assert.deepEqual([desk.from.names('/site'), desk.from.names('/site/deep')], [['deep'], ['er']]);
    assert.ok(large.equals(desk.from.find('/site/deep/er/a', true)!.bytes));
    assert.equal(desk.asked[0]?.mayResume, false);
  });

  it('leaves the source where the target has no room, and nothing half under the real name', async () => {
    desk = makeDesk();
    desk.to.capacity = 3;
    seed();
    const { done, failed } = await desk.bring('/site', 'move');
    assert.deepEqual(
      failed.map(({ error }) => error?.code),
      ['NoSpace', 'NoSpace'],
    );
    // Its folders, which are there, and the link.
    assert.equal(done, 5);
    assert.deepEqual([desk.from.names('/site'), desk.from.text('/site/index.html')], [['deep', 'index.html'], 'index']);
    assert.deepEqual([desk.to.names('/to/site'), desk.to.names('/to/site/deep/er')], [['deep', 'empty'], []]);
  });

  it('leaves a source that changed after it was read, and says so', async () => {
    desk = makeDesk({
      target: {
        onStep({ verb, phase }) {
          if (verb === 'rename' && phase === 'after') desk.from.file('/file', 'newer');
        },
      },
    });
    desk.from.file('/file', 'older');
    const { failed } = await desk.bring('/file', 'move');
    assert.deepEqual([failed[0]?.error?.code, desk.from.text('/file'), desk.to.text('/to/file')], ['Busy', 'newer', 'older']);
  });

  it('leaves the source of a copy that is gone or cut short when it is looked at', async () => {
    for (const spoil of [() => desk.to.file('/to/file', 'ol'), () => desk.to.folderOf('/to/file').children.delete('file')]) {
      desk = makeDesk({
        target: {
          onStep({ verb, phase }) {
            if (verb === 'rename' && phase === 'after') spoil();
          },
        },
      });
      desk.from.file('/file', 'older');
      const { failed } = await desk.bring('/file', 'move');
      assert.deepEqual([failed[0]?.error?.code, desk.from.text('/file')], ['Lost', 'older']);
    }
  });

  it('is finished by another try where only the source could not be removed', async () => {
    let mayRemove = false;
    desk = makeDesk({
      source: {
        onStep({ verb, phase }) {
          if (verb === 'unlink' && phase === 'before' && !mayRemove) throw new RemoteError('Denied', 'No.');
        },
      },
    });
    desk.from.file('/file', 'content');
    const { failed } = await desk.bring('/file', 'move');
    assert.match(failed[0]?.error?.hint ?? '', /\/to\/file now, but the original could not be removed/);
    mayRemove = true;
    desk.to.file('/to/file', 'CONTENT');
    const ended = Promise.withResolvers<undefined>();
    desk.queue.onDidChange(() => {
      if (desk.queue.groups[0]?.items[0]?.state === 'done') ended.resolve(undefined);
    });
    desk.queue.retry(() => true);
    await ended.promise;
    assert.deepEqual([desk.from.names('/'), desk.to.text('/to/file'), desk.asked.length], [[], 'CONTENT', 0]);
  });

  it('leaves the source of what is cancelled, and no half file', async () => {
    desk = makeDesk({
      source: {
        onStep({ verb, phase }) {
          if (verb === 'read' && phase === 'middle') desk.queue.cancel(() => true);
        },
      },
    });
    desk.from.file('/file', large);
    assert.deepEqual(counts(await desk.bring('/file', 'move')), [0, 0, 0, 1]);
    assert.ok(large.equals(desk.from.find('/file', true)!.bytes));
    assert.equal(desk.to.names('/to').includes('file'), false);
  });

  it('loses nothing where both hosts are one server, and both places one', async () => {
    const server = new MemoryServer();
    server.link('/to', '/');
    desk = makeDesk({ from: server, to: server, keeps: () => true });
    seed();
    const { failed } = await desk.bring('/site', 'move', 'overwrite');
    assert.deepEqual(failed.map(({ error }) => error?.code).toSorted(), ['BadPath', 'BadPath', 'Exists']);
    assert.deepEqual(server.names('/site'), ['deep', 'empty', 'index.html']);
    assert.deepEqual([server.text('/site/index.html'), server.names('/site/deep')], ['index', ['er', 'link']]);
    assert.ok(large.equals(server.find('/site/deep/er/a', true)!.bytes));
  });

  it('does not begin where there is anything that can not be moved', async () => {
    desk = makeDesk();
    seed();
    desk.from.folderOf('/site/pipe').children.set('pipe', desk.from.make('other', 0o644));
    await assert.rejects(desk.bring('/site', 'move'), { code: 'Unsupported', path: '/site/pipe' });
    assert.deepEqual(desk.to.names('/to'), []);
  });
});

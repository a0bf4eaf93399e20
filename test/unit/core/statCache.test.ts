import assert from 'node:assert/strict';
import type { Attributes, Entry } from '../../../src/core/remote.ts';
import { SharedCalls } from '../../../src/core/sharedCalls.ts';
import { StatCache } from '../../../src/core/statCache.ts';
import { fakeClock, type FakeClock } from '../../support/fakeClock.ts';

const nothing = { mode: 0o644, owner: undefined, group: undefined, links: 1, target: undefined, writable: undefined };
const file = (size: number, mtime: number | undefined = 1000): Attributes => ({ ...nothing, kind: 'file', size, mtime });
const listed = (name: string, more: Partial<Entry> = {}): Entry => ({ ...file(1), name, ...more });

describe('the stat cache', () => {
  let clock: FakeClock;
  let cache: StatCache;
  const keep = (key: string, entry: Attributes) => cache.keep(key, { entry, target: entry }, cache.changes);
  const sizeOf = (key: string) => cache.recent(key)?.entry.size;

  beforeEach(() => {
    clock = fakeClock();
    cache = new StatCache(clock);
  });

  it('answers with what one call told, for a moment', async () => {
    keep('/sftp/h/a', file(5));
    assert.equal(sizeOf('/sftp/h/a'), 5);
    assert.equal(sizeOf('/sftp/h'), undefined);
    await clock.pass(2001);
    assert.equal(sizeOf('/sftp/h/a'), undefined);
    assert.equal(cache.last('/sftp/h/a')?.entry.size, 5, 'it is remembered');
  });

  it('answers with what a listing told, for a few seconds', async () => {
    cache.keepListing('/sftp/h', [listed('a', { size: 7 }), listed('folder', { kind: 'directory', mtime: undefined })], cache.changes);
    assert.equal(sizeOf('/sftp/h/a'), 7);
    assert.equal(cache.recent('/sftp/h/folder')?.target?.kind, 'directory');
    assert.equal(cache.recent('/sftp/h/none'), undefined);
    await clock.pass(6001);
    assert.equal(sizeOf('/sftp/h/a'), undefined);
    assert.equal(cache.last('/sftp/h/a'), undefined);
    assert.equal(clock.pending, 0);
  });

  it('does not answer from a listing for a link, or for a file whose time was not told', () => {
    cache.keepListing('/sftp/h', [listed('link', { kind: 'symlink' }), listed('timeless', { mtime: undefined })], cache.changes);
    assert.equal(cache.recent('/sftp/h/link'), undefined);
    assert.equal(cache.recent('/sftp/h/timeless'), undefined);
    assert.equal(cache.last('/sftp/h/link')?.entry.kind, 'symlink');
  });

  it('forgets what changed, in the listing too', () => {
    keep('/sftp/h/f', file(1));
    keep('/sftp/h/f/a', file(2));
    cache.keepListing('/sftp/h', [listed('f'), listed('g', { size: 3 })], cache.changes);
    cache.forget('/sftp/h/f', { isBelow: false });
    assert.equal(cache.recent('/sftp/h/f'), undefined);
    assert.equal(sizeOf('/sftp/h/f/a'), 2);
    assert.equal(sizeOf('/sftp/h/g'), 3);
    cache.forget('/sftp/h/f', { isBelow: true });
    assert.equal(cache.recent('/sftp/h/f/a'), undefined);
    cache.forget('/', { isBelow: true });
    assert.equal(cache.recent('/sftp/h/g'), undefined);
    assert.equal(clock.pending, 0);
  });

  it('does not keep an answer that was asked for before a change', () => {
    const asOf = cache.changes;
    cache.forget('/sftp/h/other', { isBelow: false });
    cache.keep('/sftp/h/a', { entry: file(1), target: file(1) }, asOf);
    cache.keepListing('/sftp/h', [listed('a')], asOf);
    assert.equal(cache.recent('/sftp/h/a'), undefined);
  });

  it('keeps no listing of 100,000 entries, and no more than 2,000 single ones', () => {
    cache.keepListing('/sftp/h', Array(100_000).fill(listed('a')), cache.changes);
    assert.equal(cache.last('/sftp/h/a'), undefined);
    for (let index = 0; index <= 2000; index += 1) keep(`/sftp/h/${index}`, file(1));
    assert.equal(cache.last('/sftp/h/0'), undefined);
    assert.ok(cache.last('/sftp/h/1'));
  });
});

describe('shared calls', () => {
  it('are one while the first runs', async () => {
    const calls = new SharedCalls<number>();
    let made = 0;
    const work = async () => {
      await Promise.resolve();
      return (made += 1);
    };
    assert.deepEqual(await Promise.all([calls.run('a', work), calls.run('a', work), calls.run('b', work)]), [1, 1, 2]);
    assert.equal(await calls.run('a', work), 3);
  });

  it('are not joined after a change', async () => {
    const calls = new SharedCalls<number>();
    const first = Promise.withResolvers<number>();
    const before = calls.run('a', () => first.promise);
    calls.forget((key) => key === 'a');
    const after = calls.run('a', () => Promise.resolve(2));
    assert.equal(await after, 2);
    first.resolve(1);
    assert.equal(await before, 1);
  });

  it('fail for all who joined, and only for them', async () => {
    const calls = new SharedCalls<number>();
    const failing = () => Promise.reject(new Error('no'));
    await Promise.all([assert.rejects(calls.run('a', failing)), assert.rejects(calls.run('a', failing))]);
    assert.equal(await calls.run('a', () => Promise.resolve(1)), 1);
  });
});

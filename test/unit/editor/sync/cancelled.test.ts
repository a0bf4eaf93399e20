import assert from 'node:assert/strict';
import { lstatSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { abortError } from '../../../../src/core/errors.ts';
import { PathLocks } from '../../../../src/core/pathLocks.ts';
import type { Pool } from '../../../../src/core/pool.ts';
import type { Attributes } from '../../../../src/core/remote.ts';
import { createTransfers } from '../../../../src/core/transfers.ts';
import type { LargeFiles } from '../../../../src/editor/mapping/largeFiles.ts';
import type { MappedFile } from '../../../../src/editor/mapping/mappings.ts';
import type { LinkedPlace } from '../../../../src/editor/sync/linkedPlace.ts';
import type { ReviewItem } from '../../../../src/editor/sync/review.ts';
import type { RowWorkParts } from '../../../../src/editor/sync/rowWork.ts';
import { memoryJournal } from '../../../support/memoryJournal.ts';
import { MemoryRemote, MemoryServer, type Step } from '../../../support/memoryRemote.ts';
import { poolOf, testHost } from '../../../support/poolOf.ts';
import '../fakeVscode.ts';
import { Uri } from '../fakeWorkspace.ts';

const { applyItems } = await import('../../../../src/editor/sync/application.ts');
const { createExchange } = await import('../../../../src/editor/mapping/exchange.ts');
const { createExchanges } = await import('../../../../src/editor/mapping/exchanges.ts');
const { createUpload } = await import('../../../../src/editor/upload.ts');
const { doRow } = await import('../../../../src/editor/sync/rowWork.ts');

/* A server that hangs in the middle of a row: what a person cancels does not wait for it. */
describe('a sync that is cancelled while the server hangs', () => {
  let folder: string;
  let server: MemoryServer;
  let pool: Pool;
  let parts: RowWorkParts;
  let hangs: (step: Step) => boolean;
  let cancelling: AbortController;
  const journal = memoryJournal();
  const host = testHost();
  const unknown = { mode: undefined, owner: undefined, group: undefined, links: undefined, target: undefined, writable: undefined };

  const place = {
    at: (relative: string) => {
      const location = { host, path: `/site/${relative}`, key: `/sftp/test/site/${relative}` };
      const mapping = { permissions: { files: undefined, folders: undefined } };
      return { uri: Uri.file(join(folder, relative)), relative, location, mapping } as unknown as MappedFile;
    },
  } as LinkedPlace;
  const here = (name: string): Attributes => {
    const { size, mtimeMs } = lstatSync(join(folder, name));
    return { kind: 'file', size, mtime: Math.floor(mtimeMs), ...unknown };
  };
  const there = (name: string): Attributes => {
    const { bytes, mtime } = server.find(`/site/${name}`, false) ?? assert.fail(name);
    return { kind: 'file', size: bytes.length, mtime, ...unknown };
  };
  const item = (row: Omit<ReviewItem['row'], 'isFolder' | 'isChecked'>): ReviewItem => ({
    ...{ row: { ...row, isFolder: false, isChecked: true }, action: row.action, isChecked: true, error: undefined },
  });
  const uploading = (name: string) => {
    writeFileSync(join(folder, name), name.repeat(100));
    return item({ relative: name, here: here(name), there: undefined, action: 'upload', reason: 'onlyHere' });
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ferry-cancelled-'));
    server = new MemoryServer();
    server.folder('/site');
    cancelling = new AbortController();
    hangs = () => false;
    // As a call to a server that does not answer: it settles when it is aborted, and only then.
    const onStep = async (step: Step) => {
      const { signal } = step;
      if (!hangs(step)) return;
      const aborted = Promise.withResolvers<never>();
      signal?.addEventListener('abort', () => aborted.reject(abortError(signal)));
      setImmediate(() => cancelling.abort());
      await aborted.promise;
    };
    pool = poolOf(() => Promise.resolve(new MemoryRemote(server, { onStep })));
    const exchanges = createExchanges(undefined, (error) => assert.fail(String(error)));
    const history = { hold() {}, held() {}, add() {} } as unknown as RowWorkParts['history'];
    const profiles = { get: () => ({}), learn() {} };
    const transfers = createTransfers();
    const upload = createUpload({
      ...{ pool, transfers, profiles, history, bases: exchanges.bases, journal: () => journal, isAsking: () => false },
    });
    const more = { profiles, upload, large: {} as LargeFiles, announce() {} };
    const exchange = createExchange({ pool, locks: new PathLocks(), exchanges, history, ...more });
    const removals = { remove: () => assert.fail('nothing is to be removed'), keepKnown() {} };
    parts = { pool, exchange, exchanges, history, removals };
  });
  afterEach(async () => {
    await pool.dispose();
    rmSync(folder, { recursive: true });
    assert.deepEqual([...journal.temporaries], []);
  });

  const apply = (items: readonly ReviewItem[]) => {
    const { signal } = cancelling;
    const act = ({ row, action }: ReviewItem) => doRow(parts, place, row, action, signal);
    return applyItems(items, { signal, act, settled: () => undefined });
  };

  it('leaves nothing half of what it uploads', async () => {
    hangs = ({ verb, phase }) => verb === 'write' && phase === 'middle';
    const { ended, done } = await apply(Array.from({ length: 30 }, (_, number) => uploading(`${number}.txt`)));
    assert.deepEqual([ended?.code, done.size, server.names('/site')], ['Cancelled', 0, []]);
  });

  it('does not wait for a look at what it uploads over, downloads or deletes', async () => {
    for (const name of ['over', 'down', 'gone']) server.file(`/site/${name}`, 'theirs');
    writeFileSync(join(folder, 'over'), 'mine');
    hangs = ({ path, phase }) => path.startsWith('/site/') && phase === 'before';
    const { ended, done } = await apply([
      item({ relative: 'over', here: here('over'), there: there('over'), action: 'upload', reason: 'newerHere' }),
      item({ relative: 'down', here: undefined, there: there('down'), action: 'download', reason: 'onlyThere' }),
      item({ relative: 'gone', here: undefined, there: there('gone'), action: 'deleteThere', reason: 'deletedHere' }),
    ]);
    assert.deepEqual([ended?.code, done.size, server.names('/site')], ['Cancelled', 0, ['down', 'gone', 'over']]);
    assert.equal(server.text('/site/over'), 'theirs');
    assert.equal(readFileSync(join(folder, 'over'), 'utf8'), 'mine');
  });

  it('does not begin a deletion that waits for an answer', async () => {
    server.file('/site/gone', 'theirs');
    hangs = ({ path, phase }) => path === '/site/gone' && phase === 'before';
    const { ended } = await apply([
      item({ relative: 'gone', here: undefined, there: there('gone'), action: 'deleteThere', reason: 'onlyThere' }),
    ]);
    assert.deepEqual([ended?.code, server.names('/site')], ['Cancelled', ['gone']]);
  });
});

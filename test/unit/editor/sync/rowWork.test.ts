import assert from 'node:assert/strict';
import { lstatSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRemoteError } from '../../../../src/core/errors.ts';
import { hashOf } from '../../../../src/core/operations/version.ts';
import { PathLocks } from '../../../../src/core/pathLocks.ts';
import type { Pool } from '../../../../src/core/pool.ts';
import type { Attributes } from '../../../../src/core/remote.ts';
import type { SyncRow } from '../../../../src/core/sync/plan.ts';
import type { ExchangeParts } from '../../../../src/editor/mapping/exchange.ts';
import type { MappedFile } from '../../../../src/editor/mapping/mappings.ts';
import type { RowWorkParts } from '../../../../src/editor/sync/rowWork.ts';
import type { LinkedPlace } from '../../../../src/editor/sync/linkedPlace.ts';
import { MemoryRemote, MemoryServer } from '../../../support/memoryRemote.ts';
import { poolOf, testHost } from '../../../support/poolOf.ts';
import '../fakeVscode.ts';
import { Uri } from '../fakeWorkspace.ts';

const { createExchange } = await import('../../../../src/editor/mapping/exchange.ts');
const { createExchanges } = await import('../../../../src/editor/mapping/exchanges.ts');
const { doRow } = await import('../../../../src/editor/sync/rowWork.ts');

/** As the lists of a plan tell of it. */
function attributes(kind: 'file' | 'directory', size: number, mtime: number): Attributes {
  const untold = { mode: undefined, owner: undefined, group: undefined, links: undefined, target: undefined, writable: undefined };
  return { kind, size, mtime, ...untold };
}

describe('what a row of a sync does', () => {
  let folder: string;
  let server: MemoryServer;
  let pool: Pool;
  let parts: RowWorkParts;
  let removed: string[];
  const host = testHost();

  const place = {
    at: (relative: string) => {
      const location = { host, path: `/site/${relative}`, key: `/sftp/test/site/${relative}` };
      return { uri: Uri.file(join(folder, relative)), relative, location } as unknown as MappedFile;
    },
  } as LinkedPlace;
  const here = (name: string) => {
    const { size, mtimeMs } = lstatSync(join(folder, name));
    return attributes('file', size, mtimeMs);
  };
  const there = (name: string) => {
    const inode = server.find(`/site/${name}`, false);
    return inode && attributes('file', inode.bytes.length, inode.mtime);
  };
  /** Both had `text`, the file here at that time, in ms. */
  const agree = async (name: string, text: string, time: number) => {
    const bytes = new TextEncoder().encode(text);
    parts.exchanges.agree(place.at(name).location.key, { size: bytes.length, mtime: 1, hash: await hashOf(bytes) }, time);
  };
  const write = (name: string, text: string, time: number) => {
    writeFileSync(join(folder, name), text);
    utimesSync(join(folder, name), time / 1000, time / 1000);
  };
  const downloading = (name: string, reason: SyncRow['reason']): SyncRow => ({
    ...{ relative: name, isFolder: false, here: here(name), there: there(name), action: 'download', reason, isChecked: true },
  });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ferry-rows-'));
    server = new MemoryServer();
    server.folder('/site');
    pool = poolOf(() => Promise.resolve(new MemoryRemote(server)));
    removed = [];
    const exchanges = createExchanges(undefined, (error) => assert.fail(String(error)));
    const history = { hold() {}, add() {} } as unknown as RowWorkParts['history'];
    const unused = {} as Pick<ExchangeParts, 'profiles' | 'upload' | 'large' | 'announce'>;
    const exchange = createExchange({ pool, locks: new PathLocks(), exchanges, history, ...unused });
    const removals = { remove: ({ path }: { path: string }) => Promise.resolve(void removed.push(path)), keepKnown() {} };
    parts = { pool, exchange, exchanges, history, removals };
  });
  afterEach(async () => {
    await pool.dispose();
    rmSync(folder, { recursive: true });
  });

  it('takes what changed there', async () => {
    write('a', 'base', 1_600_000_000_000);
    await agree('a', 'base', 1_600_000_000_000);
    server.file('/site/a', 'theirs');
    await doRow(parts, place, downloading('a', 'changedThere'), 'download');
    assert.equal(readFileSync(join(folder, 'a'), 'utf8'), 'theirs');
  });

  it('keeps what changed here under the time that it had, and the next plan sees that', async () => {
    write('a', 'MINE', 1_600_000_000_000);
    await agree('a', 'base', 1_600_000_000_000);
    server.file('/site/a', 'theirs');
    await assert.rejects(doRow(parts, place, downloading('a', 'changedThere'), 'download'), (error) => isRemoteError(error, 'Conflict'));
    assert.equal(readFileSync(join(folder, 'a'), 'utf8'), 'MINE');
    const { key } = place.at('a').location;
    assert.deepEqual([parts.exchanges.localTime(key), parts.exchanges.bases.get(key)?.size], [undefined, 4]);
    await doRow(parts, place, downloading('a', 'changedBoth'), 'download');
    assert.equal(readFileSync(join(folder, 'a'), 'utf8'), 'theirs');
  });

  it('deletes nothing that is no folder any more where a folder was planned', async () => {
    const row: SyncRow = {
      ...{ relative: 'sub', isFolder: true, here: undefined, there: attributes('directory', 0, 1) },
      ...{ action: 'deleteThere', reason: 'onlyThere', isChecked: true },
    };
    server.file('/site/sub', 'of somebody');
    await assert.rejects(doRow(parts, place, row, 'deleteThere'), (error) => isRemoteError(error, 'Conflict'));
    assert.deepEqual(removed, []);
    server.root.children.get('site')?.children.delete('sub');
    await doRow(parts, place, row, 'deleteThere');
    assert.deepEqual(removed, []);
    server.folder('/site/sub');
    await doRow(parts, place, row, 'deleteThere');
    assert.deepEqual(removed, ['/site/sub']);
  });
});

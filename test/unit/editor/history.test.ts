import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmod, mkdtemp, readdir, readFile, rename, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashOf, versionOf } from '../../../src/core/operations/version.ts';
import { createHistory, type History, type HistoryFile } from '../../../src/editor/history.ts';

const host = { protocol: 'sftp', user: 'web', address: 'example.org', port: 22 } as const;
const file: HistoryFile = { host, path: '/www/a.txt', key: '/sftp/test/www/a.txt' };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('local history', () => {
  let root: string;
  let problems: unknown[];
  let limit: number;
  const open = (): History => createHistory({ root, limit: () => limit, onProblem: (error) => problems.push(error) });
  const filesOnDisk = async (folder: string): Promise<string[]> =>
    (await readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(() => []))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'ferry-history-'));
    problems = [];
    limit = 10 * 1024 * 1024;
  });
  afterEach(async () => {
    await rm(root, { recursive: true, force: true });
    assert.deepEqual(problems, []);
  });

  async function add(history: History, text: string, of: HistoryFile = file): Promise<void> {
    history.add(of, bytes(text), 'saved');
    await history.settled();
    await new Promise((resolve) => setTimeout(resolve, 2));
  }

  async function texts(history: History, of: HistoryFile = file): Promise<(string | undefined)[]> {
    const found: (string | undefined)[] = [];
    for (const { hash } of await history.versions(of)) {
      const content = await history.content(hash);
      found.push(content === undefined ? undefined : new TextDecoder().decode(content));
    }
    return found;
  }

  /** As if written long ago, so that nobody is taken to be about to use it. */
  async function age(seconds = 3600): Promise<void> {
    const then = new Date(Date.now() - seconds * 1000);
    for (const path of await filesOnDisk('.')) await utimes(path, then, then);
  }

  it('keeps versions for the next window, newest first, privately', async () => {
    const history = open();
    for (const text of ['one', 'two', 'two', 'three']) await add(history, text);
    assert.deepEqual(await texts(open()), ['three', 'two', 'one']);
    assert.deepEqual(await texts(open(), { ...file, path: '/www/b.txt' }), []);
    assert.deepEqual(await texts(open(), { ...file, host: { ...host, port: 2222 } }), []);
    if (process.platform === 'win32') return;
    for (const path of await filesOnDisk('.')) assert.equal((await stat(path)).mode & 0o777, 0o600, path);
    for (const name of ['index', 'contents']) assert.equal((await stat(join(root, name))).mode & 0o777, 0o700);
  });

  it('tells the latest version of every file of a server', async () => {
    const history = open();
    await add(history, 'old');
    await add(history, 'new');
    await add(history, 'other', { ...file, path: '/www/b.txt' });
    const latest = await history.latest(host);
    assert.deepEqual(
      latest.map(({ path, size, because }) => [path, size, because]),
      [
        ['/www/b.txt', 5, 'saved'],
        ['/www/a.txt', 3, 'saved'],
      ],
    );
    assert.deepEqual(await history.latest({ ...host, user: 'other' }), []);
  });

  it('keeps at most 50 versions of a file', async () => {
    const history = open();
    for (let number = 0; number < 53; number += 1) await add(history, `version ${number}`);
    const kept = await texts(history);
    assert.equal(kept.length, 50);
    assert.equal(kept[0], 'version 52');
    assert.equal(kept[49], 'version 3');
  });

  it('lets the oldest go when there is more than the limit', async () => {
    const history = open();
    for (const letter of 'abcdefghij') {
      await add(history, letter.repeat(900_000), { ...file, path: `/${letter}` });
      await age();
    }
    limit = 3_000_000;
    open().tidy();
    const next = open();
    next.tidy();
    await next.settled();
    const kept = await next.latest(host);
    assert.deepEqual(
      kept.map(({ path }) => path),
      ['/j', '/i', '/h'],
    );
    assert.equal((await filesOnDisk('contents')).length, 3);
    await add(next, 'k'.repeat(900_000), { ...file, path: '/k' });
    assert.equal((await next.latest(host)).length, 3, 'looked at while it grows, too');
  });

  it('removes everything when it is switched off, and keeps nothing then', async () => {
    const history = open();
    await add(history, 'text');
    limit = 0;
    history.tidy();
    await add(history, 'more');
    assert.deepEqual(await filesOnDisk('.'), []);
    assert.deepEqual(await texts(history), []);
  });

  it('keeps none larger than 5 MB', async () => {
    limit = 100 * 1024 * 1024;
    const history = open();
    await add(history, 'x'.repeat(5 * 1024 * 1024 + 1));
    assert.deepEqual(await history.versions(file), []);
  });

  it('skips what is torn or was changed, and never throws', async () => {
    const history = open();
    for (const text of ['one', 'two', 'three']) await add(history, text);
    const [first = '', second = ''] = (await filesOnDisk('index')).toSorted();
    await writeFile(first, '{"pa');
    await truncate(second, 0);
    await writeFile(join(root, 'index', 'stray'), 'x');
    assert.equal((await history.versions(file)).length, 1);
    for (const path of await filesOnDisk('contents')) await writeFile(path, 'something else');
    assert.deepEqual(await texts(open()), [undefined]);
    await add(history, 'one');
    assert.ok((await texts(open())).includes('one'), 'a broken content is written anew');
  });

  it('does not take an entry for a file that it is not of', async () => {
    const history = open();
    await add(history, 'secret', { ...file, path: '/other' });
    const [entry = ''] = await filesOnDisk('index');
    await writeFile(entry, (await readFile(entry, 'utf8')).replace('/other', '/../etc/passwd'));
    assert.deepEqual(await history.latest(host), []);
  });

  it('is shared by windows that write at once', async () => {
    const windows = [open(), open(), open()];
    await Promise.all(
      windows.flatMap((history, window) =>
        Array.from({ length: 10 }, (_, number) => {
          history.add({ ...file, path: `/${window}` }, bytes(`${number}`), 'saved');
          if (number % 3 === 0) history.tidy();
          return history.settled();
        }),
      ),
    );
    await Promise.all(windows.map((history) => history.settled()));
    for (const [window, history] of windows.entries())
      assert.equal((await texts(history, { ...file, path: `/${window}` })).filter((text) => text !== undefined).length, 10);
  });

  it('follows a file or folder that is moved, also to another server', async () => {
    const history = open();
    for (const text of ['one', 'two']) await add(history, text);
    await add(history, 'deep', { ...file, path: '/www/folder/deep' });
    await add(history, 'other', { ...file, path: '/www2/other' });
    const other = { ...host, port: 2222 };
    history.move({ host, path: '/www' }, { host: other, path: '/new' });
    await history.settled();
    assert.deepEqual(await texts(history, { ...file, host: other, path: '/new/a.txt' }), ['two', 'one']);
    assert.deepEqual(await texts(history, { ...file, host: other, path: '/new/folder/deep' }), ['deep']);
    assert.deepEqual(
      (await history.latest(host)).map(({ path }) => path),
      ['/www2/other'],
    );
  });

  it('forgets one version', async () => {
    const history = open();
    for (const text of ['one', 'two']) await add(history, text);
    const [newest] = await history.versions(file);
    if (newest) await history.remove(newest);
    assert.deepEqual(await texts(history), ['one']);
  });

  describe('bases of unsaved documents', () => {
    const base = bytes('base');

    async function kept(history: History): Promise<string> {
      const version = await versionOf({ size: base.length, mtime: 1 }, base);
      history.hold(file.key, version, base);
      history.keepBase(version.hash ?? '');
      await history.settled();
      return version.hash ?? '';
    }

    it('survive a reload of the window, also with the history off, until they are let go', async () => {
      limit = 0;
      const hash = await kept(open());
      const next = open();
      next.tidy();
      assert.deepEqual(Buffer.from((await next.content(hash)) ?? []), Buffer.from(base));
      next.releaseBase(hash);
      await next.settled();
      assert.equal(await next.content(hash), undefined);
      assert.equal(await open().content(await hashOf(bytes('other'))), undefined);
      assert.equal(await open().content('../../etc/passwd'), undefined);
    });

    it('of another living window stay, those of one that ended go', async () => {
      const hash = await kept(open());
      const [own = ''] = await filesOnDisk('bases');
      const living = own.replace(/\.\d+$/, `.${process.ppid}`);
      const { pid } = spawnSync(process.execPath, ['-e', '']);
      await rename(own, living);
      await writeFile(own.replace(/\.\d+$/, `.${pid}`), base);
      const history = open();
      history.keepBase(hash);
      history.releaseBase(hash);
      await history.settled();
      assert.deepEqual(await filesOnDisk('bases'), [living]);
      assert.ok(await history.content(hash));
    });

    it('are forgotten after a month', async () => {
      await kept(open());
      await age(31 * 24 * 3600);
      const history = open();
      history.tidy();
      await history.settled();
      assert.deepEqual(await filesOnDisk('bases'), []);
    });
  });

  it('reports a disk that fails and goes on', async () => {
    if (process.platform === 'win32') return;
    await writeFile(join(root, 'index'), 'in the way');
    await chmod(root, 0o700);
    const history = open();
    await add(history, 'text');
    assert.equal(problems.length, 1);
    problems = [];
    await rm(join(root, 'index'));
    await add(history, 'later');
    assert.deepEqual(await texts(history), ['later']);
  });
});

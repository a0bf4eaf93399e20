import assert from 'node:assert/strict';
import { RemoteError } from '../../../../src/core/errors.ts';
import { moveToTrash } from '../../../../src/core/operations/trash.ts';
import { deleteTrashed, describeTrashed, forgetTrashed, listTrash, purgeTrash } from '../../../../src/core/operations/trashContents.ts';
import { isTrashed, trashFolderOn } from '../../../../src/core/operations/trashFolder.ts';
import { readFurtherName, readTrashedPath, readTrashEntryName, trashEntryNames } from '../../../../src/core/operations/trashNames.ts';
import { runChange } from '../../../../src/core/operations/unsettled.ts';
import { type MemoryOptions, MemoryRemote, MemoryServer } from '../../../support/memoryRemote.ts';
import { poolOf, testHost } from '../../../support/poolOf.ts';

const folder = '/home/.trash';
const day = 24 * 3600_000;

function seeded(): MemoryServer {
  const server = new MemoryServer();
  server.folder('/home');
  server.file('/www/a.txt', 'a', 0o640);
  server.file('/www/deep/b', 'b');
  server.folderOf('/www/a.txt');
  return server;
}

const entryName = (time: string, rest = '-0%2Fwww%2Fold') => `${time}-0123456789abcdef${rest}`;

async function purge(server: MemoryServer, trash: string, before: number, make = () => new MemoryRemote(server)): Promise<number> {
  const pool = poolOf(() => Promise.resolve(make()));
  try {
    return await purgeTrash(pool, { ...testHost(), trash }, before);
  } finally {
    await pool.dispose();
  }
}

describe('names in the trash', () => {
  it('say when and from where, for any path', () => {
    const now = Date.parse('2026-11-22T10:11:12.345Z');
    for (const path of [
      '/a',
      '/www/index.html',
      '/ leading and trailing /x ',
      '/%2F/%/=a',
      '/äöü/日本/\u{1f600}/\uefff',
      '/*?[a]"\'\\|<>:;$(x)`~!&',
      `/${'deep/'.repeat(400)}x`,
      `/${'ü'.repeat(120)}`,
      '/-rf/.hidden/...',
    ]) {
      const [first, ...further] = trashEntryNames(path, now);
      for (const name of [first, ...further]) assert.ok(name.length <= 143 && /^[A-Za-z0-9%._=-]+$/.test(name), name);
      const read = readTrashEntryName(first);
      assert.equal(read?.time, Math.floor(now / 1000) * 1000);
      assert.equal(read.further, further.length);
      assert.equal(readTrashedPath(read.start + further.map((name) => readFurtherName(name) ?? '?').join('')), path);
    }
    assert.notEqual(trashEntryNames('/a', now)[0], trashEntryNames('/a', now)[0]);
  });

  it('of others are none', () => {
    assert.ok(readTrashEntryName(entryName('20260101T000000Z')));
    for (const name of [
      entryName('20260230T000000Z'),
      entryName('20261301T000000Z'),
      entryName('20260101T000000'),
      ` ${entryName('20260101T000000Z')}`,
      `${entryName('20260101T000000Z')}\n`,
      `${entryName('20260101T000000Z')} `,
      entryName('20260101T000000Z', '-0www'),
      entryName('20260101T000000Z', '-0/www'),
      entryName('20260101T000000Z', '%2Fwww'),
      '20260101T000000Z-0123456789ABCDEF-0%2Fa',
      '20260101T000000Z-0123-0%2Fa',
      '.',
      '',
    ])
      assert.equal(readTrashEntryName(name), undefined, JSON.stringify(name));
  });

  it('never lead to a path that is none', () => {
    for (const encoded of [
      '%2F',
      '%2Fa%2F',
      '%2Fa%2F%2Fb',
      '%2F..%2Fetc',
      '%2Fa%2F..',
      '%2Fa%00',
      '%2Fa%0Ab',
      '%2F%FF',
      '%2F%zz',
      'a',
      '%2Fa%2',
      '%2f',
    ])
      assert.equal(readTrashedPath(encoded), undefined, encoded);
  });
});

describe('trash', () => {
  it('is where the option says', () => {
    const remote = new MemoryRemote(seeded(), { facts: { home: '/home/me' } });
    assert.equal(trashFolderOn(remote, '.trash'), '/home/me/.trash');
    assert.equal(trashFolderOn(remote, '~/a/b/'), '/home/me/a/b');
    assert.equal(trashFolderOn(remote, '/var/trash'), '/var/trash');
  });

  it('takes files, folders and links as they are, and gives them back', async () => {
    const server = seeded();
    server.link('/www/link', 'deep');
    server.folder('/www/empty', 0o750);
    const remote = new MemoryRemote(server);
    const paths = ['/www/a.txt', '/www/deep', '/www/link', '/www/empty'];
    for (const path of paths) await moveToTrash(remote, folder, path);
    assert.deepEqual(server.names('/www'), []);
    const items = await listTrash(remote, folder);
    assert.deepEqual(items.map(({ from }) => from).toSorted(), paths.toSorted());
    assert.equal(server.find(folder, false)?.mode, 0o700);
    for (const item of items) {
      assert.equal(server.find(item.entry[0] ?? '', false)?.mode, 0o700);
      assert.equal(
        (await describeTrashed(remote, item))?.kind,
        item.from.endsWith('link') ? 'symlink' : server.find(item.path, false)?.kind,
      );
      await remote.rename(item.path, item.from, { replace: false });
      await forgetTrashed(remote, item);
    }
    assert.equal(server.text('/www/a.txt'), 'a');
    assert.equal(server.find('/www/a.txt', false)?.mode, 0o640);
    assert.equal(server.text('/www/link/b'), 'b');
    assert.deepEqual(server.names(folder), []);
  });

  it('takes a path that is too long for one name', async () => {
    const server = seeded();
    const path = `/www/${'ö'.repeat(60)}/${'x'.repeat(200)}/file`;
    server.file(path, 'long');
    const remote = new MemoryRemote(server);
    await moveToTrash(remote, folder, path);
    const [item] = await listTrash(remote, folder);
    assert.equal(item?.from, path);
    assert.equal(server.text(item.path), 'long');
    assert.ok(item.entry.length > 2);
    await deleteTrashed(remote, item);
    assert.deepEqual(server.names(folder), []);
  });

  it('costs two requests for a file once it is known', async () => {
    const remote = new MemoryRemote(seeded());
    await moveToTrash(remote, folder, '/www/a.txt');
    remote.calls.length = 0;
    await moveToTrash(remote, folder, '/www/deep');
    assert.deepEqual(
      remote.calls.map((call) => call.split(' ')[0]),
      ['mkdir', 'rename'],
    );
  });

  it('is made again when somebody removed it', async () => {
    const server = seeded();
    const remote = new MemoryRemote(server);
    await moveToTrash(remote, folder, '/www/a.txt');
    server.folderOf(folder).children.delete('.trash');
    await moveToTrash(remote, folder, '/www/deep');
    assert.equal((await listTrash(remote, folder)).length, 1);
  });

  it('leaves nothing behind for what is not there', async () => {
    const server = seeded();
    const remote = new MemoryRemote(server);
    await assert.rejects(moveToTrash(remote, folder, '/www/none'), { code: 'NotFound', path: '/www/none' });
    assert.deepEqual(server.names(folder), []);
  });

  it('never goes into itself; what is in it already is known to be', async () => {
    const server = seeded();
    const remote = new MemoryRemote(server);
    await moveToTrash(remote, folder, '/www/a.txt');
    for (const path of ['/home', folder]) await assert.rejects(moveToTrash(remote, folder, path), { code: 'Denied' });
    const [item] = await listTrash(remote, folder);
    assert.ok(item && isTrashed(folder, item.path) && isTrashed(folder, item.entry[0] ?? ''));
    for (const path of [folder, '/home', `${folder}/other`, `${folder}x/${entryName('20260101T000000Z')}`, '/www/a.txt'])
      assert.equal(isTrashed(folder, path), false, path);
  });

  it('is no link, no file and nothing that everybody may change', async () => {
    const server = seeded();
    const remote = new MemoryRemote(server);
    server.folder('/elsewhere');
    server.link('/home/link', '/elsewhere');
    server.file('/home/file', '');
    server.folder('/home/open', 0o777);
    server.folder('/home/sticky', 0o1777);
    for (const path of ['/home/link', '/home/file', '/home/open']) {
      await assert.rejects(moveToTrash(remote, path, '/www/a.txt'), (error: RemoteError) => error.hint?.includes(path) === true);
      await assert.rejects(listTrash(remote, path));
      await assert.rejects(purge(server, path, Date.now()));
    }
    assert.equal(server.text('/www/a.txt'), 'a');
    await moveToTrash(remote, '/home/sticky', '/www/a.txt');
  });

  describe('on another file system', () => {
    const acrossDisks: MemoryOptions['onStep'] = ({ verb, path, phase }) => {
      if (verb === 'rename' && phase === 'before' && path.startsWith('/www')) throw new RemoteError('Unknown', 'Invalid cross-device link');
    };

    it('takes a file by a copy that the server makes', async () => {
      const server = seeded();
      await moveToTrash(new MemoryRemote(server, { onStep: acrossDisks }), folder, '/www/a.txt');
      const [item] = await listTrash(new MemoryRemote(server), folder);
      assert.equal(server.text(item?.path ?? ''), 'a');
      assert.equal(server.find(item?.path ?? '', false)?.mode, 0o640);
      assert.deepEqual(server.names('/www'), ['deep']);
    });

    it('deletes nothing where the server does not copy, and says what to do', async () => {
      const server = seeded();
      const remote = new MemoryRemote(server, { onStep: acrossDisks, without: ['copyOnServer'] });
      for (const path of ['/www/a.txt', '/www/deep'])
        await assert.rejects(moveToTrash(remote, folder, path), (error: RemoteError) => /another disk/.test(error.hint ?? ''));
      await assert.rejects(moveToTrash(new MemoryRemote(server, { onStep: acrossDisks }), folder, '/www/deep'));
      assert.equal(server.text('/www/a.txt'), 'a');
      assert.equal(server.text('/www/deep/b'), 'b');
      assert.deepEqual(server.names(folder), []);
    });

    it('has the file whole at one place at least when any step fails', async () => {
      for (let step = 1; step < 40; step += 1) {
        const server = seeded();
        let count = 0;
        const onStep: MemoryOptions['onStep'] = (at) => {
          void acrossDisks(at);
          count += 1;
          if (count === step) throw new RemoteError('Lost', 'cut');
        };
        const connect = () => Promise.resolve(new MemoryRemote(server, { onStep }));
        const outcome = await trashThrough(connect, '/www/a.txt');
        await assertWhole(server, outcome, `step ${step}`);
      }
    });
  });

  /** As the editor deletes. */
  async function trashThrough(connect: () => Promise<MemoryRemote>, path: string): Promise<RemoteError | undefined> {
    const pool = poolOf(connect);
    try {
      await runChange(pool, testHost(), (remote, signal) => moveToTrash(remote, folder, path, { signal }), { repeatable: true });
      return undefined;
    } catch (error) {
      assert.ok(error instanceof RemoteError);
      return error;
    } finally {
      await pool.dispose();
    }
  }

  async function assertWhole(server: MemoryServer, outcome: RemoteError | undefined, label: string): Promise<void> {
    const items = await listTrash(new MemoryRemote(server), folder);
    const whole = items.filter(({ from, path }) => from === '/www/a.txt' && server.text(path) === 'a');
    const atPlace = server.names('/www').includes('a.txt');
    if (atPlace) assert.equal(server.text('/www/a.txt'), 'a', label);
    // A copy that was made and not told is made once more.
    if (outcome === undefined) assert.ok(!atPlace && whole.length >= 1, `${label}: told as deleted`);
    else assert.ok(atPlace || whole.length >= 1, `${label}: ${outcome.message}`);
    for (const item of items) assert.ok([undefined, 'a'].includes(server.text(item.path)), `${label}: half of it in the trash`);
  }

  it('has it at its place or in it, whole, wherever the link is lost', async () => {
    for (let step = 1; step < 40; step += 1) {
      const server = seeded();
      let count = 0;
      const onStep = () => {
        count += 1;
        if (count === step) throw new RemoteError('Lost', 'cut');
      };
      const outcome = await trashThrough(() => Promise.resolve(new MemoryRemote(server, { onStep })), '/www/a.txt');
      assert.equal(outcome, undefined, `one cut is outlived: step ${step}, ${outcome?.message ?? ''}`);
      await assertWhole(server, outcome, `step ${step}`);
    }
  });

  it('remembers what a move replaces by its own path', async () => {
    const server = seeded();
    const remote = new MemoryRemote(server);
    server.file('/www/.ferry-1.old', 'replaced');
    await moveToTrash(remote, folder, '/www/.ferry-1.old', { origin: '/www/b.txt' });
    const [item] = await listTrash(remote, folder);
    assert.equal(item?.from, '/www/b.txt');
    assert.equal(server.text(item.path), 'replaced');
  });

  it('shows nothing that is not its own, whatever the names say', async () => {
    const server = seeded();
    const remote = new MemoryRemote(server);
    await moveToTrash(remote, folder, '/www/a.txt');
    server.folder(`${folder}/${entryName('20260101T000000Z', '-0%2F..%2Fetc%2Fpasswd')}`);
    server.folder(`${folder}/${entryName('20260101T000000Z', '-3%2Fwww')}`);
    server.folder(`${folder}/${entryName('20260101T000000Z', '-1%2Fw')}/=%2Fx`);
    server.folder(`${folder}/${entryName('20260101T000000Z', '-1%2Fw')}/=%2Fy`);
    server.link(`${folder}/${entryName('20260101T000000Z', '-0%2Fl')}`, '/www');
    server.file(`${folder}/${entryName('20260101T000000Z', '-0%2Ff')}`, '');
    server.file(`${folder}/note`, '');
    assert.deepEqual(
      (await listTrash(remote, folder)).map(({ from }) => from),
      ['/www/a.txt'],
    );
    assert.deepEqual(await listTrash(remote, '/no/trash'), []);
  });

  describe('purge', () => {
    const now = Date.parse('2026-11-22T00:00:00Z');

    it('removes what is old by name and by time, and nothing else', async () => {
      const server = seeded();
      const outside = server.file('/precious/file', 'precious');
      const put = (name: string, mtime: number) => {
        server.file(`${folder}/${name}/item`, 'x');
        server.link(`${folder}/${name}/link`, '/precious');
        server.folder(`${folder}/${name}`).mtime = mtime;
      };
      const old = now - 40 * day;
      put(entryName('20261001T000000Z'), old);
      put(entryName('20261121T000000Z'), old);
      put(entryName('20261002T000000Z'), now - day);
      const decoys = [
        'notes',
        entryName('20261001T000000Z').slice(1),
        `${entryName('20261001T000000Z')} copy`,
        entryName('20261001T000000Z', '-0%2Fa b'),
        entryName('20261001T000000Z', '.bak'),
        `x${entryName('20261001T000000Z')}`,
        entryName('20260230T000000Z'),
      ];
      for (const name of decoys) put(name, old);
      server.link(`${folder}/${entryName('20261001T000000Z', '-0%2Flink')}`, '/precious');
      server.file(`${folder}/${entryName('20261001T000000Z', '-0%2Ffile')}`, 'x').mtime = old;
      const before = server.names(folder);
      assert.equal(await purge(server, folder, now - 30 * day), 1);
      assert.deepEqual(
        before.filter((name) => !server.names(folder).includes(name)),
        [entryName('20261001T000000Z')],
      );
      assert.equal(server.find('/precious/file', true), outside);
    });

    it('goes by the name where the server tells no time, and goes on after what it may not remove', async () => {
      const server = seeded();
      for (const number of [1, 2, 3]) server.file(`${folder}/${entryName(`2026100${number}T000000Z`)}/item`, 'x');
      server.folder(`${folder}/${entryName('20261002T000000Z')}`).mode = 0o500;
      const remote = new MemoryRemote(server);
      const list = remote.list.bind(remote);
      remote.list = async (path, call) => (await list(path, call)).map((entry) => ({ ...entry, mtime: undefined }));
      assert.equal(await purge(server, folder, now, () => remote), 2);
      assert.equal(server.names(folder).length, 1);
      assert.equal(await purge(server, '/no/trash', now), 0);
    });
  });
});

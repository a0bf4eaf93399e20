import assert from 'node:assert/strict';
import { RemoteError } from '../../../../src/core/errors.ts';
import { copyThroughPool, moveThroughPool, type MoveOptions, type Place } from '../../../../src/core/operations/moveThroughPool.ts';
import type { Pool } from '../../../../src/core/pool.ts';
import { memoryJournal } from '../../../support/memoryJournal.ts';
import { type MemoryOptions, MemoryRemote, MemoryServer } from '../../../support/memoryRemote.ts';
import { poolOf, testHost } from '../../../support/poolOf.ts';

function seeded(): MemoryServer {
  const server = new MemoryServer();
  server.file('/a/file', 'a');
  server.file('/a/deep/file', 'deep', 0o755);
  server.file('/b', 'b');
  return server;
}

const here = testHost({ name: 'here' });
const there = testHost({ name: 'there' });
const at = (path: string, host = here): Place => ({ host, path });

const kinds: [string, MemoryOptions][] = [
  ['a server that replaces', {}],
  ['a server that refuses to rename onto a file', { renameRefusesExisting: true }],
  ['a server that does one thing at a time', { renameRefusesExisting: true, facts: { parallel: 1 }, without: ['copyOnServer'] }],
];

describe('moves and copies', () => {
  let journal: ReturnType<typeof memoryJournal>;
  let pools: Pool[];

  beforeEach(() => {
    journal = memoryJournal();
    pools = [];
  });

  afterEach(async () => {
    await Promise.all(pools.map((pool) => pool.dispose()));
    assert.deepEqual([...journal.temporaries, ...journal.asides.keys()], [], 'nothing is left in the journal');
  });

  /** Connections to one server each. */
  const connected = (one: MemoryServer, options: MemoryOptions = {}, two = new MemoryServer(), others: MemoryOptions = {}): Pool => {
    const pool = poolOf(({ name }) => Promise.resolve(name === 'here' ? new MemoryRemote(one, options) : new MemoryRemote(two, others)));
    pools.push(pool);
    return pool;
  };
  const move = (pool: Pool, from: Place, to: Place, more: Partial<MoveOptions> = {}) =>
    moveThroughPool(pool, from, to, { overwrite: true, journal, ...more });
  const copy = (pool: Pool, from: Place, to: Place, more: Partial<MoveOptions> = {}) =>
    copyThroughPool(pool, from, to, { overwrite: true, journal, ...more });
  const refuseRename = (when: () => boolean, code: 'Denied' | 'Unknown' = 'Denied'): MemoryOptions => ({
    renameRefusesExisting: true,
    onStep: ({ verb, path, phase }) => {
      if (verb === 'rename' && path.startsWith('/a') && phase === 'before' && when()) throw new RemoteError(code, 'no');
    },
  });

  for (const [name, options] of kinds) {
    describe(`on ${name}`, () => {
      it('move a file over another only when asked', async () => {
        const server = seeded();
        const pool = connected(server, options);
        await assert.rejects(move(pool, at('/a/file'), at('/b'), { overwrite: false }), { code: 'Exists' });
        assert.equal(server.text('/b'), 'b');
        await move(pool, at('/a/file'), at('/b'));
        assert.deepEqual([server.text('/b'), server.names('/')], ['a', ['a', 'b']]);
      });

      it('move a folder over a file, and a file over a folder', async () => {
        const server = seeded();
        const pool = connected(server, options);
        await move(pool, at('/a'), at('/b'));
        assert.equal(server.text('/b/deep/file'), 'deep');
        server.file('/c', 'c');
        await move(pool, at('/c'), at('/b'));
        assert.deepEqual([server.text('/b'), server.names('/')], ['c', ['b']]);
      });

      it('copy over a file or folder, and the old one is there until the copy is whole', async () => {
        const server = seeded();
        const pool = connected(server, options);
        await assert.rejects(copy(pool, at('/b'), at('/a'), { overwrite: false }), { code: 'Exists' });
        await copy(pool, at('/a/file'), at('/b'));
        assert.equal(server.text('/b'), 'a');
        await copy(pool, at('/b'), at('/a'));
        assert.deepEqual([server.text('/a'), server.names('/')], ['a', ['a', 'b']]);
      });

      it('copy into a name that is free, and refuse one that is not', async () => {
        const [one, two] = [seeded(), new MemoryServer()];
        const pool = connected(one, options, two);
        await copy(pool, at('/a'), at('/a', there), { overwrite: false });
        assert.equal(two.text('/a/deep/file'), 'deep');
        const [source, made] = [one.find('/a/deep/file', false), two.find('/a/deep/file', false)];
        assert.deepEqual([made?.mode, made?.mtime], [0o755, source?.mtime]);
        await assert.rejects(copy(pool, at('/a'), at('/a', there), { overwrite: false }), { code: 'Exists' });
        assert.deepEqual(two.names('/'), ['a']);
      });
    });

    it(`keep what is replaced on ${name}, where it is to be kept`, async () => {
      const server = seeded();
      const discard: MoveOptions['discard'] = (remote, aside, to) => remote.rename(aside, `/kept${to}`, { replace: false });
      server.folder('/kept');
      await move(connected(server, options), at('/a/file'), at('/b'), { discard });
      assert.deepEqual([server.text('/b'), server.text('/kept/b')], ['a', 'b']);
    });
  }

  it('never touch a target when the source does not exist', async () => {
    for (const [, options] of kinds) {
      const server = seeded();
      const pool = connected(server, options);
      await assert.rejects(move(pool, at('/none'), at('/b')), { code: 'NotFound' });
      await assert.rejects(copy(pool, at('/none'), at('/b')), { code: 'NotFound' });
      assert.deepEqual([server.text('/b'), server.names('/')], ['b', ['a', 'b']]);
    }
  });

  it('refuse to bring a folder into itself, or a copy onto itself', async () => {
    const pool = connected(seeded());
    await assert.rejects(move(pool, at('/a'), at('/a/deep/a')), { code: 'BadPath' });
    await assert.rejects(copy(pool, at('/a'), at('/a/deep/a')), { code: 'BadPath' });
    await assert.rejects(copy(pool, at('/a'), at('/a')), { code: 'Exists' });
    await move(pool, at('/a'), at('/a'));
  });

  it('bring the old target back when the second rename fails', async () => {
    const server = seeded();
    const pool = connected(
      server,
      refuseRename(() => !server.names('/').includes('b')),
    );
    await assert.rejects(move(pool, at('/a/file'), at('/b')), { code: 'Denied' });
    assert.deepEqual([server.text('/b'), server.text('/a/file')], ['b', 'a']);
  });

  it('copy where the server can not rename so far, also over something, and remove the source last', async () => {
    for (const target of ['/moved', '/b']) {
      const server = seeded();
      const pool = connected(
        server,
        refuseRename(() => true, 'Unknown'),
      );
      await move(pool, at('/a'), at(target));
      assert.equal(server.text(`${target}/deep/file`), 'deep');
      assert.deepEqual(server.names('/'), target === '/b' ? ['b'] : ['b', 'moved']);
    }
  });

  it('make a link anew where the server renames none', async () => {
    const [one, two] = [seeded(), new MemoryServer()];
    one.link('/link', 'a/file');
    const onStep: MemoryOptions['onStep'] = ({ verb, phase }) => {
      if (verb === 'rename' && phase === 'before') throw new RemoteError('Unsupported', 'It would follow it.');
    };
    await move(connected(one, {}, two, { onStep }), at('/link'), at('/link', there));
    assert.deepEqual([two.find('/link', false)?.target, two.names('/'), one.names('/')], ['a/file', ['link'], ['a', 'b']]);
  });

  it('name the source that can not be read, and leave nothing', async () => {
    const [one, two] = [seeded(), new MemoryServer()];
    for (let index = 0; index < 100; index += 1) one.file(`/many/${index}`, `${index}`);
    const onStep: MemoryOptions['onStep'] = ({ verb, path }) => {
      if (verb === 'read' && path === '/many/50') throw new RemoteError('Denied', 'no', { path });
    };
    const pool = connected(one, { onStep }, two);
    for (const act of [copy, move])
      await assert.rejects(act(pool, at('/many'), at('/many', there)), { code: 'Denied', path: '/many/50', hint: 'Nothing was changed.' });
    assert.equal(one.names('/many').length, 100);
    assert.deepEqual(two.names('/'), []);
  });

  it('name the target, not its stage, where that can not be written', async () => {
    const two = new MemoryServer();
    two.folder('/closed', 0o555);
    await assert.rejects(copy(connected(seeded(), {}, two), at('/b'), at('/closed/b', there)), { code: 'Denied', path: '/closed/b' });
  });

  it('leave a source that can not be removed, and say that all is at the target', async () => {
    const [one, two] = [seeded(), new MemoryServer()];
    one.find('/a/deep', true)!.mode = 0o555;
    await assert.rejects(move(connected(one, {}, two), at('/a'), at('/a', there)), (error: RemoteError) => {
      assert.deepEqual([error.code, error.path], ['Denied', '/a/deep/file']);
      assert.match(error.message, /^3 of 4 entries/);
      assert.match(String(error.hint), /Everything is at \/a now/);
      return true;
    });
    assert.equal(two.text('/a/deep/file'), 'deep');
  });

  it('read a large file over a second connection where one does one thing at a time', async () => {
    const large = new Uint8Array(5 * 1024 * 1024).fill(7);
    for (const connections of [1, 2]) {
      const server = new MemoryServer();
      server.file('/large', large);
      let opened = 0;
      const pool = poolOf(() => {
        opened += 1;
        return Promise.resolve(new MemoryRemote(server, { facts: { parallel: 1 }, without: ['copyOnServer'] }));
      });
      pools.push(pool);
      const host = testHost({ connections });
      await copy(pool, { host, path: '/large' }, { host, path: '/copy' });
      assert.deepEqual(server.find('/copy', true)?.bytes, large);
      assert.equal(opened, connections);
    }
  });
});

import assert from 'node:assert/strict';
import { RemoteError } from '../../../../src/core/errors.ts';
import { copyBetween, copyWithin, moveAcross, moveWithin } from '../../../../src/core/operations/move.ts';
import { type MemoryOptions, MemoryRemote, MemoryServer } from '../../../support/memoryRemote.ts';

function seeded(): MemoryServer {
  const server = new MemoryServer();
  server.file('/a/file', 'a');
  server.file('/a/deep/file', 'deep');
  server.file('/b', 'b');
  return server;
}

const temporaries = (server: MemoryServer) => server.names('/').filter((name) => name.startsWith('.ferry'));

const kinds: [string, MemoryOptions][] = [
  ['a server that replaces', {}],
  ['a server that refuses to rename onto a file', { renameRefusesExisting: true }],
];

for (const [name, options] of kinds) {
  describe(`moves on ${name}`, () => {
    it('moves a file over another only when asked', async () => {
      const server = seeded();
      const remote = new MemoryRemote(server, options);
      await assert.rejects(moveWithin(remote, '/a/file', '/b', { overwrite: false }), { code: 'Exists' });
      assert.equal(server.text('/b'), 'b');
      await moveWithin(remote, '/a/file', '/b', { overwrite: true });
      assert.equal(server.text('/b'), 'a');
      assert.deepEqual(temporaries(server), []);
    });

    it('moves a folder over a file, and a file over a folder', async () => {
      const server = seeded();
      const remote = new MemoryRemote(server, options);
      await moveWithin(remote, '/a', '/b', { overwrite: true });
      assert.equal(server.text('/b/deep/file'), 'deep');
      server.file('/c', 'c');
      await moveWithin(remote, '/c', '/b', { overwrite: true });
      assert.equal(server.text('/b'), 'c');
      assert.deepEqual(server.names('/'), ['b']);
    });

    it('copies over a file or folder, and the old one is there until the copy is whole', async () => {
      const server = seeded();
      const remote = new MemoryRemote(server, options);
      await assert.rejects(copyWithin(remote, '/b', '/a', { overwrite: false }), { code: 'Exists' });
      await copyWithin(remote, '/a/file', '/b', { overwrite: true });
      assert.equal(server.text('/b'), 'a');
      await copyWithin(remote, '/b', '/a', { overwrite: true });
      assert.equal(server.text('/a'), 'a');
      assert.deepEqual(server.names('/').toSorted(), ['a', 'b']);
    });
  });
}

describe('moves', () => {
  it('never touches a target when the source does not exist', async () => {
    for (const [, options] of kinds) {
      const server = seeded();
      const remote = new MemoryRemote(server, options);
      await assert.rejects(moveWithin(remote, '/none', '/b', { overwrite: true }), { code: 'NotFound' });
      await assert.rejects(copyWithin(remote, '/none', '/b', { overwrite: true }), { code: 'NotFound' });
      assert.equal(server.text('/b'), 'b');
      assert.deepEqual(temporaries(server), []);
    }
  });

  it('refuses to move or copy a folder into itself', async () => {
    const remote = new MemoryRemote(seeded());
    await assert.rejects(moveWithin(remote, '/a', '/a/deep/a', { overwrite: true }), { code: 'BadPath' });
    await assert.rejects(copyWithin(remote, '/a', '/a/deep/a', { overwrite: true }), { code: 'BadPath' });
  });

  it('brings the old target back when the second rename fails', async () => {
    const server = seeded();
    const remote = new MemoryRemote(server, {
      renameRefusesExisting: true,
      onStep: ({ verb, path, phase }) => {
        if (verb === 'rename' && path === '/a/file' && phase === 'before' && !server.names('/').includes('b'))
          throw new RemoteError('Denied', 'no');
      },
    });
    await assert.rejects(moveWithin(remote, '/a/file', '/b', { overwrite: true }), { code: 'Denied' });
    assert.equal(server.text('/b'), 'b');
    assert.equal(server.text('/a/file'), 'a');
  });

  it('copies where the server can not rename so far, and removes the source last', async () => {
    const server = seeded();
    const remote = new MemoryRemote(server, {
      onStep: ({ verb, path, phase }) => {
        if (verb === 'rename' && path === '/a' && phase === 'before') throw new RemoteError('Unknown', 'another file system');
      },
    });
    await moveWithin(remote, '/a', '/moved', { overwrite: false });
    assert.equal(server.text('/moved/deep/file'), 'deep');
    assert.deepEqual(server.names('/').toSorted(), ['b', 'moved']);
  });

  it('moves and copies between servers over what is there, old or new in full at any fault', async () => {
    for (const step of Array.from({ length: 40 }, (_, index) => index)) {
      const [one, two] = [seeded(), seeded()];
      let count = 0;
      const target = new MemoryRemote(two, {
        onStep: () => {
          count += 1;
          if (count === step) throw new RemoteError('Denied', 'no');
        },
      });
      const moved = await moveAcross(new MemoryRemote(one), target, '/a/file', '/b', { overwrite: true }).then(
        () => true,
        () => false,
      );
      const now = two.names('/').includes('b') ? two.text('/b') : undefined;
      assert.ok(now === 'a' || now === 'b', `step ${step}: ${String(now)}`);
      if (moved) assert.equal(now, 'a');
      assert.ok(one.names('/a').includes('file') || now === 'a', `step ${step}`);
    }
  });

  it('copies between servers into a name that is free, and refuses one that is not', async () => {
    const [one, two] = [seeded(), new MemoryServer()];
    const [source, target] = [new MemoryRemote(one), new MemoryRemote(two)];
    await copyBetween(source, target, '/a', '/a', { overwrite: false });
    assert.equal(two.text('/a/deep/file'), 'deep');
    await assert.rejects(copyBetween(source, target, '/a', '/a', { overwrite: false }), { code: 'Exists' });
  });
});

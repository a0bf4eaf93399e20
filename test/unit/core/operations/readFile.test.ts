import assert from 'node:assert/strict';
import { RemoteError } from '../../../../src/core/errors.ts';
import { readFile } from '../../../../src/core/operations/readFile.ts';
import { resolveLinks } from '../../../../src/core/operations/resolveLinks.ts';
import { hashLimit } from '../../../../src/core/operations/version.ts';
import { MemoryRemote, MemoryServer } from '../../../support/memoryRemote.ts';

describe('readFile', () => {
  it('gives bytes and the version that they are', async () => {
    const server = new MemoryServer();
    const { mtime } = server.file('/a', 'abc');
    const { bytes, version } = await readFile(new MemoryRemote(server), '/a');
    assert.equal(new TextDecoder().decode(bytes), 'abc');
    assert.deepEqual(version, { size: 3, mtime, hash: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' });
    server.file('/large', new Uint8Array(hashLimit + 1));
    assert.equal((await readFile(new MemoryRemote(server), '/large')).version.hash, undefined);
  });

  it('reads again what changes, and gives up in the end', async () => {
    for (const changes of [1, 9]) {
      const server = new MemoryServer();
      server.file('/a', 'abc');
      let left = changes;
      const remote = new MemoryRemote(server, {
        onStep: ({ verb, phase }) => {
          if (verb === 'stat' && phase === 'after' && left-- > 0) server.file('/a', `longer ${'.'.repeat(left)}`);
        },
        facts: { parallel: 1 },
      });
      if (changes === 1) assert.equal(new TextDecoder().decode((await readFile(remote, '/a')).bytes), 'longer ');
      else await assert.rejects(readFile(remote, '/a'), { code: 'Busy' });
    }
  });

  it('sees a change of a large file that keeps its size', async () => {
    const server = new MemoryServer();
    server.file('/a', new Uint8Array(hashLimit + 1));
    let once = true;
    const remote = new MemoryRemote(server, {
      onStep: ({ verb, phase }) => {
        if (verb === 'read' && phase === 'middle' && once) server.file('/a', new Uint8Array(hashLimit + 1).fill(1));
        if (verb === 'read' && phase === 'middle') once = false;
      },
    });
    assert.equal((await readFile(remote, '/a')).bytes[0], 1);
  });

  it('says what is there instead', async () => {
    const server = new MemoryServer();
    server.folder('/folder');
    await assert.rejects(readFile(new MemoryRemote(server), '/folder'), { code: 'IsADirectory' });
    await assert.rejects(readFile(new MemoryRemote(server), '/none'), { code: 'NotFound' });
  });
});

describe('resolveLinks', () => {
  it('tells what links lead to, broken ones too, and passes on a lost link', async () => {
    const server = new MemoryServer();
    server.file('/f', 'x');
    server.folder('/d');
    server.link('/to-f', 'f');
    server.link('/to-d', '/d');
    server.link('/broken', 'none');
    const remote = new MemoryRemote(server);
    const kinds = await resolveLinks(remote, '/', await remote.list('/'));
    assert.deepEqual(Object.fromEntries(kinds), { 'to-f': 'file', 'to-d': 'directory', broken: undefined });
    const entries = await remote.list('/');
    remote.drop(new RemoteError('Lost', 'Cut.'));
    await assert.rejects(resolveLinks(remote, '/', entries), { code: 'Lost' });
  });
});

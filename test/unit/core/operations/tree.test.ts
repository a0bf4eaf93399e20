import assert from 'node:assert/strict';
import { RemoteError } from '../../../../src/core/errors.ts';
import { copyTree } from '../../../../src/core/operations/copyTree.ts';
import { makeFolders, removeAny, removeTree } from '../../../../src/core/operations/tree.ts';
import { UnsettledError } from '../../../../src/core/operations/unsettled.ts';
import { walk } from '../../../../src/core/operations/walk.ts';
import type { Entry, ListCall } from '../../../../src/core/remote.ts';
import { type MemoryOptions, MemoryRemote, MemoryServer } from '../../../support/memoryRemote.ts';

function seeded(): MemoryServer {
  const server = new MemoryServer();
  server.file('/site/index.html', '<html>', 0o644);
  server.file('/site/cgi/run.sh', '#!/bin/sh', 0o755);
  server.folder('/site/empty', 0o700);
  server.file('/site/.htaccess', '');
  server.file('/outside/precious', 'precious');
  server.link('/site/out', '/outside');
  return server;
}

const shape = async (server: MemoryServer, root: string) =>
  (await walk(new MemoryRemote(server), root))
    .map(({ relative, attributes: { kind, size, mode, target } }) => [relative, kind, size, mode, target])
    .toSorted();

const serial: MemoryOptions = { facts: { parallel: 1 } };

describe('removeTree', () => {
  for (const options of [{}, serial])
    it(`removes all and follows no link (${options === serial ? 'serial' : 'parallel'})`, async () => {
      const server = seeded();
      const seen: number[] = [];
      await removeTree(new MemoryRemote(server, options), '/site', { onProgress: (count) => seen.push(count) });
      assert.deepEqual(server.names('/'), ['outside']);
      assert.equal(server.text('/outside/precious'), 'precious');
      assert.deepEqual(seen, [1, 2, 3, 4, 5, 6, 7]);
    });

  it('removes a link itself, and says when there is nothing', async () => {
    const server = seeded();
    await removeTree(new MemoryRemote(server), '/site/out');
    assert.deepEqual(server.names('/outside'), ['precious']);
    await assert.rejects(removeTree(new MemoryRemote(server), '/none'), { code: 'NotFound' });
  });

  it('is not stopped by others who remove or add', async () => {
    const server = seeded();
    let once = true;
    const remote = new MemoryRemote(server, {
      onStep: ({ verb, phase }) => {
        if (verb !== 'unlink' || phase !== 'before' || !once) return;
        once = false;
        server.find('/site', true)!.children.delete('.htaccess');
        server.file('/site/cgi/new', 'new');
      },
    });
    await removeTree(remote, '/site');
    assert.deepEqual(server.names('/'), ['outside']);
  });

  it('lists in full where a brief list left something out, and after a lost link', async () => {
    const server = seeded();
    const asked: boolean[] = [];
    class Brief extends MemoryRemote {
      override async list(path: string, call: ListCall = {}): Promise<readonly Entry[]> {
        asked.push(call.briefly === true);
        const entries = await super.list(path, call);
        return call.briefly === true ? entries.filter(({ name }) => name !== '.htaccess') : entries;
      }
    }
    await removeTree(new Brief(server), '/site');
    assert.deepEqual(server.names('/'), ['outside']);
    assert.deepEqual([...new Set(asked)], [true, false]);

    server.file('/other/file', '');
    const cut = new Brief(server, {
      onStep({ verb, phase }) {
        if (verb === 'unlink' && phase === 'before') throw new RemoteError('Lost', 'Cut.');
      },
    });
    const unsettled = await removeAny(cut, '/other', { recursive: true }).catch((error: unknown) => error);
    assert.ok(unsettled instanceof UnsettledError);
    asked.length = 0;
    await unsettled.settle(new Brief(server), undefined);
    assert.deepEqual(server.names('/'), ['outside']);
    assert.deepEqual(asked, [false]);
  });

  it('goes on past what can not be removed, names the first and counts the rest', async () => {
    const server = new MemoryServer();
    for (let index = 0; index < 1000; index += 1) server.file(`/many/${index % 10}/${index}`, '');
    const remote = new MemoryRemote(server, {
      onStep: ({ verb, path }) => {
        if (verb === 'unlink' && path === '/many/7/777') throw new RemoteError('Denied', 'Not yours.', { path });
      },
    });
    await assert.rejects(removeTree(remote, '/many'), {
      code: 'Denied',
      path: '/many/7/777',
      message: '3 of 1011 entries could not be deleted. The first: Not yours.',
    });
    assert.deepEqual([server.names('/many'), server.names('/many/7')], [['7'], ['777']]);
  });
});

describe('copyTree', () => {
  const pairs: [string, MemoryOptions, boolean][] = [
    ['between servers', {}, false],
    ['between servers, one call at a time', serial, false],
    ['on one server', {}, true],
    ['on one server that can not copy', { without: ['copyOnServer'] }, true],
    ['on one connection that does one thing at a time', { ...serial, without: ['copyOnServer'] }, true],
  ];
  for (const [name, options, same] of pairs)
    it(`copies content, modes and links ${name}`, async () => {
      const source = seeded();
      const from = new MemoryRemote(source, options);
      const target = same ? source : new MemoryServer();
      const to = same ? from : new MemoryRemote(target, options);
      source.file('/site/large', new Uint8Array(300_000).fill(7));
      await copyTree(from, to, '/site', '/copy');
      assert.deepEqual(await shape(target, '/copy'), await shape(source, '/site'));
      assert.equal(target.text('/copy/cgi/run.sh'), '#!/bin/sh');
      assert.equal(target.find('/copy/index.html', true)?.mtime, source.find('/site/index.html', true)?.mtime);
    });

  it('refuses what it can not copy before it copies anything', async () => {
    const source = seeded();
    const target = new MemoryServer();
    const to = new MemoryRemote(target, { without: ['symlink'] });
    await assert.rejects(copyTree(new MemoryRemote(source), to, '/site', '/copy'), { code: 'Unsupported', path: '/site/out' });
    source.find('/site/empty', true)!.children.set('fifo', source.make('other', 0o600));
    await assert.rejects(copyTree(new MemoryRemote(source), new MemoryRemote(target), '/site', '/copy'), { code: 'Unsupported' });
    assert.deepEqual(target.names('/'), []);
  });

  it('touches nothing that is there', async () => {
    const source = seeded();
    const target = new MemoryServer();
    target.file('/copy/precious', 'precious');
    const remote = new MemoryRemote(target);
    await assert.rejects(copyTree(new MemoryRemote(source), remote, '/site', '/copy'), { code: 'Exists' });
    await assert.rejects(copyTree(new MemoryRemote(source), remote, '/site/index.html', '/copy/precious'), { code: 'Exists' });
    assert.equal(target.text('/copy/precious'), 'precious');
  });
});

describe('makeFolders', () => {
  it('makes what is missing and minds what is there', async () => {
    const server = seeded();
    const remote = new MemoryRemote(server);
    await makeFolders(remote, '/a/b/c');
    await makeFolders(remote, '/a/b/c');
    await makeFolders(remote, '/');
    assert.deepEqual(server.names('/a/b'), ['c']);
    await assert.rejects(makeFolders(remote, '/site/index.html'), { code: 'NotADirectory' });
  });
});

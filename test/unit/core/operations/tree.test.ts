import assert from 'node:assert/strict';
import { RemoteError } from '../../../../src/core/errors.ts';
import { copyTree, makeFolders, moveBetween, removeTree } from '../../../../src/core/operations/tree.ts';
import { walk } from '../../../../src/core/operations/walk.ts';
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
    await assert.rejects(
      copyTree(new MemoryRemote(source), new MemoryRemote(target), '/site', '/site/x').then(() => 0),
      { code: 'Unsupported' },
    );
    assert.deepEqual(target.names('/'), []);
  });

  it('touches nothing that is there, and undoes what it did', async () => {
    const source = seeded();
    const target = new MemoryServer();
    target.file('/copy/precious', 'precious');
    const remote = new MemoryRemote(target);
    await assert.rejects(copyTree(new MemoryRemote(source), remote, '/site', '/copy'), { code: 'Exists' });
    await assert.rejects(copyTree(new MemoryRemote(source), remote, '/site/index.html', '/copy/precious'), { code: 'Exists' });
    const failing = new MemoryRemote(target, {
      onStep: ({ verb, phase }) => {
        if (verb === 'write' && phase === 'before') throw new RemoteError('Unknown', 'Injected.');
      },
    });
    await assert.rejects(copyTree(new MemoryRemote(source), failing, '/site/index.html', '/copy/precious'));
    assert.equal(target.text('/copy/precious'), 'precious');
    target.capacity = 6;
    await assert.rejects(copyTree(new MemoryRemote(source), remote, '/site', '/other'), { code: 'NoSpace' });
    assert.deepEqual(target.names('/'), ['copy']);
  });
});

describe('moveBetween', () => {
  it('moves, verified', async () => {
    const source = seeded();
    const target = new MemoryServer();
    const before = await shape(source, '/site');
    await moveBetween(new MemoryRemote(source), new MemoryRemote(target), '/site', '/site');
    assert.deepEqual(await shape(target, '/site'), before);
    assert.deepEqual(source.names('/'), ['outside']);
  });

  it('loses nothing, whatever step fails', async () => {
    for (const code of ['Lost', 'Denied', 'Unknown'] as const)
      for (const side of ['from', 'to'] as const)
        for (let at = 1; at < 90; at += 1) {
          const source = seeded();
          const target = new MemoryServer();
          let steps = 0;
          const onStep = () => {
            if ((steps += 1) === at) throw new RemoteError(code, 'Injected.');
          };
          const from = new MemoryRemote(source, side === 'from' ? { onStep } : {});
          const to = new MemoryRemote(target, side === 'to' ? { onStep } : {});
          const moved = await moveBetween(from, to, '/site', '/site').then(
            () => true,
            () => false,
          );
          const whole = (server: MemoryServer) =>
            server.text('/site/index.html') === '<html>' &&
            server.text('/site/cgi/run.sh') === '#!/bin/sh' &&
            server.text('/site/.htaccess') === '';
          assert.ok(moved ? whole(target) : whole(source) || whole(target), `${code} ${side} ${at}`);
        }
  });

  it('leaves what changed or came into being meanwhile', async () => {
    for (const [verb, count] of [
      ['read', 1],
      ['unlink', 1],
    ] as const) {
      const source = seeded();
      const target = new MemoryServer();
      let left = count;
      const onStep = (step: { verb: string; phase: string }) => {
        if (step.verb === verb && step.phase === 'after' && left-- > 0) source.file('/site/cgi/new', 'new');
      };
      await assert.rejects(moveBetween(new MemoryRemote(source, { onStep }), new MemoryRemote(target), '/site', '/moved'));
      assert.equal(source.text('/site/cgi/new'), 'new');
      assert.equal(target.names('/').length, verb === 'read' ? 0 : 1);
    }
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

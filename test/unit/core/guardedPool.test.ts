import assert from 'node:assert/strict';
import { RemoteError } from '../../../src/core/errors.ts';
import { Guard } from '../../../src/core/guard.ts';
import { guardPool } from '../../../src/core/guardedPool.ts';
import type { Host } from '../../../src/core/host.ts';
import { copyThroughPool, moveThroughPool } from '../../../src/core/operations/moveThroughPool.ts';
import { protectionAmong } from '../../../src/core/protectedHosts.ts';
import type { Pool, RunOptions } from '../../../src/core/pool.ts';
import type { Remote } from '../../../src/core/remote.ts';
import { MemoryRemote, MemoryServer } from '../../support/memoryRemote.ts';
import { poolOf, testHost } from '../../support/poolOf.ts';

const bytes = new TextEncoder().encode('content');

/** Every way to change something that a connection has. */
const changes: Readonly<Record<string, (remote: Remote) => Promise<unknown> | undefined>> = {
  write: (remote) => remote.write('/new', bytes, { disposition: 'create' }),
  mkdir: (remote) => remote.mkdir('/new'),
  unlink: (remote) => remote.unlink('/file'),
  rmdir: (remote) => remote.rmdir('/folder'),
  rename: (remote) => remote.rename('/file', '/new', { replace: false }),
  draft: (remote) => remote.draft?.('/new'),
  chmod: (remote) => remote.chmod?.('/file', 0o600),
  chgrp: (remote) => remote.chgrp?.('/file', '7'),
  setMtime: (remote) => remote.setMtime?.('/file', 0),
  symlink: (remote) => remote.symlink?.('/file', '/new'),
  copyOnServer: (remote) => remote.copyOnServer?.('/file', '/new'),
};

describe('a pool of protected hosts', () => {
  const open = testHost({ name: 'open' });
  const asking = testHost({ name: 'asking', protect: 'ask' });
  const shut = testHost({ name: 'shut', protect: 'readOnly' });
  let server: MemoryServer;
  let questions: number;
  let answer: boolean;
  let pool: Pool;

  beforeEach(async () => {
    server = new MemoryServer();
    [questions, answer] = [0, true];
    const guard = new Guard({
      protectionOf: (host) => protectionAmong([open, asking, shut], host),
      ask() {
        questions += 1;
        return Promise.resolve(answer);
      },
    });
    pool = guardPool(
      poolOf(() => Promise.resolve(new MemoryRemote(server, { drafts: true }))),
      guard,
    );
    const ground = new MemoryRemote(server);
    await ground.write('/file', bytes, { disposition: 'create' });
    await ground.mkdir('/folder');
  });

  afterEach(() => pool.dispose());

  const names = async () => (await new MemoryRemote(server).list('/')).map(({ name }) => name).sort();
  const run = (host: Host, task: (remote: Remote) => Promise<unknown> | undefined, options?: RunOptions) =>
    pool.run(host, async (remote) => task(remote), options);
  const isCode = (code: string) => (error: unknown) => error instanceof RemoteError && error.code === code;

  for (const [verb, change] of Object.entries(changes)) {
    it(`refuses ${verb} to who did not say that they change something`, async () => {
      for (const host of [asking, shut]) await assert.rejects(run(host, change), isCode('Denied'));
      assert.deepEqual([await names(), questions], [['file', 'folder'], 0]);
      const [file] = (await new MemoryRemote(server).list('/')).filter(({ name }) => name === 'file');
      assert.deepEqual([file?.mode, file?.mtime === 0], [0o644, false]);
    });
  }

  it('shows everything as it is', async () => {
    for (const host of [open, asking, shut]) {
      const seen = await pool.run(host, async (remote) => {
        await remote.ping();
        const { kind } = await remote.stat('/file');
        const chunks: Uint8Array[] = [];
        await remote.read('/file', (chunk) => void chunks.push(chunk));
        return [kind, Buffer.concat(chunks).toString(), (await remote.list('/')).length, remote.facts.home];
      });
      assert.deepEqual(seen, ['file', 'content', 2, '/']);
    }
    assert.equal(questions, 0);
  });

  it('asks before a change gets a connection, and lets it through after a yes', async () => {
    answer = false;
    await assert.rejects(
      run(asking, (remote) => remote.unlink('/file'), { changes: 'new' }),
      isCode('Cancelled'),
    );
    assert.equal(pool.state('asking').state, 'disconnected');
    answer = true;
    await run(asking, (remote) => remote.unlink('/file'), { changes: 'new' });
    await run(asking, (remote) => remote.rmdir('/folder'), { changes: 'new' });
    assert.deepEqual([await names(), questions], [[], 2]);
  });

  it('asks nobody for work in the background', async () => {
    await assert.rejects(
      run(asking, (remote) => remote.unlink('/file'), { changes: 'new', background: true }),
      isCode('Cancelled'),
    );
    assert.equal(questions, 0);
  });

  it('changes nothing new on a read-only host, and finishes what was begun', async () => {
    await assert.rejects(
      run(shut, (remote) => remote.unlink('/file'), { changes: 'new' }),
      isCode('Denied'),
    );
    await run(shut, (remote) => remote.rename('/file', '/back', { replace: false }), { changes: 'begun' });
    assert.deepEqual([await names(), questions], [['back', 'folder'], 0]);
  });

  it('lets copies be taken of what is protected, but not moves', async () => {
    const from = { host: shut, path: '/file' };
    const options = { overwrite: false, signal: undefined, journal: undefined };
    await copyThroughPool(pool, from, { host: open, path: '/copied' }, options);
    assert.deepEqual(await names(), ['copied', 'file', 'folder']);
    await assert.rejects(moveThroughPool(pool, from, { host: open, path: '/moved' }, options), isCode('Denied'));
    await assert.rejects(copyThroughPool(pool, { host: open, path: '/file' }, { host: shut, path: '/in' }, options), isCode('Denied'));
    await assert.rejects(copyThroughPool(pool, from, { host: shut, path: '/in' }, options), isCode('Denied'));
    assert.ok((await names()).includes('file') && !(await names()).includes('in'));
    await copyThroughPool(pool, { host: open, path: '/file' }, { host: asking, path: '/in' }, options);
    assert.equal(questions, 1);
  });
});

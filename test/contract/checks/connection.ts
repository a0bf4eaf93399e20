import assert from 'node:assert/strict';
import { isRemoteError } from '../../../src/core/errors.ts';
import { startFaultyProxy } from '../../servers/faultyProxy.ts';
import { freePort } from '../../servers/process.ts';
import type { Check } from '../check.ts';
import { fails, inTime, pattern, readAll, type Ground } from '../ground.ts';

const optionalVerbs = ['chmod', 'chgrp', 'setMtime', 'readLink', 'symlink', 'copyOnServer', 'space'] as const;

export const connectionChecks: readonly Check[] = [
  {
    title: 'knows the facts of the server',
    async run({ remote, server: { quirks } }) {
      const { facts } = remote;
      assert.match(facts.home, /^\//);
      assert.ok(facts.parallel >= 1 && Number.isInteger(facts.parallel));
      assert.ok(facts.description.length > 0);
      if (quirks.atomicReplace !== undefined) assert.equal(facts.atomicReplace, quirks.atomicReplace);
      if (quirks.exclusiveCreate !== undefined) assert.equal(facts.exclusiveCreate, quirks.exclusiveCreate);
      for (const verb of optionalVerbs) {
        const expected = quirks.optional?.[verb];
        if (expected !== undefined) assert.equal(remote[verb] !== undefined, expected, verb);
      }
      await remote.ping();
      assert.equal((await remote.stat(facts.home)).kind, 'directory');
    },
  },
  {
    title: 'settles twenty calls at once, each rightly',
    async run({ remote, folder, disk, path }) {
      const contents = Array.from({ length: 5 }, (_, i) => pattern(40_000 + i, i));
      contents.forEach((content, i) => disk.file(`file-${i}`, content));
      await inTime(
        Promise.all(
          contents.flatMap((content, i) => [
            readAll(remote, path(`file-${i}`)).then((seen) => assert.ok(seen.equals(content))),
            remote.stat(path(`file-${i}`)).then(({ size }) => assert.equal(size, content.length)),
            remote.list(folder).then((entries) => assert.equal(entries.length, contents.length)),
            fails(remote.stat(path(`missing-${i}`)), 'NotFound', path(`missing-${i}`)),
          ]),
        ),
      );
    },
  },
  {
    title: 'settles twenty changes at once, each rightly',
    needs: ['write'],
    async run({ remote, disk, path }) {
      const contents = Array.from({ length: 5 }, (_, i) => pattern(40_000 + i, i));
      disk.makeFolder('full');
      disk.file('full/file', 'x');
      contents.forEach((_, i) => disk.file(`old-${i}`, 'x'));
      await inTime(
        Promise.all(
          contents.flatMap((content, i) => [
            remote.write(path(`new-${i}`), content, { disposition: 'create' }),
            remote.mkdir(path(`folder-${i}`)),
            remote.unlink(path(`old-${i}`)),
            fails(remote.rmdir(path('full')), 'NotEmpty', path('full')),
          ]),
        ),
      );
      const expected = ['full', ...contents.flatMap((_, i) => [`folder-${i}`, `new-${i}`])].sort();
      assert.deepEqual(disk.names(), expected);
      contents.forEach((content, i) => assert.ok(disk.read(`new-${i}`).equals(content)));
    },
  },
  {
    title: 'stops a read when told, also one whose reader hangs, and goes on',
    async run(ground) {
      ground.disk.file('file', pattern(5 * 2 ** 20));
      for (const hanging of [false, true]) {
        // Each its own: a server may end the connection of a transfer that was cut off.
        const remote = await ground.connect();
        const cancel = new AbortController();
        const call = remote.read(
          ground.path('file'),
          async () => {
            cancel.abort();
            if (hanging) await new Promise(() => {});
          },
          { signal: cancel.signal },
        );
        await fails(call, 'Cancelled', ground.path('file'));
        await goesOn({ ...ground, remote });
      }
    },
  },
  {
    title: 'stops a write when told, also one whose source hangs, and goes on',
    needs: ['write'],
    async run(ground) {
      const { path } = ground;
      for (const hanging of [false, true]) {
        const remote = await ground.connect();
        const cancel = new AbortController();
        async function* source(): AsyncGenerator<Uint8Array> {
          for (let i = 0; i < 200; i++) {
            yield await Promise.resolve(pattern(32_768, i));
            if (i === 20) cancel.abort();
            if (i === 20 && hanging) await new Promise(() => {});
          }
        }
        await fails(remote.write(path('file'), source(), { disposition: 'truncate', signal: cancel.signal }), 'Cancelled', path('file'));
        await goesOn({ ...ground, remote });
      }
    },
  },
  {
    title: 'does nothing for a call that is cancelled before it begins',
    needs: ['write'],
    async run(ground) {
      const { remote, path, folder, disk } = ground;
      const signal = AbortSignal.abort();
      await fails(remote.list(folder, { signal }), 'Cancelled', folder);
      await fails(remote.mkdir(path('new'), { signal }), 'Cancelled', path('new'));
      await fails(remote.write(path('file'), Buffer.from('x'), { disposition: 'create', signal }), 'Cancelled', path('file'));
      await goesOn(ground);
      assert.deepEqual(disk.names(), ['after']);
    },
  },
  {
    title: 'ends: closed resolves, and later calls are refused',
    async run({ connect, folder, disk, path }) {
      disk.file('file', pattern(5 * 2 ** 20));
      const remote = await connect();
      const reading = remote.read(path('file'), async () => new Promise((resolve) => setTimeout(resolve, 20)));
      const refused = assert.rejects(reading, (error) => isRemoteError(error));
      await inTime(Promise.all([remote.close(), remote.close()]));
      await inTime(refused);
      assert.ok(isRemoteError(await inTime(remote.closed)));
      await inTime(assert.rejects(remote.list(folder), (error) => isRemoteError(error) && error.dropsConnection));
      await inTime(assert.rejects(remote.ping(), (error) => isRemoteError(error)));
      await inTime(remote.close());
    },
  },
  {
    title: 'tells of a cut link: what waits is refused as Lost, and the next connection works',
    async run({ connect, disk, path, server, folder }) {
      disk.file('file', pattern(5 * 2 ** 20));
      const { address, port } = server.host;
      for (const kind of ['reset', 'cut'] as const) {
        const proxy = await startFaultyProxy({ address, port, listenAddress: address });
        try {
          const remote = await connect({ port: proxy.port });
          const calls = [readAll(remote, path('file')), remote.list(folder), remote.stat(path('file'))];
          const outcomes = calls.map(async (call) => fails(call, ['Lost', 'Unreachable']));
          proxy.strike(kind);
          for (const error of await Promise.all(outcomes)) assert.ok(error.dropsConnection && error.retryable);
          assert.equal((await inTime(remote.closed)).dropsConnection, true);
          await fails(remote.list(folder), ['Lost', 'Unreachable'], folder);
          assert.equal((await (await connect({ port: proxy.port })).list(folder)).length, 1);
        } finally {
          await proxy.close();
        }
      }
    },
  },
  {
    title: 'never reports a write as done that a cut link ended',
    needs: ['write'],
    async run({ connect, path, server }) {
      const { address, port } = server.host;
      const proxy = await startFaultyProxy({ address, port, listenAddress: address });
      try {
        const remote = await connect({ port: proxy.port });
        async function* source(): AsyncGenerator<Uint8Array> {
          for (let i = 0; i < 64; i++) {
            yield await Promise.resolve(pattern(32_768, i));
            if (i === 10) proxy.strike('reset');
          }
        }
        await fails(remote.write(path('file'), source(), { disposition: 'create' }), ['Lost', 'Unreachable'], path('file'));
      } finally {
        await proxy.close();
      }
    },
  },
  {
    title: 'tells that nobody answers: Unreachable',
    async run({ connect, server }) {
      const error = await fails(connect({ port: await freePort(server.host.address) }), 'Unreachable');
      assert.equal(error.retryable, true);
      assert.notEqual(error.hint, undefined, 'what to do next');
    },
  },
  {
    title: 'stops connecting when told',
    async run({ connect, server }) {
      const { address, port } = server.host;
      const proxy = await startFaultyProxy({ address, port, listenAddress: address });
      try {
        proxy.arm({ kind: 'stall', direction: 'toClient', afterBytes: 5 });
        const cancel = new AbortController();
        const connecting = fails(connect({ port: proxy.port, signal: cancel.signal }), 'Cancelled');
        await inTime(proxy.until('toClient', 5));
        cancel.abort();
        await connecting;
      } finally {
        await proxy.close();
      }
    },
  },
  {
    title: 'refuses a wrong password: Auth, in words, and asks again only so often',
    unless: ({ secrets, host }) =>
      secrets.password === undefined || host.user === undefined ? 'no password is asked for here' : undefined,
    async run({ connect }) {
      const passwords = ['wrong-password-1', 'wrong-password-2', 'wrong-password-3', 'wrong-password-4', 'wrong-password-5'];
      const error = await fails(connect({ script: { password: passwords } }), ['Auth', 'Cancelled']);
      assert.equal(error.code, 'Auth', error.message);
      assert.equal(error.retryable, false);
      for (const password of passwords)
        assert.ok(!`${error.message} ${error.hint ?? ''}`.includes(password), 'the password is in the message');
    },
  },
];

/** The connection still works; where the call cost it, the next one does. */
async function goesOn({ remote, connect, disk, path }: Ground): Promise<void> {
  disk.file('after', 'whole');
  const next = await readAll(remote, path('after')).catch(async (error: unknown) => {
    assert.ok(isRemoteError(error) && error.dropsConnection, `the connection is neither usable nor dropped: ${String(error)}`);
    return readAll(await connect(), path('after'));
  });
  assert.equal(next.toString(), 'whole');
}

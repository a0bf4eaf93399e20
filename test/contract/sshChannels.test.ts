import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRemoteError } from '../../src/core/errors.ts';
import type { HostProfile } from '../../src/core/host.ts';
import { save } from '../../src/core/operations/save.ts';
import type { Remote } from '../../src/core/remote.ts';
import { connect } from '../../src/transport/index.ts';
import { startFaultyProxy, type FaultyProxy } from '../servers/faultyProxy.ts';
import { startOpenssh } from '../servers/openssh.ts';
import { requireServer, type TestServer } from '../servers/server.ts';
import { memoryJournal } from '../support/memoryJournal.ts';
import { connectContext } from '../support/prompts.ts';
import { fails, inTime, pattern, stream } from './ground.ts';

const mega = 1024 * 1024;
const content = pattern(24 * mega, 3);
const saving = { create: true, overwrite: true, journal: memoryJournal(), saveMode: 'auto', profile: {}, learn() {} } as const;

describe('a large file over a long line to OpenSSH', function () {
  this.timeout(60_000);
  for (const [allowed, expected] of [
    [10, 4],
    [3, 2],
    [2, 1],
    [1, 1],
  ] as const) {
    describe(`with ${allowed} sessions allowed`, () => {
      let server: TestServer;
      let proxy: FaultyProxy;
      let remote: Remote;
      let learned: HostProfile;
      const path = () => `${server.rootOnServer}/large`;
      const onDisk = () => readFileSync(join(server.root, 'large'));
      const sessions = () => server.output().match(/Starting session:/g)?.length ?? 0;
      const open = (profile: HostProfile = {}) =>
        connect(
          { ...server.host, address: proxy.address, port: proxy.port },
          { ...connectContext({ admit: true }), profile, learn: (facts) => (learned = { ...learned, ...facts }) },
        );

      before(async function () {
        server = await requireServer(this, () => startOpenssh({ config: [`MaxSessions ${allowed}`] }));
        proxy = await startFaultyProxy({ port: server.host.port });
      });
      beforeEach(async () => {
        learned = {};
        remote = await open();
        proxy.latencyMs = 10;
      });
      afterEach(async () => {
        proxy.latencyMs = 0;
        proxy.disarm();
        await remote.close();
        for (const name of readdirSync(server.root)) rmSync(join(server.root, name), { recursive: true });
      });
      after(async () => {
        await proxy.close();
        await server.stop();
      });

      it('arrives as it is, over as many channels as the server leaves us', async () => {
        const before = sessions();
        let told = 0;
        await remote.write(path(), stream(content), { disposition: 'create', mode: 0o640, onProgress: (bytes) => (told = bytes) });
        assert.ok(onDisk().equals(content));
        assert.equal(told, content.length);
        // One more was let open, and is given back.
        assert.equal(sessions() - before, Math.min(3, allowed - 1));
        assert.equal(learned.singleSession !== undefined, expected === 1);
        assert.equal((await remote.stat(path())).mode, 0o640);
      });

      if (allowed === 1)
        it('is not tried again where it was refused', async () => {
          const next = await open({ singleSession: { learnedAt: Date.now() } });
          const refusals = () => server.output().match(/no more sessions/g)?.length ?? 0;
          const before = refusals();
          await next.write(path(), content, { disposition: 'create' });
          await next.close();
          assert.equal(refusals(), before);
        });

      if (allowed === 10) {
        it('is saved whole', async () => {
          await save(remote, path(), content, saving);
          assert.ok(onDisk().equals(content));
        });

        it('goes over one channel where a person’s file is written in place, or anything may be there', async () => {
          const before = sessions();
          await remote.write(path(), content.subarray(0, 9 * mega), { disposition: 'truncate' });
          await remote.write(path(), content, { disposition: 'update' });
          assert.ok(onDisk().equals(content));
          assert.equal(sessions(), before);
        });

        it('is an error, once, when the line is cut in the middle', async () => {
          proxy.arm({ kind: 'cut', direction: 'toServer', afterBytes: 16 * mega });
          const writing = remote.write(path(), content, { disposition: 'create' });
          await inTime(fails(writing, 'Lost'));
          assert.ok(isRemoteError(await inTime(remote.closed), 'Lost'));
        });

        it('is given up at once when it is cancelled, and the connection goes on', async () => {
          const enough = new AbortController();
          const onProgress = (bytes: number) => bytes > 12 * mega && enough.abort();
          await fails(remote.write(path(), content, { disposition: 'create', signal: enough.signal, onProgress }), 'Cancelled');
          await remote.unlink(path());
          await remote.write(path(), content, { disposition: 'create' });
          assert.ok(onDisk().equals(content));
        });

        it('writes nothing to what someone puts in its place', async () => {
          const victim = join(server.root, 'victim');
          const theirs = pattern(9 * mega, 9);
          writeFileSync(victim, theirs);
          chmodSync(victim, 0o666);
          const before = sessions();
          const onProgress = () => {
            rmSync(join(server.root, 'large'), { force: true });
            symlinkSync('victim', join(server.root, 'large'));
          };
          await remote.write(path(), content, { disposition: 'create', onProgress });
          assert.ok(sessions() > before);
          assert.ok(readFileSync(victim).equals(theirs));
        });

        it('lets a look pass', async () => {
          const writing = remote.write(path(), content, { disposition: 'create' });
          let looks = 0;
          const over = new AbortController();
          const done = writing.finally(() => over.abort());
          for (; !over.signal.aborted; looks += 1) await inTime(remote.stat(server.rootOnServer), 5);
          await done;
          assert.ok(looks > 2);
        });
      }
    });
  }
});

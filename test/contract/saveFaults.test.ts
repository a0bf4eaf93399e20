import assert from 'node:assert/strict';
import { isRemoteError } from '../../src/core/errors.ts';
import { readFile } from '../../src/core/operations/readFile.ts';
import { saveThroughPool } from '../../src/core/operations/saveThroughPool.ts';
import { child } from '../../src/core/path.ts';
import type { Pool } from '../../src/core/pool.ts';
import { connect } from '../../src/transport/index.ts';
import { startFaultyProxy, type Direction, type FaultKind, type FaultyProxy } from '../servers/faultyProxy.ts';
import { startOpenssh } from '../servers/openssh.ts';
import { startProftpdSftp } from '../servers/proftpdSftp.ts';
import { requireServer, type TestServer } from '../servers/server.ts';
import { memoryJournal } from '../support/memoryJournal.ts';
import { poolOf } from '../support/poolOf.ts';
import { memoryTrust, scriptedPrompts } from '../support/prompts.ts';
import { makeDisk, pattern, type Disk } from './ground.ts';

const size = 2 ** 20;

describeFaults('OpenSSH', async () => startOpenssh());
describeFaults('OpenSSH without extensions', async () => startOpenssh({ sftp: 'noExtensions' }));
describeFaults('ProFTPD mod_sftp', async () => startProftpdSftp());

/** Real saves, reads and listings on a real server, with the link cut or reset at many bytes of each. */
function describeFaults(name: string, start: () => Promise<TestServer>): void {
  describe(`faults: ${name}`, function () {
    this.timeout(120_000);
    let server: TestServer;
    let proxy: FaultyProxy;
    let pool: Pool;
    let disk: Disk;

    before(async function () {
      server = await requireServer(this, start);
      proxy = await startFaultyProxy({ port: server.host.port });
      disk = makeDisk(server, server.root);
      const prompts = scriptedPrompts({ ...server.secrets, admit: true });
      pool = poolOf(connect, { prompts, trust: memoryTrust() });
    });
    after(async () => {
      await pool.dispose();
      await proxy.close();
      await server.stop();
    });
    afterEach(() => proxy.disarm());

    const host = (): TestServer['host'] => ({ ...server.host, port: proxy.port });
    const path = (): string => child(server.rootOnServer, 'file');

    async function save(content: Buffer): Promise<unknown> {
      const { version: base } = await pool.run(host(), async (remote) => readFile(remote, path()), { repeatable: true });
      const options = { create: true, overwrite: true, base, journal: memoryJournal(), saveMode: 'auto' as const, profile: {}, learn() {} };
      return saveThroughPool(pool, host(), path(), content, options).then(
        () => undefined,
        (error: unknown) => error,
      );
    }

    const kinds = ['cut', 'reset'] as const satisfies readonly FaultKind[];
    const places: readonly (readonly [Direction, readonly number[]])[] = [
      ['toServer', [0, 1, 150, 700, 40_000, size / 2, size - 10, size, size + 500, size + 1500, size + 3000]],
      ['toClient', [0, 1, 60, 200, 500, 900, 1500, 2500, 4000]],
    ];

    for (const kind of kinds) {
      for (const [direction, bytes] of places) {
        it(`${kind} at a byte ${direction} of a save: saved by a new connection, never torn`, async () => {
          const connections = proxy.counts.connections;
          for (const afterBytes of bytes) {
            const [old, content] = [pattern(size, afterBytes + 1), pattern(size + 17, afterBytes + 2)];
            disk.file('file', old, { mode: 0o640 });
            await pool.run(host(), async (remote) => remote.ping(), { repeatable: true });
            const saving = save(content);
            await proxy.until('toClient', size);
            proxy.arm({ kind, direction, afterBytes });
            const error = await saving;
            proxy.disarm();
            const label = `${kind} after ${afterBytes} bytes ${direction}`;
            const now = disk.read('file');
            assert.equal(error, undefined, `${label}: ${String(error)}`);
            assert.ok(now.equals(content), `${label}: ${now.equals(old) ? 'the old content is there' : `torn, ${now.length} bytes`}`);
            assert.equal(Number(disk.stat('file')?.mode) & 0o777, 0o640, label);
          }
          assert.ok(proxy.counts.connections - connections > bytes.length / 2, 'too few of the faults struck');
        });
      }

      it(`${kind} at a byte of a read and of a listing: repeated on a new connection, exactly`, async () => {
        const content = pattern(size, 3);
        disk.file('file', content);
        for (const afterBytes of [0, 1, 60, 500, 40_000, size / 2, size - 1]) {
          await pool.run(host(), async (remote) => remote.ping(), { repeatable: true });
          proxy.arm({ kind, direction: 'toClient', afterBytes });
          const read = await pool.run(host(), async (remote) => readFile(remote, path()), { repeatable: true });
          assert.ok(Buffer.from(read.bytes).equals(content), `read, ${kind} after ${afterBytes} bytes`);
          proxy.disarm();
          await pool.run(host(), async (remote) => remote.ping(), { repeatable: true });
          proxy.arm({ kind, direction: 'toClient', afterBytes: afterBytes % 300 });
          const entries = await pool.run(host(), async (remote) => remote.list(server.rootOnServer), { repeatable: true });
          assert.ok(entries.some((entry) => entry.name === 'file' && entry.size === size));
          proxy.disarm();
        }
      });
    }

    it('reset at a byte of a rename: done or not done, never lost', async () => {
      disk.makeFolder('renaming');
      const folder = child(server.rootOnServer, 'renaming');
      for (const [direction, afterBytes] of [
        ['toServer', 0],
        ['toServer', 50],
        ['toServer', 120],
        ['toClient', 0],
        ['toClient', 10],
        ['toClient', 100],
      ] as const) {
        for (const name of disk.names('renaming')) await pool.run(host(), async (remote) => remote.unlink(child(folder, name)), {});
        disk.file('renaming/old', 'precious');
        proxy.arm({ kind: 'reset', direction, afterBytes });
        const error = await pool
          .run(host(), async (remote) => remote.rename(child(folder, 'old'), child(folder, 'new'), { replace: false }), {})
          .catch((reason: unknown) => reason);
        proxy.disarm();
        const names = disk.names('renaming');
        assert.equal(names.length, 1);
        assert.equal(disk.read(`renaming/${names[0] ?? ''}`).toString(), 'precious');
        if (error === undefined) assert.deepEqual(names, ['new']);
        else assert.ok(isRemoteError(error));
      }
    });
  });
}

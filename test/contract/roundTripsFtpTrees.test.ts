import assert from 'node:assert/strict';
import { copyThroughPool } from '../../src/core/operations/moveThroughPool.ts';
import { furtherConnections } from '../../src/core/operations/secondConnection.ts';
import { removeAny } from '../../src/core/operations/tree.ts';
import { runChange } from '../../src/core/operations/unsettled.ts';
import { startProftpd } from '../servers/proftpd.ts';
import { requireServer } from '../servers/server.ts';
import { startVsftpd } from '../servers/vsftpd.ts';
import { memoryJournal } from '../support/memoryJournal.ts';
import { MemoryServer } from '../support/memoryRemote.ts';
import { type FaultServer, vsftpdPorts, withDataPorts } from './faultServers.ts';
import { local, makeLockstepGround, type LockstepGround } from './lockstepGround.ts';

/** As many as a link of a home or an office has patience for in a test; the tables of the bench have 1,000 in 50. */
const folders = 14;
const files = 140;
const connections = 8;

interface Budgets {
  readonly name: string;
  readonly start: () => Promise<FaultServer>;
  /** Round trips, the connections being there. */
  readonly upload: number;
  readonly download: number;
  readonly remove: number;
}

const servers: readonly Budgets[] = [
  {
    name: 'vsftpd',
    start: () => withDataPorts((first, last) => startVsftpd({ config: vsftpdPorts(first, last) }), 100),
    ...{ upload: 110, download: 80, remove: 25 },
  },
  {
    name: 'vsftpd, TLS 1.3 with session reuse required',
    start: () =>
      withDataPorts((first, last) => startVsftpd({ tls: 'explicit', sessionReuse: true, config: vsftpdPorts(first, last) }), 100),
    ...{ upload: 170, download: 140, remove: 45 },
  },
  {
    name: 'ProFTPD, TLS 1.3',
    start: () => withDataPorts((first, last) => startProftpd({ tls: 'explicit', config: [`PassivePorts ${first} ${last}`] }), 100),
    ...{ upload: 140, download: 180, remove: 75 },
  },
];

describe(`round trips over FTP with ${connections} connections: a tree of ${files} files of 4 KB in ${folders} folders`, function () {
  this.timeout(120_000);
  for (const { name, start, upload, download, remove } of servers) {
    describe(name, () => {
      const here = new MemoryServer();
      let behind: FaultServer | undefined;
      let ground: LockstepGround;
      const options = { overwrite: false, journal: memoryJournal(), profile: {}, learn() {} };

      const costs = (what: string, budget: number, work: () => Promise<unknown>) =>
        it(`${what}: at most ${budget}`, async () => {
          const spent = await ground.roundTrips(work);
          process.stderr.write(`        ${spent} of ${budget} for:\n`);
          assert.ok(spent <= budget, `${spent} round trips; the budget is ${budget}`);
          assert.ok(spent > 0, 'counted');
        });

      before(async function () {
        behind = await requireServer(this, start);
        for (let index = 0; index < files; index += 1) here.file(`/tree/folder ${index % folders}/file ${index}`, 'x'.repeat(4096));
        here.folder('/back');
        ground = await makeLockstepGround(behind, { connections }, here);
        const { pool, host } = ground;
        // All of them, before anything counts.
        const held = Promise.withResolvers<undefined>();
        const all = Array.from({ length: connections }, () => pool.run(host, () => held.promise));
        while (pool.state(host.name).busy < connections) await new Promise((resolve) => setTimeout(resolve, 20));
        held.resolve(undefined);
        await Promise.all(all);
      });
      after(async () => {
        await ground.end();
        await behind?.server.stop();
      });

      costs('upload', upload, () =>
        copyThroughPool(ground.pool, { host: local, path: '/tree' }, { host: ground.host, path: ground.path('tree') }, options),
      );
      costs('download', download, () =>
        copyThroughPool(ground.pool, { host: ground.host, path: ground.path('tree') }, { host: local, path: '/back/tree' }, options),
      );
      it('brings all of it back', () => {
        assert.equal(here.names('/back/tree').length, folders);
        for (let index = 0; index < files; index += 1)
          assert.equal(here.text(`/back/tree/folder ${index % folders}/file ${index}`)?.length, 4096);
      });
      costs('delete', remove, () => {
        const { pool, host } = ground;
        return runChange(
          pool,
          host,
          (remote, signal) =>
            removeAny(remote, ground.path('tree'), { recursive: true, signal, further: furtherConnections(pool, host, remote) }),
          { lane: 'bulk' },
        );
      });
      it('leaves nothing of it', () => assert.ok(!ground.disk.exists('tree')));
    });
  }
});

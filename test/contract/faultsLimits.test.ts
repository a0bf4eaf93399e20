import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRemoteError } from '../../src/core/errors.ts';
import { startOpenssh } from '../servers/openssh.ts';
import { startProftpd } from '../servers/proftpd.ts';
import { startPyftpdlib } from '../servers/pyftpdlib.ts';
import { requireServer, type TestServer } from '../servers/server.ts';
import { startVsftpd } from '../servers/vsftpd.ts';
import { eventually } from '../support/eventually.ts';
import { until } from '../support/until.ts';
import { makeFaultGround, outcomeOf, type FaultGround } from './faultGround.ts';
import { clearWork } from './faultOperations.ts';
import { faultServers, type FaultServer } from './faultServers.ts';
import { fails, inTime, pattern } from './ground.ts';

const size = 2 ** 20;

/** A suite with one server behind a proxy. */
function describeGround(title: string, start: () => Promise<FaultServer>, tests: (ground: () => FaultGround) => void): void {
  describe(title, function () {
    this.timeout(60_000);
    let behind: FaultServer | undefined;
    let ground: FaultGround | undefined;
    before(async function () {
      behind = await requireServer(this, start);
      ground = await makeFaultGround(behind);
    });
    after(async () => {
      await ground?.end();
      await behind?.server.stop();
    });
    beforeEach(() => {
      if (ground) clearWork(ground);
    });
    tests(() => {
      assert.ok(ground);
      return ground;
    });
  });
}

const direct = (start: () => Promise<TestServer>) => async (): Promise<FaultServer> => ({ server: await start(), dataPorts: [] });

for (const name of ['vsftpd', 'vsftpd, TLS session reuse required', 'ProFTPD, TLS', 'Pure-FTPd']) {
  const start = faultServers.find((server) => server.name === name)?.start;
  if (start === undefined) continue;
  describeGround(`something in between ends data connections in an orderly way: ${name}`, start, (ground) => {
    it('an upload that the server takes for whole is none', async () => {
      const { proxy, disk, run, path, save, read } = ground();
      const old = pattern(size, 1);
      disk.file('work/file', old);
      const { version: base } = await read('work/file');
      const { struck } = proxy.counts;
      const write = (name: string) => run((remote) => remote.write(path(name), pattern(size, 2), { disposition: 'create' }));
      proxy.arm({ kind: 'cut', direction: 'toServer', channel: 'data', afterBytes: 300_000 });
      await write('work/again');
      assert.equal(proxy.counts.struck, struck + 1);
      assert.ok(disk.read('work/again').equals(pattern(size, 2)), 'sent once more, whole');
      proxy.arm({ kind: 'cut', direction: 'toServer', channel: 'data', afterBytes: 300_000, times: 20 });
      await fails(write('work/new'), 'Lost', path('work/new'));
      proxy.disarm();
      proxy.arm({ kind: 'cut', direction: 'toServer', channel: 'data', afterBytes: 300_000, times: 20 });
      const outcome = await outcomeOf(ground(), save('work/file', pattern(size, 3), { base }));
      proxy.disarm();
      assert.ok('error' in outcome && isRemoteError(outcome.error, 'Lost'));
      assert.ok(disk.read('work/file').equals(old), 'the old file is whole');
      await ground().assertClean('work');
    });

    it('a download is never short', async () => {
      const { proxy, disk, read } = ground();
      const content = pattern(size, 4);
      disk.file('work/file', content);
      proxy.arm({ kind: 'cut', direction: 'toClient', channel: 'data', afterBytes: 300_000 });
      assert.ok(Buffer.from((await read('work/file')).bytes).equals(content), 'read again by itself');
      proxy.arm({ kind: 'cut', direction: 'toClient', channel: 'data', afterBytes: 300_000, times: 20 });
      const outcome = await outcomeOf(ground(), read('work/file'));
      proxy.disarm();
      assert.ok('error' in outcome && isRemoteError(outcome.error, 'Lost'));
      assert.equal(outcome.error.path, ground().path('work/file'));
    });
  });
}

for (const [title, start] of Object.entries({
  'vsftpd that ends idle connections': () => startVsftpd({ idleSeconds: 1 }),
  'vsftpd with TLS that ends idle connections': () => startVsftpd({ tls: 'explicit', idleSeconds: 1 }),
  'ProFTPD that ends idle connections': () => startProftpd({ idleSeconds: 1 }),
  'pyftpdlib that ends idle connections': () => startPyftpdlib({ quirks: ['idle'] }),
})) {
  describeGround(title, direct(start), (ground) => {
    it('the next operation connects again, in silence', async () => {
      const { disk, read, save, run, path, pool, host } = ground();
      const idle = async (): Promise<void> => {
        await sleep(2500);
        // pyftpdlib ends none while a data connection waits for the next transfer.
        if (!title.startsWith('pyftpdlib')) await eventually(() => assert.equal(pool.state(host.name).connections, 0), 8000);
      };
      disk.file('work/file', 'old');
      const { version: base } = await read('work/file');
      await idle();
      await save('work/file', Buffer.from('new'), { base });
      assert.equal(disk.read('work/file').toString(), 'new');
      await idle();
      await run((remote) => remote.mkdir(path('work/folder')));
      assert.ok(disk.stat('work/folder')?.isDirectory());
      assert.equal(pool.state(host.name).state, 'connected');
    });
  });
}

for (const [title, limit, start] of [
  ['vsftpd that takes one connection', 1, () => startVsftpd({ config: ['max_per_ip=1'] })],
  ['vsftpd that takes two connections', 2, () => startVsftpd({ config: ['max_per_ip=2'] })],
  ['ProFTPD that takes two connections', 2, () => startProftpd({ config: ['MaxClientsPerHost 2'] })],
  ['pyftpdlib that takes one connection', 1, () => startPyftpdlib({ quirks: ['oneConnection'] })],
  ['OpenSSH that takes one session a connection', undefined, () => startOpenssh({ config: ['MaxSessions 1'] })],
  ['OpenSSH that takes one log-in at a time', undefined, () => startOpenssh({ config: ['MaxStartups 1'] })],
] as const satisfies readonly (readonly [string, number | undefined, () => Promise<TestServer>])[]) {
  describeGround(title, direct(start), (ground) => {
    it('twenty operations at once succeed', async () => {
      const { disk, read, save, run, path, proxy } = ground();
      const content = pattern(50_000, 5);
      for (let i = 0; i < 10; i++) disk.file(`work/file${i}`, content);
      const works = Array.from({ length: 20 }, async (_, i) => {
        if (i % 4 === 0) return save(`work/new${i}`, pattern(50_000, i));
        if (i % 4 === 1) return run((remote) => remote.list(path('work')), { repeatable: true, lane: 'bulk' });
        return read(`work/file${i % 10}`);
      });
      const outcomes = await inTime(Promise.all(works.map((work) => outcomeOf(ground(), work))), 50);
      const errors = outcomes.flatMap((outcome) => ('error' in outcome ? [`${outcome.error.code}: ${outcome.error.message}`] : []));
      assert.deepEqual(errors, []);
      for (let i = 0; i < 20; i += 4) assert.ok(disk.read(`work/new${i}`).equals(pattern(50_000, i)));
      // One more may have been tried, and is refused only now that the work is done.
      await eventually(() => assert.ok(proxy.counts.open <= (limit ?? Infinity), `${proxy.counts.open} connections`));
      // What was learned holds: no further knocking at a closed door.
      const before = proxy.counts.connections;
      await Promise.all(Array.from({ length: 8 }, (_, i) => read(`work/file${i}`)));
      assert.equal(proxy.counts.connections, before);
      await ground().assertClean('work');
    });
  });
}

describeGround(
  'OpenSSH whose one place for log-ins is taken',
  direct(() => startOpenssh({ config: ['MaxStartups 1'] })),
  (ground) => {
    it('is told from one that is not there: tried until there is room', async () => {
      const { server, read, disk, pool, host, proxy } = ground();
      disk.file('work/file', 'content');
      const other = connect({ port: server.host.port, host: server.host.address });
      await once(other, 'data');
      const reading = read('work/file');
      await until(() => pool.state(host.name).error?.code === 'Busy');
      await sleep(1200);
      assert.ok(['connecting', 'waiting'].includes(pool.state(host.name).state));
      assert.equal(pool.state(host.name).error?.code, 'Busy');
      other.destroy();
      assert.equal(Buffer.from((await inTime(reading)).bytes).toString(), 'content');
      assert.ok(proxy.counts.connections <= 6, `${proxy.counts.connections} attempts`);
    });
  },
);

describeGround(
  'ProFTPD whose one place is taken by another window',
  direct(() => startProftpd({ config: ['MaxClients 1'] })),
  (ground) => {
    it('waits for it, and says why', async () => {
      const { server, read, disk, pool, host } = ground();
      disk.file('work/file', 'content');
      const other = await makeFaultGround({ server, dataPorts: [] });
      await other.run((remote) => remote.ping());
      const reading = read('work/file');
      await until(() => pool.state(host.name).error?.code === 'Busy');
      await sleep(1200);
      assert.equal(pool.state(host.name).error?.code, 'Busy');
      await other.end();
      assert.equal(Buffer.from((await inTime(reading)).bytes).toString(), 'content');
    });
  },
);

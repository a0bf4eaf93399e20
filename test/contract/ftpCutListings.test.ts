import assert from 'node:assert/strict';
import { linkSync } from 'node:fs';
import { startProftpd } from '../servers/proftpd.ts';
import { startPureFtpd } from '../servers/pureftpd.ts';
import { startPyftpdlib } from '../servers/pyftpdlib.ts';
import { requireServer } from '../servers/server.ts';
import { startVsftpd } from '../servers/vsftpd.ts';
import { makeFaultGround, type FaultGround } from './faultGround.ts';
import { faultServers, type FaultServer } from './faultServers.ts';

const entries = 2000;
const places = 12;

const listed = (name: string): (() => Promise<FaultServer>) => {
  const found = faultServers.find((server) => server.name === name);
  assert.ok(found);
  return found.start;
};

/*
 * Servers send whole lines in each record of TLS: cut between two, a list looks complete. What tells is that nobody ended TLS.
 */
for (const name of ['vsftpd, TLS session reuse required', 'ProFTPD, TLS']) {
  describe(`listings that somebody cuts: ${name}`, function () {
    this.timeout(60_000);
    let behind: FaultServer | undefined;
    let ground: FaultGround;

    before(async function () {
      behind = await requireServer(this, listed(name));
      ground = await makeFaultGround(behind);
      ground.disk.makeFolder('work');
      ground.disk.file('work/first', '');
      for (let entry = 1; entry < entries; entry++) linkSync(ground.disk.pathOf('work/first'), ground.disk.pathOf(`work/entry ${entry}`));
    });
    after(async () => {
      await ground.end();
      await behind?.server.stop();
    });

    it('are asked for again, wherever they were cut', async () => {
      const list = async (): Promise<number> =>
        (await ground.run((remote) => remote.list(ground.path('work')), { repeatable: true })).length;
      const before = ground.proxy.counts.toClient;
      assert.equal(await list(), entries);
      const bytes = ground.proxy.counts.toClient - before;
      const struck = ground.proxy.counts.struck;
      for (let place = 0; place < places; place++) {
        ground.proxy.arm({
          kind: 'cut',
          direction: 'toClient',
          channel: 'data',
          afterBytes: Math.floor(((place + 0.5) / places) * bytes * 0.9),
        });
        assert.equal(await list(), entries, `cut at place ${place}`);
        ground.proxy.disarm();
      }
      assert.ok(ground.proxy.counts.struck - struck > places / 2);
    });
  });
}

for (const [name, expected, start] of [
  ['vsftpd', 2, () => startVsftpd({ tls: 'explicit' })],
  ['ProFTPD', 3, () => startProftpd({ tls: 'explicit' })],
  ['Pure-FTPd', 2, () => startPureFtpd({ tls: 'explicit' })],
  ['pyftpdlib', 4, () => startPyftpdlib({ tls: 'explicit' })],
] as const) {
  describe(`listings over TLS: ${name}`, () => {
    it('end so that they need to be asked for only once', async function () {
      const server = await requireServer(this, start);
      const ground = await makeFaultGround({ server, dataPorts: [] });
      try {
        ground.disk.makeFolder('work');
        ground.disk.file('work/file', 'content');
        await ground.run((remote) => remote.ping());
        const { roundTrips } = ground.proxy.counts;
        assert.equal((await ground.run((remote) => remote.list(ground.path('work')))).length, 1);
        // Those of one listing, or of MLSD and STAT where that does not tell links; one less where the data connection was there by then.
        const taken = ground.proxy.counts.roundTrips - roundTrips;
        assert.ok(taken <= expected, `${taken} round trips; ${expected} are due`);
      } finally {
        await ground.end();
        await server.stop();
      }
    });
  });
}

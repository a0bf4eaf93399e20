import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recommended } from '../../src/core/diagnosis/advice.ts';
import { changedItem } from '../../src/core/diagnosis/settingChange.ts';
import type { Host } from '../../src/core/host.ts';
import { parseHosts } from '../../src/core/hosts.ts';
import { compareWithBase } from '../../src/core/operations/conflict.ts';
import { versionOf } from '../../src/core/operations/version.ts';
import { startPyftpdlib } from '../servers/pyftpdlib.ts';
import type { TestServer } from '../servers/server.ts';
import { startVsftpd } from '../servers/vsftpd.ts';
import { diagnosedServer, type Diagnosed } from '../support/diagnosing.ts';
import { connected, describeWithServer } from '../support/ftp.ts';

/* Servers whose clock is in a zone of its own, and tells so. */

const minutes = 60_000;

/** What is recommended for the host after it was looked at. */
function settingsAfter({ diagnosis }: Diagnosed): Host['ftp'] {
  const item = { name: 'zone', protocol: 'ftp', address: '127.0.0.1' };
  const { hosts, problems } = parseHosts([changedItem(item, recommended(diagnosis.findings, diagnosis.host))]);
  assert.deepEqual(problems, []);
  return hosts[0]!.ftp;
}

function assertNear(time: number | undefined, wanted: number): void {
  assert.ok(time !== undefined && Math.abs(time - wanted) < 2 * minutes, `${String(time)} for ${wanted}`);
}

const kinds: readonly (readonly [title: string, start: () => Promise<TestServer>, takesTimes: boolean])[] = [
  // It takes a time in UTC and tells another one.
  ['pyftpdlib, by MLSD', () => startPyftpdlib({ quirks: ['localTimes'] }), false],
  ['vsftpd with use_localtime, by MDTM', () => startVsftpd({ config: ['use_localtime=YES'], timeZone: '<+05>-5' }), true],
];

for (const [title, start, takesTimes] of kinds)
  describeWithServer(`a server that tells times of its own zone: ${title}`, start, (server) => {
    it('is named, and its times are right with what is recommended', async () => {
      const met = await diagnosedServer(server(), {}, { mayWrite: true });
      assert.deepEqual(met.found('timeZone'), { kind: 'timeZone', minutes: 300, of: 'times', zone: '+05:00' });
      assert.match(met.noted('clock'), /(?:MDTM|MLST) tells .*, 300 minutes from UTC here/);
      const ftp = settingsAfter(met);
      assert.deepEqual([ftp.timeZone, ftp.localTimes], ['+05:00', true]);
      const again = await diagnosedServer(server(), { ftp: { ...server().host.ftp, ...ftp } }, { mayWrite: true });
      assert.equal(again.found('timeZone'), undefined);
      assert.match(again.noted('clock'), /The clocks agree.*\n.*UTC\+05:00, as the host is set to/);
    });

    it('that the host is set to wrongly is named too', async () => {
      const ftp = { ...server().host.ftp, timeZone: '+03:00', localTimes: true };
      const met = await diagnosedServer(server(), { ftp }, { mayWrite: true });
      assert.equal(met.found('timeZone')?.minutes, 300);
    });

    it('gives the same times by each way, takes one, and a changed setting makes no conflict', async () => {
      const bytes = Buffer.from('content');
      const now = Date.now();
      const base = await connected(server(), {}, async ({ remote }) => {
        await remote.write('/a.txt', bytes, { disposition: 'create' });
        return versionOf(await remote.stat('/a.txt'), bytes);
      });
      assertNear(base.mtime, now + 300 * minutes);
      const ftp = { timeZone: '+05:00', localTimes: true };
      await connected(server(), { ftp }, async ({ remote }) => {
        const { mtime } = await remote.stat('/a.txt');
        assertNear(mtime, now);
        const [listed] = await remote.list('/');
        assertNear(listed?.mtime ?? listed?.shownTime, now);
        assert.equal(await compareWithBase(remote, '/a.txt', await remote.stat('/a.txt'), base, Buffer.from('new'), {}), 'unchanged');
        if (!takesTimes) return;
        const day = Date.UTC(2020, 1, 29, 23, 30);
        await remote.setMtime?.('/a.txt', day);
        assert.equal((await remote.stat('/a.txt')).mtime, day);
      });
    });
  });

describeWithServer(
  'a server that tells times in listings only',
  () => startPyftpdlib({ quirks: ['localTimes', 'noMlsd', 'noMdtm'] }),
  (server) => {
    it('is named, and they show with what is recommended', async () => {
      const met = await diagnosedServer(server(), {}, { mayWrite: true });
      assert.equal(met.found('timeZone')?.of, 'onlyListing');
      const { timeZone, localTimes } = settingsAfter(met);
      assert.deepEqual([timeZone, localTimes], ['+05:00', false]);
      writeFileSync(join(server().root, 'a.txt'), '');
      const now = Date.now();
      await connected(server(), { ftp: { timeZone } }, async ({ remote }) => {
        const { mtime, shownTime } = await remote.stat('/a.txt');
        assert.equal(mtime, undefined);
        assertNear(shownTime, now);
      });
      await connected(server(), {}, async ({ remote }) => assert.equal((await remote.stat('/a.txt')).shownTime, undefined));
    });
  },
);

import assert from 'node:assert/strict';
import dns from 'node:dns/promises';
import { readdirSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { connect as connectSocket, createServer, type Server } from 'node:net';
import type { HostProfile } from '../../src/core/host.ts';
import { freePort } from '../servers/process.ts';
import { startPyftpdlib } from '../servers/pyftpdlib.ts';
import { startVsftpd } from '../servers/vsftpd.ts';
import { admitting, describeQuirk, diagnosedServer, diagnoseScripted } from '../support/diagnosing.ts';
import { commandsSeen, connected, describeWithServer } from '../support/ftp.ts';

/* The doctor at FTP servers whose data connections come about in one way only, or in none. */
describe('the doctor at data connections', () => {
  describeWithServer(
    'passive ports closed',
    async () => startPyftpdlib({ quirks: ['passiveBlocked'] }),
    (server) => {
      it('is named, kept, and spares the next connection the vain try', async () => {
        const { found, noted, context } = await diagnosedServer(server());
        assert.ok(found('passiveBlocked'));
        assert.equal(context.learned.dataMode, 'active');
        assert.match(noted('listing'), /^\/: 0 entries .*\nby MLSD$/);
        const listing = async (profile: HostProfile): Promise<readonly string[]> => {
          const before = commandsSeen(server()).length;
          await connected(server(), { ftp: { mode: 'auto' }, context: { profile } }, async ({ remote }) => remote.list('/'));
          return commandsSeen(server())
            .slice(before)
            .filter((verb) => ['EPSV', 'PASV', 'EPRT', 'PORT'].includes(verb));
        };
        const [vain, straight] = [await listing({}), await listing(context.learned)];
        assert.ok(vain.includes('EPSV'), vain.join(' '));
        assert.deepEqual([...new Set(straight)], ['EPRT']);
      });
    },
  );

  describeQuirk('a passive address that is wrong behind NAT', ['wrongPasvAddress'], ({ found, noted }) => {
    assert.equal(found('passiveWrongAddress')?.real, '127.0.0.1');
    assert.match(noted('passive'), /PASV: works.*from 127\.0\.0\.1:\d+ to 127\.0\.0\.1:\d+/);
  });

  it('active mode blocked: names it, and passive mode', async () => {
    await diagnoseScripted({ on: { EPRT: '500 No', PORT: '500 No' } }, admitting, ({ found, context }) => {
      assert.ok(found('activeBlocked'));
      assert.equal(context.learned.dataMode, 'passive');
    });
  }).timeout(30_000);

  it('active mode that a firewall blocks: the server agrees and comes to nothing', async () => {
    let isActive = false;
    const agreed = (session: { say(line: string): void }): void => {
      isActive = true;
      session.say('200 I will');
    };
    const on = {
      ...{ EPRT: agreed, PORT: agreed },
      LIST(session: { say(line: string): void; give(text: string): unknown }) {
        const blocked = isActive;
        isActive = false;
        if (blocked) session.say('425 Can not open data connection');
        else session.give('');
      },
    };
    await diagnoseScripted({ on }, admitting, ({ found, noted }) => {
      assert.ok(found('activeBlocked'));
      assert.match(noted('active'), /425/);
      assert.match(noted('passive'), /EPSV: works/);
    });
  }).timeout(30_000);

  it('neither way for data', async () => {
    const no = '502 No';
    await diagnoseScripted({ on: { EPRT: no, PORT: no, EPSV: no, PASV: no } }, admitting, ({ found }) => assert.ok(found('dataBlocked')));
  }).timeout(30_000);

  describe('a name that leads to IPv6 and IPv4', () => {
    const { lookup } = dns;
    let ports: readonly number[] = [];
    const relays: Server[] = [];
    before(async () => (ports = [await freePort()]));
    after(() => {
      Object.assign(dns, { lookup });
      syncBuiltinESMExports();
      relays.forEach((relay) => relay.close());
    });

    async function relay(port: number): Promise<void> {
      const server = createServer((socket) => {
        const onward = connectSocket(port, '127.0.0.1').on('error', () => socket.destroy());
        socket
          .on('error', () => onward.destroy())
          .pipe(onward)
          .pipe(socket);
      });
      relays.push(server);
      await new Promise<void>((resolve) => server.listen(port, '::1', resolve));
    }

    describeWithServer(
      'with one server behind both',
      async () => startVsftpd({ config: [`pasv_min_port=${ports[0]}`, `pasv_max_port=${ports[0]}`] }),
      (server) => {
        it('has its data connections tried over both, and that of one which brings none named', async () => {
          const addresses = ['127.0.0.1', '::1'].map((address, index) => ({ address, family: index === 0 ? 4 : 6 }));
          Object.assign(dns, { lookup: () => Promise.resolve(addresses) });
          syncBuiltinESMExports();
          await relay(server().host.port);
          const half = await diagnosedServer(server(), { address: 'localhost' });
          assert.deepEqual(half.found('familyData'), { kind: 'familyData', family: 6, address: '::1' });
          assert.equal(half.found('passiveBlocked') ?? half.found('dataBlocked'), undefined);
          await relay(ports[0]!);
          const whole = await diagnosedServer(server(), { address: 'localhost' });
          assert.equal(whole.found('familyData'), undefined);
          assert.match(whole.noted('passive'), /EPSV: works.* from 127\.0\.0\.1:/);
          assert.match(whole.noted('otherFamily'), /^::1\nEPSV: works.* from \[::1\]:\d+ to \[::1\]:\d+/);
        });
      },
    );
  });

  describeWithServer(
    'TLS session reuse required',
    async () => startVsftpd({ tls: 'explicit' }),
    (server) => {
      it('is named; the rest works, and nothing is left of what was written', async () => {
        const { diagnosis, found, noted } = await diagnosedServer(server(), {}, { mayWrite: true });
        assert.ok(found('sessionReuseRequired'));
        assert.match(noted('writing'), /written.*\nrenamed\ndeleted/);
        assert.deepEqual(
          diagnosis.steps.filter(({ result }) => result === 'fails').map(({ id }) => id),
          [],
        );
        assert.deepEqual(readdirSync(server().root), []);
        assert.equal(noted('names').includes('127.0.0.1'), true);
      });

      it('writes nothing without consent', async () => {
        const { diagnosis } = await diagnosedServer(server());
        assert.equal(diagnosis.steps.find(({ id }) => id === 'writing')?.result, 'skipped');
      });
    },
  );

  describeWithServer(
    'TLS session reuse not required',
    async () => startVsftpd({ tls: 'explicit', sessionReuse: false }),
    (server) => {
      it('is not named', async () => {
        const { found, noted } = await diagnosedServer(server(), {}, { limits: { data: 15_000 } });
        assert.equal(found('sessionReuseRequired'), undefined);
        assert.match(noted('sessionReuse'), /with and without/);
      });
    },
  );
});

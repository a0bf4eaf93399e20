import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Remote } from '../../src/core/remote.ts';
import { testCertificate } from '../servers/certificates.ts';
import type { Act, HostileFtp, HostileScript, HostileSession } from '../servers/hostileFtp.ts';
import { againstHostile, enter, insideHostile, outcome } from '../support/hostile.ts';
import { describeWithCertificates, admitting, selfSigned } from '../support/hostileTls.ts';

const secret = 'the content of a file that is for one server only';
const store = (remote: Remote): Promise<void> => remote.write('/file', Buffer.from(secret), { disposition: 'truncate' });

describeWithCertificates('between: data connections', () => {
  const inside = (on: HostileScript['on'], run: (remote: Remote, server: HostileFtp) => Promise<void>, options = {}): Promise<void> =>
    insideHostile({ tls: { ...selfSigned(), options }, on: on ?? {} }, run, admitting());

  for (const reply of ['500 No', '536 No', '431 No', '331 More', '150 Wait']) {
    it(`PROT answered by ${reply}: nothing goes over the wire in the clear`, () =>
      againstHostile({ tls: selfSigned(), on: { PROT: reply } }, async (server) => {
        assert.match(await outcome(enter(server, admitting()).remote), /^(?:Unsupported|Lost)$/);
        assert.doesNotMatch(server.heard, /MLSD|LIST|RETR|STOR/);
      }));
  }

  for (const kind of ['anotherSelfSigned', 'expired', 'wrongName', 'signed'] as const) {
    it(`${kind} on the data connection, the accepted one on the control connection`, () =>
      insideHostile(
        {
          tls: { ...selfSigned(), dataCertificate: testCertificate(kind) },
          listing: 'type=file; planted\r\n',
          file: Buffer.from('planted'),
        },
        async (remote, server) => {
          assert.equal(await outcome(store(remote)), 'Untrusted');
          assert.equal(server.stored, '');
        },
        admitting(),
      ));
  }

  it('PBSZ refused and PROT taken: with TLS or not at all', () =>
    inside({ PBSZ: '503 No' }, async (remote, server) => {
      await outcome(store(remote));
      assert.ok(server.stored === '' || server.stored === secret);
      assert.match(server.heard, /PROT P/);
    }));

  const plain: Readonly<Record<string, (session: HostileSession, data: Socket) => unknown>> = {
    'plain bytes instead of TLS': (_session, data) => data.end('type=file; planted\r\n'),
    'silence instead of TLS': () => {},
    'a handshake that drips': (session, data) => session.drip('\x16\x03\x03\x40\x00\x02\x00\x3f\xfc' + 'x'.repeat(500), 20, data),
    'a TLS alert': (_session, data) => data.end(Buffer.from('15030300020228', 'hex')),
    'a reset': (_session, data) => data.resetAndDestroy(),
    'the end': (_session, data) => data.end(),
  };
  for (const [title, act] of Object.entries(plain)) {
    it(`${title}: no listing, no file`, () => {
      const transfer: Act = async (session) => {
        session.say('150 Go');
        await act(session, await session.data());
        session.say('226 Done');
      };
      return inside({ MLSD: transfer, STOR: transfer, RETR: transfer, SIZE: `213 ${secret.length}` }, async (remote, server) => {
        assert.notEqual(await outcome(remote.list('/')), 'it worked');
        const again = await enter(server, admitting()).remote;
        assert.notEqual(await outcome(store(again)), 'it worked');
        await again.close();
        assert.ok(!server.stored.includes(secret.slice(0, 10)));
      });
    });
  }

  for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
    it(`an upload whose TLS breaks before it may begin, ${maxVersion}: an error, and nothing else breaks`, () =>
      inside(
        {
          STOR: async (session) => {
            const data = await session.securedData();
            await once(data, 'secure');
            await sleep(20);
            const raw = await session.data();
            raw.write(Buffer.from('1503030002022815030300020228', 'hex'));
            await sleep(50);
            raw.resetAndDestroy();
            await sleep(50);
            session.say('150 Give');
          },
        },
        async (remote) => assert.notEqual(await outcome(store(remote)), 'it worked'),
        { maxVersion },
      ));
  }

  it('a control connection whose TLS breaks ends it and all that waits', () =>
    inside(
      {
        NOOP: (session) => {
          session.raw.write(Buffer.from('17030300050102030405', 'hex'));
        },
      },
      async (remote) => {
        assert.equal(await outcome(remote.ping()), 'Lost');
        assert.equal((await remote.closed).code, 'Lost');
      },
    ));

  it('a file that ends without the end of TLS: what is missing of its size is told', () =>
    inside(
      {
        SIZE: '213 1000',
        RETR: async (session) => {
          session.say('150 Go');
          const data = await session.securedData();
          data.write('x'.repeat(900));
          await sleep(50);
          (await session.data()).end();
          session.say('226 Done');
        },
      },
      async (remote) => assert.equal(await outcome(remote.read('/file', () => {})), 'Lost'),
    ));

  it('a listing that ends without the end of TLS: what breaks off in a line is told, what ends with one can not be', async () => {
    const cut =
      (text: string): Act =>
      async (session) => {
        session.say('150 Go');
        const data = await session.securedData();
        data.write(text);
        await sleep(50);
        (await session.data()).destroySoon();
        session.say('226 Done');
      };
    let round = 0;
    await inside(
      { MLSD: (session) => (cut(`type=file; a\r\ntype=fi${'l'.repeat(round++)}`) as (s: HostileSession) => unknown)(session) },
      async (remote) => assert.equal(await outcome(remote.list('/')), 'Lost'),
    );
    await inside({ MLSD: cut('type=file; a\r\n') }, async (remote) => assert.equal((await remote.list('/')).length, 1));
  });
});

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RemoteErrorCode } from '../../src/core/errors.ts';
import { testCertificate, type Certificate } from '../servers/certificates.ts';
import type { HostileFtp, HostileScript, HostileSession } from '../servers/hostileFtp.ts';
import { againstHostile, canary, enter, insideHostile, outcome } from '../support/hostile.ts';
import { describeWithCertificates, admitting, selfSigned } from '../support/hostileTls.ts';
import { memoryTrust } from '../support/prompts.ts';

/** Neither name nor password was heard, and nothing of a file. */
function gaveNothingAway(server: HostileFtp): void {
  assert.ok(!server.heard.includes(canary) && !server.heard.includes('ann'), server.heard);
  assert.equal(server.stored, '');
}

/** Whoever stands here gets neither in nor anything to read. */
async function neverTrusted(script: HostileScript, codes: readonly RemoteErrorCode[], entering = admitting()): Promise<void> {
  await againstHostile({ tls: selfSigned(), ...script }, async (server) => {
    const ended = await outcome(enter(server, entering).remote);
    assert.ok(codes.includes(ended as RemoteErrorCode), ended);
    await sleep(30);
    gaveNothingAway(server);
  });
}

describeWithCertificates('between: what comes before TLS', () => {
  const injected: Readonly<Record<string, string>> = {
    'a whole reply': '234 Go on\r\n230 You are in\r\n',
    'the beginning of a reply': '234 Go on\r\n230 You',
    'the beginning of a reply of several lines': '234 Go on\r\n230-You\r\n',
    'something that is no reply': '234 Go on\r\nfour lines\r\n',
    'an empty line': '234 Go on\r\n\r\n',
    'many replies': '234 Go on\r\n' + '200 Yes\r\n'.repeat(50),
    'a code for "closing"': '234 Go on\r\n421 Bye\r\n',
  };
  for (const [title, text] of Object.entries(injected)) {
    it(`${title} in the packet of the reply to AUTH is refused`, () => {
      const on: HostileScript['on'] = {
        AUTH(session) {
          session.socket.write(text);
          session.secure();
        },
      };
      return neverTrusted({ on }, ['Untrusted', 'Lost']);
    });
  }

  it('replies put in just after it, in a packet of their own', () =>
    neverTrusted(
      {
        on: {
          async AUTH(session) {
            session.say('234 Go on');
            session.ignore();
            await sleep(20);
            session.raw.write('230 You are in\r\n');
          },
        },
      },
      ['Unreachable', 'Untrusted', 'Lost'],
    ));

  it('a reply to AUTH before AUTH', () => neverTrusted({ greeting: '220 Hello\r\n234 Go on' }, ['Lost', 'Untrusted']));

  it('what is said before TLS is forgotten with it: features and folder are asked for again', () =>
    insideHostile(
      {
        tls: selfSigned(),
        greeting: '220-Pure-FTPd\r\n211-Features\r\n211 End\r\n220 Hello',
        on: { PWD: '257 "/inside"' },
      },
      (remote, server) => {
        assert.equal(remote.facts.home, '/inside');
        assert.ok(server.heard.indexOf('FEAT') > server.heard.indexOf('AUTH TLS'));
        return remote.ping();
      },
      admitting(),
    ));
});

describeWithCertificates('between: TLS that does not come about', () => {
  for (const reply of [
    '500 No',
    '502 No',
    '504 No',
    '530 No',
    '534 No',
    '431 No',
    '331 Password',
    '200 Yes',
    '230 You are in',
    '150 Wait',
  ]) {
    it(`AUTH answered by ${reply}`, () => neverTrusted({ on: { AUTH: reply } }, ['Unsupported', 'Lost']));
  }

  const handshakes: Readonly<Record<string, (session: HostileSession) => unknown>> = {
    silence: () => {},
    'plain replies': (session) => session.say('220 Hello', '331 Password'),
    'plain replies, forever': (session) => session.flood('331 Password\r\n', session.raw),
    'a TLS alert': (session) => session.raw.write(Buffer.from('15030300020228', 'hex')),
    'a broken record': (session) => session.raw.write(Buffer.from('160303ffff' + '00'.repeat(40), 'hex')),
    'a handshake that drips': (session) =>
      sleep(50).then(() => session.drip('\x16\x03\x03\x40\x00\x02\x00\x3f\xfc' + 'x'.repeat(500), 20, session.raw)),
    'the end': (session) => session.raw.end(),
    'a reset': (session) => session.raw.resetAndDestroy(),
    'the bytes of the client': (session) => session.raw.pipe(session.raw),
  };
  for (const [title, act] of Object.entries(handshakes)) {
    it(`after AUTH: ${title}`, () =>
      neverTrusted(
        {
          on: {
            AUTH(session) {
              session.say('234 Go on');
              session.ignore();
              return act(session);
            },
          },
        },
        ['Unreachable', 'Lost', 'Untrusted', 'Auth'],
      ));
  }

  it('silence with implicit TLS', () =>
    againstHostile({ greeting: () => {} }, async (server) => {
      const host = { ...server.host, protocol: 'ftps' as const };
      const waiting = enter({ ...server, host }, { ftp: { tls: 'implicit' } });
      assert.equal(await outcome(waiting.remote), 'Unreachable');
      gaveNothingAway(server);
    }));

  it('TLS 1.0 only', () =>
    neverTrusted({ tls: { ...selfSigned(), options: { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' } } }, [
      'Unreachable',
    ]));

  it('a plain server behind a host that says ftps gets no word of the log-in, however it answers', async () => {
    for (const AUTH of ['502 No', '234 Yes'] as const) {
      await againstHostile({ on: { AUTH } }, async (server) => {
        const host = { ...server.host, protocol: 'ftps' as const };
        assert.notEqual(await outcome(enter({ ...server, host }).remote), 'it worked');
        gaveNothingAway(server);
      });
    }
  });
});

describeWithCertificates('between: certificates', () => {
  for (const kind of ['selfSigned', 'expired', 'wrongName', 'signed'] as const) {
    it(`${kind}, not accepted`, () => neverTrusted({ tls: { certificate: testCertificate(kind) } }, ['Untrusted'], {}));
  }

  it('another than the one that was accepted, on the second connection', () => {
    const trust = memoryTrust();
    const certificate = (connection: number): Certificate => testCertificate(connection === 1 ? 'selfSigned' : 'anotherSelfSigned');
    return againstHostile({ tls: { certificate } }, async (server) => {
      await (await enter(server, { ...admitting(), context: { trust } }).remote).close();
      const heard = server.heard.length;
      const { context, remote } = enter(server, { script: { admit: true }, context: { trust } });
      assert.equal(await outcome(remote), 'Untrusted');
      assert.ok(!server.heard.slice(heard).includes('USER') && !server.heard.slice(heard).includes(canary));
      assert.deepEqual(
        context.prompts.asked.filter(({ kind }) => kind === 'admit' || kind === 'secret'),
        [],
      );
    });
  });
});

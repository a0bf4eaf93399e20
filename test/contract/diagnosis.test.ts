import assert from 'node:assert/strict';
import dns from 'node:dns/promises';
import { readdirSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Host } from '../../src/core/host.ts';
import { testCertificate } from '../servers/certificates.ts';
import { startHostileFtp } from '../servers/hostileFtp.ts';
import { startOpenssh } from '../servers/openssh.ts';
import { startPyftpdlib } from '../servers/pyftpdlib.ts';
import { makeHost } from '../servers/server.ts';
import { admitting, describeQuirk, diagnosed, diagnosedServer, diagnoseScripted } from '../support/diagnosing.ts';
import { commandsSeen, describeWithServer } from '../support/ftp.ts';
import { startTcpServer } from '../support/tcpServer.ts';

/* The doctor before servers that are broken in one way each: it has to name that way. */

const ftpHost = (port: number, more: Partial<Host> = {}): Host => makeHost({ name: 'ill', protocol: 'ftp', port, user: 'ann', ...more });
const sftpHost = (port: number): Host => makeHost({ name: 'ill', protocol: 'sftp', port, user: 'ann' });

describe('the doctor at the wrong door', function () {
  this.timeout(30_000);

  it('says that nothing listens, and looks at the usual ports for what could be meant', async () => {
    const [closed, ssh] = [await startTcpServer(() => {}), await startTcpServer((socket) => socket.write('SSH-2.0-Scripted\r\n'))];
    await closed.stop();
    try {
      const { diagnosis, found } = await diagnosed(sftpHost(closed.port), { limits: { usualPorts: [ssh.port] } });
      assert.ok(found('portClosed'));
      assert.deepEqual(found('serviceElsewhere'), { kind: 'serviceElsewhere', service: 'ssh', port: ssh.port });
      assert.equal(diagnosis.loggedIn, false);
    } finally {
      await ssh.stop();
    }
  });

  it('says that a name leads nowhere', async () => {
    const { found } = await diagnosed({ ...sftpHost(22), address: 'no-such-name.invalid' });
    assert.ok(found('nameUnknown'));
  });

  const greetings: readonly (readonly [title: string, greeting: string, host: (port: number) => Host, service: string])[] = [
    ['SSH on an FTP port', 'SSH-2.0-OpenSSH_9.2\r\n', ftpHost, 'ssh'],
    ['FTP on an SSH port', '220 FTP here\r\n', sftpHost, 'ftp'],
    ['mail on an FTP port', '220 mail.example.org ESMTP\r\n', ftpHost, 'other'],
  ];
  for (const [title, greeting, host, service] of greetings) {
    it(`${title}: says what answers, and sends no user there`, async () => {
      let heard = '';
      const server = await startTcpServer((socket) => {
        socket.on('data', (chunk) => (heard += chunk.toString('latin1')));
        socket.write(greeting);
      });
      try {
        const { found, context } = await diagnosed(host(server.port), admitting);
        assert.equal(found('otherService')?.service, service);
        assert.ok(!/USER|PASS|ann/.test(heard), heard);
        assert.ok(!context.prompts.asked.some(({ kind }) => kind === 'secret'));
      } finally {
        await server.stop();
      }
    });
  }

  for (const [title, host] of [
    ['FTP', ftpHost],
    ['SSH', sftpHost],
  ] as const) {
    it(`HTTP on a port of ${title}: says that it is a web server`, async () => {
      const web = await startTcpServer((socket) => {
        socket.on('data', (chunk) =>
          socket.end(chunk.toString().startsWith('HEAD') ? 'HTTP/1.0 200 OK\r\n\r\n' : 'HTTP/1.1 400 Bad\r\n\r\n'),
        );
      });
      try {
        assert.equal((await diagnosed(host(web.port), admitting)).found('otherService')?.service, 'http');
      } finally {
        await web.stop();
      }
    });
  }

  it('implicit TLS where explicit is set, and the reverse: says which it is', async () => {
    const certificate = testCertificate('selfSigned');
    await diagnoseScripted({ tls: { certificate, implicit: true } }, admitting, async ({ diagnosis, found }) => {
      assert.equal(found('otherService'), undefined);
      const { host } = diagnosis;
      const wrong = await diagnosed({ ...host, ftp: { ...host.ftp, tls: 'explicit' } }, admitting);
      assert.equal(wrong.found('otherService')?.service, 'ftpImplicit');
    });
    const FEAT = '211-Features:\r\n AUTH TLS\r\n211 End';
    await diagnoseScripted({ tls: { certificate }, on: { FEAT } }, admitting, async ({ diagnosis }) => {
      const { host } = diagnosis;
      const wrong = await diagnosed({ ...host, ftp: { ...host.ftp, tls: 'implicit' } }, admitting);
      assert.equal(wrong.found('otherService')?.service, 'ftpWithTls');
    });
  });
});

describe('the doctor at FTP servers', () => {
  describeQuirk('one connection only', ['oneConnection'], ({ found, context }) => {
    assert.deepEqual(found('connectionLimit'), { kind: 'connectionLimit', count: 1 });
    assert.equal(context.learned.connectionLimit?.count, 1);
  });
  describeQuirk(
    'a folder named as the server names it, outside of what the login sees',
    [],
    ({ found }) => assert.deepEqual(found('rootMissing'), { kind: 'rootMissing', root: '/srv/ftp/ann/www', instead: '/www' }),
    { host: { root: '/srv/ftp/ann/www' }, folder: 'www' },
  );
  describeQuirk('a folder that this login does not see', [], ({ found }) => assert.ok(found('rootMissing')), {
    host: { root: '/no/such/folder' },
  });

  it('AUTH TLS unknown: is no reason to send a password', async () => {
    const server = await startHostileFtp({ on: { AUTH: '502 Never heard of it' } });
    try {
      const { found, context } = await diagnosed({ ...server.host, protocol: 'ftps' }, admitting);
      assert.ok(found('noExplicitTls'));
      assert.ok(!/USER|PASS/.test(server.heard));
      assert.ok(!context.prompts.asked.some(({ kind }) => kind === 'secret'));
    } finally {
      await server.stop();
    }
  }).timeout(30_000);

  it('an address of IPv6 that does not answer', async () => {
    const { lookup } = dns;
    const both = [
      { address: '::1', family: 6 },
      { address: '127.0.0.1', family: 4 },
    ];
    await diagnoseScripted({}, admitting, async ({ diagnosis }) => {
      Object.assign(dns, { lookup: () => Promise.resolve(both) });
      syncBuiltinESMExports();
      try {
        const met = await diagnosed({ ...diagnosis.host, address: 'localhost' }, admitting);
        assert.deepEqual(met.found('familyBroken'), { kind: 'familyBroken', family: 6, address: '::1' });
        assert.equal(met.diagnosis.loggedIn, true);
        const only = await diagnosed({ ...diagnosis.host, address: 'localhost', family: 4 }, admitting);
        assert.deepEqual([only.found('familyBroken'), only.diagnosis.loggedIn], [undefined, true]);
        assert.match(only.noted('names'), /only IPv4 is used/);
        const none = await diagnosed({ ...diagnosis.host, address: 'localhost', family: 6 }, admitting);
        assert.deepEqual([none.found('portClosed')?.kind, none.diagnosis.loggedIn], ['portClosed', false]);
      } finally {
        Object.assign(dns, { lookup });
        syncBuiltinESMExports();
      }
    });
  }).timeout(30_000);

  it('421 too many connections', async () => {
    await diagnoseScripted({ greeting: '421 Too many connections from your address' }, admitting, ({ found }) =>
      assert.ok(found('crowded')),
    );
  }).timeout(30_000);

  it('421 too many connections after the user was named', async () => {
    await diagnoseScripted({ on: { USER: '421 Too many users logged in' } }, admitting, ({ found, diagnosis }) => {
      assert.ok(found('crowded'));
      assert.equal(diagnosis.loggedIn, false);
    });
  }).timeout(30_000);

  it('times that are not UTC, and listings in a zone of their own', async () => {
    const now = new Date();
    const shown = (hours: number): Date => new Date(now.getTime() + hours * 3_600_000);
    const digits = (date: Date): string => date.toISOString().slice(0, 19).replace(/[-:T]/g, '');
    const month = (date: Date): string => date.toUTCString().slice(8, 11);
    const line = (date: Date): string =>
      `-rw-r--r-- 1 ann ann 3 ${month(date)} ${String(date.getUTCDate()).padStart(2)} ${date.toISOString().slice(11, 16)} a.txt\r\n`;
    const on = {
      FEAT: '211-F\r\n SIZE\r\n MDTM\r\n211 End',
      LIST: (session: { give(text: string): unknown }) => session.give(line(shown(3))),
    };
    await diagnoseScripted({ on: { ...on, SIZE: '213 3', MDTM: `213 ${digits(now)}` } }, admitting, ({ found }) => {
      assert.deepEqual(found('timeZone'), { kind: 'timeZone', minutes: 180, of: 'listing', zone: '+03:00' });
    });
  }).timeout(30_000);

  it('MLSD that leaves out entries, and no MLSD once “listing” says so', async () => {
    const lines = ['a.txt', 'b.txt'].map((name) => `-rw-r--r-- 1 ann ann 3 Jan  1  2020 ${name}\r\n`).join('');
    const asked: string[] = [];
    const note = (name: string, text: string) => (session: { give(bytes: string): unknown }) => {
      asked.push(name);
      return session.give(text);
    };
    const on = { MLSD: note('MLSD', 'type=file;size=3;modify=20200101000000; a.txt\r\n'), LIST: note('LIST', lines) };
    await diagnoseScripted({ on }, admitting, async ({ found, diagnosis }) => {
      assert.deepEqual(found('listing'), { kind: 'listing', command: 'LIST -a', refused: undefined, hidden: ['b.txt'] });
      asked.length = 0;
      const { ftp } = diagnosis.host;
      const met = await diagnosed({ ...diagnosis.host, ftp: { ...ftp, listing: 'LIST -a' } }, admitting);
      assert.equal(met.found('listing'), undefined);
      assert.match(met.noted('listing'), /2 entries[^]*by LIST -a/);
      assert.ok(asked.includes('LIST') && !asked.includes('MLSD'), asked.join());
    });
  }).timeout(30_000);

  it('MLSD that is announced and refused', async () => {
    await diagnoseScripted({ on: { MLSD: '502 What?' } }, admitting, ({ found }) => assert.equal(found('listing')?.refused, 'MLSD'));
  }).timeout(30_000);

  it('names that are not in the charset of the host', async () => {
    const listing = Buffer.from('type=file;size=1;modify=20200101000000; \xdcbersicht.txt\r\n', 'latin1');
    const on = { MLSD: (session: { give(bytes: Uint8Array): unknown }) => session.give(listing) };
    await diagnoseScripted({ on }, admitting, ({ found }) => {
      assert.deepEqual(found('charset'), { kind: 'charset', charset: 'windows-1252', example: 'Übersicht.txt' });
    });
  }).timeout(30_000);

  it('no password in what may be shared, though the server repeats it', async () => {
    const on = { PASS: '230 In with canary-4711', SYST: '215 canary-4711', NOOP: '200 canary-4711' };
    await diagnoseScripted({ on }, { script: { password: 'canary-4711', admit: true } }, ({ diagnosis }) => {
      assert.equal(diagnosis.loggedIn, true);
      assert.ok(!JSON.stringify(diagnosis).includes('canary-4711'));
    });
  }).timeout(30_000);

  describeWithServer(
    'a certificate for another name',
    async () => startPyftpdlib({ tls: 'explicit', certificate: testCertificate('wrongName') }),
    (server) => {
      it('is named, and gets no password if it is not admitted', async () => {
        const before = server().output().length;
        const { found, diagnosis } = await diagnosedServer(server(), {}, { script: { admit: false } });
        assert.deepEqual(found('certificateName')?.names, ['elsewhere.example']);
        assert.equal(diagnosis.loggedIn, false);
        assert.ok(!commandsSeen(server()).includes('PASS'));
        assert.ok(!/^C: (?:USER|PASS)/m.test(server().output().slice(before)));
      });
    },
  );

  it('ends at once when it is cancelled', async () => {
    const silent = await startTcpServer(() => {});
    const stop = new AbortController();
    try {
      const { diagnose } = await import('../../src/transport/diagnosis/diagnose.ts');
      const { connectContext } = await import('../support/prompts.ts');
      const visit = diagnose(ftpHost(silent.port), { ...connectContext({}, { signal: stop.signal }), mayWrite: false });
      await sleep(100);
      stop.abort();
      await assert.rejects(visit, { code: 'Cancelled' });
    } finally {
      await silent.stop();
    }
  }).timeout(3000);
});

describe('the doctor at SSH servers', () => {
  describeWithServer(
    'keys only',
    async () => startOpenssh(),
    (server) => {
      it('a key that is refused is named', async () => {
        const { found } = await diagnosedServer(server(), { sftp: { ...server().host.sftp, privateKeys: [] } });
        assert.deepEqual(found('keyRefused')?.methods, ['publickey']);
      });

      it('all that works is named, with the algorithms and the key that let one in', async () => {
        const { diagnosis, noted } = await diagnosedServer(server(), {}, { mayWrite: true });
        assert.equal(diagnosis.loggedIn, true);
        assert.match(
          noted('login'),
          /Key exchange .*host key ssh-ed25519.*\nFingerprint of the host key: SHA256:.*\nThe server accepts: publickey\nTried .*: accepted\nLogged in\./,
        );
        assert.deepEqual(readdirSync(server().root), []);
      });

      it('a root outside of what the login sees is found where it is', async () => {
        const { found } = await diagnosedServer(server(), { root: `/home/ann${server().rootOnServer}` });
        assert.equal(found('rootMissing')?.instead, server().rootOnServer);
      });
    },
  );

  describeWithServer(
    'an account without a shell',
    async () => startOpenssh({ config: ['ForceCommand echo This account is currently not available.'] }),
    (server) => {
      it('is named when no SFTP server speaks', async () => {
        const { found } = await diagnosedServer(server());
        assert.ok(found('noSftp'));
      });
    },
  );
});

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect as connectSocket, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRemoteError } from '../../src/core/errors.ts';
import type { FtpOptions } from '../../src/core/host.ts';
import type { Remote } from '../../src/core/remote.ts';
import { testCertificate } from '../servers/certificates.ts';
import { freePort } from '../servers/process.ts';
import { startProftpd } from '../servers/proftpd.ts';
import { startPureFtpd } from '../servers/pureftpd.ts';
import { startPyftpdlib } from '../servers/pyftpdlib.ts';
import type { TestServer } from '../servers/server.ts';
import { startVsftpd } from '../servers/vsftpd.ts';
import { commandsSeen, connected, describeWithServer } from '../support/ftp.ts';
import { pattern, readAll } from './ground.ts';

/** Twenty-one transfers in a row: up, listed, down again. */
async function transferTwenty(server: TestServer, remote: Remote, label: string): Promise<void> {
  const content = pattern(100_000);
  for (let round = 0; round < 7; round++) {
    const name = `${label}-${round}.bin`;
    const path = `${server.rootOnServer === '/' ? '' : server.rootOnServer}/${name}`;
    await remote.write(path, content, { disposition: 'create' });
    assert.ok(readFileSync(join(server.root, name)).equals(content), `${name} on the server's disk`);
    const names = (await remote.list(server.rootOnServer)).map((entry) => entry.name);
    assert.ok(names.includes(name));
    assert.ok((await readAll(remote, path)).equals(content), `${name} read back`);
  }
}

const versions: readonly Partial<FtpOptions>[] = [{ maxTlsVersion: 'TLSv1.2' }, { minTlsVersion: 'TLSv1.3' }];
const starts = {
  vsftpd: (tls: 'explicit' | 'implicit') => startVsftpd({ tls, sessionReuse: true }),
  ProFTPD: (tls: 'explicit' | 'implicit') => startProftpd({ tls }),
};

for (const [software, start] of Object.entries(starts)) {
  for (const tls of ['explicit', 'implicit'] as const) {
    describeWithServer(
      `FTP data: ${software} wants the TLS session resumed, ${tls}`,
      async () => start(tls),
      (server) => {
        for (const version of versions) {
          for (const mode of ['passive', 'active'] as const) {
            const label = `${version.minTlsVersion ?? version.maxTlsVersion ?? ''}-${mode}`;
            it(`twenty transfers in a row, ${label}`, () =>
              connected(server(), { ftp: { ...version, mode } }, ({ remote }) => transferTwenty(server(), remote, label)));
          }
        }
      },
    );
  }
}

describeWithServer(
  'FTP data: Pure-FTPd, explicit',
  async () => startPureFtpd({ tls: 'explicit' }),
  (server) => {
    for (const mode of ['passive', 'active'] as const) {
      it(`twenty transfers in a row, ${mode}`, () =>
        connected(server(), { ftp: { mode } }, ({ remote }) => transferTwenty(server(), remote, mode)));
    }
  },
);

/** Connects from another address as soon as something listens on the port, until `signal` aborts; every byte that it was given. */
async function intrude(port: number, signal: AbortSignal): Promise<{ connections: number; received: string }> {
  const seen = { connections: 0, received: '' };
  const sockets = new Set<Socket>();
  while (!signal.aborted) {
    const socket = connectSocket({ host: '127.0.0.1', port, localAddress: '127.0.0.2' });
    sockets.add(socket);
    socket.on('connect', () => {
      seen.connections++;
      socket.write('-rw-r--r-- 1 u g 7 Jan  1  2020 planted\r\n');
    });
    socket.on('data', (chunk) => (seen.received += chunk.toString('latin1')));
    socket.on('error', () => sockets.delete(socket));
    await sleep(3);
  }
  for (const socket of sockets) socket.destroy();
  return seen;
}

describeWithServer(
  'FTP data: active mode and a stranger',
  async () => startPyftpdlib({ quirks: ['slow'] }),
  (server) => {
    it('takes the data connection from the server alone', async () => {
      const port = await freePort();
      const abort = new AbortController();
      const intruder = intrude(port, abort.signal);
      await connected(server(), { ftp: { mode: 'active', activePorts: [port, port] } }, async ({ remote }) => {
        await remote.write('/secret.txt', Buffer.from('for the server alone'), { disposition: 'create' });
        const names = (await remote.list('/')).map((entry) => entry.name);
        assert.deepEqual(names, ['secret.txt']);
      });
      abort.abort();
      const seen = await intruder;
      assert.ok(seen.connections > 0, 'the stranger did reach the port');
      assert.equal(seen.received, '');
      assert.equal(readFileSync(join(server().root, 'secret.txt'), 'utf8'), 'for the server alone');
    });
  },
);

describeWithServer(
  'FTP data: PASV with an address that leads nowhere',
  async () => startPyftpdlib({ quirks: ['noEpsv', 'wrongPasvAddress'] }),
  (server) => {
    it('goes to the server itself', () =>
      connected(server(), { ftp: { mode: 'passive' } }, async ({ remote }) => {
        writeFileSync(join(server().root, 'here.txt'), 'x');
        assert.deepEqual(
          (await remote.list('/')).map((entry) => entry.name),
          ['here.txt'],
        );
        assert.ok(server().output().includes('10,255,255,1'), 'the server named the address');
      }));
  },
);

for (const quirk of ['activeOnly', 'passiveBlocked'] as const) {
  describeWithServer(
    `FTP data: no passive connection (${quirk})`,
    async () => startPyftpdlib({ quirks: [quirk] }),
    (server) => {
      it('auto becomes active, and that is learned', () =>
        connected(server(), { ftp: { mode: 'auto' } }, async ({ remote, context }) => {
          await transferTwenty(server(), remote, 'auto');
          assert.equal(context.learned.dataMode, 'active');
        }));

      it('what was learned is tried first', () =>
        connected(server(), { ftp: { mode: 'auto' }, context: { profile: { dataMode: 'active' } } }, async ({ remote }) => {
          const before = commandsSeen(server()).length;
          await remote.list('/');
          assert.ok(
            !commandsSeen(server())
              .slice(before)
              .some((command) => command === 'EPSV' || command === 'PASV'),
          );
        }));

      it('passive alone fails in words and keeps the connection', () =>
        connected(server(), { ftp: { mode: 'passive' } }, async ({ remote }) => {
          await assert.rejects(remote.list('/'), (error) => isRemoteError(error, 'Unreachable') && error.hint !== undefined);
          await remote.ping();
        }));
    },
  );
}

describeWithServer(
  'FTP data: another certificate than the control connection',
  async () => startPyftpdlib({ tls: 'explicit', dataCertificate: testCertificate('anotherSelfSigned') }),
  (server) => {
    it('is refused, and nothing is sent', () =>
      connected(server(), {}, async ({ remote }) => {
        await assert.rejects(remote.write('/secret.txt', Buffer.from('secret'), { disposition: 'create' }), { code: 'Untrusted' });
        assert.throws(() => assert.notEqual(readFileSync(join(server().root, 'secret.txt'), 'utf8'), ''));
      }));

    it('in active mode too', () =>
      connected(server(), { ftp: { mode: 'active' } }, async ({ remote }) => {
        await assert.rejects(remote.list('/'), { code: 'Untrusted' });
      }));
  },
);

describeWithServer(
  'FTP: a server that ends idle connections',
  async () => startPyftpdlib({ quirks: ['idle'] }),
  (server) => {
    it('421 ends the connection, and a call after it can be made again on another', () =>
      connected(server(), {}, async ({ remote }) => {
        await remote.list('/');
        const reason = await remote.closed;
        assert.ok(isRemoteError(reason, 'Lost', 'Busy') && reason.retryable && reason.dropsConnection, reason.code);
        await assert.rejects(remote.list('/'), (error) => isRemoteError(error, 'Lost', 'Busy') && error.retryable);
        await connected(server(), {}, async ({ remote: another }) => another.list('/'));
      }));
  },
);

describeWithServer(
  'FTP: a server that takes one connection',
  async () => startPyftpdlib({ quirks: ['oneConnection'] }),
  (server) => {
    it('refuses the second as Busy and keeps the first', () =>
      connected(server(), {}, async ({ remote }) => {
        await assert.rejects(
          connected(server(), {}, async () => Promise.resolve()),
          { code: 'Busy', retryable: true },
        );
        await remote.list('/');
      }));
  },
);

import assert from 'node:assert/strict';
import { clientKeyWithPassphrase, clientPfx, testAuthority, testCertificate } from '../servers/certificates.ts';
import { startProftpd } from '../servers/proftpd.ts';
import { startPyftpdlib, type PyftpdlibQuirk } from '../servers/pyftpdlib.ts';
import { startVsftpd } from '../servers/vsftpd.ts';
import { commandsSeen, connected, describeWithServer, refused } from '../support/ftp.ts';
import { memoryTrust } from '../support/prompts.ts';

const logIn = ['USER', 'PASS', 'ACCT'];
const data = ['LIST', 'MLSD', 'NLST', 'RETR', 'STOR', 'APPE'];

describe('FTPS: what is refused is never done without TLS', () => {
  const refusals: readonly (readonly [string, readonly PyftpdlibQuirk[], readonly string[]])[] = [
    ['AUTH refused', ['authRefused', 'tlsOptional'], [...logIn, ...data]],
    ['PBSZ refused', ['pbszRefused', 'tlsOptional'], data],
    ['PROT P refused', ['protRefused', 'tlsOptional'], data],
  ];
  for (const [title, quirks, forbidden] of refusals) {
    describeWithServer(
      title,
      async () => startPyftpdlib({ tls: 'explicit', quirks }),
      (server) => {
        it('is an error before anything is given away', async () => {
          const { error } = await refused(server(), {}, 'Unsupported');
          assert.ok(error.hint);
          const seen = commandsSeen(server());
          assert.ok(seen.includes('AUTH'));
          assert.deepEqual(
            seen.filter((command) => forbidden.includes(command)),
            [],
          );
        });
      },
    );
  }

  describeWithServer(
    'a server without TLS',
    async () => startPyftpdlib(),
    (server) => {
      it('gets neither user nor password', async () => {
        const { context } = await refused(server(), { protocol: 'ftps' }, 'Unsupported');
        assert.deepEqual(
          commandsSeen(server()).filter((command) => logIn.includes(command)),
          [],
        );
        assert.ok(!context.prompts.asked.some(({ kind }) => kind === 'secret'));
      });
    },
  );

  describeWithServer(
    'a server that knows AUTH SSL only',
    async () => startPyftpdlib({ tls: 'explicit', quirks: ['authSslOnly'] }),
    (server) => {
      it('works', () => connected(server(), {}, async ({ remote }) => remote.list('/')));
    },
  );
});

describe('FTPS: certificates', () => {
  for (const kind of ['selfSigned', 'signed', 'expired', 'wrongName'] as const) {
    describeWithServer(
      kind,
      async () => startPyftpdlib({ tls: 'explicit', certificate: testCertificate(kind) }),
      (server) => {
        it('is shown, and works when it is admitted; then it is remembered and not asked again', async () => {
          const trust = memoryTrust();
          await connected(server(), { context: { trust } }, async ({ remote, context }) => {
            const asked = context.prompts.asked.flatMap((question) => (question.kind === 'admit' ? [question.request.identity] : []));
            assert.equal(asked.length, 1);
            const [identity] = asked;
            assert.ok(identity?.kind === 'certificate');
            assert.equal(identity.fingerprint, testCertificate(kind).fingerprint);
            assert.ok(identity.problem !== '' && identity.subject !== '' && identity.issuer !== '' && identity.names.length > 0);
            await remote.list('/');
          });
          await connected(server(), { context: { trust }, script: { admit: false } }, async ({ remote, context }) => {
            assert.ok(!context.prompts.asked.some((question) => question.kind === 'admit'));
            await remote.list('/');
          });
        });

        it('gets no password when it is not admitted', async () => {
          const before = server().output().length;
          await refused(server(), { script: { admit: false } }, 'Untrusted');
          assert.ok(!/^C: (?:USER|PASS)/m.test(server().output().slice(before)));
        });
      },
    );
  }

  describeWithServer(
    'pinned and changed',
    async () => startPyftpdlib({ tls: 'explicit' }),
    (server) => {
      it('is refused without a question', async () => {
        const trust = memoryTrust();
        const { fingerprint } = testCertificate('anotherSelfSigned');
        await trust.remember('certificate', server().host.address, server().host.port, { algorithm: 'sha256', fingerprint });
        const { context } = await refused(server(), { context: { trust }, script: { admit: true } }, 'Untrusted');
        assert.ok(!context.prompts.asked.some((question) => question.kind === 'admit'));
        assert.ok(!commandsSeen(server()).includes('USER'));
      });
    },
  );

  describeWithServer(
    'a refused password',
    async () => startPyftpdlib({ tls: 'explicit' }),
    (server) => {
      it('leaves the certificate unremembered', async () => {
        const trust = memoryTrust();
        await refused(server(), { context: { trust }, script: { password: ['wrong'] } }, 'Cancelled').catch(async () =>
          refused(server(), { context: { trust }, script: { password: ['wrong'] } }, 'Auth'),
        );
        assert.deepEqual(trust.known('certificate', server().host.address, server().host.port), []);
      });
    },
  );
});

describe('FTPS: client certificates', () => {
  const start = { vsftpd: startVsftpd, ProFTPD: startProftpd, pyftpdlib: startPyftpdlib };
  for (const [software, begin] of Object.entries(start)) {
    describeWithServer(
      software,
      async () => begin({ tls: 'explicit', clientAuthority: testAuthority() }),
      (server) => {
        it('PEM', async () => {
          const { certificate, key } = testCertificate('client');
          await connected(server(), { ftp: { clientCertificate: { certificate, key } } }, async ({ remote }) => remote.list('/'));
        });

        it('PEM with both in one file', async () => {
          const { both } = testCertificate('client');
          await connected(server(), { ftp: { clientCertificate: { certificate: both, key: undefined } } }, async ({ remote }) =>
            remote.list('/'),
          );
        });

        it('PEM with a passphrase', async () => {
          const clientCertificate = { certificate: testCertificate('client').certificate, key: clientKeyWithPassphrase('pass') };
          await connected(server(), { ftp: { clientCertificate }, script: { passphrase: 'pass' } }, async ({ remote, context }) => {
            await remote.list('/');
            assert.equal(
              context.prompts.asked.filter((question) => question.kind === 'secret' && question.request.kind === 'passphrase').length,
              1,
            );
          });
        });

        it('PFX', async () => {
          const clientCertificate = { certificate: clientPfx('pass'), key: undefined };
          await connected(server(), { ftp: { clientCertificate }, script: { passphrase: 'pass' } }, async ({ remote }) => remote.list('/'));
        });

        it('none: an error', async () => {
          const outcome = await connected(server(), {}, async ({ remote }) => remote.list('/')).then(
            () => 'it worked',
            (error: unknown) => (error as Error).name,
          );
          assert.equal(outcome, 'RemoteError');
        });
      },
    );
  }
});

describe('FTPS: versions of TLS', () => {
  describeWithServer(
    'a server that knows TLS 1.0 only',
    async () => startPyftpdlib({ tls: 'explicit', tlsVersion: 'TLSv1' }),
    (server) => {
      it('is refused by default', async () => {
        await refused(server(), {}, 'Unreachable');
        assert.ok(!commandsSeen(server()).includes('USER'));
      });

      it('works with a warning where the host allows it', () =>
        connected(server(), { ftp: { minTlsVersion: 'TLSv1' } }, async ({ remote, context }) => {
          await remote.list('/');
          assert.ok(context.prompts.asked.some((question) => question.kind === 'warn' && question.topic === 'oldTls'));
        }));
    },
  );
});

describe('FTP: without TLS', () => {
  describeWithServer(
    'anonymous',
    async () => startPyftpdlib({ anonymous: true }),
    (server) => {
      it('logs in without asking, and warns that others can read along', () =>
        connected(server(), { script: { password: undefined } }, async ({ remote, context }) => {
          await remote.list('/');
          assert.deepEqual(
            context.prompts.asked.map(({ kind }) => kind),
            ['warn'],
          );
        }));
    },
  );
});

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { RemoteError } from '../../src/core/errors.ts';
import type { Host } from '../../src/core/host.ts';
import { connectSftp } from '../../src/transport/sftp/sftpConnect.ts';
import { temporaryFolder } from '../servers/folder.ts';
import { makeCertificate, makeKey, type KeyPair, type KeyType } from '../servers/keys.ts';
import { startOpenssh } from '../servers/openssh.ts';
import { opensshHome } from '../servers/opensshClient.ts';
import { requireServer, type TestServer } from '../servers/server.ts';
import { startSshAgent } from '../servers/sshAgent.ts';
import { startFidoAgent } from '../support/fidoAgent.ts';
import { connectContext, type Script } from '../support/prompts.ts';

/** User certificates, and keys that only an agent has, with Ferry's own SSH at a real sshd. */
describe('certificates at OpenSSH', () => {
  let authority: KeyPair;
  let server: TestServer | undefined;

  before(() => {
    authority = makeKey(temporaryFolder('authority', { mode: 0o700 }), 'ed25519');
  });
  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });

  /** A server that knows no key but the authority's. */
  async function start(context: Mocha.Context, config: readonly string[] = []): Promise<TestServer> {
    const lines = [`TrustedUserCAKeys ${authority.file}.pub`, ...config];
    server = await requireServer(context, () => startOpenssh({ config: lines }));
    return server;
  }

  const certified = (type: KeyType, user: string | undefined, passphrase?: string): KeyPair & { certificate: string } => {
    const key = makeKey(temporaryFolder('certified', { mode: 0o700 }), type, 'openssh', passphrase);
    return { ...key, certificate: makeCertificate(authority, key, user ?? '') };
  };
  const withSftp = (host: Host, sftp: Partial<Host['sftp']>): Host => ({ ...host, sftp: { ...host.sftp, ...sftp } });

  async function logsIn(host: Host, script: Script = {}, given: Parameters<typeof connectContext>[1] = {}): Promise<void> {
    const remote = await connectSftp(host, connectContext({ admit: true, ...script }, given));
    await remote.stat(remote.facts.home);
    await remote.close();
  }

  for (const type of ['ed25519', 'ecdsa', 'rsa'] as const) {
    it(`beside a private key of type ${type}, with a passphrase and without`, async function () {
      const running = await start(this);
      const { host } = running;
      for (const passphrase of [undefined, 'open me'])
        await logsIn(withSftp(host, { privateKeys: [certified(type, host.user, passphrase).file] }), { passphrase });
      assert.equal([...running.output().matchAll(/Accepted .*-CERT .*ID ferry-test/g)].length, 2, running.output());
    });

    it(`of type ${type} in an agent`, async function () {
      const { host } = await start(this);
      const { socket, end } = await startSshAgent(certified(type, host.user).file);
      try {
        await logsIn(withSftp(host, { privateKeys: undefined, agent: socket }));
      } finally {
        end();
      }
    });
  }

  it('that the ssh config names, whose key an agent holds', async function () {
    const { host } = await start(this);
    const { file, certificate } = certified('ed25519', host.user);
    const moved = join(temporaryFolder('moved'), 'mine-cert.pub');
    execFileSync('mv', [certificate, moved]);
    const { socket, end } = await startSshAgent(file);
    const { reach } = opensshHome([`CertificateFile ${moved}`]);
    const sshConfig = { host: host.address, address: undefined, port: host.port };
    try {
      await logsIn(withSftp(host, { privateKeys: undefined, agent: socket, sshConfig }), {}, { reach });
    } finally {
      end();
    }
  });

  it('for somebody else is refused, and a plain key still gets in', async function () {
    const { host } = await start(this);
    const other = certified('ed25519', 'somebody-else');
    await assert.rejects(
      logsIn(withSftp(host, { privateKeys: [other.file] })),
      (error) => error instanceof RemoteError && error.code === 'Auth' && (error.hint ?? '').includes('certificate'),
    );
    await logsIn(withSftp(host, { privateKeys: [other.file, ...(host.sftp.privateKeys ?? [])] }));
  });

  it('keys of FIDO devices in an agent, which signs as a device does', async function () {
    const fido = await startFidoAgent(temporaryFolder('fido'));
    const authorized = join(temporaryFolder('authorized'), 'keys');
    fido.writePublicLine(authorized);
    const { host } = await start(this, [`AuthorizedKeysFile ${authorized}`]);
    try {
      await logsIn(withSftp(host, { privateKeys: undefined, agent: fido.socket }));
      assert.equal(fido.signed(), 1);
    } finally {
      fido.end();
    }
  });
});

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect as connectSocket } from 'node:net';
import { join } from 'node:path';
import ssh2, { type Algorithms, type AuthContext, type ParsedKey, type ServerChannel } from 'ssh2';
import { isRemoteError, RemoteError } from '../../src/core/errors.ts';
import type { Host } from '../../src/core/host.ts';
import { UntrustedError } from '../../src/core/trust.ts';
import { connectSftp } from '../../src/transport/sftp/sftpConnect.ts';
import { removeFolder, temporaryFolder } from '../servers/folder.ts';
import { makeKey, type KeyPair } from '../servers/keys.ts';
import { makeHost } from '../servers/server.ts';
import { poolOf } from '../support/poolOf.ts';
import { connectContext, memoryTrust, scriptedPrompts, type TestContext } from '../support/prompts.ts';
import { sftpServerPath, startSftpServer, type StdioServer } from '../support/sftpServer.ts';
import { makeHostKey, startSshServer, type ScriptedSshServer } from '../support/sshServer.ts';
import { startTcpServer, type TcpServer } from '../support/tcpServer.ts';

const canary = 'Canary-Pass-1234';

/** Somebody between Ferry and the server, who wants a password or a signature: all that reaches it is recorded, and there must be nothing. */
describe('a wrong SSH server', () => {
  let folder: string;
  let home: string | undefined;
  let key: KeyPair;
  const running: (ScriptedSshServer | TcpServer)[] = [];
  const programs: StdioServer[] = [];

  before(function () {
    folder = temporaryFolder('home');
    mkdirSync(join(folder, '.ssh'));
    key = makeKey(folder, 'ed25519');
    home = process.env['HOME'];
    process.env['HOME'] = folder;
  });
  after(() => {
    if (home === undefined) delete process.env['HOME'];
    else process.env['HOME'] = home;
    removeFolder(folder);
  });
  afterEach(async () => {
    writeFileSync(join(folder, '.ssh/known_hosts'), '');
    await Promise.all(running.splice(0).map((server) => server.stop()));
    programs.splice(0).forEach((program) => program.stop());
  });

  const genuineKey = makeHostKey();
  const otherKey = makeHostKey();
  const otherType = makeHostKey('rsa');

  const hostAt = (port: number): Host =>
    makeHost({ name: 'test', protocol: 'sftp', port, user: 'somebody', sftp: { privateKeys: [key.file] } });

  async function start(hostKey: string, port?: number, algorithms?: Algorithms): Promise<ScriptedSshServer> {
    const answer = (request: AuthContext): void =>
      request.method === 'password' ? request.accept() : request.reject(['password', 'publickey']);
    const onSubsystem = (channel: ServerChannel): void => {
      const program = startSftpServer();
      programs.push(program);
      channel.pipe(program.channel).pipe(channel);
    };
    const server = await startSshServer(answer, {
      hostKey,
      onSubsystem,
      ...(port !== undefined && { port }),
      ...(algorithms && { algorithms }),
    });
    running.push(server);
    return server;
  }

  async function refusal(host: Host, context: TestContext): Promise<RemoteError> {
    const outcome: unknown = await connectSftp(host, context).catch((error: unknown) => error);
    assert.ok(outcome instanceof RemoteError, 'it connected');
    return outcome;
  }

  /** Nothing of a log-in arrived, and nobody was asked for a secret. */
  function assertNothingGiven(server: ScriptedSshServer, context: Pick<TestContext, 'prompts'>): void {
    assert.deepEqual(server.requests, []);
    assert.deepEqual(
      context.prompts.asked.filter(({ kind }) => kind === 'secret' || kind === 'answers'),
      [],
    );
  }

  const publicLine = (pem: string): string => {
    const parsed = ssh2.utils.parseKey(pem) as ParsedKey;
    return `${parsed.type} ${parsed.getPublicSSH().toString('base64')}`;
  };
  const knownHosts = (...lines: string[]): void =>
    writeFileSync(join(folder, '.ssh/known_hosts'), lines.map((line) => `${line}\n`).join(''));

  it('records what a right one is given', async function () {
    if (sftpServerPath === undefined) this.skip();
    const server = await start(genuineKey);
    knownHosts(`[127.0.0.1]:${server.port} ${publicLine(genuineKey)}`);
    const remote = await connectSftp(hostAt(server.port), connectContext({ password: canary }));
    await remote.close();
    assert.deepEqual(
      server.requests.map(({ method, signed, password }) => [method, signed ?? password]),
      [
        ['none', undefined],
        ['publickey', true],
        ['password', canary],
      ],
    );
  });

  for (const [what, shown] of [
    ['another key', otherKey],
    ['a key of another type', otherType],
  ] as const) {
    it(`with ${what} than known_hosts has is refused`, async () => {
      const server = await start(shown);
      for (const name of [`[127.0.0.1]:${server.port}`, `[127.0.0.?]:*,!x`, `[127.0.0.1]:${server.port},other`]) {
        knownHosts(`${name} ${publicLine(genuineKey)}`);
        const context = connectContext({ password: canary, admit: true });
        assert.ok((await refusal(hostAt(server.port), context)) instanceof UntrustedError);
        assert.deepEqual(context.prompts.asked, []);
        assertNothingGiven(server, context);
      }
    });

    it(`with ${what} than Ferry keeps is refused`, async () => {
      const trust = memoryTrust();
      const server = await start(shown);
      await trust.remember('hostKey', '127.0.0.1', server.port, { algorithm: 'ecdsa-sha2-nistp256', fingerprint: 'SHA256:genuine' });
      const context = connectContext({ password: canary, admit: true }, { trust });
      assert.ok((await refusal(hostAt(server.port), context)) instanceof UntrustedError);
      assertNothingGiven(server, context);
    });
  }

  it('with a revoked key is refused, whatever else is said of the key', async () => {
    const server = await start(otherKey);
    const name = `[127.0.0.1]:${server.port}`;
    for (const lines of [
      [`@revoked ${name} ${publicLine(otherKey)}`],
      [`@revoked * ${publicLine(otherKey)}`],
      [`@revoked 127.0.0.1 ${publicLine(otherKey)}`],
      [`${name} ${publicLine(otherKey)}`, `@revoked ${name} ${publicLine(otherKey)}`],
    ]) {
      knownHosts(...lines);
      const context = connectContext({ password: canary, admit: true });
      const error = await refusal(hostAt(server.port), context);
      assert.ok(error instanceof UntrustedError && error.verdict === 'revoked');
      assert.deepEqual(context.prompts.asked, []);
      assertNothingGiven(server, context);
    }
  });

  it('with a key that only a certificate authority is on record for is asked about, and gets nothing without a yes', async () => {
    const server = await start(otherKey);
    knownHosts(`@cert-authority [127.0.0.1]:* ${publicLine(otherKey)}`);
    const context = connectContext({ password: canary, admit: false });
    assert.ok(isRemoteError(await refusal(hostAt(server.port), context), 'Cancelled'));
    assert.deepEqual(
      context.prompts.asked.map(({ kind }) => kind),
      ['admit'],
    );
    assertNothingGiven(server, context);
  });

  it('on the second connection is refused while the first goes on', async function () {
    if (sftpServerPath === undefined) this.skip();
    const [genuine, impostor] = [await start(genuineKey), await start(otherKey)];
    let target = genuine.port;
    const way = await startTcpServer((client) => {
      const server = connectSocket(target, '127.0.0.1');
      server.on('error', () => client.destroy());
      client.pipe(server).pipe(client);
    });
    running.unshift(way);
    const trust = memoryTrust();
    const first = await connectSftp(hostAt(way.port), connectContext({ password: canary, admit: true }, { trust }));
    target = impostor.port;
    const context = connectContext({ password: canary, admit: true }, { trust });
    assert.ok((await refusal(hostAt(way.port), context)) instanceof UntrustedError);
    assertNothingGiven(impostor, context);
    await first.stat('/');
    await first.close();
  });

  it('on reconnecting after a drop is refused, by the pool too', async function () {
    if (sftpServerPath === undefined) this.skip();
    const genuine = await start(genuineKey);
    const host = hostAt(genuine.port);
    const prompts = scriptedPrompts({ password: canary, admit: true });
    const pool = poolOf(connectSftp, { prompts, trust: memoryTrust() });
    await pool.run(host, (remote) => remote.stat('/'));
    const asked = prompts.asked.length;
    await genuine.stop();
    const impostor = await start(otherKey, genuine.port);
    await assert.rejects(
      pool.run(host, (remote) => remote.stat('/'), { repeatable: true }),
      (error) => isRemoteError(error, 'Untrusted'),
    );
    assert.deepEqual(impostor.requests, []);
    assert.equal(prompts.asked.length, asked);
    await pool.dispose();
  });

  for (const [what, hostKey, algorithms] of [
    ['a small group', genuineKey, { kex: ['diffie-hellman-group1-sha1'] }],
    ['a group of SHA-1', genuineKey, { kex: ['diffie-hellman-group14-sha1'] }],
    ['CBC', genuineKey, { cipher: ['aes128-cbc', '3des-cbc'] }],
    ['a MAC of SHA-1 or MD5', genuineKey, { cipher: ['aes128-ctr'], hmac: ['hmac-sha1', 'hmac-md5'] }],
    ['RSA with SHA-1', otherType, { serverHostKey: ['ssh-rsa'] }],
  ] as const) {
    it(`that has no better method than ${what} is refused, with the setting that would allow it`, async () => {
      const server = await start(hostKey, undefined, algorithms as unknown as Algorithms);
      const context = connectContext({ password: canary, admit: true });
      const error = await refusal(hostAt(server.port), context);
      assert.ok(isRemoteError(error, 'Unsupported'), error.message);
      assert.match(error.hint ?? '', /legacyAlgorithms/);
      assert.deepEqual(context.prompts.asked, []);
      assertNothingGiven(server, context);
    });
  }
});

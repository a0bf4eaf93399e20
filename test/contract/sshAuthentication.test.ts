import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRemoteError, RemoteError } from '../../src/core/errors.ts';
import type { Host } from '../../src/core/host.ts';
import { UntrustedError } from '../../src/core/trust.ts';
import { connectSftp } from '../../src/transport/sftp/sftpConnect.ts';
import { removeFolder, temporaryFolder } from '../servers/folder.ts';
import { fingerprintOf, makeKey, type KeyFormat, type KeyPair, type KeyType } from '../servers/keys.ts';
import { startOpenssh, type OpensshOptions } from '../servers/openssh.ts';
import { scannedKeys } from '../servers/opensshClient.ts';
import { requireServer, type TestServer } from '../servers/server.ts';
import { startSshAgent } from '../servers/sshAgent.ts';
import { connectContext, type Script, type TestContext } from '../support/prompts.ts';

/** Log-ins at a real sshd: what OpenSSH's own client can, Ferry can. */
describe('authentication at OpenSSH', () => {
  let folder: string;
  let home: string | undefined;
  let server: TestServer | undefined;

  before(() => {
    folder = temporaryFolder('home');
    mkdirSync(join(folder, '.ssh'));
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
    await server?.stop();
    server = undefined;
  });

  async function start(context: Mocha.Context, options: OpensshOptions): Promise<TestServer> {
    server = await requireServer(context, () => startOpenssh(options));
    return server;
  }

  async function works(host: Host, script: Script, given?: TestContext): Promise<TestContext> {
    const context = given ?? connectContext({ admit: true, ...script });
    const remote = await connectSftp(host, context);
    await remote.stat(remote.facts.home);
    await remote.close();
    assert.ok(isRemoteError(await remote.closed));
    return context;
  }

  async function fails(host: Host, script: Script): Promise<{ error: RemoteError; context: TestContext }> {
    const context = connectContext({ admit: true, ...script });
    try {
      await (await connectSftp(host, context)).close();
    } catch (error) {
      assert.ok(error instanceof RemoteError);
      return { error, context };
    }
    throw new Error('connected');
  }

  const withSftp = (host: Host, sftp: Partial<Host['sftp']>): Host => ({ ...host, sftp: { ...host.sftp, ...sftp } });
  const kinds = (context: TestContext): string[] => context.prompts.asked.map(({ kind }) => kind);

  it('keys of every type and format, with and without a passphrase', async function () {
    const types: readonly KeyType[] = ['ed25519', 'ecdsa', 'rsa'];
    const formats: readonly KeyFormat[] = ['openssh', 'pem', 'pkcs8', 'ppk2', 'ppk3'];
    let pairs: KeyPair[] = [];
    const { host } = await start(this, {
      keys: (within) =>
        (pairs = types.flatMap((type) =>
          formats
            .filter((format) => format !== 'pem' || type !== 'ed25519')
            .flatMap((format) => [makeKey(within, type, format), makeKey(within, type, format, 'sesame')]),
        )),
    });
    for (const { file, passphrase } of pairs) {
      const context = await works(withSftp(host, { privateKeys: [file] }), { passphrase });
      assert.deepEqual(kinds(context), passphrase === undefined ? ['admit'] : ['admit', 'secret'], file);
    }
  });

  it('the usual keys of ~/.ssh', async function () {
    const pair = makeKey(join(folder, '.ssh'), 'rsa');
    const usual = join(folder, '.ssh/id_rsa');
    writeFileSync(usual, readFileSync(pair.file), { mode: 0o600 });
    const { host } = await start(this, { keys: () => [pair] });
    await works(withSftp(host, { privateKeys: undefined }), {});
  });

  it('keys that only an agent holds', async function () {
    let pairs: KeyPair[] = [];
    const { host } = await start(this, {
      keys: (within) => (pairs = (['ed25519', 'ecdsa', 'rsa'] as const).map((type) => makeKey(within, type))),
    });
    for (const { file } of pairs) {
      const { socket, end } = await startSshAgent(file);
      try {
        await works(withSftp(host, { privateKeys: [], agent: socket }), {});
        const held = process.env['SSH_AUTH_SOCK'];
        process.env['SSH_AUTH_SOCK'] = socket;
        await works(withSftp(host, { privateKeys: [], agent: true }), {});
        if (held === undefined) delete process.env['SSH_AUTH_SOCK'];
        else process.env['SSH_AUTH_SOCK'] = held;
        assert.equal((await fails(withSftp(host, { privateKeys: [], agent: false }), {})).error.code, 'Auth');
      } finally {
        end();
      }
    }
  });

  it('a key with a passphrase that the agent holds is not asked for', async function () {
    let pair: KeyPair | undefined;
    const { host } = await start(this, { keys: (within) => [(pair = makeKey(within, 'ed25519'))] });
    const locked = join(folder, 'locked');
    writeFileSync(locked, readFileSync(pair!.file), { mode: 0o600 });
    execFileSync('ssh-keygen', ['-q', '-p', '-N', 'sesame', '-P', '', '-f', locked], { stdio: 'ignore' });
    const { socket, end } = await startSshAgent(pair!.file);
    try {
      assert.deepEqual(kinds(await works(withSftp(host, { privateKeys: [locked], agent: socket }), {})), ['admit']);
    } finally {
      end();
    }
  });

  it('an agent that does not answer is named', async function () {
    const { host } = await start(this, {});
    const { error } = await fails(withSftp(host, { privateKeys: [], agent: join(folder, 'no-agent') }), {});
    assert.match(error.hint ?? '', /the agent .*no-agent does not answer/);
  });

  it('a password, asked again where refused', async function () {
    const { host, secrets } = await start(this, { authentication: 'password' });
    assert.deepEqual(kinds(await works(host, { password: secrets.password })), ['admit', 'secret']);
    assert.deepEqual(kinds(await works(host, { password: ['wrong', secrets.password!] })), ['admit', 'secret', 'secret']);
    assert.equal((await fails(host, { password: ['a', 'b', 'c', 'd'] })).error.code, 'Auth');
  });

  it('keyboard-interactive', async function () {
    const { host, secrets } = await start(this, { authentication: 'keyboard-interactive' });
    await works(host, { answers: secrets.answers ?? [] });
    const { error } = await fails(host, { answers: ['wrong'] });
    assert.equal(error.code, 'Cancelled');
  });

  it('a key and then a password', async function () {
    const { host, secrets } = await start(this, { authentication: 'publickey,password' });
    assert.deepEqual(kinds(await works(host, { password: secrets.password })), ['admit', 'secret']);
  });

  it('a key that the server does not know: says what was tried', async function () {
    const { host } = await start(this, {});
    const stranger = makeKey(folder, 'ecdsa');
    const { error } = await fails(withSftp(host, { privateKeys: [stranger.file] }), {});
    assert.equal(error.code, 'Auth');
    assert.match(
      error.hint ?? '',
      /^The server accepts: publickey\. Tried: key ~\/ecdsa-openssh \(refused\)\. A password is not accepted here\./,
    );
  });

  it('too many attempts: the server’s words are told and nothing is repeated', async function () {
    const { host } = await start(this, { config: ['MaxAuthTries 1'] });
    const strangers = (['ecdsa', 'rsa'] as const).map((type) => makeKey(folder, type).file);
    const { error } = await fails(withSftp(host, { privateKeys: strangers }), {});
    assert.deepEqual([error.code, error.retryable], ['Auth', false]);
    assert.match(error.message, /Too many authentication failures/);
  });

  it('old algorithms only where the host allows them, with a warning', async function () {
    const { host } = await start(this, {
      config: [
        'KexAlgorithms diffie-hellman-group14-sha1',
        'Ciphers aes128-cbc',
        'MACs hmac-sha1',
        'HostKeyAlgorithms ssh-rsa',
        'PubkeyAcceptedAlgorithms +ssh-rsa',
      ],
      hostKeys: ['rsa'],
    });
    const { error } = await fails(host, {});
    assert.equal(error.code, 'Unsupported');
    assert.match(error.hint ?? '', /legacyAlgorithms/);
    assert.deepEqual(kinds(await works(withSftp(host, { legacyAlgorithms: true }), {})), ['admit', 'warn']);
  });

  it('no warning where old algorithms are allowed but not needed', async function () {
    const { host } = await start(this, {});
    assert.deepEqual(kinds(await works(withSftp(host, { legacyAlgorithms: true }), {})), ['admit']);
  });

  it('a group exchange, in which the server chooses the group', async function () {
    const { host } = await start(this, { config: ['KexAlgorithms diffie-hellman-group-exchange-sha256'] });
    await works(host, {});
  });

  it('RSA host keys with SHA-2', async function () {
    const { host } = await start(this, { hostKeys: ['rsa'] });
    await works(host, {});
  });

  describe('known_hosts', () => {
    const knownHosts = (): string => join(folder, '.ssh/known_hosts');

    it('a known key is not asked about, also under a hashed name', async function () {
      const { host } = await start(this, {});
      writeFileSync(knownHosts(), `${scannedKeys(host).join('\n')}\n`);
      assert.deepEqual(kinds(await works(host, {})), []);
      execFileSync('ssh-keygen', ['-q', '-H', '-f', knownHosts()], { stdio: 'ignore' });
      assert.deepEqual(kinds(await works(host, {})), []);
    });

    it('of several host keys the known one is asked for', async function () {
      const { host } = await start(this, { hostKeys: ['ed25519', 'ecdsa', 'rsa'] });
      for (const type of ['ssh-rsa', 'ecdsa-sha2-nistp256', 'ssh-ed25519']) {
        writeFileSync(
          knownHosts(),
          `${scannedKeys(host)
            .filter((line) => line.includes(` ${type} `))
            .join('\n')}\n`,
        );
        assert.deepEqual(kinds(await works(host, {})), [], type);
      }
    });

    it('a changed or revoked key is refused, and the server sees no log-in', async function () {
      const running = await start(this, {});
      const { host } = running;
      const [line] = scannedKeys(host);
      const name = `[${host.address}]:${host.port}`;
      const stranger = makeKey(folder, 'ed25519').publicLine;
      for (const [text, verdict] of [
        [`${name} ${stranger}`, 'changed'],
        [`@revoked ${line!}`, 'revoked'],
      ] as const) {
        writeFileSync(knownHosts(), `${text}\n`);
        const { error, context } = await fails(host, { password: 'secret' });
        assert.ok(error instanceof UntrustedError);
        assert.deepEqual([error.verdict, error.source, kinds(context)], [verdict, knownHosts(), []]);
        assert.equal(error.presented.fingerprint, fingerprintOf(line!.split(' ').slice(1).join(' ')));
      }
      assert.doesNotMatch(running.output(), /userauth|publickey|Failed|Accepted/i);
    });

    it('is never written', async function () {
      const { host } = await start(this, {});
      await works(host, {});
      assert.equal(existsSync(knownHosts()) ? readFileSync(knownHosts(), 'utf8') : '', '');
    });
  });

  it('a connection that the server drops is Lost, soon', async function () {
    const running = await start(this, {});
    const remote = await connectSftp(running.host, connectContext({ admit: true }));
    await running.stop();
    assert.equal((await remote.closed).code, 'Lost');
    await assert.rejects(remote.stat('/'), (error) => isRemoteError(error, 'Lost'));
    await remote.close();
  });
});

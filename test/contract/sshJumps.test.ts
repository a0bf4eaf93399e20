import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRemoteError, RemoteError } from '../../src/core/errors.ts';
import type { Host } from '../../src/core/host.ts';
import { silentLog, type Log } from '../../src/core/log.ts';
import type { Reach } from '../../src/core/connect.ts';
import type { Remote } from '../../src/core/remote.ts';
import { UntrustedError } from '../../src/core/trust.ts';
import { connectSftp } from '../../src/transport/sftp/sftpConnect.ts';
import { removeFolder, temporaryFolder } from '../servers/folder.ts';
import { makeKey } from '../servers/keys.ts';
import { startOpenssh } from '../servers/openssh.ts';
import { requireServer, type TestServer } from '../servers/server.ts';
import { eventually } from '../support/eventually.ts';
import { askedAt, connectContext, memoryTrust, type Script, type TestContext } from '../support/prompts.ts';
import { makeHostKey, startSshServer } from '../support/sshServer.ts';

/** Chains of real sshds on loopback: each hop with its own key, user, host key and questions. */
describe('SFTP through jump hosts', () => {
  let folder: string;
  let home: string | undefined;
  let outer: TestServer;
  let middle: TestServer;
  let target: TestServer;
  const logged: string[] = [];
  const keep = (message: string): void => void logged.push(message);
  const log: Log = { ...silentLog, wantsTrace: true, trace: keep, debug: keep, info: keep, warn: keep, error: keep };

  before(async function () {
    this.timeout(60_000);
    folder = temporaryFolder('home');
    mkdirSync(join(folder, '.ssh'));
    home = process.env['HOME'];
    process.env['HOME'] = folder;
    outer = await requireServer(this, async () => startOpenssh({ authentication: 'password' }));
    middle = await requireServer(this, async () => startOpenssh({ keys: (within) => [makeKey(within, 'ecdsa', 'openssh', 'open me')] }));
    target = await requireServer(this, async () => startOpenssh());
  });
  after(async () => {
    if (home === undefined) delete process.env['HOME'];
    else process.env['HOME'] = home;
    for (const server of [outer, middle, target] as readonly (TestServer | undefined)[]) await server?.stop();
    removeFolder(folder);
  });
  beforeEach(() => void logged.splice(0));

  const saved = (): readonly Host[] => [
    { ...outer.host, name: 'outer' },
    { ...middle.host, name: 'middle' },
  ];
  const reach = (sshConfig = 'off'): Reach => ({
    findHost: (name) => saved().find((host) => host.name === name),
    sshConfig,
    editorProxy: '',
  });
  const through = (...jump: string[]): Host => ({ ...target.host, sftp: { ...target.host.sftp, jump } });
  const context = (script: Script = {}, given: Parameters<typeof connectContext>[1] = {}): TestContext =>
    connectContext({ admit: true, password: outer.secrets.password, passphrase: 'open me', ...script }, { log, reach: reach(), ...given });
  /** Of the two hops, and of the server with its key. */
  const questionsOfAll = [...['outer', 'middle'].flatMap((hop) => [`admit the jump host ${hop}`, `secret the jump host ${hop}`]), 'admit'];
  const sessionsOf = (server: TestServer): number => [...server.output().matchAll(/Accepted (?:password|publickey) for/g)].length;
  const endedOf = (server: TestServer): number => [...server.output().matchAll(/Closing connection to /g)].length;

  async function failure(host: Host, given: TestContext): Promise<RemoteError> {
    try {
      await (await connectSftp(host, given)).close();
    } catch (error) {
      assert.ok(error instanceof RemoteError, String(error));
      return error;
    }
    throw new Error('connected');
  }

  it('goes through two of them, each with its own login, key, host key and questions', async () => {
    const given = context();
    const remote = await connectSftp(through('outer', 'middle'), given);
    assert.ok((await remote.list(target.rootOnServer)).length >= 0);
    await remote.close();
    assert.deepEqual(askedAt(given.prompts), questionsOfAll);
    const owners = given.prompts.asked.flatMap((question) => (question.kind === 'secret' ? [question.request.owner.port] : []));
    assert.deepEqual(owners, [outer.host.port, middle.host.port]);
    const secrets = [outer.secrets.password!, 'open me'];
    assert.ok(!logged.some((line) => secrets.some((secret) => line.includes(secret))), 'no secret of a hop is logged');
  });

  it('shares the connections to hops, and ends them with their last user', async () => {
    const before = { outer: sessionsOf(outer), middle: sessionsOf(middle), target: sessionsOf(target) };
    const ended = endedOf(middle);
    const given = context({}, { trust: memoryTrust() });
    const host = through('outer', 'middle');
    const [one, other] = await Promise.all([connectSftp(host, given), connectSftp(host, given)]);
    assert.deepEqual([sessionsOf(outer) - before.outer, sessionsOf(middle) - before.middle, sessionsOf(target) - before.target], [1, 1, 2]);
    await one.close();
    await other.stat(target.rootOnServer);
    await other.close();
    await eventually(() => assert.equal(endedOf(middle) - ended, 1));
  });

  it('a connection that ends is Lost, soon, when a hop goes', async () => {
    const given = context();
    const remote = await connectSftp(through('outer', 'middle'), given);
    outer.process?.killSessions();
    assert.ok(isRemoteError(await remote.closed, 'Lost'));
    await assert.rejects(remote.stat('/'), (error) => isRemoteError(error, 'Lost'));
    const again: Remote = await connectSftp(through('outer', 'middle'), context({}, { trust: given.trust }));
    await again.close();
  });

  it('sends no secret through a hop that shows another host key', async () => {
    const trust = memoryTrust();
    await trust.remember('hostKey', middle.host.address, middle.host.port, { algorithm: 'ssh-ed25519', fingerprint: 'SHA256:another' });
    const before = sessionsOf(target);
    const given = context({}, { trust });
    const error = await failure(through('outer', 'middle'), given);
    assert.ok(error instanceof UntrustedError, error.message);
    assert.equal(error.port, middle.host.port);
    assert.deepEqual(askedAt(given.prompts), ['admit the jump host outer', 'secret the jump host outer']);
    assert.equal(sessionsOf(target), before);
    const impostor = await startSshServer((request) => request.reject(['password']), { hostKey: makeHostKey() });
    try {
      await trust.remember('hostKey', '127.0.0.1', impostor.port, { algorithm: 'ssh-ed25519', fingerprint: 'SHA256:another' });
      const refused = await failure(through(`somebody@127.0.0.1:${impostor.port}`), context({}, { trust }));
      assert.ok(refused instanceof UntrustedError, refused.message);
      assert.deepEqual(impostor.requests, []);
    } finally {
      await impostor.stop();
    }
  });

  it('names the hop that refuses a log-in', async () => {
    const error = await failure(through('outer'), context({ password: 'wrong' }));
    assert.equal(error.code, 'Auth');
    assert.match(error.message, /^The jump host outer: /);
    assert.equal(error.host, target.host.name);
  });

  it('names the hop that can’t reach the next server, or may not', async function () {
    const nowhere = { ...through('outer'), port: 1 };
    assert.match((await failure(nowhere, context())).message, /^The jump host outer can’t reach 127\.0\.0\.1, port 1/);
    const strict = await requireServer(this, async () => startOpenssh({ config: ['AllowTcpForwarding no'] }));
    try {
      const reaching: Reach = { ...reach(), findHost: () => ({ ...strict.host, name: 'strict' }) };
      const error = await failure(through('strict'), context({}, { reach: reaching }));
      assert.match(error.message, /^The jump host strict refused to pass a connection on/);
      assert.equal(error.retryable, false);
    } finally {
      await strict.stop();
    }
  });

  it('does not go in circles', async () => {
    const round: Reach = {
      ...reach(),
      findHost: (name) =>
        name === 'middle' ? { ...middle.host, name, sftp: { ...middle.host.sftp, jump: ['again'] } } : { ...middle.host, name },
    };
    assert.match((await failure(through('middle'), context({}, { reach: round }))).message, /through itself/);
  });

  it('goes the way of the ssh config: aliases, users, keys, a jump of a jump', async () => {
    const config = join(folder, 'ssh_config');
    const block = (name: string, { host }: TestServer, ...more: string[]): string =>
      [`Host ${name}`, '  HostName 127.0.0.1', `  Port ${host.port}`, `  User ${host.user}`, ...more.map((line) => `  ${line}`)].join('\n');
    const text = [
      block('outer', outer, 'IdentityFile none'),
      block('middle', middle, `IdentityFile ${middle.host.sftp.privateKeys?.[0]}`, 'IdentitiesOnly yes', 'ProxyJump outer'),
      block('end', target, `IdentityFile ${target.host.sftp.privateKeys?.[0]}`, 'ProxyJump middle', 'HostKeyAlias the-end'),
    ].join('\n');
    writeFileSync(config, text, { mode: 0o600 });
    const trust = memoryTrust();
    const given = context({}, { reach: reach(config), trust });
    const sftp = { ...target.host.sftp, privateKeys: undefined, sshConfig: { host: 'end', address: undefined, port: undefined } };
    const remote = await connectSftp({ ...target.host, name: 'end', address: 'end', port: 22, user: undefined, sftp }, given);
    await remote.stat(target.rootOnServer);
    await remote.close();
    assert.deepEqual(askedAt(given.prompts), questionsOfAll);
    assert.equal(trust.known('hostKey', 'the-end', 22).length, 1);
  });
});

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Reach } from '../../src/core/connect.ts';
import { RemoteError } from '../../src/core/errors.ts';
import type { Host } from '../../src/core/host.ts';
import type { Remote } from '../../src/core/remote.ts';
import { connect } from '../../src/transport/index.ts';
import { removeFolder, temporaryFolder } from '../servers/folder.ts';
import { makeCertificate, makeKey } from '../servers/keys.ts';
import { startOpenssh, type OpensshOptions } from '../servers/openssh.ts';
import { opensshHome, type OpensshHome } from '../servers/opensshClient.ts';
import { startFaultyProxy } from '../servers/faultyProxy.ts';
import { requireServer, type TestServer } from '../servers/server.ts';
import { eventually } from '../support/eventually.ts';
import { connectContext, type Script, type TestContext } from '../support/prompts.ts';
import { inTime } from './ground.ts';

/** What the person's own `ssh` asks, says and leaves behind. */
describe('through the person’s own ssh', () => {
  const servers: TestServer[] = [];
  let home: OpensshHome;

  beforeEach(() => {
    home = opensshHome();
  });
  afterEach(async () => {
    await eventually(() => assert.deepEqual(leftIn(home.reach), []));
    removeFolder(home.folder);
    for (const server of servers.splice(0)) await server.stop();
  });

  async function start(context: Mocha.Context, options: OpensshOptions): Promise<TestServer> {
    const server = await requireServer(context, () => startOpenssh(options));
    servers.push(server);
    return server;
  }

  const byProgram = ({ host }: TestServer, sftp: Partial<Host['sftp']> = {}): Host => ({
    ...host,
    sftp: { ...host.sftp, client: 'openssh', ...sftp },
  });
  const context = (script: Script, reach = home.reach, given: Parameters<typeof connectContext>[1] = {}): TestContext =>
    connectContext({ admit: true, ...script }, { reach, ...given });

  async function works(host: Host, given: TestContext): Promise<string[]> {
    const remote = await connect(host, given);
    await remote.stat(remote.facts.home);
    await remote.close();
    return asked(given);
  }

  async function fails(host: Host, given: TestContext): Promise<RemoteError> {
    let remote: Remote | undefined;
    try {
      remote = await connect(host, given);
    } catch (error) {
      assert.ok(error instanceof RemoteError, String(error));
      assert.equal(error.host, host.name);
      return error;
    }
    await remote.close();
    throw new Error('connected');
  }

  const asked = ({ prompts }: TestContext): string[] =>
    prompts.asked.map((question) => {
      if (question.kind === 'secret') return `${question.request.kind}${question.request.refused ? ' again' : ''}`;
      if (question.kind === 'answers') return `${question.request.program ?? 'server'}: ${question.request.prompts[0]?.serverPrompt ?? ''}`;
      return question.kind;
    });

  it('asks for the host key and the password with its own questions, and ssh keeps the key', async function () {
    const server = await start(this, { authentication: 'password' });
    const first = context({ ...server.secrets, admit: server.secrets.fingerprint });
    assert.deepEqual(await works(byProgram(server), first), ['admit', 'password']);
    const [admit, password] = first.prompts.asked;
    assert.ok(admit?.kind === 'admit' && admit.request.identity.kind === 'hostKey');
    assert.equal(admit.request.identity.algorithm, 'ssh-ed25519');
    assert.deepEqual([admit.request.address, admit.request.port], ['127.0.0.1', server.host.port]);
    assert.ok(password?.kind === 'secret');
    const { owner, peer } = password.request;
    assert.deepEqual(owner, { ...owner, protocol: 'sftp', user: server.host.user, address: '127.0.0.1', port: server.host.port });
    assert.equal(peer?.fingerprint, server.secrets.fingerprint);
    assert.match(readFileSync(home.knownHosts, 'utf8'), new RegExp(`^\\[127\\.0\\.0\\.1\\]:${server.host.port} ssh-ed25519 `));
    assert.deepEqual(await works(byProgram(server), context({ ...server.secrets, admit: false })), ['password']);
  });

  it('sends nothing secret to a server whose key the person does not take', async function () {
    const server = await start(this, { authentication: 'password' });
    const given = context({ ...server.secrets, admit: false });
    assert.equal((await fails(byProgram(server), given)).code, 'Cancelled');
    assert.deepEqual(asked(given), ['admit']);
    assert.ok(!existsSync(home.knownHosts));
  });

  it('says that a password was refused, asks again, and stops where the person cancels', async function () {
    const server = await start(this, { authentication: 'password' });
    const right = context({ password: ['wrong', server.secrets.password ?? ''] });
    assert.deepEqual(await works(byProgram(server), right), ['admit', 'password', 'password again']);
    const none = context({ password: ['wrong'] });
    assert.equal((await fails(byProgram(server), none)).code, 'Cancelled');
    const wrong = await fails(byProgram(server), context({ password: 'wrong' }));
    assert.equal(wrong.code, 'Auth');
    assert.match(wrong.hint ?? '', /accepts: password/);
  });

  it('passes on the server’s own questions as the server’s', async function () {
    const server = await start(this, { authentication: 'keyboard-interactive' });
    const given = context(server.secrets);
    assert.deepEqual(await works(byProgram(server), given), ['admit', 'server: Password: ']);
    const question = given.prompts.asked[1];
    assert.ok(question?.kind === 'answers');
    assert.equal(question.request.peer?.fingerprint, server.secrets.fingerprint);
  });

  it('asks for the passphrase of a key', async function () {
    const server = await start(this, { keys: (folder) => [makeKey(folder, 'ed25519', 'openssh', 'open me')] });
    const given = context({ passphrase: ['wrong', 'open me'] });
    assert.deepEqual(await works(byProgram(server), given), ['admit', 'passphrase', 'passphrase again']);
    const [, passphrase] = given.prompts.asked;
    assert.ok(passphrase?.kind === 'secret');
    assert.equal(passphrase.request.file, server.host.sftp.privateKeys?.[0]);
  });

  it('logs in with a certificate that only ssh can use', async function () {
    const authority = makeKey(temporaryFolder('authority', { mode: 0o700 }), 'ed25519');
    const stranger = makeKey(temporaryFolder('stranger'), 'ed25519');
    const server = await start(this, { config: [`TrustedUserCAKeys ${authority.file}.pub`] });
    const certificate = makeCertificate(authority, stranger, server.host.user ?? '');
    const host = byProgram(server, { privateKeys: [stranger.file] });
    assert.deepEqual(await works(host, context({})), ['admit']);
    assert.match(server.output(), /Accepted (?:publickey|certificate).*ID ferry-test/);
    assert.ok(existsSync(certificate));
  });

  it('offers no kept secret where ssh is told to take any host key', async function () {
    const server = await start(this, { authentication: 'password' });
    const careless = opensshHome(['StrictHostKeyChecking no', 'UserKnownHostsFile /dev/null']);
    const given = context({ ...server.secrets, answers: [server.secrets.password ?? ''] }, careless.reach);
    const prompt = `ssh: ${server.host.user ?? ''}@127.0.0.1's password: `;
    assert.deepEqual(await works(byProgram(server), given), [prompt]);
    removeFolder(careless.folder);
  });

  it('refuses a key that changed, and says where the old one stands', async function () {
    const server = await start(this, { authentication: 'password' });
    const other = makeKey(temporaryFolder('other'), 'ed25519').publicLine.split(' ').slice(0, 2).join(' ');
    writeFileSync(home.knownHosts, `[127.0.0.1]:${server.host.port} ${other}\n`);
    const given = context(server.secrets);
    const error = await fails(byProgram(server), given);
    assert.equal(error.code, 'Untrusted');
    assert.match(error.message, /not the one that is in known_hosts/);
    assert.ok(error.message.includes(`${home.knownHosts}, line 1`), error.message);
    assert.ok(error.message.includes(server.secrets.fingerprint ?? '?'), error.message);
    assert.deepEqual(asked(given), []);
  });

  it('tells in plain words why it did not connect', async function () {
    const server = await start(this, {});
    const failing = (changes: Partial<Host>, sftp: Partial<Host['sftp']> = {}, reach = home.reach) =>
      fails({ ...byProgram(server, sftp), ...changes }, context({}, reach));
    const closed = await failing({ port: 1 });
    assert.deepEqual([closed.code, closed.message], ['Unreachable', 'Nothing answers at 127.0.0.1, port 1.']);
    assert.match((await failing({ address: 'none.invalid' })).message, /There is no server with the name none\.invalid/);
    const key = makeKey(temporaryFolder('unknown'), 'ed25519').file;
    const refused = await failing({}, { privateKeys: [key] });
    assert.deepEqual([refused.code, refused.retryable], ['Auth', false]);
    assert.match(refused.hint ?? '', /accepts: publickey/);
    const broken = opensshHome(['NoSuchOption yes']);
    assert.match((await failing({}, {}, broken.reach)).message, /does not take your ssh config: .*nosuchoption/i);
    removeFolder(broken.folder);
    const none = { ...home.reach, openssh: { ...home.reach.openssh!, program: '/nowhere/ssh' } };
    assert.match((await failing({}, {}, none)).message, /There is no program at \/nowhere\/ssh/);
    assert.equal((await failing({ user: '-oProxyCommand=x' })).code, 'BadPath');
    assert.equal((await failing({ user: 'a`touch x`' })).code, 'BadPath');
  });

  it('says that a server offers no SFTP', async function () {
    const server = await start(this, { config: ['ForceCommand echo hello'] });
    const error = await fails(byProgram(server), context({}));
    assert.equal(error.code, 'Unsupported');
    assert.match(error.message, /hello/);
  });

  it('stops when told, also while a person is asked', async function () {
    const server = await start(this, { authentication: 'password' });
    const stop = new AbortController();
    const given = context({ password: stop.abort.bind(stop) as () => undefined }, home.reach, { signal: stop.signal });
    assert.equal((await inTime(fails(byProgram(server), given))).code, 'Cancelled');
  });

  it('goes through jump hosts, and answers their questions with nothing that is kept', async function () {
    const hop = await start(this, { authentication: 'password' });
    const server = await start(this, { name: 'behind', authentication: 'password' });
    const { password = '' } = hop.secrets;
    const saved = { ...hop.host, name: 'bastion' };
    const reach: Reach = { ...home.reach, findHost: (name) => (name === 'bastion' ? saved : undefined) };
    const given = context({ password, answers: [password] }, reach);
    const host = byProgram(server, { jump: ['bastion'] });
    const question = `ssh on the way to ${host.name}: ${hop.host.user ?? ''}@127.0.0.1's password: `;
    assert.deepEqual(await works(host, given), ['admit', question, 'admit', 'password']);
    const [first, , second] = given.prompts.asked;
    assert.ok(first?.kind === 'admit' && second?.kind === 'admit');
    assert.deepEqual([first.request.port, second.request.port], [hop.host.port, server.host.port]);
    assert.equal(first.request.station, 'a host on the way');
  });

  it('shares a connection where ssh does, and leaves it to its owner', async function () {
    const server = await start(this, { authentication: 'password' });
    const shared = temporaryFolder('mux', { mode: 0o700 });
    const own = opensshHome(['ControlMaster auto', `ControlPath ${shared}/%C`, 'ControlPersist 20']);
    assert.deepEqual(await works(byProgram(server), context(server.secrets, own.reach)), ['admit', 'password']);
    assert.deepEqual(await works(byProgram(server), context({}, own.reach)), []);
    assert.equal(readdirSync(shared).length, 1);
    await eventually(() => assert.deepEqual(leftIn(own.reach), []));
    removeFolder(own.folder);
    removeFolder(shared);
  });

  it('notices a link that is dead', async function () {
    this.timeout(60_000);
    const server = await start(this, {});
    const proxy = await startFaultyProxy({ port: server.host.port });
    try {
      const remote = await connect({ ...byProgram(server), port: proxy.port }, context({}));
      proxy.arm({ kind: 'stall', direction: 'toClient', afterBytes: 0 });
      const reason = await inTime(remote.closed);
      assert.equal(reason.code, 'Lost');
      await assert.rejects(remote.stat('/'), (error) => error instanceof RemoteError && error.code === 'Lost');
    } finally {
      await proxy.close();
    }
  });
});

/** What connections left in the folder that is for their lifetime. */
function leftIn({ openssh }: Reach): string[] {
  const storage = openssh?.storage ?? '';
  return existsSync(storage) ? readdirSync(storage).map((name) => join(storage, name)) : [];
}

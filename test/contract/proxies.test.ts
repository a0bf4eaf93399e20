import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RemoteError } from '../../src/core/errors.ts';
import type { Host } from '../../src/core/host.ts';
import { parseHosts } from '../../src/core/hosts.ts';
import { silentLog, type Log } from '../../src/core/log.ts';
import { parseProxy } from '../../src/core/proxy.ts';
import { connect } from '../../src/transport/index.ts';
import { removeFolder, temporaryFolder } from '../servers/folder.ts';
import { startHttpProxy, type HttpProxy } from '../servers/httpProxy.ts';
import { startOpenssh } from '../servers/openssh.ts';
import { freePort } from '../servers/process.ts';
import { startPyftpdlib } from '../servers/pyftpdlib.ts';
import { requireServer, type TestServer } from '../servers/server.ts';
import { startMicrosocks, startSshSocks, type SocksProxy } from '../servers/socksProxy.ts';
import { startVsftpd } from '../servers/vsftpd.ts';
import { eventually } from '../support/eventually.ts';
import { connectContext, type Script, type TestContext } from '../support/prompts.ts';
import { tryOut } from './tryOut.ts';

/** SOCKS 4, 4a and 5, HTTP CONNECT and ProxyCommand, in front of real servers. */
describe('proxies', () => {
  let folder: string;
  let ssh: TestServer;
  let ftps: TestServer;
  let ftp6: TestServer;
  let socks: SocksProxy;
  let locked: SocksProxy;
  let http: HttpProxy;
  let lockedHttp: HttpProxy;
  const login = { user: 'anna', password: 'canary-of-the-proxy' };
  const logged: string[] = [];
  const keep = (message: string): void => void logged.push(message);
  const log: Log = { ...silentLog, wantsTrace: true, trace: keep, debug: keep, info: keep, warn: keep, error: keep };
  const running: { stop(): Promise<void> }[] = [];

  before(async function () {
    this.timeout(60_000);
    folder = temporaryFolder('proxies');
    const add = async <T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
      const one = await starting;
      running.unshift(one);
      return one;
    };
    ssh = await requireServer(this, () => add(startOpenssh()));
    ftps = await requireServer(this, () => add(startVsftpd({ tls: 'explicit', sessionReuse: true })));
    ftp6 = await requireServer(this, () => add(startPyftpdlib({ address: '::1' })));
    socks = await add(startSshSocks(ssh.host));
    locked = await add(startMicrosocks(login));
    http = await add(startHttpProxy());
    lockedHttp = await add(startHttpProxy(`${login.user}:${login.password}`));
  });
  after(async () => {
    for (const one of running) await one.stop();
    removeFolder(folder);
  });
  afterEach(() => assert.ok(!logged.some((line) => line.includes(login.password)), 'no secret is logged'));

  const through = (server: TestServer, url: string): Host => ({ ...server.host, proxy: parseProxy(url)!.proxy });
  const context = (server: TestServer, script: Script = {}, given: Parameters<typeof connectContext>[1] = {}): TestContext =>
    connectContext({ ...server.secrets, admit: true, ...script }, { log, ...given });

  async function works(server: TestServer, host: Host, script: Script = {}): Promise<TestContext> {
    const given = context(server, script);
    await tryOut(await connect(host, given), server.rootOnServer);
    return given;
  }

  async function failure(server: TestServer, host: Host, script: Script = {}): Promise<RemoteError> {
    try {
      await (await connect(host, context(server, script))).close();
    } catch (error) {
      assert.ok(error instanceof RemoteError, String(error));
      assert.equal(error.host, host.name);
      return error;
    }
    throw new Error('connected');
  }

  for (const kind of ['socks4', 'socks4a', 'socks5'] as const) {
    it(`${kind}: SFTP, and FTPS with its data connections`, async () => {
      await works(ssh, through(ssh, `${kind}://127.0.0.1:${socks.port}`));
      await works(ftps, through(ftps, `${kind}://127.0.0.1:${socks.port}`));
    });
  }

  it('socks4a and socks5 let the proxy look names up; socks5 and HTTP go to IPv6', async () => {
    for (const kind of ['socks4a', 'socks5']) {
      const host = through(ssh, `${kind}://127.0.0.1:${socks.port}`);
      await works(ssh, { ...host, address: 'localhost' });
    }
    await works(ftp6, through(ftp6, `socks5://127.0.0.1:${socks.port}`));
    await works(ftp6, through(ftp6, `http://127.0.0.1:${http.port}`));
    assert.match((await failure(ftp6, through(ftp6, `socks4://127.0.0.1:${socks.port}`))).message, /no IPv6/);
  });

  it('HTTP CONNECT: SFTP, and FTPS with its data connections, which go through it too', async () => {
    await works(ssh, through(ssh, `http://127.0.0.1:${http.port}`));
    const before = http.asked.length;
    await works(ftps, through(ftps, `http://127.0.0.1:${http.port}`));
    assert.ok(http.asked.length - before >= 4, http.asked.join(' '));
  });

  it('asks for the proxy’s password, once for all connections; again where it was refused', async () => {
    // Without TLS: microsocks resets a connection of which one side has ended, with what the other still says.
    for (const [kind, port] of [['socks5', locked.port] as const, ['http', lockedHttp.port] as const]) {
      const host = through(ftp6, `${kind}://${login.user}@127.0.0.1:${port}`);
      const answers = ['wrong', login.password, ftp6.secrets.password as string];
      const { prompts } = await works(ftp6, host, { password: answers });
      const asked = prompts.asked.flatMap((question) => (question.kind === 'secret' ? [question.request] : []));
      assert.deepEqual(
        asked.map(({ station, refused, owner }) => [station, refused, owner.port]),
        [
          [`the proxy 127.0.0.1:${port}`, false, port],
          [`the proxy 127.0.0.1:${port}`, true, port],
          [undefined, false, ftp6.host.port],
        ],
      );
    }
    const error = await failure(ssh, through(ssh, `http://127.0.0.1:${lockedHttp.port}`));
    assert.deepEqual([error.code, /user@/.test(error.hint ?? '')], ['Auth', true]);
  });

  it('says which of the two does not answer', async () => {
    const nobody = await freePort();
    assert.match(
      (await failure(ssh, through(ssh, `socks5://127.0.0.1:${nobody}`))).message,
      /^The proxy 127\.0\.0\.1:\d+ can’t be reached/,
    );
    for (const url of [`http://127.0.0.1:${http.port}`, `socks5://127.0.0.1:${socks.port}`, `socks4://127.0.0.1:${socks.port}`])
      assert.match((await failure(ssh, { ...through(ssh, url), port: nobody })).message, /^The proxy .* did not connect to 127\.0\.0\.1/);
    assert.match((await failure(ssh, through(ssh, `socks5://127.0.0.1:${http.port}`))).message, /not a proxy|can’t be reached/);
    assert.match((await failure(ssh, through(ssh, `http://127.0.0.1:${ssh.host.port}`))).message, /not a proxy|can’t be reached/);
  });

  it('refuses active mode in plain words', () => {
    const item = { name: 'a', protocol: 'ftp', address: 'example.org', mode: 'active', proxy: 'socks5://proxy' };
    assert.match(parseHosts([item]).problems.join(' '), /connect back/);
  });

  it('goes through VS Code’s own proxy only where the host says so', async () => {
    const before = lockedHttp.asked.length;
    const editorProxy = `http://${login.user}:${login.password}@127.0.0.1:${lockedHttp.port}`;
    const reach = { findHost: () => undefined, sshConfig: 'off', editorProxy };
    await tryOut(await connect(ssh.host, context(ssh, {}, { reach })), ssh.rootOnServer);
    assert.equal(lockedHttp.asked.length, before);
    await tryOut(await connect({ ...ssh.host, proxy: 'vscode' }, context(ssh, {}, { reach })), ssh.rootOnServer);
    assert.equal(lockedHttp.asked.length, before + 1);
    await tryOut(
      await connect({ ...ssh.host, proxy: 'vscode' }, context(ssh, {}, { reach: { ...reach, editorProxy: '' } })),
      ssh.rootOnServer,
    );
  });

  describe('ProxyCommand', () => {
    const following = (config: string, lines: readonly string[]): { host: Host; reach: TestContext['reach'] } => {
      mkdirSync(folder, { recursive: true });
      const file = join(folder, config);
      writeFileSync(file, ['Host box', `  User ${ssh.host.user}`, ...lines].join('\n'), { mode: 0o600 });
      const sftp = { ...ssh.host.sftp, sshConfig: { host: 'box', address: undefined, port: undefined } };
      const host = { ...ssh.host, address: 'box', port: 22, user: undefined, sftp };
      return { host, reach: { findHost: () => undefined, sshConfig: file, editorProxy: '' } };
    };

    it('is the connection, and ends with it', async () => {
      const mark = join(folder, 'ended');
      const script = `trap 'touch ${mark}' HUP TERM EXIT; ssh -F none -W 127.0.0.1:${ssh.host.port}`;
      const by = `-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -i ${ssh.host.sftp.privateKeys?.[0]} -p ${ssh.host.port}`;
      const { host, reach } = following('by-command', [`  ProxyCommand sh -c "${script} ${by} %r@127.0.0.1"`]);
      await tryOut(await connect(host, context(ssh, {}, { reach })), ssh.rootOnServer);
      await eventually(() => assert.ok(existsSync(mark)));
    });

    it('that fails is told', async () => {
      const { host, reach } = following('failing', ['  ProxyCommand exit 3']);
      await assert.rejects(
        connect(host, context(ssh, {}, { reach })),
        (error) => error instanceof RemoteError && error.code === 'Unreachable',
      );
    });

    it('is not run with a user name that a shell would take for more', async () => {
      const mark = join(folder, 'run');
      const { host, reach } = following('hostile', [`  ProxyCommand touch ${mark}; echo %r`]);
      const hostile = { ...host, user: '$(id)' };
      await assert.rejects(
        connect(hostile, context(ssh, {}, { reach })),
        (error) => error instanceof RemoteError && /not safe/.test(error.message),
      );
      assert.ok(!existsSync(mark));
    });
  });
});

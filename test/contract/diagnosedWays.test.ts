import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Reach } from '../../src/core/connect.ts';
import { shareableLog } from '../../src/core/diagnosis/document.ts';
import type { Host } from '../../src/core/host.ts';
import { parseProxy } from '../../src/core/proxy.ts';
import { removeFolder, temporaryFolder } from '../servers/folder.ts';
import { startHttpProxy, type HttpProxy } from '../servers/httpProxy.ts';
import { startOpenssh } from '../servers/openssh.ts';
import { freePort } from '../servers/process.ts';
import { requireServer, type TestServer } from '../servers/server.ts';
import { startMicrosocks, startSshSocks, type SocksProxy } from '../servers/socksProxy.ts';
import { startVsftpd } from '../servers/vsftpd.ts';
import { diagnosed, diagnosedServer, type Diagnosed, type DiagnosingOptions } from '../support/diagnosing.ts';

/* The doctor on ways with something in between: each a step of its own, and the one that is dead is named. */

/** Result and subject of what is on the way, and of the log-in. */
function stations({ diagnosis }: Diagnosed): string[] {
  const shown = diagnosis.steps.filter(({ id }) => id === 'station' || id === 'login');
  return shown.map(({ id, subject, result }) => `${subject ?? id} ${result}`);
}

describe('the doctor on the way to a server', function () {
  this.timeout(60_000);
  let folder: string;
  let home: string | undefined;
  let outer: TestServer;
  let target: TestServer;
  let ftps: TestServer;
  let socks: SocksProxy;
  let locked: SocksProxy;
  let http: HttpProxy;
  const running: { stop(): Promise<void> }[] = [];

  before(async function () {
    folder = temporaryFolder('ways');
    mkdirSync(join(folder, '.ssh'));
    home = process.env['HOME'];
    process.env['HOME'] = folder;
    const add = async <T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
      const one = await starting;
      running.unshift(one);
      return one;
    };
    outer = await requireServer(this, () => add(startOpenssh({ authentication: 'password' })));
    target = await requireServer(this, () => add(startOpenssh()));
    ftps = await requireServer(this, () => add(startVsftpd({ tls: 'explicit' })));
    socks = await add(startSshSocks(target.host));
    locked = await add(startMicrosocks({ user: 'anna', password: 'canary-of-the-proxy' }));
    http = await add(startHttpProxy());
  });
  after(async () => {
    if (home === undefined) delete process.env['HOME'];
    else process.env['HOME'] = home;
    for (const one of running) await one.stop();
    removeFolder(folder);
  });

  const reach = (sshConfig = 'off'): Reach => ({
    findHost: (name) => (name === 'outer' ? { ...outer.host, name } : undefined),
    sshConfig,
    editorProxy: '',
  });
  const through = (...jump: string[]): Partial<Host> => ({ sftp: { ...target.host.sftp, jump } });
  const visit = (server: TestServer, host: Partial<Host>, options: DiagnosingOptions = {}): Promise<Diagnosed> =>
    diagnosedServer(
      server,
      { connections: 2, ...host },
      {
        context: { reach: reach() },
        ...options,
        script: { admit: true, password: server.secrets.password ?? outer.secrets.password, ...options.script },
      },
    );

  describe('through jump hosts', () => {
    it('each is a step, and the server is looked at as ever', async () => {
      const met = await visit(target, through('outer'), { mayWrite: true });
      assert.deepEqual(stations(met), ['the jump host outer works', 'login works']);
      assert.match(met.noted('station'), /OpenSSH/);
      assert.match(met.noted('way'), /through outer/);
      assert.ok(met.diagnosis.steps.every(({ result }) => result !== 'fails'));
      assert.match(met.noted('connections'), /\d connections at once/);
    });

    it('a dead one is named, and what comes after it is not held to be at fault', async () => {
      const dead = `ann@localhost:${await freePort()}`;
      const met = await visit(target, through(dead));
      assert.deepEqual(stations(met), [`the jump host ${dead} fails`, 'login skipped']);
      assert.equal(met.found('stationFailed')?.name, dead);
      const second = await visit(target, through('outer', dead));
      assert.equal(second.found('stationFailed')?.name, 'outer');
      assert.match(second.found('stationFailed')?.said ?? '', /can’t reach localhost/);
      assert.ok(!shareableLog(second.diagnosis, { names: true }).includes(dead));
    });

    it('one that refuses the log-in is named, and not the server’s own keys', async () => {
      const met = await visit(target, through('outer'), { script: { password: ['wrong', 'wrong', 'wrong'] } });
      assert.equal(met.found('stationFailed')?.name, 'outer');
      assert.equal(met.found('keyRefused') ?? met.found('loginRefused'), undefined);
      assert.deepEqual(met.diagnosis.findings.length, 1);
    });
  });

  describe('through a proxy', () => {
    const by = (url: string): Partial<Host> => ({ proxy: parseProxy(url)!.proxy });
    const urls = (): readonly string[] => [`socks5://127.0.0.1:${socks.port}`, `http://127.0.0.1:${http.port}`];

    it('SFTP and FTPS: it is a step, and FTP’s data connections are tried through it', async () => {
      for (const url of urls()) {
        const ssh = await visit(target, by(url));
        assert.deepEqual(stations(ssh), [`the proxy ${url} works`, 'login works']);
        const before = http.asked.length;
        const ftp = await visit(ftps, by(url), { mayWrite: true });
        assert.deepEqual(stations(ftp), [`the proxy ${url} works`, 'login works']);
        assert.match(ftp.noted('passive'), /EPSV: works[^\n]*\nPASV: works/);
        assert.match(ftp.noted('active'), /can’t connect back/);
        assert.match(ftp.noted('writing'), /renamed\ndeleted/);
        assert.equal(ftp.found('activeBlocked') ?? ftp.found('dataBlocked') ?? ftp.found('passiveWrongAddress'), undefined);
        if (url.startsWith('http:')) assert.ok(http.asked.length - before > 6, http.asked.join(' '));
      }
    });

    it('a dead one is named, and one that does not reach the server', async () => {
      const dead = `socks5://127.0.0.1:${await freePort()}`;
      for (const server of [target, ftps]) {
        const met = await visit(server, by(dead));
        assert.deepEqual(stations(met), [`the proxy ${dead} fails`, 'login skipped']);
        assert.deepEqual([met.found('stationFailed')?.what, met.found('stationFailed')?.name], ['proxy', dead]);
        const [url = ''] = urls();
        const lost = await diagnosed({ ...server.host, ...by(url), port: await freePort() }, { script: { admit: true, password: 'x' } });
        assert.match(lost.found('stationFailed')?.said ?? '', /did not connect to 127\.0\.0\.1/);
      }
    });

    it('one that refuses its password is named, and the password of the server is kept back', async () => {
      const url = `socks5://anna@127.0.0.1:${locked.port}`;
      const met = await visit(ftps, by(url), { script: { password: ['wrong', 'wrong', 'wrong', 'wrong'] } });
      assert.match(met.found('stationFailed')?.said ?? '', /refused the log-in/);
      assert.equal(met.found('loginRefused'), undefined);
      const asked = met.context.prompts.asked.flatMap((question) => (question.kind === 'secret' ? [question.request.owner.port] : []));
      assert.deepEqual(new Set(asked), new Set([locked.port]));
    });
  });

  describe('through a ProxyCommand', () => {
    const following = (name: string, command: string): [Partial<Host>, DiagnosingOptions] => {
      const file = join(folder, name);
      writeFileSync(file, ['Host box', `  User ${target.host.user}`, `  ProxyCommand ${command}`].join('\n'), { mode: 0o600 });
      const sftp = { ...target.host.sftp, sshConfig: { host: 'box', address: undefined, port: undefined } };
      return [{ address: 'box', port: 22, user: undefined, sftp }, { context: { reach: reach(file) } }];
    };

    it('that works is named as the way', async () => {
      const options = '-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null';
      const [key] = target.host.sftp.privateKeys ?? [];
      const command = `ssh -F none -W 127.0.0.1:${target.host.port} ${options} -i ${key} -p ${target.host.port} %r@127.0.0.1`;
      const met = await visit(target, ...following('works', command));
      assert.match(met.noted('way'), /ProxyCommand/);
      assert.equal(met.diagnosis.loggedIn, true);
    });

    it('that fails is named, with what it says', async () => {
      const met = await visit(target, ...following('fails', `sh -c 'echo no such tunnel >&2; exit 3'`));
      assert.equal(met.found('stationFailed')?.what, 'proxyCommand');
      assert.match(met.found('stationFailed')?.said ?? '', /no such tunnel/);
    });
  });
});

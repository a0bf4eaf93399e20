import assert from 'node:assert/strict';
import type { Host } from '../../src/core/host.ts';
import { parseProxy } from '../../src/core/proxy.ts';
import { startAt, type Child } from '../bench/child.ts';
import { addressIn, openRow, tunMissing, type Row } from '../bench/line.ts';
import { makeKey } from '../servers/keys.ts';
import { startOpenssh } from '../servers/openssh.ts';
import type { Place } from '../servers/process.ts';
import { requireServer, ServerUnavailable, type TestServer } from '../servers/server.ts';
import { startMicrosocks } from '../servers/socksProxy.ts';
import { startVsftpd } from '../servers/vsftpd.ts';
import type { Outcome, Trial } from './networksClient.ts';
import type { Answer, Order } from './networksProxy.ts';

const hopNames = ['first', 'second', 'third'] as const;
type HopName = (typeof hopNames)[number];

/**
 * Five machines in a row, each a network namespace that reaches its neighbours alone: the person's computer, three jump hosts, and the
 * server. On the first jump host are proxies too, on the second FTP servers.
 */
describe('servers in networks of their own', function () {
  this.timeout(120_000);
  const login = { user: 'anna', password: 'of the proxy' };
  const running: { stop(): Promise<void> }[] = [];
  const children: { end(): void }[] = [];
  let row: Row | undefined;
  let client: Child<Trial, Outcome>;
  let httpProxy: Child<Order, Answer>;
  let hops: Readonly<Record<HopName, TestServer>>;
  let server: TestServer;
  let ftp: TestServer;
  let ftps: TestServer;
  let socksUrl: string;
  let httpUrl: string;

  before(async function () {
    row = await requireServer(this, () => {
      const missing = tunMissing();
      if (missing !== undefined) throw new ServerUnavailable(`There are no networks of packets here: ${missing}.`);
      return openRow(hopNames.length + 2);
    });
    const add = async <T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
      const one = await starting;
      running.push(one);
      return one;
    };
    await requireServer(this, async () => {
      const [first, second, third, last, socks, plain, secure] = await Promise.all([
        add(startOpenssh({ place: place(1), authentication: 'password' })),
        add(startOpenssh({ place: place(2), user: 'nobody', keys: (folder) => [makeKey(folder, 'ecdsa', 'openssh', 'open me')] })),
        add(startOpenssh({ place: place(3), user: 'daemon', keys: (folder) => [makeKey(folder, 'rsa')] })),
        add(startOpenssh({ place: place(4) })),
        add(startMicrosocks(login, place(1))),
        add(startVsftpd({ place: place(2) })),
        add(startVsftpd({ place: place(2), tls: 'explicit', sessionReuse: true })),
      ]);
      hops = { first, second, third };
      [server, ftp, ftps] = [last, plain, secure];
      socksUrl = `socks5://${login.user}@${addressIn(1)}:${socks.port}`;
    });
    client = startOn(0, 'networksClient.ts');
    httpProxy = startOn(1, 'networksProxy.ts');
    httpProxy.send({ address: addressIn(1), login: `${login.user}:${login.password}` });
    httpUrl = `http://${login.user}@${addressIn(1)}:${(await httpProxy.next()).port}`;
  });
  after(async () => {
    children.forEach((child) => child.end());
    await Promise.all(running.map((one) => one.stop()));
    row?.close();
  });

  function place(machine: number): Place {
    return { address: addressIn(machine), enter: (command, args) => on(machine, command, args) };
  }

  function on(machine: number, command: string, args: readonly string[]): readonly [string, readonly string[]] {
    if (row === undefined) throw new Error('There are no machines.');
    return row.at(machine, command, args);
  }

  function startOn<Word extends object, Report extends object>(machine: number, module: string): Child<Word, Report> {
    const started = startAt<Word, Report>({ at: (_, ...given) => on(machine, ...given) }, 'client', `../contract/${module}`);
    children.push(started);
    return started;
  }

  const throughHops = (...jump: HopName[]): Host => ({ ...server.host, sftp: { ...server.host.sftp, jump } });
  const behind = (proxy: string, { host }: TestServer): Host => ({ ...host, proxy: parseProxy(proxy)!.proxy });

  async function tryFrom(host: Host, { rootOnServer }: TestServer, password?: string | readonly string[], changed: readonly Host[] = []) {
    const saved = [...changed, ...hopNames.map((name) => ({ ...hops[name].host, name }))];
    client.send({ host, saved, rootOnServer, script: { admit: true, password, passphrase: 'open me' } });
    return client.next();
  }

  async function failureFrom(host: Host, at: TestServer): Promise<string> {
    const { error } = await tryFrom(host, at, hops.first.secrets.password);
    assert.equal(error?.code, 'Unreachable', error?.message);
    return error.message;
  }

  it('are out of reach by the direct way', async () => {
    for (const far of [hops.second, server, ftp, ftps]) await failureFrom(far.host, far);
  });

  it('SFTP goes through three jump hosts, each with its own user, key and host key', async () => {
    const { asked, fingerprints, error } = await tryFrom(throughHops(...hopNames), server, hops.first.secrets.password);
    assert.equal(error, undefined);
    const [first, second, third] = hopNames.map((name) => `the jump host ${name}`);
    assert.deepEqual(asked, [`admit ${first}`, `secret ${first}`, `admit ${second}`, `secret ${second}`, `admit ${third}`, 'admit']);
    const all = [...hopNames.map((name) => hops[name]), server];
    assert.deepEqual(
      fingerprints,
      all.map(({ secrets }) => secrets.fingerprint),
    );
    assert.equal(new Set(fingerprints).size, all.length);
    // Who logged in, and from the machine before.
    all.forEach(({ host, ...one }, index) => {
      assert.match(one.output(), new RegExp(`Accepted p\\w+ for ${host.user} from ${addressIn(index, 'after')} `));
    });
  });

  it('SFTP names the jump host that does not reach the next', async () => {
    assert.match(await failureFrom(throughHops('first', 'third'), server), /^The jump host first can’t reach 10\.77\.2\.2, port/);
    assert.match(await failureFrom(throughHops('second', 'third'), server), /second/);
  });

  it('SFTP begins its way through jump hosts with a proxy', async () => {
    const second = { ...behind(socksUrl, hops.second), name: 'second' };
    const { error, asked } = await tryFrom(throughHops('second', 'third'), server, login.password, [second]);
    assert.equal(error, undefined);
    assert.deepEqual(asked[0], `secret the proxy ${addressIn(1)}:${second.proxy === 'vscode' ? '' : second.proxy?.port}`);
  });

  it('FTP goes through SOCKS 5 with a login, and its data connections too', async () => {
    const { error } = await tryFrom(behind(socksUrl, ftp), ftp, [login.password, ftp.secrets.password!]);
    assert.equal(error, undefined);
    const refused = await tryFrom(behind(socksUrl, ftp), ftp, ['wrong']);
    assert.equal(refused.error?.code, 'Cancelled');
    assert.equal(refused.asked.filter((question) => question.startsWith('secret the proxy')).length, 2);
  });

  it('FTP and FTPS go through HTTP CONNECT with a login, and their data connections too', async () => {
    for (const far of [ftp, ftps]) {
      httpProxy.send({ tell: true });
      const before = (await httpProxy.next()).asked.length;
      const { error } = await tryFrom(behind(httpUrl, far), far, [login.password, far.secrets.password!]);
      assert.equal(error, undefined);
      httpProxy.send({ tell: true });
      const places = (await httpProxy.next()).asked.slice(before);
      assert.ok(places.every((one) => one.startsWith(`${addressIn(2)}:`)));
      assert.ok(new Set(places).size >= 4, `the control connection and one for each of the three transfers: ${places.join(' ')}`);
    }
  });
});

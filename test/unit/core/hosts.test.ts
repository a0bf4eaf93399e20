import assert from 'node:assert/strict';
import { RemoteError } from '../../../src/core/errors.ts';
import { sftpDefaults } from '../../../src/core/hostDefaults.ts';
import { plainLook } from '../../../src/core/hostLook.ts';
import { isSameHost } from '../../../src/core/sameHost.ts';
import { authorityOf, hostFromAuthority, parseHosts } from '../../../src/core/hosts.ts';

const minimal = { name: 'web', protocol: 'sftp', address: 'example.org' };

function problemsOf(item: unknown): readonly string[] {
  return parseHosts([item]).problems;
}

describe('parseHosts', () => {
  it('fills in defaults', () => {
    const { hosts, problems } = parseHosts([
      minimal,
      { ...minimal, name: 'f', protocol: 'ftp' },
      { ...minimal, name: 's', protocol: 'ftps' },
    ]);
    assert.deepEqual(problems, []);
    assert.deepEqual(
      hosts.map(({ port, connections, charset, saveMode }) => [port, connections, charset, saveMode]),
      [
        [22, 2, 'utf-8', 'auto'],
        [21, 4, 'utf-8', 'auto'],
        [21, 4, 'utf-8', 'auto'],
      ],
    );
    assert.deepEqual(hosts[2]?.ftp.minTlsVersion, 'TLSv1.2');
    assert.equal(hosts[0]?.sftp.agent, true);
  });

  it('has no trash unless there is one in the settings, and takes no folder that would hold everything', () => {
    const trash = (value: unknown) => {
      const { hosts, problems } = parseHosts([{ ...minimal, trash: value }]);
      return hosts[0] === undefined ? problems.length : hosts[0].trash;
    };
    assert.deepEqual(parseHosts([minimal]).hosts[0]?.trash, undefined);
    assert.deepEqual(parseHosts([minimal]).hosts[0]?.trashDays, 30);
    assert.equal(trash('off'), undefined);
    for (const folder of ['.ferry-trash', '/home/me/.trash', '~/trash', 'a/b', './off']) assert.equal(trash(folder), folder);
    for (const folder of ['', '/', '//', '.', './', '~', '~/', '..', '../a', '/a/../..', 'a\nb', 'a\0', true, 7, ['a']])
      assert.equal(trash(folder), 1);
    assert.deepEqual(parseHosts([{ ...minimal, trash: '' }]).problems, [
      'Host “web”: “trash” must be “off” or a folder, from the root on or from where the login starts, like “.ferry-trash”.',
    ]);
    for (const days of [0, 1, 3650]) assert.equal(parseHosts([{ ...minimal, trashDays: days }]).hosts[0]?.trashDays, days);
    for (const days of [-1, 1.5, 3651, '30']) assert.equal(problemsOf({ ...minimal, trashDays: days }).length, 1);
  });

  it('takes every option', () => {
    const { hosts, problems } = parseHosts([
      {
        ...minimal,
        protocol: 'ftps',
        tls: 'implicit',
        user: 'ann',
        root: '/var//www/',
        charset: 'iso-8859-1',
        connections: 3,
        saveMode: 'inPlace',
        minTlsVersion: 'TLSv1',
        maxTlsVersion: 'TLSv1.2',
        clientCertificate: { certificate: '~/c.pem' },
        mode: 'active',
        activePorts: '50000-50100',
        activeAddress: '192.0.2.1',
        activeBind: '::1',
        addressFamily: 'inet6',
        listing: 'LIST -a',
        timeZone: 'Europe/Berlin',
        localTimes: true,
      },
    ]);
    assert.deepEqual(problems, []);
    const [host] = hosts;
    assert.equal(host?.port, 990);
    assert.equal(host.root, '/var/www');
    assert.deepEqual([host.family, host.ftp.listing], [6, 'LIST -a']);
    const proxied = { name: 'a', protocol: 'ftp', address: 'b', proxy: 'socks5://p:1080', addressFamily: 'inet' };
    assert.match(problemsOf(proxied).join(), /“addressFamily” means nothing with “proxy”/);
    assert.deepEqual([host.ftp.timeZone, host.ftp.localTimes], ['Europe/Berlin', true]);
    assert.match(problemsOf({ name: 'a', protocol: 'ftp', address: 'b', localTimes: true }).join(), /means nothing without “timeZone”/);
    assert.deepEqual(host.ftp.activePorts, [50000, 50100]);
    assert.deepEqual(host.ftp.clientCertificate, { certificate: '~/c.pem', key: undefined });
    assert.deepEqual(parseHosts([{ ...minimal, privateKeys: [], agent: false, legacyAlgorithms: true }]).hosts[0]?.sftp, {
      privateKeys: [],
      client: 'builtIn',
      agent: false,
      legacyAlgorithms: true,
      sshConfig: undefined,
      jump: undefined,
    });
    assert.deepEqual(parseHosts([{ ...minimal, port: 2200, sshConfigHost: 'box', jump: ['bastion', 'me@[::1]:23'] }]).hosts[0]?.sftp, {
      ...sftpDefaults,
      sshConfig: { host: 'box', address: 'example.org', port: 2200 },
      jump: ['bastion', 'me@[::1]:23'],
    });
  });

  it('takes groups in one spelling, colours, icons and protection', () => {
    const read = (item: object) => parseHosts([{ ...minimal, ...item }]).hosts[0];
    assert.deepEqual(read({})?.look, plainLook);
    const look = { group: ' Customers / Example// ', color: 'purple', icon: 'debug-alt' };
    assert.deepEqual(read(look)?.look, { group: 'Customers/Example', color: 'purple', icon: 'debug-alt' });
    assert.equal(read({ group: ' / ' })?.look.group, undefined);
    const protections = [{}, { protect: false }, { protect: true }, { protect: 'readOnly' }].map((item) => read(item)?.protect);
    assert.deepEqual(protections, [undefined, undefined, 'ask', 'readOnly']);
  });

  it('keeps connections through a change of what is only shown', () => {
    const [host] = parseHosts([minimal]).hosts;
    const [shown, other] = parseHosts([
      { ...minimal, group: 'a', color: 'red', icon: 'rocket', protect: true },
      { ...minimal, name: 'b', port: 23 },
    ]).hosts;
    assert.ok(host !== undefined && shown !== undefined && other !== undefined);
    assert.equal(isSameHost(host, shown), true);
    assert.equal(isSameHost(host, { ...other, name: host.name }), false);
  });

  it('needs no address for a host that follows the ssh config', () => {
    const { hosts, problems } = parseHosts([{ name: 'web', protocol: 'sftp', sshConfigHost: 'box' }]);
    assert.deepEqual(problems, []);
    assert.deepEqual([hosts[0]?.address, hosts[0]?.sftp.sshConfig], ['box', { host: 'box', address: undefined, port: undefined }]);
    assert.notDeepEqual(problemsOf({ name: 'web', protocol: 'ftp', sshConfigHost: 'box' }), []);
  });

  it('leaves out an item with a wrong value, and says why', () => {
    const wrong: Record<string, unknown>[] = [
      { address: '-oProxyCommand=x' },
      { address: 'a b' },
      { address: 'a/b' },
      { address: 'a\nb' },
      { name: 'a b' },
      { name: '../x' },
      { protocol: 'scp' },
      { port: 0 },
      { port: '22' },
      { user: 'a\r\nb' },
      { root: 'www' },
      { charset: 'nonsense' },
      { connections: 0 },
      { saveMode: 'fast' },
      { verify: 'sometimes' },
      { agent: 3 },
      { sshConfigHost: '-oProxyCommand=x' },
      { proxy: 'socks5://me:secret@proxy' },
      { proxy: 'ftp://proxy' },
      { proxy: 'socks5://-proxy' },
      { protocol: 'ftp', mode: 'active', proxy: 'socks5://proxy' },
      { jump: 'bastion' },
      { jump: ['-oProxyCommand=x'] },
      { jump: ['a b'] },
      { jump: ['-l@x'] },
      { privateKeys: 'file' },
      { group: 'a\nb' },
      { group: ['a'] },
      { group: 'a/'.repeat(9) },
      { color: 'pink' },
      { icon: '$(x)' },
      { icon: 'loading~spin' },
      { icon: '../x' },
      { protect: 'readonly' },
      { protect: 1 },
      { protocol: 'ftps', tls: 'none' },
      { protocol: 'ftps', maxTlsVersion: 'TLSv1.1' },
      { protocol: 'ftp', activePorts: '9-3' },
      { protocol: 'ftp', activeAddress: 'host' },
      { protocol: 'ftps', clientCertificate: { key: 'x' } },
    ];
    for (const values of wrong) {
      const { hosts, problems } = parseHosts([{ ...minimal, ...values }]);
      assert.deepEqual([hosts.length, problems.length], [0, 1], JSON.stringify(values));
    }
  });

  it('names keys that mean nothing and keeps the host', () => {
    assert.match(problemsOf({ ...minimal, passwort: 'x' })[0] ?? '', /Host “web”.*passwort/);
    assert.match(problemsOf({ ...minimal, tls: 'explicit' })[0] ?? '', /tls.*sftp/);
    assert.equal(parseHosts([{ ...minimal, ['__proto__x']: 1 }]).hosts.length, 1);
  });

  it('survives what is no list of hosts', () => {
    for (const value of [undefined, null, 'x', 3, {}, [null], [[]], ['x'], [{}], [JSON.parse('{"__proto__": {"name": "x"}}')]])
      assert.deepEqual(parseHosts(value).hosts, []);
    assert.deepEqual(parseHosts(undefined).problems, []);
  });

  it('keeps the first of two hosts of one name', () => {
    const { hosts, problems } = parseHosts([minimal, { ...minimal, name: 'WEB', address: 'other' }]);
    assert.deepEqual([hosts.length, hosts[0]?.address, problems.length], [1, 'example.org', 1]);
  });
});

describe('hostFromAuthority', () => {
  it('reads user, address and port, and back', () => {
    const cases: [string, string | undefined, string, number][] = [
      ['example.org', undefined, 'example.org', 22],
      ['ann@example.org:2222', 'ann', 'example.org', 2222],
      ['[::1]:2200', undefined, '::1', 2200],
      ['a%40b@[fe80::1]', 'a@b', 'fe80::1', 22],
    ];
    for (const [authority, user, address, port] of cases) {
      const host = hostFromAuthority('sftp', authority);
      assert.ok(!(host instanceof RemoteError), authority);
      assert.deepEqual([host.user, host.address, host.port], [user, address, port]);
      assert.equal(authorityOf(host), authority);
      assert.equal(host.name, authority);
    }
    const decoded = hostFromAuthority('ftp', 'a@b@example.org');
    assert.ok(!(decoded instanceof RemoteError));
    assert.deepEqual([decoded.user, decoded.name, decoded.port], ['a@b', 'a%40b@example.org', 21]);
  });

  it('refuses what is none, and passwords', () => {
    for (const authority of [
      '',
      '@',
      'ann@',
      '-x',
      'a b',
      'ann:secret@example.org',
      'example.org:0',
      'example.org:99999',
      '::1',
      '[::1',
      'a%0ab@x',
    ])
      assert.ok(hostFromAuthority('sftp', authority) instanceof RemoteError, authority);
  });
});

import assert from 'node:assert/strict';
import { parseHosts } from '../../../../src/core/hosts.ts';
import { readHosts, type ImportedFrom } from '../../../../src/core/import/formats.ts';
import { exportHosts } from '../../../../src/core/import/hostList.ts';
import { ImportError, type ImportedHost, type ImportedSecret } from '../../../../src/core/import/imported.ts';
import {
  fileZilla,
  ftpKr,
  ftpSimple,
  ftpSimpleHidden,
  puttyFile,
  puttyRegistry,
  settings,
  vscodeSftp,
  winScp,
  winScpScrambled,
} from './samples.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

async function read(text: string, name = 'file'): Promise<ImportedFrom> {
  const [only, ...others] = await readHosts(bytes(text), name);
  assert.equal(others.length, 0);
  assert.ok(only !== undefined);
  return only;
}

function look({ label, folders, item: { group, ...item }, secrets }: ImportedHost): unknown[] {
  assert.equal(group, folders.length === 0 ? undefined : folders.join('/'));
  return [
    [...folders, label].join(' / '),
    item,
    secrets.map(({ kind, value, file }) => [kind, value, ...(file === undefined ? [] : [file])]),
  ];
}

const pathOf = ({ place }: ImportedSecret): unknown => (place !== undefined && 'path' in place ? place.path : undefined);

describe('hosts of other tools', () => {
  it('of FileZilla: folders, modes of encryption, ways to log in', async () => {
    const { source, hosts, problems } = await read(fileZilla, 'sitemanager.xml');
    assert.equal(source, 'FileZilla');
    assert.deepEqual(hosts.map(look), [
      ['anonymous & plain', { protocol: 'ftp', address: 'plain.example.org', port: 21 }, []],
      [
        'Work / Web – 1 / site',
        {
          ...{ protocol: 'sftp', address: 'sftp.example.org', port: 2222, user: 'ann', root: '/var/www and css' },
          ...{ connections: 3, charset: 'ISO-8859-1' },
        },
        [['password', 'canary-🐤']],
      ],
      [
        'Work / locked',
        {
          ...{ protocol: 'ftps', tls: 'implicit', address: 'ftps.example.org', port: 990, user: 'bob', mode: 'active' },
          ...{ timeZone: '+05:30', localTimes: true },
        },
        [],
      ],
      ['Work / if available', { protocol: 'ftps', address: 'maybe.example.org', port: 21, user: 'cy' }, [['password', 'canary-old']]],
      ['Work / key', { protocol: 'sftp', address: 'key.example.org', port: 22, user: 'dee', privateKeys: ['C:\\Users\\dee\\id.ppk'] }, []],
    ]);
    const notes = hosts.map((host) => host.notes.join(' '));
    assert.match(notes[1]!, /time offset.*bookmarks/);
    assert.match(notes[2]!, /master password.*folder on the server is left out/);
    assert.match(notes[3]!, /without encryption/);
    assert.match(problems.join(' '), /“bucket”: Ferry does not speak its protocol/);
  });

  it('of WinSCP: scrambled passwords, escaped names, what has no place', async () => {
    const { source, hosts, problems } = await read(winScp, 'WinSCP.ini');
    assert.equal(source, 'WinSCP');
    assert.deepEqual(hosts.map(look), [
      [
        'Clients / ACME web',
        {
          protocol: 'sftp',
          address: 'web.example.org',
          port: 2222,
          user: 'deploy',
          root: '/var/www/acme x',
          jump: ['jo@bastion.example.org:2022'],
        },
        [
          ['password', 'canary-pässword'],
          ['password', 'canary-tunnel'],
        ],
      ],
      [
        'Büro',
        {
          protocol: 'ftps',
          address: 'ftp.example.org',
          port: 21,
          user: 'bob',
          minTlsVersion: 'TLSv1.2',
          proxy: 'socks5://pat@socks.example.org:1080',
        },
        [
          ['password', 'canary-plain'],
          ['password', 'canary-proxy'],
        ],
      ],
      ['implicit', { protocol: 'ftps', tls: 'implicit', address: 'old.example.org', port: 990, addressFamily: 'inet6', user: 'bob' }, []],
      [
        'keys',
        { protocol: 'sftp', address: '10.0.0.5', user: 'root', privateKeys: ['C:\\keys\\id.ppk'], agent: false },
        [['passphrase', 'canary-phrase', 'C:\\keys\\id.ppk']],
      ],
    ]);
    assert.deepEqual(hosts[0]!.secrets[1]?.owner, { protocol: 'sftp', user: 'jo', address: 'bastion.example.org', port: 2022 });
    assert.deepEqual(hosts[1]!.secrets[1]?.owner, { protocol: 'socks5', user: 'pat', address: 'socks.example.org', port: 1080 });
    assert.match(hosts[1]!.notes.join(' '), /Active mode is left out/);
    assert.match(hosts[3]!.notes.join(' '), /SCP/);
    const impossible = await read(
      '[Sessions\\a]\nHostName=a.example.org\nFSProtocol=5\nFtps=3\nMinTlsVersion=13\nMaxTlsVersion=12\nFtpPasvMode=0\n',
    );
    assert.deepEqual([impossible.hosts.length, impossible.problems.length], [0, 1]);
    assert.equal(problems.length, 1);
  });

  it('of WinSCP: a master password is said, and a password of another host is none', async () => {
    const session = (password: string): string => `[Sessions\\a]\nHostName=a.example.org\nUserName=ann\nPassword=${password}\n`;
    const locked = ['A3', '5D'].map((digits) => digits).join('');
    const [host] = (await read(session(`${locked}0011223344`))).hosts;
    assert.deepEqual(host?.secrets, []);
    assert.match(host.notes.join(' '), /master password/);
    const other = (await read(session(winScpScrambled('bob', 'a.example.org', 'x')))).hosts[0];
    assert.deepEqual([other?.secrets, other?.notes], [[], []]);
    for (const shift of [0, 1, 40]) {
      const [own] = (await read(session(winScpScrambled('ann', 'a.example.org', 'ok', shift)))).hosts;
      assert.deepEqual(
        own?.secrets.map(({ value }) => value),
        ['ok'],
      );
    }
  });

  it('of PuTTY: a file a session, and what the registry editor exports in UTF-16', async () => {
    const { source, hosts } = await read(puttyFile, 'my%20shell');
    assert.equal(source, 'PuTTY');
    assert.deepEqual(hosts.map(look), [
      [
        'my shell',
        {
          ...{ protocol: 'sftp', address: 'shell.example.org', port: 2022, addressFamily: 'inet', user: 'cy' },
          privateKeys: ['/home/cy/.ssh/id.ppk'],
        },
        [],
      ],
    ]);
    const [exported] = await readHosts(Buffer.from(`\ufeff${puttyRegistry}`, 'utf16le'), 'putty.reg');
    assert.deepEqual(exported?.hosts.map(look), [
      [
        'my web server',
        {
          protocol: 'sftp',
          address: 'web.example.org',
          port: 2201,
          user: 'ann',
          privateKeys: ['C:\\Users\\ann\\key "1".ppk'],
          proxy: 'http://proxy.example.org:3128',
        },
        [],
      ],
    ]);
    assert.match(exported.problems.join(' '), /“switch”: this session does not use SSH/);
  });

  it('of WinSCP in the registry', async () => {
    const registry = [
      'Windows Registry Editor Version 5.00',
      '[HKEY_CURRENT_USER\\Software\\Martin Prikryl\\WinSCP 2\\Sessions\\a/b%20c]',
      '"HostName"="reg.example.org"',
      '"UserName"="ann"',
      '"FSProtocol"=dword:00000005',
    ].join('\r\n');
    const { source, hosts } = await read(registry, 'winscp.reg');
    assert.equal(source, 'WinSCP');
    assert.deepEqual(hosts.map(look), [['a / b c', { protocol: 'ftp', address: 'reg.example.org', user: 'ann' }, []]]);
  });

  it('of .vscode/sftp.json: profiles over what all have, comments, trailing commas', async () => {
    const { source, hosts } = await read(vscodeSftp, 'sftp.json');
    assert.equal(source, 'SFTP (.vscode/sftp.json)');
    assert.deepEqual(hosts.map(look), [
      [
        'My Server dev',
        { protocol: 'sftp', address: 'dev.example.org', port: 2222, user: 'ann', root: '/var/www', privateKeys: ['~/.ssh/id_dev'] },
        [
          ['password', 'canary-1'],
          ['passphrase', 'canary-2', '~/.ssh/id_dev'],
        ],
      ],
      [
        'My Server ftp',
        { protocol: 'ftps', tls: 'implicit', address: 'ftp.example.org', port: 990, user: 'ann' },
        [['password', 'canary-3']],
      ],
    ]);
    assert.deepEqual(hosts[0]?.notes, ['Left out: algorithms.']);
    assert.deepEqual(hosts[0].secrets.map(pathOf), [['password'], ['profiles', 'dev', 'passphrase']]);
  });

  it('of .vscode/sftp.json: a list, plain FTP, a private key in the file, secrets that are asked for', async () => {
    const text = JSON.stringify([
      { host: 'a.example.org', protocol: 'ftp', username: 'u', password: '' },
      {
        host: 'b.example.org',
        username: 'u',
        privateKeyPath: '-----BEGIN OPENSSH PRIVATE KEY-----\nabc',
        passphrase: true,
        agent: 'pageant',
      },
      { host: 'c.example.org', username: 'u', privateKeyPath: 'keys/id', agent: '/run/agent.sock', remotePath: 'www' },
      { name: 'nowhere', host: '', username: 'u' },
      { host: 'd.example.org', protocol: 'scp' },
      { host: 'e.example.org', password: 'canary' },
    ]);
    const { hosts, problems } = await read(text, 'sftp.json');
    assert.deepEqual(hosts.map(look), [
      ['a.example.org', { protocol: 'ftp', address: 'a.example.org', user: 'u' }, []],
      ['b.example.org', { protocol: 'sftp', address: 'b.example.org', user: 'u' }, []],
      ['c.example.org', { protocol: 'sftp', address: 'c.example.org', user: 'u', agent: '/run/agent.sock' }, []],
      ['e.example.org', { protocol: 'sftp', address: 'e.example.org' }, []],
    ]);
    assert.match(hosts[1]!.notes.join(' '), /private key in the file is not taken over/);
    assert.match(hosts[2]!.notes.join(' '), /“keys\/id” is left out.*/);
    assert.match(hosts[3]!.notes.join(' '), /no user name/);
    assert.equal(problems.length, 2);
  });

  it('of .vscode/sftp.json: the last of the hops is where the files are, the others are gone through', async () => {
    const text = JSON.stringify({
      ...{
        name: 'target',
        remotePath: '/srv',
        host: 'a.example.org',
        username: 'ann',
        password: 'canary-a',
        privateKeyPath: '/home/me/id',
      },
      hop: [
        { host: 'b.example.org', username: 'bob', port: 2222, password: 'canary-b' },
        { host: '10.0.0.9', username: 'cy', password: 'canary-c', privateKeyPath: '/home/bob/id' },
      ],
    });
    const { hosts } = await read(text, 'sftp.json');
    const [host] = hosts;
    const jump = ['ann@a.example.org', 'bob@b.example.org:2222'];
    assert.deepEqual(host?.item, { protocol: 'sftp', address: '10.0.0.9', user: 'cy', root: '/srv', jump });
    assert.deepEqual(
      host.secrets.map((secret) => [secret.value, secret.owner?.address, pathOf(secret)]),
      [
        ['canary-c', undefined, ['hop', 1, 'password']],
        ['canary-a', 'a.example.org', ['password']],
        ['canary-b', 'b.example.org', ['hop', 0, 'password']],
      ],
    );
    assert.match(host.notes.join(' '), /key that lies on the jump host.*key for the jump host/);
  });

  it('of ftp-kr: others take over from the first', async () => {
    const { source, hosts } = await read(ftpKr, 'ftp-kr.json');
    assert.equal(source, 'ftp-kr');
    assert.deepEqual(hosts.map(look), [
      [
        'kr.example.org',
        { protocol: 'ftp', address: 'kr.example.org', user: 'kim', root: '/www', charset: 'windows-1252' },
        [['password', 'canary-kr']],
      ],
      ['backup', { protocol: 'sftp', address: 'alt.example.org', user: 'kim', privateKeys: ['/home/kim/id'] }, [['password', 'canary-kr']]],
    ]);
    assert.deepEqual(hosts[0]?.notes, []);
  });

  it('of settings of VS Code, also inside a workspace file', async () => {
    for (const text of [settings, `{ "folders": [], "settings": ${settings} }`]) {
      const [remoteFs, sshFs] = await readHosts(bytes(text), 'settings.json');
      assert.deepEqual([remoteFs?.source, sshFs?.source], ['Remote FS', 'SSH FS']);
      assert.deepEqual(remoteFs?.hosts.map(look), [
        ['dev', { protocol: 'sftp', address: 'dev.example.org', user: 'ann', root: '/srv' }, [['password', 'canary-remotefs']]],
        ['site', { protocol: 'ftp', address: 'site.example.org' }, []],
      ]);
      assert.deepEqual(sshFs?.hosts.map(look), [
        [
          'Work / Web / Production',
          { protocol: 'sftp', address: 'prod.example.org', port: 22, root: '/srv/www', jump: ['lab@lab.example.org'] },
          [['password', 'canary-sshfs']],
        ],
        [
          'lab',
          {
            protocol: 'sftp',
            address: 'lab.example.org',
            user: 'lab',
            privateKeys: ['~/.ssh/lab'],
            proxy: 'socks5://socks.example.org:1080',
          },
          [['password', 'canary-sshfs']],
        ],
      ]);
      assert.match(sshFs.hosts[0]!.notes.join(' '), /is a variable.*key for the jump host is left out/);
    }
    assert.deepEqual(await readHosts(bytes('{"editor.fontSize": 3}'), 'settings.json'), []);
  });

  it('of FTP-Simple: hidden, and plain', async () => {
    for (const text of [ftpSimpleHidden(ftpSimple), ftpSimple]) {
      const { source, hosts } = await read(text, 'ftp-simple.json');
      assert.equal(source, 'FTP-Simple');
      assert.deepEqual(hosts.map(look), [
        [
          'simple',
          { protocol: 'ftp', address: 'simple.example.org', port: 21, user: 'sim', root: '/html' },
          [['password', 'canary-simple']],
        ],
      ]);
      assert.deepEqual(hosts[0]?.secrets.map(pathOf), [[0, 'password']]);
    }
    await assert.rejects(readHosts(bytes('00'.repeat(64)), 'ftp-simple.json'), ImportError);
  });

  it('of Ferry itself: what is exported comes back, without what is no option of a host', async () => {
    const items = [
      { name: 'web', protocol: 'sftp', address: 'web.example.org', user: 'ann', privateKeys: ['~/.ssh/id'], password: 'canary' },
      { name: 'ftp', protocol: 'ftps', address: 'ftp.example.org', tls: 'implicit', activePorts: '50000-50100' },
    ];
    const text = exportHosts(items);
    assert.ok(!text.includes('canary'));
    const { source, hosts } = await read(text, 'hosts.json');
    assert.equal(source, 'Ferry');
    const [first, second] = items;
    const { password, ...known } = first!;
    assert.ok(password);
    assert.deepEqual(
      hosts.map(({ item }) => item),
      [known, second],
    );
    const broken = await read('{"ferry.hosts": [{"name": "x"}, 3, {"name":"ok","protocol":"ftp","address":"a","evil":1}]}');
    assert.deepEqual(
      broken.hosts.map(({ item }) => item),
      [{ name: 'ok', protocol: 'ftp', address: 'a' }],
    );
    assert.equal(broken.problems.length, 3);
  });

  it('are valid hosts of Ferry, and no message holds a secret', async () => {
    const all = [fileZilla, winScp, puttyFile, puttyRegistry, vscodeSftp, ftpKr, settings, ftpSimpleHidden(ftpSimple)];
    for (const [index, text] of all.entries()) {
      for (const { hosts, problems } of await readHosts(bytes(text), index === 5 ? 'ftp-kr.json' : 'file')) {
        assert.ok(!/canary/.test(JSON.stringify([problems, hosts.map(({ notes, item }) => [notes, item])])), text.slice(0, 40));
        for (const { item } of hosts) assert.deepEqual(parseHosts([{ name: 'x', ...item }]).problems, []);
      }
    }
  });
});

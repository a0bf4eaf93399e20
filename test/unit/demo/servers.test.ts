import assert from 'node:assert/strict';
import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { Client as FtpClient } from 'basic-ftp';
import SftpClient from 'ssh2-sftp-client';
import { demoUser, startDemoServers, type DemoName, type DemoServers } from '../../demo/servers.ts';
import { removeFolder, temporaryFolder } from '../../servers/folder.ts';

/* By clients that are not ours. */
describe('demo servers', () => {
  let servers: DemoServers;
  let folder: string;

  before(async () => {
    folder = temporaryFolder('demo');
    servers = await startDemoServers(folder);
  });

  after(async () => {
    await servers.stop();
    removeFolder(folder);
  });

  describe('SFTP', () => {
    let client: SftpClient;
    const site = (): string => servers.hosts['demo-sftp'].folder;

    beforeEach(() => {
      client = new SftpClient();
    });
    afterEach(() => client.end());

    const connect = (secret: { password: string } | { privateKey: Buffer }): Promise<unknown> =>
      client.connect({ host: '127.0.0.1', port: servers.hosts['demo-sftp'].setting.port, username: demoUser, ...secret });

    it('logs in with the password and with the key, and refuses another', async () => {
      await connect({ password: servers.password });
      await client.end();
      client = new SftpClient();
      await connect({ privateKey: readFileSync(servers.keyFile) });
      await client.end();
      client = new SftpClient();
      await assert.rejects(connect({ password: 'wrong' }), /authentication/i);
    });

    it('lists the seeded site with its dotfile and its link', async () => {
      await connect({ password: servers.password });
      const entries = await client.list('/');
      const kinds = Object.fromEntries(entries.map(({ name, type }) => [name, type]));
      assert.equal(kinds['.htaccess'], '-');
      assert.equal(kinds['latest'], 'l');
      assert.equal(kinds['articles'], 'd');
      const index = entries.find(({ name }) => name === 'index.html');
      assert.equal(index?.size, lstatSync(join(site(), 'index.html')).size);
    });

    it('reads and writes files of any size', async () => {
      await connect({ password: servers.password });
      const content = Buffer.alloc(300_000, 'wave ');
      await client.put(content, '/big.bin');
      assert.deepEqual(readFileSync(join(site(), 'big.bin')), content);
      assert.deepEqual(await client.get('/big.bin'), content);
      await client.put(Buffer.alloc(0), '/empty');
      assert.equal((await client.stat('/empty')).size, 0);
    });

    it('makes, renames and removes', async () => {
      await connect({ password: servers.password });
      await client.mkdir('/new');
      await client.put(Buffer.from('a'), '/new/a');
      await client.put(Buffer.from('b'), '/new/b');
      await assert.rejects(client.rename('/new/a', '/new/b'));
      await client.posixRename('/new/a', '/new/b');
      assert.equal(readFileSync(join(site(), 'new', 'b'), 'utf8'), 'a');
      await assert.rejects(client.rmdir('/new'));
      await client.delete('/new/b');
      await client.rmdir('/new');
      await assert.rejects(client.stat('/new'), { code: 'ENOENT' });
    });

    it('keeps everybody within its folder', async () => {
      await connect({ password: servers.password });
      await assert.rejects(client.get('/../../../../../../../etc/hostname'));
      assert.equal(await client.realPath('/../..'), '/');
    });
  });

  for (const name of ['demo-ftp', 'demo-ftps', 'demo-ftps-implicit'] as const) {
    describe(name, () => {
      let client: FtpClient;
      const site = (): string => servers.hosts[name].folder;

      beforeEach(() => {
        client = new FtpClient(10_000);
      });
      afterEach(() => client.close());

      it('refuses a wrong password', async () => {
        await assert.rejects(connectFtp(client, servers, name, 'wrong'), /530/);
      });

      it('lists, reads, writes, renames and removes', async () => {
        await connectFtp(client, servers, name, servers.password);
        const entries = await client.list('/');
        assert.ok(entries.some((entry) => entry.name === '.htaccess'));
        assert.equal(entries.find((entry) => entry.name === 'latest')?.isSymbolicLink, true);
        const content = Buffer.alloc(1_000_000, 'tide ');
        await client.uploadFrom(Readable.from([content]), '/a "b" -c.bin');
        assert.deepEqual(readFileSync(join(site(), 'a "b" -c.bin')), content);
        assert.deepEqual(await download(client, '/a "b" -c.bin'), content);
        await client.uploadFrom(Readable.from([]), '/empty');
        assert.equal(await client.size('/empty'), 0);
        await client.rename('/empty', '/renamed');
        await client.remove('/renamed');
        await client.send('MKD /new folder');
        await assert.rejects(client.send('MKD /new folder'), /550/);
        await assert.rejects(client.send('DELE /new folder'), /550/);
        await client.send('RMD /new folder');
        await assert.rejects(client.send('CWD /new folder'), /550/);
      });

      it('removes and renames a link, not what it leads to', async () => {
        await connectFtp(client, servers, name, servers.password);
        await client.rename('/latest', '/newest');
        assert.equal(readlinkSync(join(site(), 'newest')), join('articles', '2026'));
        await client.remove('/newest');
        assert.ok(lstatSync(join(site(), 'articles', '2026')).isDirectory());
      });

      it('makes twenty transfers in a row', async () => {
        await connectFtp(client, servers, name, servers.password);
        for (let turn = 0; turn < 20; turn++) assert.ok((await client.list('/')).length > 5);
      });
    });
  }

  it('starts again on the same ports with the same identity', async () => {
    const { password, hostKeyFingerprint, certificateFingerprint } = servers;
    const port = servers.hosts['demo-sftp'].setting.port;
    await servers.stop();
    servers = await startDemoServers(folder);
    assert.deepEqual(
      [servers.password, servers.hostKeyFingerprint, servers.certificateFingerprint],
      [password, hostKeyFingerprint, certificateFingerprint],
    );
    assert.equal(servers.hosts['demo-sftp'].setting.port, port);
  });
});

async function connectFtp(client: FtpClient, servers: DemoServers, name: DemoName, password: string): Promise<void> {
  const { setting } = servers.hosts[name];
  const secure = setting.protocol === 'ftp' ? false : setting.tls === 'implicit' ? 'implicit' : true;
  await client.access({
    host: '127.0.0.1',
    port: setting.port,
    user: demoUser,
    password,
    secure,
    secureOptions: { checkServerIdentity: () => undefined, rejectUnauthorized: false },
  });
}

async function download(client: FtpClient, path: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  await client.downloadTo(sink, path);
  return Buffer.concat(chunks);
}

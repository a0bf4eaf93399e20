import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isRemoteError, type RemoteErrorCode } from '../../src/core/errors.ts';
import type { Remote } from '../../src/core/remote.ts';
import { FlightLink, openOn, sftpServerPath, startSftpServer, withoutExtensions, type StdioServer } from '../support/sftpServer.ts';

const code = (expected: RemoteErrorCode, path?: string) => (error: unknown) => {
  assert.ok(isRemoteError(error), String(error));
  assert.equal(error.code, expected, error.message);
  assert.ok(error.path !== undefined);
  if (path !== undefined) assert.equal(error.path, path);
  return true;
};

async function readAll(remote: Remote, path: string, options?: Parameters<Remote['read']>[2]): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const count = await remote.read(path, (chunk) => void chunks.push(chunk.slice()), options);
  const content = Buffer.concat(chunks);
  assert.equal(count, content.length);
  return content;
}

async function* pieces(content: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  const reused = new Uint8Array(size);
  for (let at = 0; at < content.length; at += size) {
    const part = content.subarray(at, at + size);
    reused.set(part);
    yield await Promise.resolve(reused.subarray(0, part.length));
  }
}

describe('SFTP on sftp-server’s pipes', function () {
  let root: string;
  let server: StdioServer;
  let remote: Remote;
  const at = (name: string) => join(root, name);

  before(function () {
    if (sftpServerPath !== undefined) return;
    if (process.env.CI || process.env.FERRY_REQUIRE_SERVERS) throw new Error('sftp-server is not installed');
    this.skip();
  });

  async function start(args: readonly string[] = [], charset?: string): Promise<void> {
    root = fs.mkdtempSync(join(tmpdir(), 'ferry-sftp-'));
    server = startSftpServer(args);
    remote = await openOn(server.channel, charset === undefined ? {} : { charset });
  }

  afterEach(async () => {
    if (!(remote as Remote | undefined)) return;
    await remote.close();
    server.stop();
    fs.rmSync(root, { recursive: true, force: true });
  });

  for (const [name, args] of [
    ['with all extensions', []],
    ['without extensions', withoutExtensions],
  ] as const) {
    describe(name, () => {
      beforeEach(() => start(args));

      it('tells its facts', () => {
        const bare = args.length > 0;
        assert.equal(remote.facts.atomicReplace, !bare);
        assert.equal(remote.facts.home, process.cwd());
        assert.equal(remote.space === undefined, bare);
        assert.equal(remote.copyOnServer === undefined, bare);
      });

      it('lists entries of all kinds', async () => {
        fs.writeFileSync(at('.dot'), 'abc', { mode: 0o640 });
        fs.linkSync(at('.dot'), at('hard'));
        fs.mkdirSync(at('folder'));
        fs.symlinkSync('nowhere', at('broken'));
        const names = [' lead', 'trail ', '"q"', "[*?]'", '#%;', '-x', '~', 'ü 🦀', 'back\\slash', 'tab\tx'];
        for (const odd of names) fs.writeFileSync(at(odd), '');
        const entries = new Map((await remote.list(root)).map((entry) => [entry.name, entry]));
        assert.deepEqual([...entries.keys()].sort(), ['.dot', 'broken', 'folder', 'hard', ...names].sort());
        const dot = entries.get('.dot')!;
        const disk = fs.statSync(at('.dot'));
        assert.deepEqual(
          { ...dot },
          {
            name: '.dot',
            kind: 'file',
            size: 3,
            mtime: Math.floor(disk.mtimeMs / 1000) * 1000,
            mode: 0o640,
            owner: String(disk.uid),
            group: String(disk.gid),
            links: 2,
            target: undefined,
            writable: undefined,
          },
        );
        assert.equal(entries.get('broken')?.kind, 'symlink');
        assert.equal(entries.get('folder')?.kind, 'directory');
      });

      it('lists many, none, and says why it can’t', async () => {
        fs.mkdirSync(at('many'));
        fs.mkdirSync(at('none'));
        fs.writeFileSync(at('file'), '');
        for (let i = 0; i < 3000; i++) fs.writeFileSync(at(`many/file ${i}`), '');
        const many = await remote.list(at('many'));
        assert.equal(new Set(many.map((entry) => entry.name)).size, 3000);
        assert.deepEqual(await remote.list(at('none')), []);
        await assert.rejects(remote.list(at('missing')), code('NotFound', at('missing')));
        await assert.rejects(remote.list(at('file')), code('NotADirectory', at('file')));
      });

      it('tells a link from what it leads to', async () => {
        fs.writeFileSync(at('file'), '12345');
        fs.symlinkSync('file', at('link'));
        fs.symlinkSync('nowhere', at('broken'));
        assert.equal((await remote.stat(at('link'))).size, 5);
        assert.equal((await remote.lstat(at('link'))).kind, 'symlink');
        assert.equal((await remote.lstat(at('broken'))).kind, 'symlink');
        await assert.rejects(remote.stat(at('broken')), code('NotFound', at('broken')));
        assert.equal(await remote.readLink?.(at('link')), 'file');
      });

      for (const size of [0, 1, 10_000, 32_768, 131_072, 261_121, 5_000_001]) {
        it(`writes and reads ${size} bytes`, async () => {
          const content = randomBytes(size);
          let progress = 0;
          await remote.write(at('a'), content, { disposition: 'create', mode: 0o600, onProgress: (bytes) => (progress = bytes) });
          assert.ok(fs.readFileSync(at('a')).equals(content));
          assert.equal(progress, size);
          assert.equal(fs.statSync(at('a')).mode & 0o777, 0o600);
          assert.ok((await readAll(remote, at('a'))).equals(content));
          await remote.write(at('b'), pieces(content, 7001), { disposition: 'truncate' });
          assert.ok(fs.readFileSync(at('b')).equals(content));
        });
      }

      it('reads parts', async () => {
        const content = randomBytes(300_000);
        fs.writeFileSync(at('a'), content);
        assert.ok((await readAll(remote, at('a'), { offset: 100, length: 200_000 })).equals(content.subarray(100, 200_100)));
        assert.ok((await readAll(remote, at('a'), { offset: 299_990, length: 100 })).equals(content.subarray(299_990)));
        assert.equal((await readAll(remote, at('a'), { offset: 400_000 })).length, 0);
        assert.equal((await readAll(remote, at('a'), { length: 0 })).length, 0);
      });

      it('waits for a slow sink and reads files that have no size', async () => {
        fs.writeFileSync(at('a'), Buffer.alloc(1_000_000, 'x'));
        let busy = false;
        await remote.read(at('a'), async () => {
          assert.equal(busy, false, 'one chunk at a time');
          busy = true;
          await new Promise((resolve) => setTimeout(resolve, 1));
          busy = false;
        });
        assert.match((await readAll(remote, '/proc/self/status')).toString(), /^Name:\s+sftp-server/);
        assert.equal((await readAll(remote, '/proc/self/status', { length: 5 })).toString(), 'Name:');
      });

      it('says why it can’t read', async () => {
        fs.mkdirSync(at('folder'));
        await assert.rejects(readAll(remote, at('folder')), code('IsADirectory', at('folder')));
        await assert.rejects(readAll(remote, at('missing')), code('NotFound', at('missing')));
        await assert.rejects(
          remote.read('/proc/self/status', () => Promise.reject(new Error('sink'))),
          code('Unknown'),
        );
      });

      it('updates in place, shorter and longer, without another inode', async () => {
        fs.writeFileSync(at('a'), 'x'.repeat(100_000));
        const { ino } = fs.statSync(at('a'));
        await remote.write(at('a'), Buffer.from('short'), { disposition: 'update' });
        assert.equal(fs.readFileSync(at('a'), 'utf8'), 'short');
        await remote.write(at('a'), pieces(Buffer.from('longer than before'), 5), { disposition: 'update' });
        assert.equal(fs.readFileSync(at('a'), 'utf8'), 'longer than before');
        assert.equal(fs.statSync(at('a')).ino, ino);
        await assert.rejects(remote.write(at('none'), Buffer.from('x'), { disposition: 'update' }), code('NotFound', at('none')));
        assert.equal(fs.existsSync(at('none')), false);
      });

      it('says why it can’t write', async () => {
        fs.writeFileSync(at('file'), 'old');
        fs.mkdirSync(at('folder'));
        const content = Buffer.from('new');
        await assert.rejects(remote.write(at('file'), content, { disposition: 'create' }), code('Exists', at('file')));
        assert.equal(fs.readFileSync(at('file'), 'utf8'), 'old');
        await assert.rejects(remote.write(at('folder'), content, { disposition: 'create' }), code('Exists', at('folder')));
        await assert.rejects(remote.write(at('folder'), content, { disposition: 'truncate' }), code('IsADirectory', at('folder')));
        await assert.rejects(remote.write(at('no/file'), content, { disposition: 'create' }), code('NotFound', at('no/file')));
        await assert.rejects(remote.write(at('file/file'), content, { disposition: 'create' }), code('NotADirectory', at('file/file')));
        if (fs.existsSync('/dev/full'))
          await assert.rejects(remote.write('/dev/full', content, { disposition: 'truncate' }), code('Unknown', '/dev/full'));
      });

      it('makes and removes folders, files and links', async () => {
        await remote.mkdir(at('folder'), { mode: 0o700 });
        assert.equal(fs.statSync(at('folder')).mode & 0o777, 0o700);
        await assert.rejects(remote.mkdir(at('folder')), code('Exists', at('folder')));
        await assert.rejects(remote.mkdir(at('no/folder')), code('NotFound', at('no/folder')));
        fs.writeFileSync(at('folder/file'), '');
        fs.symlinkSync('folder/file', at('link'));
        await assert.rejects(remote.rmdir(at('folder')), code('NotEmpty', at('folder')));
        await assert.rejects(remote.rmdir(at('folder/file')), code('NotADirectory'));
        await assert.rejects(remote.rmdir(at('none')), code('NotFound'));
        await assert.rejects(remote.unlink(at('folder')), code('IsADirectory'));
        await assert.rejects(remote.unlink(at('none')), code('NotFound', at('none')));
        await remote.unlink(at('link'));
        assert.ok(fs.existsSync(at('folder/file')));
        await remote.unlink(at('folder/file'));
        await remote.rmdir(at('folder'));
        assert.deepEqual(fs.readdirSync(root), []);
      });

      it('renames, and never over something unasked', async () => {
        fs.writeFileSync(at('a'), 'a');
        fs.writeFileSync(at('b'), 'b');
        fs.mkdirSync(at('folder'));
        fs.mkdirSync(at('folder2'));
        await assert.rejects(remote.rename(at('a'), at('b'), { replace: false }), code('Exists', at('b')));
        await assert.rejects(remote.rename(at('none'), at('c'), { replace: false }), code('NotFound', at('none')));
        await assert.rejects(remote.rename(at('a'), at('no/c'), { replace: true }), code('NotFound'));
        await assert.rejects(remote.rename(at('a'), at('folder'), { replace: true }), code('Exists', at('folder')));
        await assert.rejects(remote.rename(at('folder'), at('folder2'), { replace: false }), code('Exists', at('folder2')));
        if (remote.facts.atomicReplace) await remote.rename(at('a'), at('b'), { replace: true });
        else await assert.rejects(remote.rename(at('a'), at('b'), { replace: true }), code('Exists', at('b')));
        assert.equal(fs.readFileSync(at('b'), 'utf8'), remote.facts.atomicReplace ? 'a' : 'b');
        await remote.rename(at('b'), at('folder/c'), { replace: true });
        await remote.rename(at('folder'), at('moved'), { replace: false });
        assert.ok(fs.existsSync(at('moved/c')));
      });

      it('sets mode, time and group', async () => {
        fs.writeFileSync(at('a'), '');
        fs.utimesSync(at('a'), 1_000_000, 2_000_000);
        await remote.chmod?.(at('a'), 0o4755);
        await remote.setMtime?.(at('a'), 1_500_000_000_999);
        const disk = fs.statSync(at('a'));
        assert.equal(disk.mode & 0o7777, 0o4755);
        assert.deepEqual([disk.atimeMs, disk.mtimeMs], [1_000_000_000, 1_500_000_000_000]);
        if (process.getuid?.() === 0) {
          await remote.chgrp?.(at('a'), '12');
          assert.deepEqual([fs.statSync(at('a')).uid, fs.statSync(at('a')).gid], [0, 12]);
        }
        await assert.rejects(remote.chgrp!(at('a'), 'staff'), code('Unsupported', at('a')));
        await assert.rejects(remote.chmod!(at('none'), 0o644), code('NotFound', at('none')));
      });

      it('makes links the right way round', async () => {
        fs.writeFileSync(at('file'), 'x');
        fs.symlinkSync('gone', at('old'));
        await remote.symlink?.('file', at('one'));
        await remote.symlink?.('nowhere', at('two'));
        await remote.symlink?.(at('file'), at('three'));
        await assert.rejects(remote.symlink!('file', at('old')), code('Exists', at('old')));
        await assert.rejects(remote.symlink!('file', at('no/link')), code('NotFound', at('no/link')));
        assert.deepEqual(
          ['one', 'two', 'three', 'old'].map((name) => fs.readlinkSync(at(name))),
          ['file', 'nowhere', at('file'), 'gone'],
        );
      });

      it('does twenty things at once', async () => {
        const contents = Array.from({ length: 20 }, () => randomBytes(50_000));
        await Promise.all(contents.map((content, i) => remote.write(at(`f${i}`), content, { disposition: 'create' })));
        const read = await Promise.all(contents.map((_, i) => readAll(remote, at(`f${i}`))));
        contents.forEach((content, i) => assert.ok(read[i]?.equals(content)));
      });

      it('cancels at once and goes on', async () => {
        fs.writeFileSync(at('big'), Buffer.alloc(20_000_000));
        const abort = new AbortController();
        const reading = remote.read(at('big'), () => abort.abort(), { signal: abort.signal });
        await assert.rejects(reading, code('Cancelled', at('big')));
        await assert.rejects(remote.stat(root, { signal: abort.signal }), code('Cancelled', root));
        const stuck = new AbortController();
        async function* never(): AsyncGenerator<Uint8Array> {
          yield Buffer.from('begun');
          setImmediate(() => stuck.abort());
          await new Promise(() => {});
        }
        await assert.rejects(
          remote.write(at('new'), never(), { disposition: 'create', signal: stuck.signal }),
          code('Cancelled', at('new')),
        );
        await remote.ping();
        assert.deepEqual(openFiles(server, root), [], 'no handle is left open');
      });

      it('rejects all after the server is gone', async () => {
        const waiting = [remote.stat(root), remote.list(root), remote.ping()];
        server.stop();
        for (const call of waiting) await assert.rejects(call, code('Lost'));
        assert.equal((await remote.closed).code, 'Lost');
        await assert.rejects(remote.stat(root), code('Lost', root));
      });

      it('rejects all after close', async () => {
        const waiting = remote.list(root);
        const rejected = assert.rejects(waiting, code('Lost'));
        await remote.close();
        await rejected;
        await assert.rejects(remote.ping(), code('Lost'));
        assert.equal((await remote.closed).message, 'The connection was closed.');
      });
    });
  }

  it('copies on the server and measures space', async () => {
    await start();
    const content = randomBytes(3_000_000);
    fs.writeFileSync(at('a'), content, { mode: 0o750 });
    let progress = 0;
    await remote.copyOnServer?.(at('a'), at('b'), { onProgress: (bytes) => (progress = bytes) });
    assert.ok(fs.readFileSync(at('b')).equals(content));
    assert.equal(progress, content.length);
    assert.equal(fs.statSync(at('b')).mode & 0o777, 0o750);
    await assert.rejects(remote.copyOnServer!(at('a'), at('b')), code('Exists', at('b')));
    await assert.rejects(remote.copyOnServer!(at('none'), at('c')), code('NotFound', at('none')));
    await assert.rejects(remote.copyOnServer!(root, at('c')), code('IsADirectory', root));
    const disk = fs.statfsSync(root);
    assert.ok(Math.abs((await remote.space!(root)) - disk.bavail * disk.bsize) < 1e9);
  });

  it('says Denied on a server that only reads', async () => {
    await start(['-R']);
    fs.writeFileSync(at('a'), 'x');
    const denied = code('Denied');
    assert.equal((await readAll(remote, at('a'))).toString(), 'x');
    await assert.rejects(remote.write(at('a'), Buffer.from('y'), { disposition: 'truncate' }), denied);
    await assert.rejects(remote.write(at('b'), Buffer.from('y'), { disposition: 'create' }), denied);
    await assert.rejects(remote.mkdir(at('c')), denied);
    await assert.rejects(remote.unlink(at('a')), denied);
    await assert.rejects(remote.rename(at('a'), at('b'), { replace: true }), denied);
    await assert.rejects(remote.rename(at('a'), at('b'), { replace: false }), denied);
    assert.ok(!offered(remote).includes('chmod'));
    assert.equal(remote.facts.update, false);
    assert.deepEqual(fs.readdirSync(root), ['a']);
  });

  it('offers only what the server can', async () => {
    await start(['-P', 'setstat,readlink,symlink']);
    assert.deepEqual(offered(remote), ['copyOnServer', 'space']);
    assert.equal(remote.facts.update, false);
  });

  it('refuses to write in place where it could not cut', async () => {
    await start(['-P', 'fsetstat']);
    fs.writeFileSync(at('a'), 'a long content');
    await assert.rejects(remote.write(at('a'), Buffer.from('short'), { disposition: 'update' }), code('Unsupported', at('a')));
    assert.equal(fs.readFileSync(at('a'), 'utf8'), 'a long content');
    await remote.write(at('a'), Buffer.from('short'), { disposition: 'truncate' });
    assert.equal(fs.readFileSync(at('a'), 'utf8'), 'short');
  });

  it('keeps names that are not UTF-8, and names of another charset', async () => {
    await start();
    const odd = Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x66, 0xe9, 0xff, 0x2e, 0x74])]);
    fs.writeFileSync(odd, 'bytes');
    const [entry] = await remote.list(root);
    assert.equal((await readAll(remote, at(entry!.name))).toString(), 'bytes');
    await remote.rename(at(entry!.name), at(`${entry!.name}2`), { replace: false });
    assert.ok(fs.existsSync(Buffer.concat([odd, Buffer.from('2')])));
    const second = startSftpServer();
    const latin = await openOn(second.channel, { charset: 'latin1' });
    assert.equal((await latin.list(root))[0]?.name, 'féÿ.t2');
    await latin.write(at('ü'), Buffer.from('x'), { disposition: 'create' });
    assert.ok(fs.existsSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0xfc])])));
    await assert.rejects(latin.stat(at('日')), code('BadPath', at('日')));
    await latin.close();
    second.stop();
  });

  describe('round trips', () => {
    let link: FlightLink;

    async function count(action: () => Promise<unknown>): Promise<number> {
      const before = link.flights;
      await action();
      const after = link.flights;
      // What is not waited for (CLOSE) is not counted for the next.
      await remote.ping();
      return after - before;
    }

    beforeEach(async () => {
      root = fs.mkdtempSync(join(tmpdir(), 'ferry-sftp-'));
      server = startSftpServer();
      link = new FlightLink(server.channel);
      remote = await openOn(link);
      assert.equal(link.flights, 1, 'INIT and REALPATH go together');
      await remote.ping();
    });

    it('are the least there can be', async () => {
      for (let i = 0; i < 300; i++) fs.writeFileSync(at(`file ${i}`), '');
      fs.writeFileSync(at('small'), randomBytes(10_000));
      fs.writeFileSync(at('middle'), randomBytes(250_000));
      const counted = {
        stat: await count(() => remote.stat(root)),
        list: await count(() => remote.list(root)),
        read: await count(() => readAll(remote, at('small'))),
        readMiddle: await count(() => readAll(remote, at('middle'))),
        write: await count(() => remote.write(at('new'), randomBytes(10_000), { disposition: 'create' })),
        update: await count(() => remote.write(at('new'), randomBytes(9000), { disposition: 'update' })),
        updateAgain: await count(() => remote.write(at('new'), randomBytes(8000), { disposition: 'update' })),
        rename: await count(() => remote.rename(at('new'), at('newer'), { replace: true })),
        mkdir: await count(() => remote.mkdir(at('folder'))),
        symlink: await count(() => remote.symlink!('small', at('link'))),
        unlink: await count(() => remote.unlink(at('newer'))),
      };
      assert.deepEqual(counted, {
        stat: 1,
        list: 2,
        read: 2,
        readMiddle: 2,
        write: 2,
        update: 4,
        updateAgain: 2,
        rename: 1,
        mkdir: 1,
        symlink: 1,
        unlink: 1,
      });
    });
  });
});

const optional = ['chmod', 'chgrp', 'setMtime', 'readLink', 'symlink', 'copyOnServer', 'space'] as const;

function offered(remote: Remote): string[] {
  return optional.filter((name) => remote[name] !== undefined);
}

/** What the server has open below `root` by now. */
function openFiles(server: StdioServer, root: string): string[] {
  const folder = `/proc/${server.process.pid}/fd`;
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder)
    .map((fd) => {
      try {
        return fs.readlinkSync(join(folder, fd));
      } catch {
        return '';
      }
    })
    .filter((path) => path.startsWith(root));
}

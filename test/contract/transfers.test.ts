import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireServer } from '../servers/server.ts';
import { eventually } from '../support/eventually.ts';
import { makeFaultGround, type FaultGround } from './faultGround.ts';
import { faultServers, type FaultServer } from './faultServers.ts';
import { inTime, pattern } from './ground.ts';
import { type Desk, deskOf } from './transferDesk.ts';

const size = 6 * 2 ** 20;
const tested = ['OpenSSH', 'vsftpd', 'vsftpd, TLS session reuse required'];

for (const { name, start } of faultServers.filter((each) => tested.includes(each.name))) {
  describe(`transfers: ${name}`, function () {
    this.timeout(60_000);
    let behind: FaultServer | undefined;
    let ground: FaultGround;
    let local: string;
    let desk: Desk;
    const content = pattern(size);
    const isFtp = () => ground.host.protocol !== 'sftp';
    /** What is there of the file, as the queue says it from the break on. */
    const bytesAfterStrike = (): number[] => {
      const seen: number[] = [];
      desk.queue.onDidChange(() => {
        const running = desk.queue.groups.flatMap(({ items }) => items).filter(({ state }) => state === 'running');
        if (ground.proxy.counts.struck > 0) seen.push(...running.map(({ bytes }) => bytes));
      });
      return seen;
    };
    const parts = (folder: string) => readdirSync(folder).filter((each) => /part-ferry|^\.ferry-/.test(each));

    before(async function () {
      behind = await requireServer(this, start);
    });
    beforeEach(async () => {
      assert.ok(behind);
      ground = await makeFaultGround(behind, { folder: 'transfers' });
      mkdirSync(join(behind.server.root, 'transfers'), { recursive: true });
      ground.disk.makeFolder('up');
      local = mkdtempSync(join(tmpdir(), 'ferry-transfers-'));
      desk = deskOf(ground, local);
    });
    afterEach(async () => {
      desk.queue.dispose();
      await ground.end();
      rmSync(local, { recursive: true });
      rmSync(join(behind!.server.root, 'transfers'), { recursive: true });
    });
    after(() => behind?.server.stop());

    it('goes on with an upload where the link broke', async () => {
      mkdirSync(join(local, 'up'));
      writeFileSync(join(local, 'up', 'big'), content);
      await ground.run((remote) => remote.ping(), { repeatable: true });
      const after = bytesAfterStrike();
      ground.proxy.arm({ kind: 'cut', direction: 'toServer', afterBytes: size / 2, ...(isFtp() && { channel: 'data' as const }) });
      const outcome = await desk.send('up/big', 'upload');
      assert.deepEqual([outcome.done, outcome.failed.map(({ error }) => error?.message)], [1, []]);
      assert.equal(ground.proxy.counts.struck, 1);
      assert.ok(ground.disk.read('up/big').equals(content));
      assert.ok(Math.min(...after) > 0, 'it began anew');
      await ground.assertClean('up');
    });

    it('goes on with a download where the link broke', async () => {
      ground.disk.file('up/big', content);
      await ground.run((remote) => remote.ping(), { repeatable: true });
      const after = bytesAfterStrike();
      ground.proxy.arm({ kind: 'cut', direction: 'toClient', afterBytes: size / 2, ...(isFtp() && { channel: 'data' as const }) });
      const outcome = await desk.send('up/big', 'download');
      assert.deepEqual([outcome.done, outcome.failed.map(({ error }) => error?.message)], [1, []]);
      assert.equal(ground.proxy.counts.struck, 1);
      assert.ok(readFileSync(join(local, 'up', 'big')).equals(content));
      assert.ok(Math.min(...after) > 0, 'it began anew');
      assert.deepEqual(readdirSync(join(local, 'up')), ['big']);
    });

    it('begins anew where the source changed meanwhile', async () => {
      ground.disk.file('up/big', content, { mtime: new Date(1_600_000_000_000) });
      ground.proxy.limitRate(2 * size);
      const sending = desk.send('up/big', 'download');
      await desk.reached(size / 3);
      desk.queue.pause(() => true);
      assert.equal(parts(join(local, 'up')).length, 1);
      const other = pattern(size, 99);
      ground.disk.file('up/big', other, { mtime: new Date(1_600_000_010_000) });
      ground.proxy.limitRate(undefined);
      desk.queue.resume(() => true);
      assert.equal((await sending).done, 1);
      assert.ok(readFileSync(join(local, 'up', 'big')).equals(other));
      assert.deepEqual(readdirSync(join(local, 'up')), ['big']);
    });

    it('removes what is there of a file that is cancelled, and leaves the old one', async () => {
      mkdirSync(join(local, 'up'));
      writeFileSync(join(local, 'up', 'big'), content);
      ground.disk.file('up/big', 'old');
      ground.proxy.limitRate(2 * size);
      const sending = desk.send('up/big', 'upload', 'overwrite');
      await desk.reached(size / 3);
      desk.queue.cancel(() => true);
      assert.deepEqual(await sending, { done: 0, skipped: 0, failed: [], cancelled: 1 });
      ground.proxy.limitRate(undefined);
      // Nobody waits for that: it is removed now, or noted for later.
      await eventually(() => ground.assertClean('up'));
      assert.equal(ground.disk.read('up/big').toString(), 'old');
    });

    it('brings folders, keeps times and permissions when told so, and replaces only what may be', async () => {
      mkdirSync(join(local, 'tree', 'inner', 'empty'), { recursive: true });
      for (const [file, text] of [
        ['a', 'new a'],
        ['inner/b', 'new b'],
        ['inner/c', ''],
      ] as const)
        writeFileSync(join(local, 'tree', file), text);
      utimesSync(join(local, 'tree', 'a'), 1_600_000_000, 1_600_000_000);
      ground.disk.makeFolder('tree');
      ground.disk.file('tree/a', 'old a', { mode: 0o600 });
      desk.queue.dispose();
      desk = deskOf(ground, local, { keeps: true });
      assert.deepEqual(await desk.send('tree', 'upload'), { done: 3, skipped: 1, failed: [], cancelled: 0 });
      assert.equal(ground.disk.read('tree/a').toString(), 'old a');
      assert.equal((await desk.send('tree', 'upload', 'overwrite')).done, 4);
      assert.equal(ground.disk.read('tree/a').toString(), 'new a');
      assert.equal(Number(ground.disk.stat('tree/a')?.mode) & 0o777, 0o600);
      assert.equal(Math.floor(Number(ground.disk.stat('tree/a')?.mtimeMs) / 1000), 1_600_000_000);
      assert.deepEqual(ground.disk.names('tree/inner').toSorted(), ['b', 'c', 'empty']);
      assert.equal((await desk.send('tree', 'upload', 'rename')).done, 4);
      assert.equal(ground.disk.read('tree/inner/b copy').toString(), 'new b');
      assert.equal((await desk.send('tree', 'upload', 'newer')).skipped, 3);
      await ground.assertClean('tree');
    });

    it('goes on with a file that somebody left there, both ways, where it is a beginning', async () => {
      mkdirSync(join(local, 'up'));
      writeFileSync(join(local, 'up', 'big'), content);
      ground.disk.file('up/big', content.subarray(0, size / 2 + 7));
      const sent: number[] = [];
      desk.queue.onDidChange(() => void sent.push(...desk.queue.groups.flatMap(({ items }) => items.map(({ bytes }) => bytes))));
      assert.equal((await desk.send('up/big', 'upload', 'resume')).done, 1);
      assert.ok(ground.disk.read('up/big').equals(content));
      assert.ok(Math.min(...sent.filter((bytes) => bytes > 0)) >= size / 3, 'it began anew');
      writeFileSync(join(local, 'up', 'big'), content.subarray(0, size / 2 + 7));
      assert.equal((await desk.send('up/big', 'download', 'resume')).done, 1);
      assert.ok(readFileSync(join(local, 'up', 'big')).equals(content));
      assert.equal((await desk.send('up/big', 'upload', 'resume')).skipped, 1);
      await ground.assertClean('up');
      assert.deepEqual(readdirSync(join(local, 'up')), ['big']);
    });

    it('compares eight places of a large file that somebody left there, and asks where one of them is another', async () => {
      const asked: string[] = [];
      const answers = ['overwrite', 'overwrite'] as const;
      desk.queue.dispose();
      desk = deskOf(ground, local, {
        ask: ({ item, mayResume }) => {
          asked.push(`${item.to.path.split('/').at(-1)} ${mayResume}`);
          return Promise.resolve(answers[asked.length - 1] ?? 'skip');
        },
      });
      mkdirSync(join(local, 'up'));
      writeFileSync(join(local, 'up', 'big'), content);
      const half = content.subarray(0, 5 * 2 ** 20);
      const sentBy = async (direction: 'upload' | 'download', there: Uint8Array) => {
        if (direction === 'upload') ground.disk.file('up/big', there);
        else writeFileSync(join(local, 'up', 'big'), there);
        const way = direction === 'upload' ? 'toServer' : 'toClient';
        const before = ground.proxy.counts[way];
        assert.equal((await desk.send('up/big', direction, 'resume')).done, 1);
        const now = direction === 'upload' ? ground.disk.read('up/big') : readFileSync(join(local, 'up', 'big'));
        assert.ok(now.equals(content), direction);
        return ground.proxy.counts[way] - before;
      };
      // What is compared of an upload comes the other way.
      assert.ok((await sentBy('upload', half)) < size / 3, 'it began anew');
      const other = Buffer.from(half);
      // In the fourth place.
      other[Math.floor(((half.length - 2 ** 19) / 7) * 3) + 99] = (other[0] ?? 0) ^ 255;
      assert.deepEqual(asked, []);
      assert.ok((await sentBy('upload', other)) >= size);
      assert.ok((await sentBy('download', other)) >= size);
      assert.deepEqual(asked, ['big false', 'big false']);
      await ground.assertClean('up');
    });

    /** A Cancel takes effect within a second; a busy machine has more, but far less than the transfer would take. */
    const cancelTime = 10;
    const slowly = size / 40;

    for (const direction of ['upload', 'download'] as const)
      it(`moves nothing more of ${direction === 'upload' ? 'an upload' : 'a download'} over a slow line when it is cancelled`, async () => {
        const [mine, theirs] = direction === 'upload' ? [content, 'old'] : ['old', content];
        mkdirSync(join(local, 'up'));
        writeFileSync(join(local, 'up', 'big'), mine);
        ground.disk.file('up/big', theirs);
        await ground.run((remote) => remote.ping(), { repeatable: true });
        ground.proxy.limitRate(slowly);
        const sending = desk.send('up/big', direction, 'overwrite');
        await desk.reached(1);
        const { counts } = ground.proxy;
        const way = direction === 'upload' ? 'toServer' : 'toClient';
        const before = counts[way];
        desk.queue.cancel(() => true);
        assert.deepEqual(await inTime(sending, cancelTime), { done: 0, skipped: 0, failed: [], cancelled: 1 });
        // What was on the line already arrives, and no more of it.
        ground.proxy.limitRate(undefined);
        await eventually(() => ground.assertClean('up'));
        await eventually(() => assert.deepEqual(readdirSync(join(local, 'up')), ['big']));
        assert.ok(counts[way] - before < size / 2, `${counts[way] - before} bytes were still moved`);
        const kept = direction === 'upload' ? ground.disk.read('up/big') : readFileSync(join(local, 'up', 'big'));
        assert.equal(kept.toString(), 'old');
      });

    it('writes nothing through a link on this computer that is below the chosen folder', async () => {
      ground.disk.makeFolder('tree');
      ground.disk.makeFolder('tree/sub');
      ground.disk.file('tree/sub/file', 'theirs');
      mkdirSync(join(local, 'elsewhere'));
      mkdirSync(join(local, 'tree'));
      symlinkSync(join(local, 'elsewhere'), join(local, 'tree', 'sub'));
      const { failed } = await desk.send('tree', 'download', 'overwrite');
      assert.deepEqual(
        failed.map(({ error }) => error?.code),
        ['NotADirectory'],
      );
      assert.deepEqual(readdirSync(join(local, 'elsewhere')), []);
      assert.ok(statSync(join(local, 'tree', 'sub')).isDirectory());
    });
  });
}

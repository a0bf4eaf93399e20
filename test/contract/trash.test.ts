import assert from 'node:assert/strict';
import { lchownSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { moveThroughPool } from '../../src/core/operations/moveThroughPool.ts';
import { discardOn } from '../../src/core/operations/discard.ts';
import { moveToTrash } from '../../src/core/operations/trash.ts';
import { deleteTrashed, forgetTrashed, listTrash, purgeTrash, type TrashedItem } from '../../src/core/operations/trashContents.ts';
import { isTrashed } from '../../src/core/operations/trashFolder.ts';
import { runChange } from '../../src/core/operations/unsettled.ts';
import { basename } from '../../src/core/path.ts';
import type { Fault } from '../servers/faultyProxy.ts';
import { requireServer } from '../servers/server.ts';
import { assertLinkError, makeFaultGround, outcomeOf, type FaultGround } from './faultGround.ts';
import { faultServers, type FaultServer } from './faultServers.ts';
import { toldFault } from './faultPlaces.ts';
import { pattern } from './ground.ts';

/* The trash on real servers: what is deleted is there, whole, wherever the link breaks; a purge takes what it should and nothing else. */

const day = 24 * 3600_000;

/** Bytes of a whole deletion are a few hundred each way; most of the places are within it. */
const places = [0, 1, 20, 45, 70, 95, 120, 160, 200, 260, 330, 420, 550];

function faults(isFtp: boolean): Fault[] {
  const channel = isFtp ? { channel: 'control' as const } : {};
  return places.flatMap((afterBytes, index) =>
    (['toServer', 'toClient'] as const).map((direction, way) => ({
      ...{ direction, afterBytes, ...channel },
      kind: (index + way) % 2 === 0 ? ('reset' as const) : ('cut' as const),
    })),
  );
}

for (const { name, start } of faultServers) {
  describe(`trash: ${name}`, function () {
    this.timeout(120_000);
    let behind: FaultServer | undefined;
    let ground: FaultGround;
    const trash = () => ground.path('trash');
    const remove = (file: string) =>
      runChange(ground.pool, ground.host, (remote, signal) => moveToTrash(remote, trash(), ground.path(file), { signal }), {
        repeatable: true,
      });
    const list = () => ground.run((remote) => listTrash(remote, trash()), { repeatable: true });
    /** Where an item is on the disk. */
    const onDisk = ({ path }: TrashedItem) => path.slice(ground.path('trash').length - 'trash'.length);
    const restore = (item: TrashedItem) =>
      ground.run(async (remote) => {
        await remote.rename(item.path, item.from, { replace: false });
        await forgetTrashed(remote, item);
      });

    before(async function () {
      behind = await requireServer(this, start);
      ground = await makeFaultGround(behind);
    });
    after(async () => {
      await ground.end();
      await behind?.server.stop();
    });
    beforeEach(() => {
      for (const entry of ground.disk.names()) rmSync(ground.disk.pathOf(entry), { recursive: true, force: true });
    });

    it('takes files and folders byte for byte with their modes, and gives them back', async () => {
      const { disk } = ground;
      const content = pattern(100_000);
      const names = ['plain.txt', ' spaced  (1).txt', "quote's & $(x) %2F.txt", 'äöü日本.txt', `${'long'.repeat(30)}.txt`];
      for (const file of names) disk.file(file, content, { mode: 0o640 });
      disk.makeFolder('tree', 0o750);
      disk.file('tree/inner', 'inner', { mode: 0o600 });
      disk.link('../plain.txt', 'tree/link');
      for (const file of [...names, 'tree']) await remove(file);
      assert.deepEqual(disk.names(), ['trash']);
      if (ground.host.protocol === 'sftp') assert.equal(Number(disk.stat('trash')?.mode) & 0o777, 0o700);
      const items = await list();
      assert.deepEqual(items.map(({ from }) => from).toSorted(), [...names, 'tree'].map(ground.path).toSorted());
      for (const item of items) await restore(item);
      assert.deepEqual(disk.names('trash'), []);
      for (const file of names) {
        assert.ok(disk.read(file).equals(content), file);
        assert.equal(Number(disk.stat(file)?.mode) & 0o777, 0o640, file);
      }
      assert.equal(disk.read('tree/inner').toString(), 'inner');
      assert.equal(Number(disk.stat('tree')?.mode) & 0o777, 0o750);
      assert.ok(disk.stat('tree/link')?.isSymbolicLink());
    });

    it('takes what a move replaces', async () => {
      const { disk, pool, host, path } = ground;
      disk.file('new', 'new');
      disk.file('old', 'old', { mode: 0o600 });
      const discard = discardOn({ trash: trash() });
      await moveThroughPool(pool, { host, path: path('new') }, { host, path: path('old') }, { overwrite: true, discard });
      assert.equal(disk.read('old').toString(), 'new');
      const [item] = await list();
      assert.equal(item?.from, path('old'));
      assert.equal(disk.read(onDisk(item)).toString(), 'old');
      assert.deepEqual(disk.names(), ['old', 'trash']);
    });

    it('has it whole, at its place or in it, wherever the link breaks', async () => {
      const { disk, proxy, run } = ground;
      const content = pattern(3000);
      const before = proxy.counts.struck;
      for (const fault of faults(ground.host.protocol !== 'sftp')) {
        disk.file('file', content, { mode: 0o640 });
        await run((remote) => remote.ping(), { repeatable: true });
        proxy.arm(fault);
        const outcome = await outcomeOf(ground, remove('file'));
        proxy.disarm();
        const label = toldFault(fault);
        if ('error' in outcome) assertLinkError(outcome.error);
        const items = await list();
        const isThere = disk.exists('file');
        const whole = items.filter((item) => disk.exists(onDisk(item)) && disk.read(onDisk(item)).equals(content));
        assert.ok(isThere ? disk.read('file').equals(content) : whole.length === 1, `${label}: it is lost`);
        if ('value' in outcome) assert.ok(!isThere && whole.length === 1, `${label}: told as deleted`);
        for (const item of whole) {
          assert.equal(item.from, ground.path('file'));
          if (!isThere) await restore(item);
          else await run((remote) => deleteTrashed(remote, item));
        }
        for (const item of await list()) await run((remote) => deleteTrashed(remote, item), { repeatable: true });
      }
      assert.ok(proxy.counts.struck - before > places.length / 2, 'too few of the faults struck');
    });

    it('is purged of what is too old, and of nothing else', async () => {
      const { disk, pool, host, run, path } = ground;
      disk.makeFolder('precious');
      disk.file('precious/file', 'precious');
      disk.file('deleted', 'deleted');
      await remove('deleted');
      const now = Date.now();
      const old = (daysAgo: number, rest = '-0%2Fold') =>
        `${new Date(now - daysAgo * day).toISOString().replace(/[-:]|\.\d+/g, '')}-0123456789abcdef${rest}`;
      const put = (entry: string, daysAgo: number) => {
        mkdirSync(disk.pathOf(`trash/${entry}/deep`), { recursive: true });
        writeFileSync(disk.pathOf(`trash/${entry}/deep/file`), 'x');
        disk.link('../../precious', `trash/${entry}/link`);
        const owner = behind?.server.owner;
        for (const each of ['', '/deep', '/deep/file'])
          if (owner !== undefined) lchownSync(disk.pathOf(`trash/${entry}${each}`), owner.uid, owner.gid);
        utimesSync(disk.pathOf(`trash/${entry}`), new Date(), new Date(now - daysAgo * day));
      };
      // Where a listing tells no time of known zone the name alone counts.
      const tellsTimes = (await run((remote) => remote.list(trash()))).every(({ mtime }) => mtime !== undefined);
      const gone = [old(31), old(400)];
      for (const entry of gone) put(entry, 31);
      const kept = [old(29), ...(tellsTimes ? [old(31, '-0%2Ffresh')] : []), `${old(31)} copy`, `x${old(31)}`, old(31, '.bak'), 'notes'];
      for (const entry of kept) put(entry, entry.endsWith('fresh') ? 1 : 100);
      disk.link('../precious', `trash/${old(31, '-0%2Flink')}`);
      disk.file(`trash/${old(31, '-0%2Ffile')}`, 'a file');
      const before = disk.names('trash');
      assert.equal(await purgeTrash(pool, { ...host, trash: trash() }, now - 30 * day), gone.length);
      const after = disk.names('trash');
      assert.deepEqual(
        before.filter((entry) => !after.includes(entry)),
        gone.toSorted(),
      );
      assert.equal(disk.read('precious/file').toString(), 'precious');
      assert.equal((await run((remote) => listTrash(remote, trash()))).filter(({ from }) => from === path('deleted')).length, 1);
      assert.ok(isTrashed(trash(), `${trash()}/${old(31)}/${basename(path('x'))}`));
    });
  });
}

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { chownSync } from 'node:fs';
import { isRemoteError, type RemoteErrorCode } from '../../src/core/errors.ts';
import { ConflictError } from '../../src/core/operations/saveErrors.ts';
import { isRoot } from '../servers/account.ts';
import { descendants } from '../servers/process.ts';
import { requireServer } from '../servers/server.ts';
import { makeFaultGround, outcomeOf, type FaultGround } from './faultGround.ts';
import { clearWork } from './faultOperations.ts';
import { faultServers, type FaultServer } from './faultServers.ts';
import { fails, pattern } from './ground.ts';

const size = 2 ** 20;
const oldContent = pattern(size, 5);
const newContent = pattern(size + 100, 6);

function sameAs(ground: FaultGround, content: Uint8Array): boolean {
  return ground.disk.read('work/file').equals(content);
}

/** Those of this process that `start` made. */
async function withProcesses(start: () => Promise<FaultServer>): Promise<{ behind: FaultServer; listener: number[] }> {
  const before = new Set(descendants(process.pid));
  const behind = await start();
  return { behind, listener: descendants(process.pid).filter((pid) => !before.has(pid)) };
}

function kill(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended in the meantime.
    }
  }
}

for (const { name, start } of faultServers) {
  describe(`a server in trouble: ${name}`, function () {
    this.timeout(60_000);
    let behind: FaultServer | undefined;
    let listener: number[];
    let ground: FaultGround;

    before(async function () {
      ({ behind, listener } = await requireServer(this, () => withProcesses(start)));
      ground = await makeFaultGround(behind);
    });
    after(async () => {
      await ground.end();
      await behind?.server.stop();
    });
    beforeEach(() => clearWork(ground));
    afterEach(() => ground.proxy.disarm());

    it('a full disk: says so, the old file is whole, nothing of Ferry is left', async function () {
      if (!isRoot()) {
        process.stderr.write('      skipped: a small disk can be mounted by root only.\n');
        this.skip();
      }
      const { disk, save, journal, server, path } = ground;
      const old = pattern(300_000, 7);
      disk.makeFolder('work/small');
      await disk.withSmallDisk('work/small', async () => {
        disk.file('work/small/file', old);
        if (server.owner) chownSync(disk.pathOf('work/small').toString(), server.owner.uid, server.owner.gid);
        const { version: base } = await ground.read('work/small/file');
        const outcome = await outcomeOf(ground, save('work/small/file', pattern(5 * size, 8), { base }));
        assert.ok('error' in outcome);
        const { error } = outcome;
        // Some servers have no words for it; then a hint tells what it may be.
        assert.ok(isRemoteError(error, 'NoSpace', 'Unknown'), `${error.code}: ${error.message}`);
        if (error.code === 'Unknown' && !/no reason/.test(error.message)) assert.match(error.hint ?? '', /full/);
        assert.ok(error.path?.startsWith(path('work/small')));
        assert.ok(disk.read('work/small/file').equals(old), 'the old file is whole');
        await ground.assertClean('work/small');
        assert.deepEqual(disk.names('work/small'), ['file']);
        assert.equal(journal.kept.size, 0);
      });
    });

    it('a folder that takes no new file: the file is written in place', async () => {
      const { disk, save, read } = ground;
      disk.makeFolder('work/closed');
      disk.file('work/closed/file', oldContent);
      const { ino } = disk.stat('work/closed/file') ?? {};
      disk.chmod('work/closed', 0o555);
      const { version: base } = await read('work/closed/file');
      await save('work/closed/file', newContent, { base });
      assert.ok(disk.read('work/closed/file').equals(newContent));
      assert.equal(disk.stat('work/closed/file')?.ino, ino, 'it is the same file');
      const error = await fails(save('work/closed/new', newContent), ['Denied', 'Unknown']);
      assert.equal(error.path?.startsWith(ground.path('work/closed')), true);
      assert.deepEqual(disk.names('work/closed'), ['file']);
      await ground.assertClean('work/closed');
      assert.equal(ground.journal.kept.size, 0);
    });

    it('a read-only file stays as it is', async () => {
      const { disk, save, read } = ground;
      disk.file('work/file', oldContent, { mode: 0o444 });
      const { version: base } = await read('work/file');
      await fails(save('work/file', newContent, { base }), ['Denied', 'Unknown'], ground.path('work/file'));
      assert.ok(sameAs(ground, oldContent));
      await ground.assertClean('work');
      assert.equal(ground.journal.kept.size, 0);
    });

    it('a change on the server is a conflict, and nothing is written', async () => {
      const { disk, save, read } = ground;
      const mtime = new Date('2020-01-02T03:04:05Z');
      const theirs = pattern(size, 9);
      disk.file('work/file', oldContent, { mtime });
      const { version: base } = await read('work/file');
      for (const [told, change] of Object.entries({
        'another size': () => disk.file('work/file', 'theirs'),
        'an older time and another size': () => disk.file('work/file', 'theirs', { mtime: new Date('2001-01-01') }),
        'the same size and time': () => disk.file('work/file', theirs, { mtime }),
      })) {
        change();
        const before = digest(disk.read('work/file'));
        const error = await fails(save('work/file', newContent, { base }), 'Conflict', ground.path('work/file'));
        assert.ok(error instanceof ConflictError && error.theirs !== undefined, told);
        assert.equal(digest(disk.read('work/file')), before, told);
      }
      await save('work/file', newContent, { base, ignoreConflict: true });
      assert.ok(sameAs(ground, newContent));
      clearWork(ground);
      const deleted = await fails(save('work/file', oldContent, { base }), 'Conflict', ground.path('work/file'));
      assert.ok(deleted instanceof ConflictError && deleted.theirs === undefined);
      assert.deepEqual(disk.names('work'), []);
      disk.file('work/file', 'theirs');
      await fails(save('work/file', newContent, { overwrite: false }), 'Exists', ground.path('work/file'));
      assert.equal(disk.read('work/file').toString(), 'theirs');
      await ground.assertClean('work');
    });

    it('its sessions are killed in the middle of a save: saved by a new one', async () => {
      const { disk, save, read } = ground;
      disk.file('work/file', oldContent);
      const { version: base } = await read('work/file');
      let killed = 0;
      const onProgress = (bytes: number): void => {
        if (bytes < size / 2 || killed > 0) return;
        const sessions = listener.flatMap(descendants);
        killed = sessions.length;
        kill(sessions);
      };
      await save('work/file', newContent, { base, onProgress });
      assert.ok(killed > 0);
      assert.ok(sameAs(ground, newContent));
      await ground.assertClean('work');
    });

    it('it is killed in the middle of a save: an error in time, and the file is whole', async () => {
      const { disk, save, read } = ground;
      disk.file('work/file', oldContent);
      const { version: base } = await read('work/file');
      let isDead = false;
      const onProgress = (bytes: number): void => {
        if (bytes < size / 2 || isDead) return;
        isDead = true;
        kill([...listener, ...listener.flatMap(descendants)]);
      };
      const outcome = await outcomeOf(ground, save('work/file', newContent, { base, onProgress }));
      if ('value' in outcome) assert.ok(sameAs(ground, newContent), 'acknowledged, so it is there');
      else {
        assert.ok(isRemoteError(outcome.error, ...(['Lost', 'Unreachable'] satisfies RemoteErrorCode[])), outcome.error.code);
        assert.ok(sameAs(ground, oldContent) || sameAs(ground, newContent), `torn: ${disk.read('work/file').length}`);
      }
      await fails(ground.read('work/file'), ['Lost', 'Unreachable']);
    });
  });
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

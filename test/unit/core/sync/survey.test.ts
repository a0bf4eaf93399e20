import assert from 'node:assert/strict';
import { hashOf, type Version } from '../../../../src/core/operations/version.ts';
import { compareContents } from '../../../../src/core/sync/contents.ts';
import type { SyncDirection } from '../../../../src/core/sync/decision.ts';
import type { SyncRow } from '../../../../src/core/sync/plan.ts';
import { planFrom, surveyFolder, type Survey, type SyncFolder } from '../../../../src/core/sync/survey.ts';
import { MemoryRemote, MemoryServer } from '../../../support/memoryRemote.ts';

const hour = 3600_000;

/** A server that lists like one without MLSD: times only one by one. */
class UntimedLists extends MemoryRemote {
  override async list(...given: Parameters<MemoryRemote['list']>) {
    return (await super.list(...given)).map((entry) => ({ ...entry, mtime: undefined }));
  }
}

describe('a survey of both sides', () => {
  let here: MemoryServer;
  let there: MemoryServer;
  let agreed: Map<string, Version>;
  let agreedTimes: Map<string, number>;
  let omitted: RegExp;

  const folder: SyncFolder = {
    ...{ here: '/project', there: '/www', isNameHere: () => true, trash: '/www/bin' },
    omits: (relative) => Promise.resolve(omitted.test(relative)),
    agreed: (relative) => agreed.get(relative),
    agreedTime: (relative) => agreedTimes.get(relative),
  };
  const call = { ahead: 0, now: 1_800_000_000_000 };
  const look = async (remote = new MemoryRemote(there), local = new MemoryRemote(here)): Promise<Survey> =>
    surveyFolder(local, remote, folder, call);
  const plan = (survey: Survey, direction: SyncDirection = 'both', contents?: ReadonlyMap<string, boolean>): string[] =>
    planFrom(survey, folder, direction, contents).rows.map(({ action, relative, reason }: SyncRow) => `${action} ${relative}: ${reason}`);
  /** Both have it, and know that. */
  const exchanged = async (name: string, text: string): Promise<void> => {
    here.file(`/project/${name}`, text);
    const { mtime, bytes } = there.file(`/www/${name}`, text);
    agreed.set(name, { size: bytes.length, mtime, hash: await hashOf(bytes) });
  };

  beforeEach(() => {
    [here, there, omitted] = [new MemoryServer(), new MemoryServer(), /^\b$/];
    agreed = new Map();
    agreedTimes = new Map();
    here.folder('/project');
    there.folder('/www');
  });

  it('knows what changed here by content, whatever the times say, and does not read what has its time still', async () => {
    for (const name of ['same', 'touched', 'changed', 'longer']) await exchanged(name, 'text');
    const touched = here.find('/project/touched', false)!;
    touched.mtime += hour;
    here.file('/project/changed', 'TEXT');
    here.file('/project/longer', 'text and more');
    agreedTimes.set('same', here.find('/project/same', false)!.mtime);
    const local = new MemoryRemote(here);
    assert.deepEqual(plan(await look(undefined, local)), ['upload changed: changedHere', 'upload longer: changedHere']);
    assert.ok(!local.calls.some((each) => each.startsWith('read') && each.includes('same')));
    assert.ok(local.calls.some((each) => each.startsWith('read') && each.includes('touched')));
  });

  it('takes what it can’t read here for changed, so that nothing takes its place unasked', async () => {
    await exchanged('f', 'text');
    here.find('/project/f', false)!.mtime += hour;
    there.file('/www/f', 'theirs');
    const local = new MemoryRemote(here);
    local.read = () => Promise.reject(new Error('locked'));
    assert.deepEqual(plan(await look(undefined, local)), ['conflict f: changedBoth']);
  });

  it('sees nothing of what Ferry itself keeps among the files: what is on its way in, and the trash', async () => {
    here.file('/project/.ferry-0123456789abcdef.tmp', 'half');
    here.file('/project/film.mp4.part-ferry-01234567', 'half');
    there.file('/www/.ferry-0123456789abcdef.tmp', 'half');
    there.file('/www/deep/.ferry-0123456789abcdef.old', 'old');
    there.file('/www/bin/deleted', 'x');
    there.file('/www/deep/bin/own', 'x');
    assert.deepEqual(plan(await look(), 'down'), ['download deep/bin/own: onlyThere']);
  });

  it('enters no folder that is left out, on neither side', async () => {
    omitted = /^(?:node_modules|.*\.log)$/;
    for (const root of [here, there]) root.file(root === here ? '/project/node_modules/deep/f' : '/www/node_modules/deep/f', 'x');
    here.file('/project/a.log', 'x');
    const [local, remote] = [new MemoryRemote(here), new MemoryRemote(there)];
    assert.deepEqual(plan(await look(remote, local)), []);
    assert.ok(![...local.calls, ...remote.calls].some((each) => each.includes('node_modules')));
  });

  it('asks for times that lists do not tell, of those files only that a decision hangs on', async () => {
    await exchanged('known', 'text');
    await exchanged('resized', 'text');
    there.file('/www/resized', 'longer text');
    here.file('/project/met', 'text');
    there.file('/www/met', 'other').mtime += hour;
    there.file('/www/alone', 'x');
    const remote = new UntimedLists(there);
    assert.deepEqual(plan(await look(remote)), ['download alone: onlyThere', 'download met: newerThere', 'download resized: changedThere']);
    const looked = remote.calls.filter((each) => each.startsWith('stat '));
    assert.deepEqual(looked.toSorted(), ['stat /www/known', 'stat /www/met']);
    there.find('/www/known', false)!.mtime += 5000;
    assert.ok(plan(await look(new UntimedLists(there))).includes('download known: changedThere'));
  });

  it('takes a folder that one side does not have for an empty one', async () => {
    here.file('/project/a/b', 'x');
    there.folderOf('/www').children.delete('www');
    assert.deepEqual(plan(await look()), ['upload a/b: onlyHere']);
  });

  it('of 5,000 files on each side leads to a plan that makes both the same, and a second one has nothing to do', async () => {
    for (let number = 0; number < 5000; number += 1) {
      const name = `d${number % 40}/f${number}`;
      if (number % 10 !== 1) here.file(`/project/${name}`, `${number}`);
      if (number % 10 !== 2) there.file(`/www/${name}`, `${number}`).mtime = here.find(`/project/${name}`, false)?.mtime ?? there.tick();
      if (number % 10 === 3) here.file(`/project/${name}`, `${number} newer`).mtime += hour;
      if (number % 10 === 4) there.file(`/www/${name}`, `${number} newer`).mtime += hour;
    }
    const { rows } = planFrom(await look(), folder, 'both');
    assert.equal(rows.length, 2000);
    for (const { action, relative } of rows) {
      const [from, to] = action === 'upload' ? [`/project/${relative}`, `/www/${relative}`] : [`/www/${relative}`, `/project/${relative}`];
      const [source, target] = action === 'upload' ? [here, there] : [there, here];
      const { bytes, mtime } = source.find(from, false)!;
      target.file(to, bytes).mtime = mtime;
    }
    const second = planFrom(await look(), folder, 'both');
    assert.deepEqual([second.rows, second.same], [[], 5000]);
  });
});

describe('contents of both sides', () => {
  const server = new MemoryServer();
  const remote = new MemoryRemote(server);
  const compare = (one: Uint8Array, other: Uint8Array) => {
    server.file('/here', one);
    server.file('/there', other);
    return compareContents(remote, remote, { here: '/here', there: '/there', size: one.length });
  };

  it('are compared byte by byte, small and large', async () => {
    for (const size of [0, 10, 3 * 1024 * 1024]) {
      const bytes = new Uint8Array(size).fill(7);
      assert.equal((await compare(bytes, bytes.slice())).isSame, true);
      if (size === 0) continue;
      for (const at of [0, size >> 1, size - 1]) {
        const other = bytes.slice();
        other[at] = 8;
        assert.equal((await compare(bytes, other)).isSame, false, `${size}: ${at}`);
      }
      assert.equal((await compare(bytes, bytes.slice(1))).isSame, false);
    }
  });

  it('differ where one is gone', async () => {
    server.file('/here', 'x');
    const gone = await compareContents(remote, remote, { here: '/here', there: '/gone', size: 1 });
    assert.deepEqual(gone, { isSame: false, theirs: undefined });
  });
});

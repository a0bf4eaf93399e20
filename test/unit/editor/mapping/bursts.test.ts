import assert from 'node:assert/strict';
import { createTransfers, type Transfers } from '../../../../src/core/transfers.ts';
import type { MappedFile, Mappings } from '../../../../src/editor/mapping/mappings.ts';
import type { LiveGroup } from '../../../../src/editor/transfers/liveGroup.ts';
import type { Uploads } from '../../../../src/editor/mapping/uploads.ts';
import { eventually } from '../../../support/eventually.ts';
import { person } from '../fakeVscode.ts';
import { Uri } from '../fakeWorkspace.ts';
import { createMemento } from '../memento.ts';

const { createUploads } = await import('../../../../src/editor/mapping/uploads.ts');
const { createBursts } = await import('../../../../src/editor/mapping/bursts.ts');

function filesOf(count: number): MappedFile[] {
  return Array.from({ length: count }, (_, number) => {
    const [uri, target] = [Uri.file(`/project/${number}.js`), { name: 'staging', remote: '' }];
    return { uri, target, relative: `${number}.js`, location: { host: { name: 'shop' } } } as unknown as MappedFile;
  });
}

describe('bursts of uploads', () => {
  let transfers: Transfers;
  let uploads: Uploads;
  /** Let each upload that began end. */
  let gate: PromiseWithResolvers<undefined>;
  let sent: string[];
  let started: number;
  /** In the view of transfers. */
  let groups: LiveGroup[];

  beforeEach(() => {
    person.reset();
    transfers = createTransfers();
    gate = Promise.withResolvers();
    [sent, started, groups] = [[], 0, []];
    transfers.onDidChange(({ kind }) => (started += kind === 'started' ? 1 : 0));
    const bursts = createBursts(transfers, (group) => {
      groups.push(group);
      return { dispose: () => void (groups = groups.filter((each) => each !== group)) };
    });
    const find = (uri: Uri) => filesOf(100).find((file) => file.uri.toString() === uri.toString());
    uploads = createUploads(createMemento(), { find } as unknown as Mappings, async (file) => {
      await gate.promise;
      await bursts.transfers.track({ verb: 'Saving', name: file.relative, hostName: 'shop' }, undefined, () => Promise.resolve());
      sent.push(file.relative);
    });
    bursts.follow(uploads);
  });
  afterEach(() => uploads.dispose());

  it('are one piece of work, which counts what is done', async () => {
    uploads.add(filesOf(60));
    await eventually(() =>
      assert.deepEqual(
        transfers.running.map(({ label }) => label.name),
        ['60 files'],
      ),
    );
    gate.resolve(undefined);
    await eventually(() => assert.equal(transfers.running.length, 0));
    assert.deepEqual([sent.length, new Set(sent).size, started], [60, 60, 1]);
  });

  it('are shown one by one where there are few', async () => {
    gate.resolve(undefined);
    uploads.add(filesOf(3));
    await eventually(() => assert.equal(sent.length, 3));
    assert.equal(started, 3);
  });

  it('are cancelled as one: what has begun ends, and the rest is told of', async () => {
    uploads.add(filesOf(60));
    await eventually(() => assert.equal(transfers.running.length, 1));
    const begun = uploads.pending.filter(({ state }) => state === 'sending').length;
    transfers.running[0]?.cancel();
    assert.equal(uploads.pending.length, begun);
    await eventually(() => assert.deepEqual(person.told, [`Cancelled: ${60 - begun} files were not uploaded.`]));
    assert.deepEqual([uploads.pending.length, transfers.running.length], [begun, 0]);
    gate.resolve(undefined);
    await eventually(() => assert.deepEqual([sent.length, uploads.pending.length], [begun, 0]));
  });

  it('are one group of the view of transfers, which cancels them', async () => {
    uploads.add(filesOf(60));
    await eventually(() => assert.equal(groups.length, 1));
    const [group] = groups;
    assert.ok(group);
    const begun = uploads.pending.filter(({ state }) => state === 'sending').length;
    assert.deepEqual([group.title, group.progress, group.files.length], ['Uploading to shop', { files: 60, filesDone: 0 }, 60]);
    assert.deepEqual(
      group.files.map(({ isRunning }) => isRunning),
      Array.from({ length: 60 }, (_, number) => number < begun),
    );
    group.cancel();
    assert.equal(uploads.pending.length, begun);
    await eventually(() => assert.deepEqual([person.told, groups], [[`Cancelled: ${60 - begun} files were not uploaded.`], []]));
    gate.resolve(undefined);
    await eventually(() => assert.equal(sent.length, begun));
  });

  it('are none where the queue of transfers sends them, which shows them', async () => {
    uploads.leave(filesOf(60));
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.deepEqual([transfers.running.length, groups.length, uploads.pending.length], [0, 0, 60]);
  });

  it('can be cancelled once more where others come after that', async () => {
    uploads.add(filesOf(60));
    await eventually(() => assert.equal(transfers.running.length, 1));
    transfers.running[0]?.cancel();
    await eventually(() => assert.equal(person.told.length, 1));
    const begun = uploads.pending.length;
    uploads.add(filesOf(90).slice(60));
    await eventually(() => assert.equal(transfers.running.length, 1));
    transfers.running[0]?.cancel();
    await eventually(() => assert.deepEqual(person.told.slice(1), ['Cancelled: 30 files were not uploaded.']));
    gate.resolve(undefined);
    await eventually(() => assert.deepEqual([sent.length, uploads.pending.length], [begun, 0]));
  });
});

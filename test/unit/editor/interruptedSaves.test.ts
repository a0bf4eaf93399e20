import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Journal, KeptCopy } from '../../../src/editor/journal.ts';
import { person } from './fakeVscode.ts';
import { desk, type Uri } from './fakeWorkspace.ts';
import { SavingDesk } from './savingDesk.ts';

const { offerInterruptedSaves } = await import('../../../src/editor/interruptedSaves.ts');

const path = '/www/page.txt';
const [oldText, newText, torn] = ['what it held', 'WHAT WAS TO BE SAVED', 'WHAT WAS held'];

describe('a save that was interrupted by the end of its window', () => {
  let saving: SavingDesk;
  let folder: string;
  let discarded: string[];

  beforeEach(async () => {
    person.reset();
    saving = new SavingDesk();
    discarded = [];
    folder = await mkdtemp(join(tmpdir(), 'ferry-kept-'));
    await writeFile(join(folder, 'old'), oldText);
    await writeFile(join(folder, 'new'), newText);
  });

  afterEach(async () => {
    await saving.dispose();
    await rm(folder, { recursive: true });
  });

  const copyOf = (of: string, aside?: string): KeptCopy => ({
    ...{ path: of, aside, location: folder, time: 0 },
    discard: () => Promise.resolve(void discarded.push(of)),
  });

  const offer = (...copies: KeptCopy[]) =>
    offerInterruptedSaves({ copies: () => Promise.resolve(copies) } as unknown as Journal, saving.host, saving.troubles, (uri: unknown) =>
      saving.locate(uri as Uri),
    );

  const text = () => saving.server.text(path);

  it('is said with what the file holds now; nothing is written or discarded by itself', async () => {
    saving.server.file(path, torn);
    await offer(copyOf(path));
    const [{ message, buttons } = { message: '', buttons: [] }] = person.dialogs;
    assert.match(message, /Saving \/www\/page\.txt on demo was interrupted .* holds neither/);
    assert.deepEqual(buttons, ['Retry', 'Restore', 'Save a Copy…', 'More…']);
    assert.deepEqual([text(), discarded], [torn, []]);
  });

  it('is no question where it was done after all', async () => {
    saving.server.file(path, newText);
    await offer(copyOf(path));
    assert.deepEqual([person.dialogs, discarded], [[], [path]]);
  });

  it('has nothing to restore where the file holds what it held', async () => {
    saving.server.file(path, oldText);
    await offer(copyOf(path));
    assert.match(person.dialogs[0]?.message ?? '', /holds what it held before the save, in full/);
    assert.equal(person.dialogs[0]?.buttons.includes('Restore'), false);
  });

  it('is repeated or undone when the person says so, over what the person was told of', async () => {
    for (const [presses, result] of [
      [['Retry', 'Write Mine'], newText],
      [['Restore', 'Put Back What It Held'], oldText],
    ] as const) {
      saving.server.file(path, torn);
      [person.presses, discarded] = [[...presses], []];
      await offer(copyOf(path));
      assert.deepEqual([text(), discarded], [result, [path]]);
    }
  });

  it('is kept where the second question is not answered', async () => {
    saving.server.file(path, torn);
    person.presses = ['Restore'];
    await offer(copyOf(path));
    assert.deepEqual([text(), discarded], [torn, []]);
  });

  it('is shown, and asked of again until it is decided; discarded only when the person says so', async () => {
    saving.server.file(path, torn);
    person.presses = ['More…', 'More…', 'More…'];
    person.picks = ['Show Both Versions', 'Show Both Versions', 'Discard Both Versions'];
    await offer(copyOf(path));
    assert.equal(desk.commands.filter(({ id }) => id === 'vscode.diff').length, 2);
    assert.equal(person.dialogs.length, 3);
    assert.deepEqual([text(), discarded], [torn, [path]]);
  });

  it('keeps a later save from taking the damage for somebody else’s change, before any question is answered', async () => {
    saving.server.file(path, oldText);
    saving.server.file('/www/other.txt', oldText);
    const document = await saving.open(path);
    document.type('typed since');
    saving.server.file(path, torn);
    saving.server.file('/www/other.txt', torn);
    await offer(copyOf('/www/other.txt'), copyOf(path));
    assert.equal(await document.save(), false);
    assert.match(document.failures.at(-1) ?? '', /the save has damaged it.*\[Restore\]/);
  });

  it('offers no Restore of what is on the server under another name', async () => {
    await offer(copyOf(path, '/www/.ferry-0123456789abcdef.old'));
    assert.match(person.dialogs[0]?.message ?? '', /is not on demo any more/);
    assert.equal(person.dialogs[0]?.buttons.includes('Restore'), false);
  });
});

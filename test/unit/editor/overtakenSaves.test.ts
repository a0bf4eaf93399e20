import assert from 'node:assert/strict';
import { readFile } from '../../../src/core/operations/readFile.ts';
import { hashOf } from '../../../src/core/operations/version.ts';
import type { History } from '../../../src/editor/history.ts';
import type { KeptVersion } from '../../../src/editor/historyEntries.ts';
import { MemoryRemote } from '../../support/memoryRemote.ts';
import { person } from './fakeVscode.ts';
import { desk, type Document, type Uri } from './fakeWorkspace.ts';
import { SavingDesk } from './savingDesk.ts';

const { tellOvertaken } = await import('../../../src/editor/overtakenSaves.ts');

const path = '/www/page.txt';
const [before, mine, theirs] = ['one\ntwo\n', 'ONE\ntwo\n', 'one\nTWO\n'];
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const time = Date.now();

describe('a save that somebody else has overtaken', () => {
  let saving: SavingDesk;
  let kept: { readonly version: KeptVersion; readonly content: Uint8Array }[];
  let document: Document;

  beforeEach(async () => {
    person.reset();
    saving = new SavingDesk();
    kept = [];
    await keep(before, time);
    saving.server.file(path, theirs);
    document = await saving.open(path);
  });

  afterEach(() => saving.dispose());

  async function keep(text: string, at: number): Promise<void> {
    const [content, hash] = [bytes(text), await hashOf(bytes(text))];
    kept.unshift({ content, version: { path, hash, time: at, size: content.length, because: 'saved', file: 'any' } });
  }

  async function tell(more: { readonly late?: boolean; readonly mine?: Uint8Array | undefined } = {}): Promise<string> {
    let adding: Promise<void> | undefined;
    const history = {
      add: (_: unknown, content: Uint8Array) => void (adding = keep(new TextDecoder().decode(content), time + 2000)),
      settled: () => adding ?? Promise.resolve(),
      versions: () => Promise.resolve(kept.map(({ version }) => version)),
      content: (hash: string) => Promise.resolve(kept.find(({ version }) => version.hash === hash)?.content),
    } as unknown as History;
    const { versions, merges } = saving;
    const read = () => readFile(new MemoryRemote(saving.server), path);
    const location = saving.locate(saving.uri(path));
    await tellOvertaken({ history, versions, merges, read }, { location, mine: bytes(mine), time, late: false, ...more });
    return person.dialogs[0]?.message ?? '';
  }

  const shown = (uri: Uri): string => new TextDecoder('utf-8').decode(saving.versions.readFile(uri as never));
  const run = (id: string): readonly unknown[] => desk.commands.find((command) => command.id === id)?.args ?? [];

  it('is told with the file, its host and the ways on', async () => {
    assert.match(await tell(), /^\/www\/page\.txt was changed on demo by somebody else at the moment when you saved it\./);
    assert.deepEqual(person.dialogs[0]?.buttons, ['Compare', 'Merge', 'Restore Mine']);
  });

  it('is told of as of another day, when it was found late', async () => {
    assert.match(await tell({ late: true }), /^\/www\/page\.txt is not on demo what you saved on .*2\d\d\d/);
  });

  it('says so where what was saved is not kept', async () => {
    assert.match(await tell({ mine: undefined }), /not kept on this computer/);
    assert.deepEqual(person.dialogs[0]?.buttons, []);
  });

  it('is compared with what the file holds', async () => {
    person.presses = ['Compare'];
    await tell();
    const [left, right, title] = run('vscode.diff') as [Uri, Uri, string];
    assert.deepEqual([shown(left), right.path, title], [mine, path, 'page.txt (what you saved) ↔ page.txt (on demo)']);
  });

  it('is merged from what both began with; the file gets the result', async () => {
    person.presses = ['Merge'];
    await tell();
    const [editor] = run('_open.mergeEditor') as [
      { base: Uri; input1: { uri: Uri }; input2: { uri: Uri; description: string }; output: Uri },
    ];
    assert.deepEqual([editor.base, editor.input1.uri, editor.input2.uri].map(shown), [before, theirs, mine]);
    assert.equal(editor.input2.description, 'what you saved');
    await saving.merges.writeFile(editor.output as never, bytes('ONE\nTWO\n'));
    assert.deepEqual([saving.server.text(path), document.isDirty], ['ONE\nTWO\n', false]);
  });

  it('is merged with what was typed since', async () => {
    document.type(`${mine}three\n`);
    person.presses = ['Merge'];
    await tell();
    const [editor] = run('_open.mergeEditor') as [{ input2: { uri: Uri } }];
    assert.equal(shown(editor.input2.uri), `${mine}three\n`);
  });

  it('is no merge where the content before it is not known, or is no text', async () => {
    kept = [];
    await keep('long ago', time - 3_600_000);
    await tell();
    assert.deepEqual(person.dialogs[0]?.buttons, ['Compare', 'Restore Mine']);
    kept = [];
    await keep('\0binary', time);
    await tell();
    assert.deepEqual(person.dialogs[1]?.buttons, ['Compare', 'Restore Mine']);
  });

  it('is shown beside what is there now, to be restored', async () => {
    person.presses = ['Restore Mine'];
    await tell();
    const [left] = (desk.commands.find(({ id }) => id === 'vscode.diff' || id === 'vscode.open')?.args ?? []) as [Uri];
    assert.equal(shown(left), mine);
    assert.match(person.told[0] ?? '', /Restore it as it was/);
    assert.equal(saving.server.text(path), theirs);
  });
});

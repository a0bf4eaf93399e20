import assert from 'node:assert/strict';
import { eventually } from '../../support/eventually.ts';
import { person } from './fakeVscode.ts';
import { desk, Document, Tab, type Uri } from './fakeWorkspace.ts';
import { linkOf, SavingDesk } from './savingDesk.ts';

const path = '/www/page.txt';
const theirs = 'ONE\ntwo\nthree\n';
const mine = 'one\ntwo\nTHREE\n';

/* The merge editor was closed before it had saved what it merged by itself: VS Code shows the result in an editor of its own then. */
describe('the unsaved result of a merge', () => {
  let saving: SavingDesk;
  let document: Document;
  /** Of the merge, as VS Code has it open. */
  let result: Document;

  beforeEach(async () => {
    person.reset();
    saving = new SavingDesk();
    saving.server.file(path, 'one\ntwo\nthree\n');
    document = await saving.open(path);
    document.type(mine);
    saving.server.file(path, theirs);
    assert.equal(await document.save(), false);
    const output = await merge();
    result = new Document(output, '', (content) => saveByHand(output, content));
    result.type('half merged');
    desk.documents.push(result);
  });

  afterEach(() => saving.dispose());

  async function merge(): Promise<Uri> {
    await saving.conflicts.merge(linkOf(document.failures.at(-1), 'Merge'));
    return (desk.commands.at(-1)?.args[0] as { readonly output: Uri }).output;
  }

  /** What VS Code says of every save that an extension or its merge editor asks for, too. */
  function saveByHand(output: Uri, content: Uint8Array): Promise<void> {
    desk.willSave.fire({ document: { uri: output }, reason: 1 });
    return saving.merges.writeFile(output as never, content);
  }

  const untouched = () => assert.deepEqual([saving.server.text(path), document.getText(), document.isDirty], [theirs, mine, true]);
  const draft = () => new TextDecoder().decode(saving.merges.readFile(result.uri as never));
  const turn = () => new Promise((resolve) => setImmediate(resolve));

  it('is closed where nothing else shows it, and merging goes on from it', async () => {
    desk.openTab(new Tab(document.uri));
    desk.openTab(new Tab(result.uri));
    await eventually(() => assert.equal(desk.tabs.length, 1));
    assert.equal(desk.tabs[0]?.input instanceof Object && (desk.tabs[0].input as { uri?: Uri }).uri, document.uri);
    assert.deepEqual([result.isDirty, draft()], [false, 'half merged']);
    untouched();
    assert.equal((await merge()).toString(), result.uri.toString());
    await saveByHand(result.uri, new TextEncoder().encode('merged'));
    assert.equal(saving.server.text(path), 'merged');
  });

  it('stays beside its merge editor, and where it can not be saved', async () => {
    desk.openTab(new Tab(result.uri, { merging: true }));
    desk.openTab(new Tab(result.uri));
    await turn();
    assert.deepEqual([desk.tabs.length, result.isDirty], [2, true]);
    desk.tabs = [];
    result.save = () => Promise.resolve(false);
    desk.openTab(new Tab(result.uri));
    await turn();
    assert.equal(desk.tabs.length, 1);
    untouched();
  });

  it('is completed by nobody but the person, also where the merge editor saves it before it opens', async () => {
    desk.onCommand = async (id) => {
      if (id === '_open.mergeEditor') await result.save();
    };
    await merge();
    assert.deepEqual([result.isDirty, draft()], [false, 'half merged']);
    untouched();
  });
});

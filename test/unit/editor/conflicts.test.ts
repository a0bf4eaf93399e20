import assert from 'node:assert/strict';
import { RemoteError } from '../../../src/core/errors.ts';
import { person } from './fakeVscode.ts';
import { desk, Document, Uri } from './fakeWorkspace.ts';
import { linkOf, SavingDesk } from './savingDesk.ts';

const path = '/www/page.txt';
const base = 'one\ntwo\nthree\n';
const theirs = 'ONE\ntwo\nthree\n';
const mine = 'one\ntwo\nTHREE\n';
const merged = 'ONE\ntwo\nTHREE\n';

describe('a save over another version', () => {
  let saving: SavingDesk;
  let document: Document;

  beforeEach(async () => {
    person.reset();
    saving = new SavingDesk();
    saving.server.file(path, base);
    document = await saving.open(path);
    document.type(mine);
  });

  afterEach(() => saving.dispose());

  const text = () => saving.server.text(path);

  async function conflict(content: string | Uint8Array = theirs): Promise<string> {
    saving.server.file(path, content);
    assert.equal(await document.save(), false);
    return document.failures.at(-1) ?? '';
  }

  const contexts = () => ['', '.changed', '.mergeable'].map((end) => (desk.context(`ferry.conflicts${end}`) as string[]).length);

  it('offers a merge where the base is known and the file is a short text', async () => {
    const message = await conflict();
    assert.match(message, /\/www\/page\.txt was changed on demo .*\[Merge\].*\[Compare\].*\[Save mine anyway\].*\[Take the server's\]/);
    assert.deepEqual(contexts(), [1, 1, 1]);
    assert.equal(text(), theirs);
  });

  it('is told to VS Code’s menus, and no other save is', async () => {
    const told = () => desk.commands.filter(({ id }) => id === 'setContext').length;
    const before = told();
    assert.equal(await document.save(), true);
    assert.equal(told(), before);
    document.type(merged);
    await conflict();
    assert.notEqual(told(), before);
  });

  it('offers none where the base is not known any more, the file is binary or larger than 1 MB', async () => {
    saving.held.content = () => undefined;
    assert.doesNotMatch(await conflict(), /Merge/);
    assert.deepEqual(contexts(), [1, 1, 0]);
    saving.held.content = () => new Uint8Array([65, 0, 66]);
    assert.doesNotMatch(await conflict(), /Merge/);
    saving.held.content = () => new Uint8Array([65, 66]);
    assert.doesNotMatch(await conflict(new Uint8Array(1024 * 1024 + 1)), /Merge/);
    assert.match(await conflict(new Uint8Array(1024 * 1024)), /Merge/);
  });

  it('shows both side by side where only the server’s version turns out to be binary', async () => {
    const message = await conflict(new Uint8Array([79, 0, 69]));
    await saving.conflicts.merge(linkOf(message, 'Merge'));
    assert.equal(desk.commands.at(-1)?.id, 'vscode.diff');
    assert.match(person.told.at(-1) ?? '', /can not be merged/);
  });

  it('of a deleted file offers to save it anew or a copy, and never overwrites one that was made since', async () => {
    saving.server.folderOf(path).children.delete('page.txt');
    assert.equal(await document.save(), false);
    const message = document.failures.at(-1) ?? '';
    assert.match(message, /was deleted on demo .*Nothing was written\. \[Save mine anyway\].* · \[Save a Copy…\]/);
    assert.doesNotMatch(message, /Merge|Compare|Take/);
    assert.deepEqual(contexts(), [1, 0, 0]);
    saving.server.file(path, 'made since');
    await saving.conflicts.overwrite(linkOf(message, 'Save mine anyway'));
    assert.equal(text(), 'made since');
    const again = document.failures.at(-1);
    assert.match(again ?? '', /was changed on demo/);
    saving.server.folderOf(path).children.delete('page.txt');
    assert.equal(await document.save(), false);
    await saving.conflicts.overwrite(linkOf(document.failures.at(-1), 'Save mine anyway'));
    assert.equal(text(), mine);
    assert.deepEqual(contexts(), [0, 0, 0]);
  });

  describe('whose document is to take what the server has', () => {
    const written = () => saving.server.find(path, true)?.mtime;
    const take = async () => saving.conflicts.useServer(linkOf(document.failures.at(-1), "Take the server's"));
    /** What VS Code does as it saves. */
    const asItSaves = (act: (save: () => Promise<boolean>) => Promise<boolean>) => {
      const save = document.save.bind(document);
      document.save = () => act(save);
    };

    it('has it without a word to the server, and is in conflict no more', async () => {
      await conflict();
      const before = written();
      desk.commands = [];
      await take();
      assert.deepEqual([document.getText(), document.isDirty, text(), written()], [theirs, false, theirs, before]);
      assert.deepEqual(contexts(), [0, 0, 0]);
      assert.deepEqual(
        desk.commands.filter(({ id }) => id !== 'setContext'),
        [],
        'commands act on what is in front',
      );
      assert.deepEqual(saving.announced, []);
      document.type('after');
      assert.equal(await document.save(), true);
      assert.equal(text(), 'after');
    });

    it('has it exactly where VS Code formats what it saves: it is read again', async () => {
      await conflict();
      const before = written();
      asItSaves((save) => {
        document.type('  ONE\n  two\n  three\n\n');
        return save();
      });
      await take();
      assert.deepEqual([document.isDirty, text(), written()], [false, theirs, before]);
      assert.deepEqual(
        saving.announced.map(({ uri }) => uri.toString()),
        [document.uri.toString()],
      );
      assert.notEqual(saving.bases.get('/sftp/demo/www/page.txt')?.mtime, before, 'VS Code reads only what has another time');
    });

    it('stays unsaved, with nothing sent, where something is typed before it is saved: it is based on what was taken', async () => {
      await conflict();
      const before = written();
      asItSaves((save) => {
        document.type(`${theirs}typed`);
        return save();
      });
      await take();
      assert.deepEqual(
        [document.getText(), document.isDirty, text(), written(), saving.announced],
        [`${theirs}typed`, true, theirs, before, []],
      );
      assert.match(document.failures.at(-1) ?? '', /something was changed in it before it was saved\. Nothing was sent\./);
      assert.deepEqual(contexts(), [0, 0, 0]);
      document.save = Document.prototype.save.bind(document);
      assert.equal(await document.save(), true);
      assert.equal(text(), `${theirs}typed`);
    });

    it('keeps what is typed just then, which is based on what was taken', async () => {
      await conflict();
      const before = written();
      asItSaves((save) => {
        const saved = save();
        document.type('typed');
        return saved;
      });
      await take();
      assert.deepEqual([document.getText(), text(), written(), saving.announced], ['typed', theirs, before, []]);
      document.save = Document.prototype.save.bind(document);
      assert.equal(await document.save(), true);
      assert.equal(text(), 'typed');
    });

    it('keeps its text where the server can not be read', async () => {
      await conflict();
      saving.unreachable = true;
      saving.onStep = () => {
        throw new RemoteError('Lost', 'gone');
      };
      await assert.rejects(take());
      assert.deepEqual([document.getText(), document.isDirty], [mine, true]);
      assert.deepEqual(contexts(), [1, 1, 1]);
    });
  });

  it('takes the file itself for no place for a copy', async () => {
    const message = await conflict();
    person.place = document.uri;
    saving.server.folderOf(path).children.delete('page.txt');
    assert.equal(await document.save(), false);
    assert.notEqual(document.failures.at(-1), message);
    await assert.rejects(saving.conflicts.saveCopy(linkOf(document.failures.at(-1), 'Save a Copy…')), { code: 'Exists', path });
    assert.equal(text(), undefined);
  });

  it('overwrites only the version that the person was told of', async () => {
    const message = await conflict();
    saving.server.file(path, 'newer\n');
    await saving.conflicts.overwrite(linkOf(message, 'Save mine anyway'));
    assert.equal(text(), 'newer\n');
    assert.equal(document.isDirty, true);
    await saving.conflicts.overwrite(linkOf(document.failures.at(-1), 'Save mine anyway'));
    assert.equal(text(), mine);
  });

  it('keeps two files in conflict apart, and a link that was answered does nothing', async () => {
    saving.server.file('/www/other.txt', base);
    const other = await saving.open('/www/other.txt');
    other.type(mine);
    saving.server.file('/www/other.txt', theirs);
    const first = await conflict();
    assert.equal(await other.save(), false);
    assert.deepEqual(contexts(), [2, 2, 2]);
    await saving.conflicts.overwrite(linkOf(first, 'Save mine anyway'));
    assert.deepEqual([text(), saving.server.text('/www/other.txt')], [mine, theirs]);
    assert.deepEqual(contexts(), [1, 1, 1]);
    document.type('once more');
    await saving.conflicts.overwrite(linkOf(first, 'Save mine anyway'));
    assert.equal(text(), mine);
    assert.match(person.told.at(-1) ?? '', /not in conflict/);
  });

  it('is over when the editor was closed', async () => {
    const message = await conflict();
    desk.documents = [];
    await saving.conflicts.overwrite(linkOf(message, 'Save mine anyway'));
    assert.match(person.told.at(-1) ?? '', /not in conflict/);
    assert.equal(text(), theirs);
  });

  it('is over when the editor was reverted, and not when something else changed', async () => {
    await conflict();
    desk.changed.fire({ document, reason: undefined });
    assert.deepEqual(contexts(), [1, 1, 1]);
    document.isDirty = false;
    desk.changed.fire({ document, reason: undefined });
    assert.deepEqual(contexts(), [0, 0, 0]);
  });

  it('does nothing for arguments that are not ours', async () => {
    await conflict();
    desk.commands = [];
    for (const chosen of ['1', 1, 0, -1, NaN, Infinity, {}, [], null, false, { path }, Uri.file('/etc/passwd')]) {
      for (const way of ['merge', 'compare', 'overwrite', 'useServer', 'saveCopy'] as const) await saving.conflicts[way](chosen);
    }
    assert.deepEqual([text(), desk.commands], [theirs, []]);
  });
});

describe('a merge', () => {
  let saving: SavingDesk;
  let document: Document;

  beforeEach(async () => {
    person.reset();
    saving = new SavingDesk();
    saving.server.file(path, base);
    document = await saving.open(path);
    document.type(mine);
  });

  afterEach(() => saving.dispose());

  const text = () => saving.server.text(path);
  type Merge = Record<'base' | 'output', Uri> & Record<'input1' | 'input2', { readonly uri: Uri }>;

  async function start(): Promise<Merge> {
    saving.server.file(path, theirs);
    assert.equal(await document.save(), false);
    await saving.conflicts.merge(linkOf(document.failures.at(-1), 'Merge'));
    const { id, args } = desk.commands.at(-1) ?? { id: '', args: [] };
    assert.equal(id, '_open.mergeEditor');
    return args[0] as Merge;
  }

  const shown = (uri: Uri) => new TextDecoder().decode(saving.versions.readFile(uri as never));
  const save = (result: Uri, content: string, reason: number | undefined) => {
    if (reason !== undefined) desk.willSave.fire({ document: { uri: result }, reason });
    return saving.merges.writeFile(result as never, new TextEncoder().encode(content));
  };
  const [manual, afterDelay, focusOut] = [1, 2, 3];

  it('has no name that the merge editor shows as an icon', async () => {
    const named = '/www/$(bug) page.txt';
    saving.server.file(named, base);
    document = await saving.open(named);
    document.type(mine);
    saving.server.file(named, theirs);
    await document.save();
    await saving.conflicts.merge(linkOf(document.failures.at(-1), 'Merge'));
    const [{ output }] = desk.commands.at(-1)?.args as [Merge];
    assert.equal(output.path, '/www/$ (bug) page.txt');
    await save(output, 'merged', manual);
    assert.equal(saving.server.text(named), 'merged');
  });

  it('begins with base, theirs and mine, and markers that let the editor merge what it can', async () => {
    const { base: from, input1, input2, output } = await start();
    assert.deepEqual([shown(from), shown(input1.uri), shown(input2.uri)], [base, theirs, mine]);
    assert.match(new TextDecoder().decode(saving.merges.readFile(output as never)), /^<<<<<<</m);
    assert.throws(() => saving.versions.writeFile(input1.uri as never), { code: 'NoPermissions' });
    assert.equal(text(), theirs);
  });

  it('is saved over theirs when the person completes it, and settles the conflict', async () => {
    const { output } = await start();
    await save(output, merged, manual);
    assert.equal(text(), merged);
    assert.deepEqual([document.getText(), document.isDirty], [merged, false]);
    assert.deepEqual(desk.context('ferry.conflicts'), []);
    document.type(`${merged}and on\n`);
    assert.equal(await document.save(), true, document.failures.at(-1));
  });

  it('touches neither document nor server for what VS Code saves by itself', async () => {
    const { output } = await start();
    for (const reason of [afterDelay, focusOut]) await save(output, 'half', reason);
    assert.deepEqual([text(), document.getText(), document.isDirty], [theirs, mine, true]);
    assert.equal(new TextDecoder().decode(saving.merges.readFile(output as never)), 'half');
    await save(output, merged, undefined);
    assert.equal(text(), merged);
  });

  it('is in conflict again with a still newer version, and merges with that one from what was merged', async () => {
    const { output } = await start();
    const newest = `${theirs}four\n`;
    saving.server.file(path, newest);
    await save(output, merged, manual);
    assert.deepEqual([text(), document.getText(), document.isDirty], [newest, merged, true]);
    await saving.conflicts.merge(linkOf(document.failures.at(-1), 'Merge'));
    const second = desk.commands.at(-1)?.args[0] as Merge;
    assert.deepEqual([shown(second.base), shown(second.input1.uri), shown(second.input2.uri)], [theirs, newest, merged]);
    await save(second.output, `${merged}four\n`, manual);
    assert.equal(text(), `${merged}four\n`);
  });

  it('that was taken back before it could be saved is not held for one', async () => {
    const { output } = await start();
    saving.unreachable = true;
    await saving.pool.disconnect('demo');
    await save(output, merged, manual);
    assert.equal(document.isDirty, true);
    saving.unreachable = false;
    document.type(mine);
    desk.changed.fire({ document, reason: 1 });
    assert.equal(await document.save(), false);
    assert.equal(text(), theirs);
  });

  it('asks before it replaces what was typed in the document since', async () => {
    const { output } = await start();
    document.type('typed since');
    await assert.rejects(save(output, merged, manual), /left as it is in its editor/);
    assert.deepEqual([document.getText(), text()], ['typed since', theirs]);
    person.presses = ['Replace'];
    await save(output, merged, manual);
    assert.deepEqual([document.getText(), text()], [merged, merged]);
  });

  it('is the same one as long as nothing has changed, and another one else', async () => {
    const { output } = await start();
    assert.equal((await start()).output.toString(), output.toString());
    document.type(`${mine}more\n`);
    assert.notEqual((await start()).output.toString(), output.toString());
  });

  it('goes on after the file was renamed', async () => {
    const { output } = await start();
    const [to, inode] = ['/www/other.txt', saving.server.find(path, true)];
    assert.ok(inode);
    saving.server.folderOf(path).children.delete('page.txt');
    saving.server.folderOf(to).children.set('other.txt', inode);
    saving.bases.move('/sftp/demo/www/page.txt', `/sftp/demo${to}`);
    const moved = await saving.open(to);
    moved.type(mine);
    desk.renamed.fire({ files: [{ oldUri: saving.uri('/www/page.txt'), newUri: saving.uri(to) }] });
    await save(output, merged, manual);
    assert.equal(saving.server.text(to), merged);
    assert.equal(moved.isDirty, false);
  });

  it('of a window that has ended saves nothing', async () => {
    const { output } = await start();
    await assert.rejects(save(output.with({ query: 'sftp.99' }), merged, manual), { code: 'FileNotFound' });
    assert.throws(() => saving.merges.stat(output.with({ query: 'sftp.99' }) as never), { code: 'FileNotFound' });
    assert.equal(text(), theirs);
  });
});

import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RemoteError } from '../../../src/core/errors.ts';
import { person } from './fakeVscode.ts';
import { desk, type Document, Uri } from './fakeWorkspace.ts';
import { linkOf, SavingDesk } from './savingDesk.ts';

const path = '/www/page.txt';
const oldText = 'what the page held before';
const newText = 'WHAT IS TO BE SAVED, longer than it was';

describe('a save in place that ended in doubt', () => {
  let saving: SavingDesk;
  let document: Document;

  beforeEach(async () => {
    person.reset();
    saving = new SavingDesk();
    saving.server.file(path, oldText);
    document = await saving.open(path);
    document.type(newText);
  });

  afterEach(() => saving.dispose());

  /** The link is cut in the middle of the write, and there is none for a while. */
  async function fail(): Promise<string> {
    saving.onStep = ({ verb, phase }) => {
      if (verb !== 'write' || phase !== 'middle') return;
      saving.unreachable = true;
      throw new RemoteError('Lost', 'The link was cut.');
    };
    assert.equal(await document.save(), false);
    saving.onStep = () => undefined;
    const text = saving.server.text(path);
    assert.ok(text !== oldText && text !== newText, `torn: ${text}`);
    assert.equal(saving.journal.kept.size, 1);
    saving.unreachable = false;
    return document.failures.at(-1) ?? '';
  }

  const text = () => saving.server.text(path);
  const settled = () => saving.journal.kept.size === 0;

  it('is told with what can be done, and writes nothing by itself', async () => {
    const message = await fail();
    assert.match(message, /page\.txt @ demo: .*A copy of your text and of what the file held is in \/journal\./);
    for (const title of ['Retry', 'Restore', 'Save a Copy…']) linkOf(message, title);
    assert.deepEqual(desk.context('ferry.saveTroubles'), [document.uri.toString()]);
    const torn = text();
    assert.equal(await document.save(), false);
    assert.match(document.failures.at(-1) ?? '', /holds neither what it held before the save nor what was to be saved/);
    assert.equal(linkOf(document.failures.at(-1), 'Restore'), linkOf(message, 'Restore'));
    assert.equal(text(), torn);
  });

  it('goes on by itself when the line comes back at once, unless somebody else has changed the file meanwhile', async () => {
    for (const [meanwhile, expected] of [
      [undefined, newText],
      ['from somebody else', 'from somebody else'],
      [`${newText}, and a line of somebody else`, `${newText}, and a line of somebody else`],
    ] as const) {
      let cut = false;
      saving.onStep = ({ verb, phase }) => {
        if (cut || verb !== 'write' || phase !== 'middle') return;
        cut = true;
        if (meanwhile !== undefined) saving.server.file(path, meanwhile);
        throw new RemoteError('Lost', 'The link was cut.');
      };
      assert.equal(await document.save(), meanwhile === undefined);
      assert.equal(text(), expected);
      assert.equal(settled(), meanwhile === undefined);
      if (meanwhile !== undefined) assert.match(document.failures.at(-1) ?? '', /somebody else has changed it since.*\[Restore\]/);
      await saving.troubles.settle('/sftp/demo/www/page.txt');
      saving.server.file(path, oldText);
      desk.documents = [];
      document = await saving.open(path);
      document.type(newText);
    }
  });

  it('Retry writes what is in the editor now, after saying what the file holds', async () => {
    const message = await fail();
    document.type(`${newText}, and a word more`);
    await saving.troubles.retry(linkOf(message, 'Retry'));
    assert.match(person.dialogs.at(-1)?.message ?? '', /\/www\/page\.txt on demo holds neither/);
    assert.notEqual(text(), newText, 'the person had not agreed');
    person.presses = ['Write Mine'];
    await saving.troubles.retry(linkOf(message, 'Retry'));
    assert.equal(text(), `${newText}, and a word more`);
    assert.equal(document.isDirty, false);
    assert.ok(settled());
    assert.deepEqual(desk.context('ferry.saveTroubles'), []);
  });

  it('Retry writes what was to be saved where the editor is closed', async () => {
    const message = await fail();
    desk.documents = [];
    person.presses = ['Write Mine'];
    await saving.troubles.retry(linkOf(message, 'Retry'));
    assert.equal(text(), newText);
    assert.ok(settled());
  });

  it('Restore puts back what the file held, and the next save goes on from there', async () => {
    const message = await fail();
    person.presses = ['Put Back What It Held'];
    await saving.troubles.restore(linkOf(message, 'Restore'));
    assert.equal(text(), oldText);
    assert.ok(settled());
    assert.equal(document.isDirty, true);
    assert.equal(await document.save(), true);
    assert.equal(text(), newText);
  });

  it('a later save goes on by itself where the file holds what it held before, or what was to be saved', async () => {
    for (const found of [oldText, newText]) {
      await fail();
      saving.server.file(path, found);
      document.type(`${newText} and more`);
      assert.equal(await document.save(), true, document.failures.at(-1));
      assert.equal(text(), `${newText} and more`);
      assert.ok(settled());
      saving.server.file(path, oldText);
      desk.documents = [];
      document = await saving.open(path);
      document.type(newText);
    }
  });

  it('what somebody else writes after the person has looked is not overwritten', async () => {
    const message = await fail();
    person.presses = ['Put Back What It Held'];
    let changed = false;
    saving.onStep = ({ verb, phase }) => {
      if (verb !== 'lstat' || phase !== 'before' || changed) return;
      changed = true;
      saving.server.file(path, 'from somebody else');
    };
    await assert.rejects(saving.troubles.restore(linkOf(message, 'Restore')), { code: 'Conflict' });
    assert.equal(text(), 'from somebody else');
    assert.equal(settled(), false);
  });

  it('a Retry that fails in the same way still knows what the file held at first', async () => {
    const first = await fail();
    person.presses = ['Write Mine'];
    saving.onStep = ({ verb, phase }) => {
      if (verb !== 'write' || phase !== 'middle') return;
      saving.unreachable = true;
      throw new RemoteError('Lost', 'The link was cut.');
    };
    await saving.troubles.retry(linkOf(first, 'Retry'));
    saving.onStep = () => undefined;
    saving.unreachable = false;
    assert.notEqual(text(), newText);
    person.presses = ['Put Back What It Held'];
    await saving.troubles.restore(linkOf(document.failures.at(-1), 'Restore'));
    assert.equal(text(), oldText);
    assert.ok(settled());
  });

  it('a file that is gone is made anew only when the person says so', async () => {
    const message = await fail();
    saving.server.folderOf(path).children.delete('page.txt');
    await saving.troubles.restore(linkOf(message, 'Restore'));
    assert.match(person.dialogs.at(-1)?.message ?? '', /is not on demo any more/);
    assert.equal(text(), undefined);
    person.presses = ['Put Back What It Held'];
    await saving.troubles.restore(linkOf(message, 'Restore'));
    assert.equal(text(), oldText);
  });

  it('says why when the server can not be asked, with the same ways on', async () => {
    const message = await fail();
    saving.unreachable = true;
    assert.equal(await document.save(), false);
    assert.match(document.failures.at(-1) ?? '', /Nobody there.*\[Retry\]/);
    await assert.rejects(saving.troubles.retry(linkOf(message, 'Retry')), { code: 'Unreachable', path });
  });

  it('saves both contents somewhere else, over nothing that is there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'ferry-copies-'));
    try {
      const message = await fail();
      person.place = Uri.file(folder);
      await saving.troubles.saveCopy(linkOf(message, 'Save a Copy…'));
      await saving.troubles.saveCopy(linkOf(message, 'Save a Copy…'));
      const names = (await readdir(folder)).toSorted();
      assert.deepEqual(names, ['page (before 2).txt', 'page (before).txt', 'page (to be saved 2).txt', 'page (to be saved).txt']);
      assert.equal(await readFile(join(folder, 'page (before).txt'), 'utf8'), oldText);
      assert.equal(await readFile(join(folder, 'page (to be saved).txt'), 'utf8'), newText);
      assert.equal(settled(), false);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('follows a file that is renamed', async () => {
    await fail();
    saving.server.file('/www/other.txt', 'torn');
    desk.renamed.fire({ files: [{ oldUri: saving.uri('/www/page.txt'), newUri: saving.uri('/www/other.txt') }] });
    desk.documents = [];
    person.presses = ['Put Back What It Held'];
    await saving.troubles.restore(saving.chosen('/www/other.txt'));
    assert.equal(saving.server.text('/www/other.txt'), oldText);
  });

  it('does nothing for arguments that are not ours', async () => {
    await fail();
    const before = text();
    for (const chosen of ['1', 0, -1, NaN, {}, [], null, true, { path }, saving.chosen('/etc/passwd')]) {
      await saving.troubles.retry(chosen);
      await saving.troubles.restore(chosen);
      await saving.troubles.saveCopy(chosen);
    }
    assert.equal(person.dialogs.length, 0);
    assert.equal(text(), before);
    assert.equal(person.told.length, 30);
  });
});

describe('a save by replacing whose last reply never came', () => {
  it('goes on from what was saved, where it was', async () => {
    person.reset();
    const saving = new SavingDesk();
    Object.assign(saving.host, { saveMode: 'replace' });
    try {
      saving.server.file(path, oldText);
      const document = await saving.open(path);
      document.type(newText);
      saving.onStep = ({ verb, phase }) => {
        if (verb !== 'rename' || phase !== 'after') return;
        saving.unreachable = true;
        throw new RemoteError('Lost', 'The link was cut.');
      };
      assert.equal(await document.save(), false);
      const message = document.failures.at(-1) ?? '';
      assert.match(message, /\/www\/page\.txt @ demo: The link was lost at the last step of saving/);
      assert.doesNotMatch(message, /Restore|\.ferry-/);
      saving.onStep = () => undefined;
      saving.unreachable = false;
      document.type(`${newText} and more`);
      assert.equal(await document.save(), true, document.failures.at(-1));
      assert.equal(saving.server.text(path), `${newText} and more`);
    } finally {
      Object.assign(saving.host, { saveMode: 'inPlace' });
      await saving.dispose();
    }
  });
});

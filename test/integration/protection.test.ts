import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { demo, saveHosts } from './demo.ts';
import { takePlace } from './person.ts';
import { eventually, typeText } from './typing.ts';

type Window = { -readonly [Name in 'showWarningMessage']: (typeof vscode.window)[Name] };

const server = demo.hosts['demo-sftp'];
const text = (content: string) => new TextEncoder().encode(content);
const { fs } = vscode.workspace;

/* One server, saved three times: as it is, with a question before changes, and read-only. */
describe('protected hosts', () => {
  const uri = (host: string, path: string) => vscode.Uri.from({ scheme: 'sftp', authority: host, path: `/protected/${path}` });
  const disk = (path: string) => join(server.folder, 'protected', path);
  let questions: string[];
  let answer: 'yes' | 'no';

  /** The person's answer to the guard; to the server's key they say yes. */
  function answerQuestions(): void {
    takePlace();
    const window = vscode.window as Window;
    window.showWarningMessage = (message: string, ...rest: unknown[]) => {
      const isGuard = message.includes('is protected');
      if (isGuard) questions.push(message);
      const agreed = rest.find((button) => (isGuard ? answer === 'yes' && typeof button === 'string' : button === 'Trust and Connect'));
      return Promise.resolve(agreed as undefined);
    };
  }

  /** Every change that a file system has, each on files of its own. */
  const changes: Readonly<Record<string, (host: string) => Thenable<unknown>>> = {
    'Save to it': (host) => fs.writeFile(uri(host, 'new.txt'), text('x')),
    'Make a folder on it': (host) => fs.createDirectory(uri(host, 'new')),
    'Delete from it': (host) => fs.delete(uri(host, 'old.txt')),
    'Move or rename on it': (host) => fs.rename(uri(host, 'old.txt'), uri(host, 'renamed.txt')),
    'Copy to it': (host) => fs.copy(uri(host, 'old.txt'), uri(host, 'copied.txt')),
  };
  const between: Readonly<Record<string, (host: string) => Thenable<unknown>>> = {
    'moving into it': (host) => fs.rename(uri('demo-sftp', 'old.txt'), uri(host, 'moved.txt')),
    'moving out of it': (host) => fs.rename(uri(host, 'old.txt'), uri('demo-sftp', 'moved.txt')),
    'copying into it': (host) => fs.copy(uri('demo-sftp', 'old.txt'), uri(host, 'copied.txt')),
  };

  before(async () => {
    answerQuestions();
    const { setting } = server;
    await saveHosts({ ...setting, name: 'asking', protect: true }, { ...setting, name: 'shut', protect: 'readOnly' });
  });

  beforeEach(() => {
    [questions, answer] = [[], 'no'];
    mkdirSync(disk('.'), { recursive: true });
    writeFileSync(disk('old.txt'), 'old');
  });

  afterEach(async () => {
    await vscode.workspace.getConfiguration('files').update('autoSave', 'off', vscode.ConfigurationTarget.Global);
    for (let open = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).length; open > 0; open -= 1)
      await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    await vscode.commands.executeCommand('ferry.askAgain');
  });

  after(async () => {
    await saveHosts();
  });

  const untouched = () => {
    assert.equal(readFileSync(disk('old.txt'), 'utf8'), 'old');
    for (const name of ['new.txt', 'new', 'renamed.txt', 'copied.txt', 'moved.txt']) assert.ok(!existsSync(disk(name)), name);
  };

  it('ask before each kind of change, and change nothing after a no', async () => {
    for (const [question, change] of Object.entries(changes)) {
      await assert.rejects(async () => change('asking'), /asking.*you did not allow changes/, question);
      assert.deepEqual(questions.splice(0), [`asking is protected. ${question}?`]);
      untouched();
    }
    for (const [name, change] of Object.entries(between)) {
      await assert.rejects(async () => change('asking'), /you did not allow changes/, name);
      assert.equal(questions.splice(0).length, 1, name);
      untouched();
    }
  });

  it('are read, and copied from, without a question', async () => {
    for (const host of ['asking', 'shut']) {
      assert.equal(new TextDecoder().decode(await fs.readFile(uri(host, 'old.txt'))), 'old');
      assert.ok((await fs.readDirectory(uri(host, ''))).length > 0);
      await fs.copy(uri(host, 'old.txt'), uri('demo-sftp', `from-${host}.txt`), { overwrite: true });
      assert.equal(readFileSync(disk(`from-${host}.txt`), 'utf8'), 'old');
    }
    assert.deepEqual(questions, []);
  });

  it('ask once, also when several changes come together', async () => {
    answer = 'yes';
    const folders = ['a', 'b', 'c'].map((name) => fs.createDirectory(uri('asking', `folders/${name}`)));
    await Promise.all(folders);
    await fs.writeFile(uri('asking', 'folders/a/file.txt'), text('x'));
    await fs.rename(uri('asking', 'folders/a'), uri('asking', 'folders/d'));
    await fs.copy(uri('asking', 'folders/d'), uri('asking', 'folders/e'));
    await fs.delete(uri('asking', 'folders/d'), { recursive: true });
    assert.equal(readFileSync(disk('folders/e/file.txt'), 'utf8'), 'x');
    await fs.delete(uri('asking', 'folders'), { recursive: true });
    assert.ok(!existsSync(disk('folders')));
    assert.equal(questions.length, 1);
  });

  it('ask also under their address', async () => {
    const { user, address, port } = server.setting;
    const authority = `${user}@${address}:${port}`;
    const target = vscode.Uri.from({ scheme: 'sftp', authority, path: '/protected/new.txt' });
    // The same server is saved as read-only as well: the strictest counts.
    await assert.rejects(async () => fs.writeFile(target, text('x')), /read-only/);
    untouched();
  });

  it('are read-only where the person says so: every change is refused, without a question', async () => {
    answer = 'yes';
    for (const [name, change] of Object.entries({ ...changes, ...between }))
      await assert.rejects(async () => change('shut'), /read-only/i, name);
    untouched();
    const { permissions } = await fs.stat(uri('shut', 'old.txt'));
    assert.equal(permissions, vscode.FilePermission.Readonly);
    assert.equal((await fs.stat(uri('asking', 'old.txt'))).permissions, undefined);
    assert.deepEqual(questions, []);
  });

  it('leave a document with its changes after a no, and save it after a yes', async () => {
    const document = await vscode.workspace.openTextDocument(uri('asking', 'old.txt'));
    await vscode.window.showTextDocument(document);
    await typeText(document, 'typed');
    assert.equal(await document.save(), false);
    assert.deepEqual([document.isDirty, questions.splice(0)], [true, ['asking is protected. Save to it?']]);
    untouched();
    answer = 'yes';
    assert.equal(await document.save(), true);
    await typeText(document, 'typed again');
    assert.equal(await document.save(), true);
    assert.deepEqual([readFileSync(disk('old.txt'), 'utf8'), questions.length], ['typed again', 1]);
  });

  it('are asked about once by auto-save, and then only after a save by hand', async () => {
    writeFileSync(disk('second.txt'), 'old');
    await vscode.workspace.getConfiguration('files').update('autoSave', 'onFocusChange', vscode.ConfigurationTarget.Global);
    const documents: vscode.TextDocument[] = [];
    for (const name of ['old.txt', 'second.txt']) {
      const document = await vscode.workspace.openTextDocument(uri('asking', name));
      documents.push(document);
      await vscode.window.showTextDocument(document, { preview: false });
      await typeText(document, 'typed');
      // Another editor takes the focus: VS Code saves the first.
      await vscode.commands.executeCommand('workbench.action.files.newUntitledFile');
      if (questions.length === 0) await eventually(() => assert.equal(questions.length, 1));
    }
    const [first, second] = documents;
    assert.ok(first !== undefined && second !== undefined);
    await vscode.window.showTextDocument(second);
    await typeText(second, 'typed more');
    await vscode.commands.executeCommand('workbench.action.files.newUntitledFile');
    await new Promise((resolve) => setTimeout(resolve, 500));
    assert.deepEqual([questions.length, first.isDirty, second.isDirty], [1, true, true]);
    assert.equal(readFileSync(disk('second.txt'), 'utf8'), 'old');
    answer = 'yes';
    // A save by hand that comes while VS Code is still busy with an automatic one gets that one's answer.
    await eventually(async () => assert.equal(await second.save(), true));
    assert.deepEqual([questions.length, readFileSync(disk('second.txt'), 'utf8')], [2, 'typed more']);
  });

  it('have VS Code look again at open documents once they are not read-only any more', async () => {
    const target = uri('shut', 'old.txt');
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(target));
    const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(vscode.Uri.joinPath(target, '..'), 'old.txt'));
    const told: string[] = [];
    watcher.onDidChange((changed) => told.push(changed.toString()));
    const { setting } = server;
    await saveHosts({ ...setting, name: 'asking', protect: true }, { ...setting, name: 'shut' });
    try {
      await eventually(() => assert.deepEqual(told, [target.toString()]));
      assert.equal((await fs.stat(target)).permissions, undefined);
      await fs.writeFile(target, text('new'));
      assert.equal(readFileSync(disk('old.txt'), 'utf8'), 'new');
    } finally {
      watcher.dispose();
      await saveHosts({ ...setting, name: 'asking', protect: true }, { ...setting, name: 'shut', protect: 'readOnly' });
    }
  });
});

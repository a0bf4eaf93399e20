import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { choosing } from './choosing.ts';
import { demo, diskPath, saveHosts } from './demo.ts';
import { dropOn, rowAt, showHosts } from './hostTree.ts';
import { takePlace } from './person.ts';
import { answeringBoxes, eventually, typeText } from './typing.ts';

const run = (command: string, ...given: unknown[]) => vscode.commands.executeCommand(`ferry.${command}`, ...given);
const yes = ["Save, and Don't Ask Again in This Window", "Go On, and Don't Ask Again in This Window"];

/* A host that asks before changes and one that is read-only, the same server both: changed from rows, the trash, versions and conflicts. */
describe('protected hosts in the view of hosts', () => {
  const { setting } = demo.hosts['demo-sftp'];
  const disk = (...names: string[]) => diskPath('demo-sftp', `/guarded/${names.join('/')}`);
  const uri = (host: string, path: string) => vscode.Uri.from({ scheme: 'sftp', authority: host, path: `/guarded/${path}` });
  const window = vscode.window as { -readonly [Name in 'showErrorMessage' | 'showOpenDialog']: (typeof vscode.window)[Name] };
  const { showOpenDialog } = window;
  const local = vscode.Uri.joinPath(vscode.workspace.workspaceFolders![0]!.uri, 'for the guarded.txt');
  let errors: string[];

  before(async () => {
    takePlace();
    await vscode.workspace.fs.writeFile(local, new TextEncoder().encode('mine'));
    mkdirSync(disk('folder'), { recursive: true });
    const guarded = { ...setting, root: '/guarded', trash: '/guarded/.bin' };
    await saveHosts({ ...guarded, name: 'asking', protect: true }, { ...guarded, name: 'shut', protect: 'readOnly' });
    await showHosts();
  });

  beforeEach(async () => {
    rmSync(disk('folder'), { recursive: true, force: true });
    mkdirSync(disk('folder'), { recursive: true });
    writeFileSync(disk('file.txt'), 'old');
    chmodSync(disk('file.txt'), 0o640);
    errors = [];
    window.showErrorMessage = (message: string) => Promise.resolve(void errors.push(message));
    window.showOpenDialog = () => Promise.resolve([local]);
    for (const host of ['asking', 'shut']) {
      await run('files.refresh', await rowAt(host));
      await rowAt(host, 'file.txt');
    }
  });

  afterEach(async () => {
    await run('askAgain');
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
  });

  after(async () => {
    Object.assign(window, { showOpenDialog });
    await saveHosts();
    await vscode.workspace.fs.delete(local);
  });

  const ticks = ['Owner: Read', 'Owner: Write', 'Owner: Execute', 'Group: Read'];

  /** What changes a host from its rows: the rows of lists that are chosen on the way, the texts that are typed, and the buttons pressed. */
  interface Change {
    readonly rows?: readonly (readonly string[])[];
    readonly texts?: readonly string[];
    readonly buttons?: readonly string[];
    readonly act: (host: string) => Promise<unknown>;
    readonly isDone: () => boolean;
  }

  const changes: Readonly<Record<string, Change>> = {
    'new file': {
      texts: ['new.txt'],
      act: async (host) => run('files.newFile', await rowAt(host)),
      isDone: () => existsSync(disk('new.txt')),
    },
    'new folder': { texts: ['new'], act: async (host) => run('files.newFolder', await rowAt(host)), isDone: () => existsSync(disk('new')) },
    rename: {
      texts: ['renamed.txt'],
      act: async (host) => run('files.rename', await rowAt(host, 'file.txt')),
      isDone: () => existsSync(disk('renamed.txt')),
    },
    delete: {
      buttons: ['Move to Trash'],
      act: async (host) => run('files.delete', await rowAt(host, 'file.txt')),
      isDone: () => !existsSync(disk('file.txt')),
    },
    permissions: {
      rows: [ticks],
      act: async (host) => run('files.permissions', await rowAt(host, 'file.txt')),
      isDone: () => (statSync(disk('file.txt')).mode & 0o777) === 0o740,
    },
    upload: {
      act: async (host) => run('files.uploadFiles', await rowAt(host, 'folder')),
      isDone: () => existsSync(disk('folder', 'for the guarded.txt')),
    },
    'drop from this computer': {
      act: async (host) => dropOn(await rowAt(host, 'folder'), [local]),
      isDone: () => existsSync(disk('folder', 'for the guarded.txt')),
    },
    'cut and paste': {
      act: async (host) => {
        await run('files.cut', await rowAt(host, 'file.txt'));
        await run('files.paste', await rowAt(host, 'folder'));
      },
      isDone: () => existsSync(disk('folder', 'file.txt')),
    },
  };

  const make = async ({ rows = [], texts = [], buttons = [], act }: Change, host: string, answers: readonly string[]) => {
    let asked: string[] = [];
    await answeringBoxes(texts, async () => {
      asked = await choosing({ rows: [...rows], buttons: [...buttons, ...answers] }, () => act(host));
    });
    return asked.filter((question) => question.includes('is protected'));
  };

  for (const [name, change] of Object.entries(changes))
    it(`${name}: is asked about once, changes nothing after a no, and never where a host is read-only`, async () => {
      assert.deepEqual(await make(change, 'shut', yes), []);
      await eventually(() => assert.match(errors.join('\n'), /read-only/i));
      assert.equal(change.isDone(), false);
      assert.equal((await make(change, 'asking', [])).length, 1);
      assert.equal(change.isDone(), false);
      assert.equal(readFileSync(disk('file.txt'), 'utf8'), 'old');
      assert.equal((await make(change, 'asking', yes)).length, 1);
      await eventually(() => assert.ok(change.isDone()));
      for (const leftover of ['new.txt', 'new', 'renamed.txt']) rmSync(disk(leftover), { recursive: true, force: true });
    });

  it('queue nothing after a no: nothing waits in the view of transfers for another answer', async () => {
    const upload = changes['upload']!;
    assert.equal((await make(upload, 'asking', [])).length, 1);
    assert.deepEqual(await make({ act: () => Promise.resolve(run('transfers.resume')), isDone: () => true }, 'asking', yes), []);
    assert.equal(upload.isDone(), false);
  });

  /** What the guard asks on the way; no earlier yes counts. */
  const guarded = async (rows: readonly string[], buttons: readonly string[], act: () => Thenable<unknown>) => {
    await run('askAgain');
    const asked = await choosing({ rows: [...rows], buttons }, act);
    return asked.filter((question) => question.includes('is protected'));
  };

  it('give back from the trash what was deleted after a yes only, and never where a host is read-only', async () => {
    await make(changes['delete']!, 'asking', yes);
    assert.equal(existsSync(disk('file.txt')), false);
    const showTrash = (host: string) => () => run('showTrash', host);
    // Under its other name the file may still be known to be there.
    await guarded(['shut', 'file.txt'], [...yes, 'Restore under Another Name'], showTrash('shut'));
    await eventually(() => assert.match(errors.join('\n'), /read-only/i));
    assert.deepEqual(readdirSync(disk()).sort(), ['.bin', 'folder']);
    assert.equal((await guarded(['asking', 'file.txt'], [], showTrash('asking'))).length, 1);
    assert.equal(existsSync(disk('file.txt')), false);
    assert.equal((await guarded(['asking', 'file.txt'], yes, showTrash('asking'))).length, 1);
    assert.equal(readFileSync(disk('file.txt'), 'utf8'), 'old');
  });

  it('empty their trash after a yes only', async () => {
    await make(changes['delete']!, 'asking', yes);
    const entries = () => readdirSync(disk('.bin')).length;
    const before = entries();
    const empty = (buttons: readonly string[]) =>
      guarded(['asking', 'Empty Trash'], ['Delete for Good', ...buttons], () => run('showTrash', 'asking'));
    assert.equal((await empty([])).length, 1);
    assert.equal(entries(), before);
  });

  it('restore a kept version after a yes only', async () => {
    const document = await vscode.workspace.openTextDocument(uri('asking', 'file.txt'));
    await vscode.window.showTextDocument(document);
    await typeText(document, 'new, and longer');
    await guarded([], yes, async () => assert.equal(await document.save(), true));
    const restore = () => run('restore', uri('asking', 'file.txt'));
    assert.equal((await guarded([''], ['Restore'], restore)).length, 1);
    assert.equal(readFileSync(disk('file.txt'), 'utf8'), 'new, and longer');
    assert.equal((await guarded([''], ['Restore', ...yes], restore)).length, 1);
    assert.equal(readFileSync(disk('file.txt'), 'utf8'), 'old');
  });

  it('overwrite in a conflict after a yes only', async () => {
    const document = await vscode.workspace.openTextDocument(uri('asking', 'file.txt'));
    await vscode.window.showTextDocument(document);
    await typeText(document, 'mine');
    writeFileSync(disk('file.txt'), 'theirs, and longer');
    const overwrite = () => run('conflict.overwrite', document.uri);
    await guarded([], yes, async () => assert.equal(await document.save(), false));
    assert.equal((await guarded([], [], overwrite)).length, 1);
    assert.equal(readFileSync(disk('file.txt'), 'utf8'), 'theirs, and longer');
    assert.equal((await guarded([], yes, overwrite)).length, 1);
    await eventually(() => assert.equal(readFileSync(disk('file.txt'), 'utf8'), 'mine'));
  });
});

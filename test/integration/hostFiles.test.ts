import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { choosing } from './choosing.ts';
import { startFaultyProxy } from '../servers/faultyProxy.ts';
import { demo, diskPath, saveHosts, uriOn } from './demo.ts';
import { DroppedFile, dropOn, itemOf, open, redrawn, rowAt, rowsUnder, select, showHosts } from './hostTree.ts';
import { takePlace } from './person.ts';
import { eventually } from './typing.ts';

const run = (command: string, ...given: unknown[]) => vscode.commands.executeCommand(`ferry.files.${command}`, ...given);
const sftp = (path: string): string => diskPath('demo-sftp', `/tree/${path}`);
const ftps = (path: string): string => diskPath('demo-ftps', `/tree/${path}`);
const at = (...names: string[]) => rowAt('demo-sftp', 'tree', ...names);

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** What the dialogs of files and folders answer. */
function answering(uris: readonly vscode.Uri[]): void {
  (vscode.window as { showOpenDialog: unknown }).showOpenDialog = () => Promise.resolve(uris);
}

describe('files under hosts', () => {
  const { showOpenDialog } = vscode.window;
  let local: string;

  /** Undefined: they have to be listed first. */
  const atOnce = (folder: object) =>
    Promise.race([rowsUnder(folder), new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)))]);

  before(async () => {
    takePlace();
    local = join(vscode.workspace.workspaceFolders![0]!.uri.fsPath, 'tree');
    mkdirSync(join(local, 'down'), { recursive: true });
    for (const disk of [sftp, ftps]) mkdirSync(disk('folder/inner'), { recursive: true });
    writeFileSync(sftp('file.txt'), 'content');
    writeFileSync(sftp('folder/inner/deep.txt'), 'deep');
    chmodSync(sftp('file.txt'), 0o640);
    utimesSync(sftp('file.txt'), new Date(1_600_000_000_000), new Date(1_600_000_000_000));
    writeFileSync(ftps('file.txt'), 'theirs');
    await showHosts();
    assert.equal((await rowsUnder()).length >= Object.keys(demo.hosts).length, true);
  });

  after(() => {
    Object.assign(vscode.window, { showOpenDialog });
  });

  it('has rows with addresses, the facts of an entry as plain text, and no second listing', async () => {
    const row = await at('file.txt');
    const { resourceUri, tooltip, command } = await itemOf(row);
    assert.equal(resourceUri?.toString(), uriOn('demo-sftp', '/tree/file.txt').toString());
    assert.match(text(tooltip), /^file\.txt\nFile, 7 B\nChanged: [^\n]*2020/);
    assert.match(text(tooltip), /Permissions: 640 \(rw-r-----\)/);
    assert.equal(command?.command, 'vscode.open');
    assert.equal(await at('file.txt'), row);
    assert.deepEqual(await rowsUnder(await at()), await rowsUnder(await at()));
  });

  it('has the rows of an open folder ready when it is drawn anew: until then VS Code would know none of them', async () => {
    const folder = await at('folder');
    await rowsUnder(folder);
    open(folder);
    const drawing = redrawn(folder);
    await vscode.workspace.fs.writeFile(uriOn('demo-sftp', '/tree/folder/new.txt'), Buffer.from('new'));
    await drawing;
    assert.ok((await atOnce(folder)) !== undefined, 'they are listed only now');
    await at('folder', 'new.txt');
    await vscode.workspace.fs.delete(uriOn('demo-sftp', '/tree/folder/new.txt'));
  });

  it('has the rows of all that is open ready, too, where a person has it listed anew', async () => {
    const [host, tree, folder] = [await rowAt('demo-sftp'), await at(), await at('folder')];
    for (const row of [host, tree, folder]) {
      await rowsUnder(row);
      open(row);
    }
    for (const row of [tree, undefined]) {
      const drawing = redrawn(row);
      await run('refresh', ...(row === undefined ? [] : [row]));
      await drawing;
      for (const each of [tree, folder]) assert.ok((await atOnce(each)) !== undefined, 'they are listed only now');
    }
  });

  it('has them where hosts are shown otherwise, and not where they are others', async () => {
    const { setting } = demo.hosts['demo-sftp'];
    const other = { ...setting, name: 'other', root: setting.root };
    await saveHosts(other);
    const row = await rowAt('other');
    const rows = await rowsUnder(row);
    await saveHosts({ ...other, color: 'red' });
    assert.deepEqual(await atOnce(row), rows);
    await saveHosts({ ...other, root: '/tree/folder' });
    assert.equal(await atOnce(row), undefined);
    await saveHosts();
  });

  it('takes commands of menus on the rows that are shown while they are listed anew', async () => {
    const { setting } = demo.hosts['demo-sftp'];
    const proxy = await startFaultyProxy({ port: setting.port });
    try {
      await saveHosts({ ...setting, name: 'far-tree', port: proxy.port, root: '/tree' });
      const host = await rowAt('far-tree');
      const connected = (async () => {
        do await redrawn(host);
        while (!(await itemOf(host)).contextValue?.startsWith('host.connected'));
      })();
      const row = await rowAt('far-tree', 'file.txt');
      open(host);
      await connected;
      await select(row);
      const rows = await rowsUnder(host);
      // As VS Code itself calls it: it names the row, which is looked up when the command gets to the extension host.
      const pointedAt = { $treeViewId: 'ferry.hosts', $treeItemHandle: `1/${(await itemOf(row)).id}` };
      const command = { command: 'ferry.files.copyPath', args: [pointedAt, false] };
      proxy.limitRate(1);
      await vscode.env.clipboard.writeText('');
      await run('refresh', host);
      assert.deepEqual(await atOnce(host), rows);
      await vscode.commands.executeCommand('runCommands', { commands: [command] });
      assert.equal(await vscode.env.clipboard.readText(), '/tree/file.txt');
      const drawing = redrawn(host);
      proxy.limitRate(undefined);
      await drawing;
    } finally {
      await saveHosts();
      await proxy.close();
    }
  });

  it('uploads files and folders, whole and without this computer’s permissions', async () => {
    mkdirSync(join(local, 'up', 'sub'), { recursive: true });
    writeFileSync(join(local, 'up', 'sub', 'big.bin'), Buffer.alloc(700_000, 'x'));
    writeFileSync(join(local, 'up', 'secret.txt'), 'mine', { mode: 0o600 });
    answering([vscode.Uri.file(join(local, 'up'))]);
    await run('uploadFolders', await at('folder'));
    assert.equal(readFileSync(sftp('folder/up/sub/big.bin')).length, 700_000);
    assert.equal(readFileSync(sftp('folder/up/secret.txt'), 'utf8'), 'mine');
    assert.notEqual(statSync(sftp('folder/up/secret.txt')).mode & 0o777, 0o600);
    await eventually(async () => {
      await at('folder', 'up', 'sub', 'big.bin');
    });
  });

  it('asks about what is there, and merges folders', async () => {
    writeFileSync(join(local, 'up', 'secret.txt'), 'newer');
    writeFileSync(sftp('folder/up/only there.txt'), 'stays');
    answering([vscode.Uri.file(join(local, 'up'))]);
    const upload = async (button: string) =>
      choosing({ rows: [], buttons: [button] }, async () => run('uploadFolders', await at('folder')));
    assert.deepEqual(await upload('nothing'), ['There is already “up” in demo-sftp/tree/folder.']);
    assert.equal(readFileSync(sftp('folder/up/secret.txt'), 'utf8'), 'mine');
    await upload('Keep Both');
    assert.equal(readFileSync(sftp('folder/up copy/secret.txt'), 'utf8'), 'newer');
    await upload('Overwrite');
    assert.equal(readFileSync(sftp('folder/up/secret.txt'), 'utf8'), 'newer');
    assert.equal(readFileSync(sftp('folder/up/only there.txt'), 'utf8'), 'stays');
  });

  it('asks about each file that is there, or about one for the rest of them', async () => {
    const [here, there] = [(name: string) => join(local, 'each', name), (name: string) => sftp(`folder/each/${name}`)];
    mkdirSync(here(''));
    mkdirSync(there(''));
    const names = ['1.txt', '2.txt', '3.txt', '4.txt'];
    const begin = () => {
      for (const name of names) writeFileSync(here(name), `mine ${name}`);
      for (const name of names) writeFileSync(there(name), 'theirs');
    };
    const contents = () => names.map((name) => readFileSync(there(name), 'utf8')).toSorted();
    const upload = async (...rows: string[]) =>
      choosing({ rows, buttons: ['Decide for Each File'] }, async () => run('uploadFolders', await at('folder')));
    answering([vscode.Uri.file(here(''))]);
    begin();
    await upload('Skip', 'Overwrite: All of These');
    assert.deepEqual(
      contents().map((text) => text.slice(0, 4)),
      ['mine', 'mine', 'mine', 'thei'],
    );
    begin();
    // No time of theirs is older, and no beginning of theirs is one of ours.
    await upload('Overwrite', 'Overwrite If Newer', 'Skip: All of These');
    assert.deepEqual(contents().filter((text) => text === 'theirs').length, 3);
    begin();
    await upload('Keep Both: All of These');
    assert.deepEqual(contents(), ['theirs', 'theirs', 'theirs', 'theirs']);
    for (const name of names) assert.equal(readFileSync(there(name.replace('.', ' copy.')), 'utf8'), `mine ${name}`);
    for (const folder of [here(''), there('')]) rmSync(folder, { recursive: true });
  });

  it('downloads files and folders', async () => {
    answering([vscode.Uri.file(join(local, 'down'))]);
    const rows = [await at('folder'), await at('file.txt')];
    await run('download', rows[0], rows);
    assert.equal(readFileSync(join(local, 'down', 'folder', 'inner', 'deep.txt'), 'utf8'), 'deep');
    assert.equal(readFileSync(join(local, 'down', 'folder', 'up', 'sub', 'big.bin')).length, 700_000);
    assert.equal(statSync(join(local, 'down', 'file.txt')).mtimeMs, 1_600_000_000_000);
    assert.deepEqual(readdirSync(join(local, 'down')).sort(), ['file.txt', 'folder']);
  });

  it('compares two files of two hosts, and says which is which; nothing but two files', async () => {
    const [ours, theirs] = [await at('file.txt'), await rowAt('demo-ftps', 'tree', 'file.txt')];
    await run('compareChosen', ours, [ours, theirs]);
    const { activeTabGroup } = vscode.window.tabGroups;
    await eventually(() => assert.equal(activeTabGroup.activeTab?.label, 'file.txt (demo-sftp) ↔ file.txt (demo-ftps)'));
    const { input } = activeTabGroup.activeTab!;
    assert.ok(input instanceof vscode.TabInputTextDiff);
    const both = [uriOn('demo-sftp', '/tree/file.txt'), uriOn('demo-ftps', '/tree/file.txt')];
    assert.deepEqual([input.original, input.modified].map(String), both.map(String));
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    const { showErrorMessage } = vscode.window;
    const said: string[] = [];
    Object.assign(vscode.window, { showErrorMessage: (message: string) => Promise.resolve(void said.push(message)) });
    try {
      await run('compareChosen', ours, [ours]);
      await run('compareChosen', ours, [ours, theirs, await at('folder')]);
      await run('compareChosen', ours, [ours, await at('folder')]);
    } finally {
      Object.assign(vscode.window, { showErrorMessage });
    }
    assert.deepEqual(
      said.map((message) => /Select two files|Only files can be compared/.exec(message)?.[0]),
      [...['Select two files', 'Select two files', 'Only files can be compared']],
    );
    assert.deepEqual(
      vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs),
      [],
    );
  });

  it('copies to another host what is dropped there, and moves it when told so', async () => {
    const target = await rowAt('demo-ftps', 'tree');
    const dropped = [uriOn('demo-sftp', '/tree/folder/inner'), uriOn('demo-sftp', '/tree/file.txt')];
    await choosing({ rows: [], buttons: ['Copy', 'Skip'] }, () => dropOn(target, dropped));
    assert.equal(readFileSync(ftps('file.txt'), 'utf8'), 'theirs');
    assert.equal(existsSync(ftps('folder/inner')), true);
    assert.equal(readFileSync(ftps('inner/deep.txt'), 'utf8'), 'deep');
    assert.equal(existsSync(sftp('folder/inner/deep.txt')), true);
    await choosing({ rows: [], buttons: ['Move', 'Overwrite'] }, () => dropOn(target, [uriOn('demo-sftp', '/tree/folder/inner')]));
    assert.equal(readFileSync(ftps('inner/deep.txt'), 'utf8'), 'deep');
    assert.equal(existsSync(sftp('folder/inner')), false);
  });

  it('takes what is dropped from this computer without a question, and never what is no file', async () => {
    const target = await at('folder');
    const asked = await choosing({ rows: [], buttons: [] }, () => dropOn(target, [vscode.Uri.file(join(local, 'up', 'secret.txt'))]));
    assert.deepEqual(asked, []);
    assert.equal(readFileSync(sftp('folder/secret.txt'), 'utf8'), 'newer');
    await dropOn(target, [vscode.Uri.parse('https://example.org/x'), vscode.Uri.parse('command:evil')]);
    assert.equal(existsSync(sftp('folder/x')), false);
  });

  it('takes files and folders that are dropped from the operating system, by their places', async () => {
    mkdirSync(join(local, 'dropped', 'in it'), { recursive: true });
    writeFileSync(join(local, 'dropped', 'in it', 'deep.txt'), 'deep');
    writeFileSync(join(local, 'dropped.txt'), 'dropped');
    const places = [vscode.Uri.file(join(local, 'dropped')), vscode.Uri.file(join(local, 'dropped.txt'))];
    // Of a folder VS Code makes a file that can not be read.
    const files = [
      new DroppedFile('dropped', new Error('It is a folder.'), places[0]),
      new DroppedFile('dropped.txt', 'other contents', places[1]),
    ];
    const asked = await choosing({ rows: [], buttons: [] }, async () => dropOn(await at('folder'), places, files));
    assert.deepEqual(asked, []);
    assert.equal(readFileSync(sftp('folder/dropped/in it/deep.txt'), 'utf8'), 'deep');
    assert.equal(readFileSync(sftp('folder/dropped.txt'), 'utf8'), 'dropped');
    await choosing({ rows: [], buttons: ['Keep Both'] }, async () => dropOn(await at('folder'), [places[1]!], [files[1]!]));
    assert.equal(readFileSync(sftp('folder/dropped copy.txt'), 'utf8'), 'dropped');
  });

  it('takes files of which there are only the contents, as in a browser, and no address that is just their name', async () => {
    writeFileSync(join(local, 'passwords.txt'), 'secret');
    const name = `file:${join(local, 'passwords.txt').replaceAll('/', '%2F')}`;
    const drop = (button: string, ...files: DroppedFile[]) =>
      choosing({ rows: [], buttons: [button] }, async () => dropOn(await at('folder'), [name], files));
    await drop('', new DroppedFile(name, 'harmless'), new DroppedFile('contents.txt', 'one'), new DroppedFile('../out.txt', 'out'));
    assert.equal(readFileSync(sftp(`folder/${name}`), 'utf8'), 'harmless');
    assert.equal(readFileSync(sftp('folder/contents.txt'), 'utf8'), 'one');
    assert.equal(existsSync(sftp('folder/passwords.txt')), false);
    assert.equal(existsSync(sftp('out.txt')), false);
    assert.match((await drop('', new DroppedFile('contents.txt', 'two'))).join(), /There is already “contents\.txt”/);
    assert.equal(readFileSync(sftp('folder/contents.txt'), 'utf8'), 'one');
    await drop('Keep Both', new DroppedFile('contents.txt', 'two'));
    assert.equal(readFileSync(sftp('folder/contents copy.txt'), 'utf8'), 'two');
    await drop('Overwrite', new DroppedFile('contents.txt', 'three'));
    assert.equal(readFileSync(sftp('folder/contents.txt'), 'utf8'), 'three');
  });

  it('says of a folder of which there are no contents how it is uploaded, and takes the files beside it', async () => {
    const { showErrorMessage } = vscode.window;
    const said: string[] = [];
    Object.assign(vscode.window, { showErrorMessage: (message: string) => Promise.resolve(void said.push(message)) });
    try {
      const folder = await at('folder');
      await dropOn(folder, [], [new DroppedFile('a folder', new Error('It is a folder.')), new DroppedFile('beside.txt', 'taken')]);
    } finally {
      Object.assign(vscode.window, { showErrorMessage });
    }
    assert.match(said.join(), /“a folder” could not be read\..*“Upload Folders Here…”/);
    assert.equal(readFileSync(sftp('folder/beside.txt'), 'utf8'), 'taken');
    assert.equal(existsSync(sftp('folder/a folder')), false);
  });

  it('takes nothing that is dropped on no folder', async () => {
    const place = vscode.Uri.file(join(local, 'dropped.txt'));
    await dropOn(undefined, [place], [new DroppedFile('dropped.txt', 'x', place)]);
    assert.deepEqual(readdirSync(sftp('')).sort(), ['file.txt', 'folder']);
  });

  it('moves with cut and paste, and copies beside itself', async () => {
    await run('cut', await at('folder', 'secret.txt'));
    await run('paste', await at());
    assert.equal(existsSync(sftp('folder/secret.txt')), false);
    await run('copy', await at('secret.txt'));
    await run('paste', await at());
    assert.equal(readFileSync(sftp('secret copy.txt'), 'utf8'), 'newer');
    assert.equal(readFileSync(sftp('secret.txt'), 'utf8'), 'newer');
  });

  it('deletes what was asked for, and nothing after a no', async () => {
    const rows = [await at('secret.txt'), await at('secret copy.txt')];
    assert.deepEqual(await choosing({ rows: [], buttons: [] }, () => run('delete', rows[0], rows)), ['Delete these 2 files and folders?']);
    assert.equal(existsSync(sftp('secret.txt')), true);
    await choosing({ rows: [], buttons: ['Delete'] }, () => run('delete', rows[0], rows));
    assert.deepEqual(readdirSync(sftp('')).sort(), ['file.txt', 'folder']);
    assert.equal((await rowsUnder(await at())).length, 2);
  });

  it('does nothing with what is no row of the view', async () => {
    await choosing({ rows: [], buttons: ['Delete', 'Overwrite', 'Move'] }, async () => {
      for (const fake of [{ kind: 'file', uri: uriOn('demo-sftp', '/tree/file.txt') }, uriOn('demo-sftp', '/tree/file.txt'), null, 'x'])
        for (const command of ['delete', 'cut', 'paste', 'rename', 'permissions', 'newFile', 'uploadFiles'])
          await run(command, fake, [fake]);
    });
    assert.equal(existsSync(sftp('file.txt')), true);
  });
});

import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { choosing } from './choosing.ts';
import { saveHosts } from './demo.ts';
import { itemOf, rowAt, rowsUnder, select, showHosts } from './hostTree.ts';
import { takePlace } from './person.ts';
import { farFolder, realServers, type FarFolder } from './real.ts';
import { answeringBoxes, eventually } from './typing.ts';

type Window = { -readonly [Name in 'showOpenDialog' | 'showErrorMessage']: (typeof vscode.window)[Name] };

const run = (command: string, ...given: unknown[]) => vscode.commands.executeCommand(`ferry.files.${command}`, ...given);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/* What the menus and keys of the rows do, on each real server. */
for (const server of realServers)
  describe(`rows of files: ${server.name}`, () => {
    const window = vscode.window as Window;
    const { showOpenDialog } = window;
    let far: FarFolder;
    let errors: string[];

    const at = (...names: string[]) => rowAt(far.setting.name, ...names);
    const disk = (...names: string[]) => join(far.disk, ...names);
    const mode = (name: string) => statSync(disk(name)).mode & 0o7777;
    /** The entry is in the list that is shown. */
    const listed = (...names: string[]) => eventually(() => at(...names).then(() => {}));

    before(async () => {
      takePlace();
      far = await farFolder(server, 'rows');
      const root = far.uri('').path.replace(/\/$/, '');
      far.write('one.txt', 'one');
      far.write('two.txt', 'two');
      await saveHosts({ ...far.setting, root });
      await showHosts();
      await at('one.txt');
    });

    beforeEach(() => {
      errors = [];
      window.showErrorMessage = (message: string) => Promise.resolve(void errors.push(message));
    });

    afterEach(async () => {
      window.showOpenDialog = showOpenDialog;
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    });

    after(async () => {
      await saveHosts();
      await far.end();
    });

    it('make folders and files where the row is, and never over what is there', async () => {
      const host = await at();
      assert.match((await answeringBoxes(['a/b', 'made'], () => run('newFolder', host))).join(), /without “\/”/);
      assert.ok(statSync(disk('made')).isDirectory());
      await listed('made');
      const folder = await at('made');
      await answeringBoxes(['new.txt'], () => run('newFile', folder));
      assert.equal(readFileSync(disk('made', 'new.txt'), 'utf8'), '');
      assert.equal(vscode.window.activeTextEditor?.document.uri.toString(), far.uri('made/new.txt').toString());
      writeFileSync(disk('made', 'new.txt'), 'kept');
      await answeringBoxes(['new.txt'], () => run('newFile', folder));
      await answeringBoxes(['new.txt'], () => run('newFolder', folder));
      assert.equal(errors.length, 2);
      for (const error of errors) assert.match(error, /made\/new\.txt @ /);
      assert.equal(readFileSync(disk('made', 'new.txt'), 'utf8'), 'kept');
      // On a file it is the folder that the file is in.
      await listed('made', 'new.txt');
      const file = await at('made', 'new.txt');
      await answeringBoxes(['beside'], () => run('newFolder', file));
      assert.deepEqual(readdirSync(disk('made')).sort(), ['beside', 'new.txt']);
    });

    it('compare a file with one of this computer, and with another on a server', async () => {
      const local = vscode.Uri.joinPath(vscode.workspace.workspaceFolders![0]!.uri, 'to compare.txt');
      await vscode.workspace.fs.writeFile(local, new TextEncoder().encode('mine'));
      window.showOpenDialog = () => Promise.resolve([local]);
      const sides = () => {
        const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
        return input instanceof vscode.TabInputTextDiff ? [input.original.toString(), input.modified.toString()] : [];
      };
      await run('compareLocal', await at('one.txt'));
      await eventually(() => assert.deepEqual(sides(), [local.toString(), far.uri('one.txt').toString()]));
      await run('selectForCompare', await at('one.txt'));
      await run('compareSelected', await at('two.txt'));
      await eventually(() => assert.deepEqual(sides(), [far.uri('one.txt').toString(), far.uri('two.txt').toString()]));
      const rows = [await at('two.txt'), await at('one.txt')];
      await run('compareChosen', rows[1], rows);
      await eventually(() => assert.deepEqual(sides(), [far.uri('two.txt').toString(), far.uri('one.txt').toString()]));
      assert.equal(vscode.window.tabGroups.activeTabGroup.activeTab?.label, 'two.txt ↔ one.txt');
      assert.deepEqual(errors, []);
    });

    it('say to whom a file belongs', async () => {
      assert.match(text((await itemOf(await at('one.txt'))).tooltip), /\nOwner: \S+\nGroup: \S+\nPermissions: /);
    });

    it('say why a folder can not be listed and in which way on, and list it when that is tried again', async () => {
      mkdirSync(disk('away'));
      const host = await at();
      await run('refresh', host);
      await listed('away');
      const row = await at('away');
      renameSync(disk('away'), disk('elsewhere'));
      const [note, ...others] = await rowsUnder(row);
      assert.ok(note !== undefined);
      assert.deepEqual(others, []);
      const { label, tooltip, description, command } = await itemOf(note);
      assert.ok(text(label) !== '' && text(tooltip).includes('/away @ '), `${text(label)} ${text(tooltip)}`);
      assert.equal(description, 'Try again');
      renameSync(disk('elsewhere'), disk('away'));
      far.write('away/back.txt', 'x');
      await vscode.commands.executeCommand(command?.command ?? '', ...((command?.arguments ?? []) as unknown[]));
      await eventually(async () => assert.equal((await itemOf((await rowsUnder(row))[0]!)).label, 'back.txt'));
    });

    it('leave alone of the permissions of several what differs and is not touched', async function () {
      if (!(await itemOf(await at('one.txt'))).contextValue?.endsWith('.mode')) return this.skip();
      chmodSync(disk('one.txt'), 0o640);
      chmodSync(disk('two.txt'), 0o604);
      await run('refresh', await at());
      const rows = [await at('one.txt'), await at('two.txt')];
      const ticks = ['Owner: Read', 'Owner: Write', 'Owner: Execute'];
      await choosing({ rows: [ticks], buttons: [] }, () => run('permissions', rows[0], rows));
      assert.deepEqual([mode('one.txt').toString(8), mode('two.txt').toString(8)], ['740', '704']);
      assert.deepEqual(errors, []);
    });

    it('are renamed, copied, cut, pasted and deleted by keys, which have no row: the selected one is meant', async () => {
      far.write('key.txt', 'key');
      await answeringBoxes(['target'], async () => run('newFolder', await at()));
      await run('refresh', await at());
      await listed('key.txt');
      await select(await at('key.txt'));
      await answeringBoxes(['other.txt'], () => run('rename'));
      assert.deepEqual([existsSync(disk('key.txt')), readFileSync(disk('other.txt'), 'utf8')], [false, 'key']);
      await listed('other.txt');
      await select(await at('other.txt'));
      await run('copy');
      await select(await at('target'));
      await run('paste');
      assert.equal(readFileSync(disk('target', 'other.txt'), 'utf8'), 'key');
      await select(await at('other.txt'));
      const asked = await choosing({ rows: [], buttons: ['Delete'] }, () => run('delete'));
      assert.deepEqual(asked, ['Delete “other.txt”?']);
      assert.equal(existsSync(disk('other.txt')), false);
      assert.equal(readFileSync(disk('target', 'other.txt'), 'utf8'), 'key');
      rmSync(disk('target'), { recursive: true });
      assert.deepEqual(errors, []);
    });
  });

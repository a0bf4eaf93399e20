import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { choosing } from './choosing.ts';
import { saveHosts } from './demo.ts';
import { takePlace } from './person.ts';
import { farFolder, realServers, type FarFolder } from './real.ts';
import { eventually, typeText } from './typing.ts';

/* A linked folder in a real Git repository, and a real server: what is asserted is the bytes on the server's disk. */
for (const server of realServers.slice(0, 1)) {
  describe(`uploads of what changed, to ${server.name}`, () => {
    const folder = vscode.workspace.workspaceFolders?.[0];
    let far: FarFolder;

    const here = (name: string): string => join(folder?.uri.fsPath ?? '', 'changed', name);
    const there = (name: string): string => join(far.disk, 'www', name);
    const write = (name: string, text: string): void => {
      mkdirSync(dirname(here(name)), { recursive: true });
      writeFileSync(here(name), text);
    };
    const identity = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', '-c', 'commit.gpgsign=false'];
    const gitOnce = (...args: string[]) =>
      spawnSync('git', [...identity, ...args], { cwd: here(''), encoding: 'utf8', env: { ...process.env, LC_ALL: 'C' } });
    /** Again while VS Code's own Git holds the index. */
    const git = (...args: string[]): Promise<void> =>
      eventually(() => {
        const { status, stderr } = gitOnce(...args);
        assert.equal(status, 0, stderr);
      });
    const commit = async (subject: string): Promise<void> => {
      await git('add', '--all');
      await git('commit', '--quiet', '-m', subject);
    };
    const arrive = (files: Readonly<Record<string, string>>): Promise<void> =>
      eventually(() => {
        for (const [name, text] of Object.entries(files))
          assert.equal(existsSync(there(name)) ? readFileSync(there(name), 'utf8') : undefined, text, name);
      }, 60_000);
    const namesThere = (): string[] => readdirSync(join(far.disk, 'www'), { recursive: true, encoding: 'utf8' }).sort();
    const run = (command: string, ...args: unknown[]): Thenable<unknown> => vscode.commands.executeCommand(command, ...args);

    before(async () => {
      far = await farFolder(server, 'changed');
      await saveHosts(far.setting);
      takePlace();
      await vscode.extensions.getExtension('ferry.ferry')?.activate();
      for (const name of ['staged.txt', 'unstaged.txt', 'same.txt', 'deep/gone.txt', 'gone too.txt']) write(name, `first ${name}`);
      write('.gitignore', '*.log\n');
      await git('init', '--quiet');
      await commit('the first');
      const mapping = { local: 'changed', remote: String(far.uri('www')) };
      await vscode.workspace
        .getConfiguration('ferry', folder?.uri)
        .update('mappings', [mapping], vscode.ConfigurationTarget.WorkspaceFolder);
      await run('ferry.upload', vscode.Uri.file(here('')));
      await arrive({ 'same.txt': 'first same.txt', 'deep/gone.txt': 'first deep/gone.txt', 'gone too.txt': 'first gone too.txt' });
      await arrive({ 'staged.txt': 'first staged.txt', 'unstaged.txt': 'first unstaged.txt' });
    });
    after(async () => {
      await run('workbench.action.closeAllEditors');
      for (const made of [join(folder?.uri.fsPath ?? '', '.vscode'), here('')]) rmSync(made, { recursive: true, force: true });
      await far.end();
      await saveHosts();
    });

    it('takes what is staged, what is not and what is new, and deletes what is ticked', async () => {
      rmSync(there('same.txt'));
      write('staged.txt', 'second');
      await git('add', '.');
      write('unstaged.txt', 'second, too');
      write('new/ünï cödé "q" $x.txt', 'new');
      write('noise.log', 'ignored by Git');
      for (const name of ['deep/gone.txt', 'gone too.txt']) rmSync(here(name));
      await choosing({ rows: [['gone.txt']], buttons: ['Delete There, Too'] }, () => run('ferry.uploadChanged'));
      await arrive({ 'staged.txt': 'second', 'unstaged.txt': 'second, too', 'new/ünï cödé "q" $x.txt': 'new' });
      assert.deepEqual(namesThere(), ['deep', 'gone too.txt', 'new', 'new/ünï cödé "q" $x.txt', 'staged.txt', 'unstaged.txt']);
    });

    it('takes what changed since a commit, and writes over nothing that somebody else changed', async () => {
      await commit('the second');
      write('unstaged.txt', 'third');
      await commit('the third');
      write('staged.txt', 'not committed');
      rmSync(there('new'), { recursive: true });
      far.write('www/unstaged.txt', 'by somebody else');
      await choosing({ rows: ['the second'], buttons: [] }, async (asked) => {
        await run('ferry.uploadSince');
        await arrive({ 'staged.txt': 'not committed' });
        await eventually(() => assert.match(asked.join(), /unstaged\.txt on .* is not the file that you last exchanged/), 60_000);
      });
      assert.deepEqual(namesThere(), ['deep', 'gone too.txt', 'staged.txt', 'unstaged.txt']);
      assert.equal(readFileSync(there('unstaged.txt'), 'utf8'), 'by somebody else');
    });

    it('leaves alone what a merge has not settled, and deletes nothing that is not ticked', async () => {
      await git('checkout', '--quiet', '--force', '-b', 'side', 'HEAD~1');
      write('unstaged.txt', 'on the other branch');
      await commit('the fourth');
      await eventually(() => assert.match(gitOnce('merge', '@{-1}').stdout, /CONFLICT/));
      assert.match(readFileSync(here('unstaged.txt'), 'utf8'), /<<<</);
      rmSync(here('same.txt'));
      writeFileSync(there('same.txt'), 'kept there');
      const asked = await choosing({ rows: [[]], buttons: [] }, () => run('ferry.uploadChanged'));
      assert.match(asked.join(), /unstaged\.txt is not uploaded: its merge is not done yet/);
      assert.equal(readFileSync(there('unstaged.txt'), 'utf8'), 'by somebody else');
      assert.equal(readFileSync(there('same.txt'), 'utf8'), 'kept there');
      await git('merge', '--abort');
    });

    it('takes rows of the Source Control view, and open editors', async () => {
      write('row.txt', 'row');
      write('group.txt', 'group');
      const state = (name: string) => ({ resourceUri: vscode.Uri.file(here(name)) });
      await run('ferry.uploadResources', state('row.txt'), { resourceStates: [state('group.txt')] }, null, 'nonsense', {});
      await arrive({ 'row.txt': 'row', 'group.txt': 'group' });
      for (const name of ['one.txt', 'two.txt']) {
        write(name, name);
        await vscode.window.showTextDocument(vscode.Uri.file(here(name)), { preview: false });
      }
      await run('ferry.uploadOpenEditors');
      await arrive({ 'one.txt': 'one.txt', 'two.txt': 'two.txt' });
    });

    it('downloads open editors, what Git says was changed, and what changed since a commit, but nothing that is only here', async () => {
      // Gone on this computer as if by accident: it is downloaded again.
      await commit('before it was downloaded');
      await run('ferry.upload', vscode.Uri.file(here('')));
      await arrive({ 'row.txt': 'row', 'group.txt': 'group' });
      far.write('www/one.txt', 'by a colleague');
      await run('ferry.downloadOpenEditors');
      await eventually(() => assert.equal(readFileSync(here('one.txt'), 'utf8'), 'by a colleague'));
      assert.equal(readFileSync(here('two.txt'), 'utf8'), 'two.txt');
      rmSync(here('row.txt'));
      write('only here.txt', 'never uploaded');
      await run('ferry.downloadChanged');
      await eventually(() => assert.equal(existsSync(here('row.txt')) && readFileSync(here('row.txt'), 'utf8'), 'row'));
      assert.equal(readFileSync(here('only here.txt'), 'utf8'), 'never uploaded');
      rmSync(here('group.txt'));
      await choosing({ rows: ['before it was downloaded'], buttons: [] }, () => run('ferry.downloadSince'));
      await eventually(() => assert.equal(existsSync(here('group.txt')) && readFileSync(here('group.txt'), 'utf8'), 'group'));
      rmSync(here('only here.txt'));
    });

    it('says that text is not saved before it sends what is on disk, and saves it if told', async () => {
      // Else what is saved goes by itself.
      const unlinked = { local: 'changed', remote: String(far.uri('www')), uploadOnSave: false };
      await vscode.workspace
        .getConfiguration('ferry', folder?.uri)
        .update('mappings', [unlinked], vscode.ConfigurationTarget.WorkspaceFolder);
      write('typed.txt', 'on disk');
      const document = await vscode.workspace.openTextDocument(here('typed.txt'));
      await vscode.window.showTextDocument(document, { preview: false });
      await typeText(document, 'typed');
      const uploading = (button: string) =>
        choosing({ rows: [], buttons: [button] }, () => run('ferry.upload', vscode.Uri.file(here('typed.txt'))));
      const question = ['typed.txt has changes that are not saved. Save it before it is uploaded?'];
      assert.deepEqual(await uploading('Nothing'), question);
      assert.deepEqual([existsSync(there('typed.txt')), document.isDirty], [false, true]);
      assert.deepEqual(await uploading('Upload Without'), question);
      await arrive({ 'typed.txt': 'on disk' });
      assert.equal(document.isDirty, true);
      const asked = await choosing({ rows: [], buttons: ['Save and Upload'] }, () => run('ferry.uploadOpenEditors'));
      assert.deepEqual(asked, question);
      await arrive({ 'typed.txt': 'typed' });
      assert.equal(document.isDirty, false);
    });
  });
}

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { choosing } from './choosing.ts';
import { saveHosts } from './demo.ts';
import { takePlace } from './person.ts';
import { farFolder, realServers, type FarFolder } from './real.ts';
import { shownSync, type ShownSync } from './shownSync.ts';
import { eventually } from './typing.ts';

/* A project on disk and its server, synced by a plan that a person looks at. On real servers: what is asserted is the bytes on both disks. */
for (const [index, server] of realServers.entries()) {
  describe(`a sync with ${server.name}`, () => {
    const folder = vscode.workspace.workspaceFolders?.[0];
    const site = `synced ${index}`;
    let far: FarFolder;
    let shown: ShownSync;

    const here = (name: string): string => join(folder?.uri.fsPath ?? '', site, name);
    const there = (name: string): string => join(far.disk, name);
    const write = (name: string, text: string): void => {
      mkdirSync(dirname(here(name)), { recursive: true });
      writeFileSync(here(name), text);
    };
    const sync = (command: string): Thenable<unknown> => vscode.commands.executeCommand(`ferry.${command}`, vscode.Uri.file(here('')));
    const pressing = (button: string, act: () => Thenable<unknown>): Promise<string[]> => choosing({ rows: [], buttons: [button] }, act);
    const apply = (button = 'Nothing'): Promise<string[]> => pressing(button, () => vscode.commands.executeCommand('ferry.sync.apply'));
    const files = (root: string): Record<string, string> => {
      const names = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
      const paths = names.map(({ parentPath, name }) => join(parentPath, name)).sort();
      return Object.fromEntries(paths.map((path) => [path.slice(root.length).replace(/^[/\\]/, ''), readFileSync(path, 'utf8')]));
    };

    before(async () => {
      shown = shownSync();
      far = await farFolder(server, 'synced');
      await saveHosts(far.setting);
      takePlace();
      await vscode.extensions.getExtension('ferry.ferry')?.activate();
      write('index.html', 'index');
      const mapping = { local: site, remote: String(far.uri('')), ignore: ['*.log'] };
      await vscode.workspace
        .getConfiguration('ferry', folder?.uri)
        .update('mappings', [mapping], vscode.ConfigurationTarget.WorkspaceFolder);
    });
    after(async () => {
      await vscode.commands.executeCommand('ferry.sync.close');
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      for (const made of [join(folder?.uri.fsPath ?? '', '.vscode'), here('')]) rmSync(made, { recursive: true, force: true });
      await far.end();
      await saveHosts();
    });

    it('brings to each side what only the other has, but what is ignored and links', async () => {
      write('pages/a.html', 'a');
      write('noise.log', 'noise');
      symlinkSync('a.html', here('pages/link.html'));
      far.write('theirs.txt', 'theirs');
      far.write('there.log', 'noise');
      await sync('syncBothWays');
      assert.deepEqual(shown.rows(), ['Upload +index.html', 'Upload +pages/a.html', 'Download +theirs.txt', 'Left out pages/link.html']);
      assert.match(shown.message(), /2 uploads, 1 download/);
      await apply();
      rmSync(here('pages/link.html'));
      assert.deepEqual(files(here('')), { 'index.html': 'index', 'noise.log': 'noise', 'pages/a.html': 'a', 'theirs.txt': 'theirs' });
      assert.deepEqual(files(far.disk), { 'index.html': 'index', 'pages/a.html': 'a', 'there.log': 'noise', 'theirs.txt': 'theirs' });
      const told = await pressing('Nothing', () => sync('syncBothWays'));
      assert.deepEqual(shown.rows(), []);
      assert.match(told.join('\n'), /Both sides are the same/);
    });

    it('sees since the last exchange which side changed, proposes no deletion, and leaves a conflict alone', async () => {
      write('both.txt', 'base');
      write('gone.txt', 'gone');
      await sync('syncUp');
      await apply();
      assert.equal(files(far.disk)['gone.txt'], 'gone');
      write('index.html', 'changed here');
      far.write('theirs.txt', 'changed there');
      write('both.txt', 'mine now');
      far.write('both.txt', 'theirs now');
      rmSync(here('gone.txt'));
      await sync('syncBothWays');
      const expected = ['Conflicts both.txt', 'Upload +index.html', 'Download +theirs.txt', 'Delete on the server gone.txt'];
      assert.deepEqual(shown.rows(), expected);
      await apply();
      assert.deepEqual(shown.rows(), ['Conflicts both.txt', 'Delete on the server gone.txt']);
      assert.equal(files(far.disk)['index.html'], 'changed here');
      assert.equal(files(here(''))['theirs.txt'], 'changed there');
      assert.deepEqual([files(far.disk)['both.txt'], files(here(''))['both.txt']], ['theirs now', 'mine now']);
      assert.equal(files(far.disk)['gone.txt'], 'gone');
    });

    it('deletes and decides what the person ticks and decides, after a question', async () => {
      await vscode.commands.executeCommand('ferry.sync.useThere', shown.row('both.txt'));
      shown.tick('gone.txt');
      assert.match((await apply('Nothing')).join('\n'), /1 download, 1 deletion on the server\?/);
      assert.ok(existsSync(there('gone.txt')));
      // Not even what has the same size, and may have the same time.
      far.write('gone.txt', 'GONE');
      await apply('Sync and Delete');
      assert.equal(files(here(''))['both.txt'], 'theirs now');
      assert.equal(files(far.disk)['gone.txt'], 'GONE');
      assert.deepEqual(shown.rows(), ['Delete on the server +gone.txt']);
      far.write('gone.txt', 'of somebody else');
      await vscode.commands.executeCommand('ferry.sync.refresh');
      assert.deepEqual(shown.rows(), ['Conflicts gone.txt']);
      await vscode.commands.executeCommand('ferry.sync.useHere', shown.row('gone.txt'));
      shown.tick('gone.txt');
      await apply('Sync and Delete');
      assert.ok(!existsSync(there('gone.txt')));
      assert.ok(!existsSync(here('gone.txt')));
    });

    it('does not do what is not as it was planned for any more', async () => {
      write('late here.txt', 'planned');
      write('late there.txt', 'mine');
      write('fine.txt', 'fine');
      await sync('syncUp');
      write('late here.txt', 'changed since');
      far.write('late there.txt', 'somebody else');
      const told = await apply();
      assert.match(told.join('\n'), /Done: 1 upload.* 2 rows were not done/);
      assert.deepEqual(shown.rows(), ['Upload +late here.txt', 'Upload +late there.txt']);
      assert.ok(!existsSync(there('late here.txt')));
      assert.equal(files(far.disk)['late there.txt'], 'somebody else');
      await vscode.commands.executeCommand('ferry.sync.refresh');
      await apply();
      assert.equal(files(far.disk)['late here.txt'], 'changed since');
      assert.equal(files(far.disk)['late there.txt'], 'somebody else');
      rmSync(here('late there.txt'));
    });

    it('compares, and reads where only the times differ', async () => {
      write('alike.txt', 'alike');
      utimesSync(here('alike.txt'), 1_600_000_000, 1_600_000_000);
      far.write('alike.txt', 'alike');
      await sync('compareFolder');
      assert.deepEqual(shown.rows(), ['Only on the server late there.txt', 'Same size, other time: maybe the same alike.txt']);
      await choosing({ rows: ['What May Be the Same'], buttons: [] }, () => vscode.commands.executeCommand('ferry.sync.compareContents'));
      assert.deepEqual(shown.rows(), ['Only on the server late there.txt']);
      await vscode.commands.executeCommand('ferry.sync.showDocument');
      assert.match(vscode.window.activeTextEditor?.document.getText() ?? '', /Download \(1\)\n {2}\[ \] late there\.txt/);
    });

    it('stops where most of one side would be deleted', async () => {
      for (let number = 0; number < 12; number += 1) far.write(`many ${number}.txt`, `${number}`);
      const asked = await pressing('Nothing', () => sync('syncUp'));
      assert.match(asked.join('\n'), /This sync would delete 13 of \d+ files on .*\. Nothing was done\./);
      await sync('syncDown');
      await apply();
    });

    it('deletes here what the person ticks: into the trash of this computer, or the local history where it has none', async () => {
      write('only here.txt', 'x');
      await sync('syncDown');
      assert.deepEqual(shown.rows(), ['Delete on this computer only here.txt']);
      shown.tick('only here.txt');
      await apply('Sync and Delete');
      assert.deepEqual(shown.rows(), []);
      assert.ok(!existsSync(here('only here.txt')));
    });

    // It takes a while until a server counts as unreachable: one of each protocol is enough.
    const isFirst =
      realServers.findIndex(({ setting: { protocol } }) => protocol.slice(0, 3) === server.setting.protocol.slice(0, 3)) === index;
    if (!isFirst) return;
    it('is finished by a second one after the line was cut in its middle: nothing is lost or doubled', async function () {
      this.timeout(300_000);
      const names = Array.from(
        { length: server.setting.protocol === 'sftp' ? 1000 : 100 },
        (_, number) => `cut/${number % 4}/${number}.txt`,
      );
      for (const name of names) write(name, name.repeat(50));
      const arrived = () =>
        [0, 1, 2, 3].flatMap((number) => (existsSync(there(`cut/${number}`)) ? readdirSync(there(`cut/${number}`)) : []));
      await sync('syncUp');
      assert.equal(shown.rows().length, names.length);
      const applying = apply();
      await eventually(() => assert.ok(arrived().length >= names.length / 3), 90_000);
      far.proxy.retarget(1);
      far.proxy.strike('reset');
      await applying;
      // As if it were one whose answer was lost: a server's time is no reason to ask about it.
      const [lost = ''] = shown.failed();
      mkdirSync(dirname(there(lost)), { recursive: true });
      far.write(lost, lost.repeat(50));
      utimesSync(there(lost), 1_700_000_000, 1_700_000_000);
      far.proxy.retarget(server.setting.port);
      await eventually(async () => {
        await vscode.workspace.fs.readDirectory(far.uri(''));
      }, 60_000);
      await vscode.commands.executeCommand('ferry.sync.refresh');
      assert.ok(shown.rows().length < names.length && shown.rows().length > 0);
      const others = shown.rows().filter((row) => !row.startsWith('Upload +') || row === `Upload +${lost}`);
      assert.deepEqual(others, []);
      await apply();
      for (const name of names) assert.equal(readFileSync(there(name), 'utf8'), name.repeat(50));
      await eventually(() => assert.equal(arrived().length, names.length), 30_000);
      await sync('syncBothWays');
      assert.deepEqual(shown.rows(), []);
    });

    it('streams what is too large to be held in memory, and leaves alone what changed since it was planned', async () => {
      const large = (letter: string) => letter.repeat(6_000_000);
      write('pages/large here.bin', large('h'));
      far.write('large there.bin', large('t'));
      await sync('syncBothWays');
      const plan = shown.rows();
      assert.ok(plan.includes('Upload +pages/large here.bin') && plan.includes('Download +large there.bin'), plan.join('\n'));
      await apply();
      assert.ok(files(far.disk)['pages/large here.bin'] === large('h') && files(here(''))['large there.bin'] === large('t'));
      await sync('syncBothWays');
      assert.deepEqual(
        shown.rows().filter((row) => row.includes('large')),
        [],
      );
      write('pages/large here.bin', large('H'));
      await sync('syncUp');
      far.write('pages/large here.bin', 'of somebody else');
      await apply();
      assert.equal(files(far.disk)['pages/large here.bin'], 'of somebody else');
      assert.ok(shown.rows().includes('Upload +pages/large here.bin'));
      const names = [...Object.keys(files(far.disk)), ...Object.keys(files(here('')))];
      assert.deepEqual(
        names.filter((name) => name.includes('ferry')),
        [],
      );
      for (const root of [here(''), far.disk]) for (const name of ['pages/large here.bin', 'large there.bin']) rmSync(join(root, name));
    });
  });
}

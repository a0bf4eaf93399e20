import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { choosing } from './choosing.ts';
import { saveHosts } from './demo.ts';
import { selectedLabels } from './hostTree.ts';
import { takePlace } from './person.ts';
import { farFolder, realServers, type FarFolder } from './real.ts';
import { answeringBoxes, eventually, typeText } from './typing.ts';

/* A project on disk and its server. Each on real servers: what is asserted is the bytes on the server's disk. */
for (const [index, server] of realServers.entries()) {
  describe(`a folder linked to ${server.name}`, () => {
    const folder = vscode.workspace.workspaceFolders?.[0];
    const site = `site ${index}`;
    let far: FarFolder;

    const here = (name: string): string => join(folder?.uri.fsPath ?? '', site, name);
    const there = (name: string, target = 'staging'): string => join(far.disk, target, name);
    const local = (name: string): vscode.Uri => vscode.Uri.file(here(name));
    const write = (name: string, text: string): void => {
      mkdirSync(dirname(here(name)), { recursive: true });
      writeFileSync(here(name), text);
    };
    const link = async (more: object): Promise<void> => {
      const targets = { staging: String(far.uri('staging')), production: String(far.uri('production')) };
      const mapping = { local: site, targets, ...more };
      await vscode.workspace
        .getConfiguration('ferry', folder?.uri)
        .update('mappings', [mapping], vscode.ConfigurationTarget.WorkspaceFolder);
    };
    const save = async (name: string, text: string): Promise<void> => {
      const document = await vscode.workspace.openTextDocument(local(name));
      await vscode.window.showTextDocument(document);
      await typeText(document, text);
      assert.equal(await document.save(), true);
    };
    const arrives = async (name: string, text: string): Promise<void> =>
      eventually(() => assert.equal(existsSync(there(name)) ? readFileSync(there(name), 'utf8') : undefined, text));
    const upload = async (...names: string[]): Promise<void> => {
      const uris = names.map(local);
      await vscode.commands.executeCommand('ferry.upload', uris[0], uris);
    };
    const pressing = (button: string, act: Parameters<typeof choosing>[1]): Promise<string[]> =>
      choosing({ rows: [], buttons: [button] }, act);

    before(async () => {
      far = await farFolder(server, 'linked', { root: server.rootOnServer });
      await saveHosts(far.setting);
      takePlace();
      // As it is by itself in a window that opens with such settings.
      await vscode.extensions.getExtension('ferry.ferry')?.activate();
      write('index.html', 'one');
    });
    beforeEach(() => link({}));
    after(async () => {
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      for (const made of [join(folder?.uri.fsPath ?? '', '.vscode'), here('')]) rmSync(made, { recursive: true, force: true });
      await far.end();
      await saveHosts();
    });

    it('uploads what is saved, into folders that it makes, and only to the target that is meant', async () => {
      await save('index.html', 'saved');
      await arrives('index.html', 'saved');
      write('pages/deep/a.html', '');
      await save('pages/deep/a.html', `deep on ${server.name}`);
      await arrives('pages/deep/a.html', `deep on ${server.name}`);
      assert.deepEqual(readdirSync(far.disk), ['staging']);
    });

    it('gives files and folders that are new there the permissions of the setting', async () => {
      await link({ permissions: { files: '664', folders: '775' } });
      write('shared/deep/new.txt', '');
      await save('shared/deep/new.txt', 'new');
      await arrives('shared/deep/new.txt', 'new');
      const modes = ['shared', 'shared/deep', 'shared/deep/new.txt'].map((name) => statSync(there(name)).mode & 0o777);
      assert.deepEqual(modes, [0o775, 0o775, 0o664]);
      // Several go through the queue of transfers.
      for (const name of ['a', 'b']) write(`shared/queued/below/${name}.txt`, name);
      await upload('shared/queued');
      for (const name of ['a', 'b']) await arrives(`shared/queued/below/${name}.txt`, name);
      const queued = ['queued', 'queued/below', 'queued/below/a.txt', 'queued/below/b.txt'];
      const given = queued.map((name) => statSync(there(`shared/${name}`)).mode & 0o777);
      assert.deepEqual(given, [0o775, 0o775, 0o664, 0o664]);
      for (const folder of [here('shared'), there('shared')]) rmSync(folder, { recursive: true });
    });

    it('sends nothing that is ignored, nor while uploadOnSave is off', async () => {
      write('.ferryignore', '*.log\n!keep.log\n');
      for (const name of ['noise.log', 'keep.log', '.git/config']) write(name, '');
      await save('noise.log', 'noise');
      await save('.git/config', 'secret');
      await save('keep.log', 'kept');
      await arrives('keep.log', 'kept');
      await link({ uploadOnSave: false });
      await save('index.html', 'not sent');
      // What was sent at all has come when this has.
      write('keep.log', 'kept later');
      await upload('keep.log');
      await arrives('keep.log', 'kept later');
      assert.equal(readFileSync(there('index.html'), 'utf8'), 'saved');
      await link({});
      await save('index.html', 'sent');
      await arrives('index.html', 'sent');
      assert.deepEqual(readdirSync(there('')).sort(), ['index.html', 'keep.log', 'pages']);
    });

    it('takes a file that somebody changed on the server for a conflict, and overwrites it only if told', async () => {
      far.write('staging/index.html', 'theirs, longer');
      await pressing('Nothing', async (asked) => {
        await save('index.html', 'mine');
        const question = /index\.html on .* is not the file that you last exchanged\. Nothing was sent\./;
        await eventually(() => assert.match(asked.join('\n'), question));
        assert.equal(await badge('index.html'), true);
      });
      await pressing('Skip', async (asked) => {
        await upload('index.html');
        await eventually(() => assert.match(asked.join('\n'), /index\.html on .* is not the file that you last exchanged/));
        await eventually(async () => assert.equal(await badge('index.html'), false));
      });
      assert.equal(readFileSync(there('index.html'), 'utf8'), 'theirs, longer');
      await pressing('Overwrite', async () => {
        await upload('index.html');
        await arrives('index.html', 'mine');
      });
    });

    it('never takes a file that it never exchanged for its own', async () => {
      far.write('staging/foreign.txt', 'theirs');
      write('foreign.txt', 'mine');
      await pressing('Nothing', async (asked) => {
        await upload('foreign.txt');
        await eventually(() => assert.match(asked.join('\n'), /foreign\.txt/));
        assert.equal(await badge('foreign.txt'), true);
      });
      assert.equal(readFileSync(there('foreign.txt'), 'utf8'), 'theirs');
      await choosing({ rows: [], buttons: ["Take the Server's", 'Replace'] }, async () => {
        await upload('foreign.txt');
        await eventually(() => assert.equal(readFileSync(here('foreign.txt'), 'utf8'), 'theirs'));
      });
    });

    it('sends what could not be sent when the line is back, after a look for conflicts', async () => {
      far.proxy.retarget(1);
      far.proxy.strike('reset');
      await pressing('Nothing', async () => {
        await save('index.html', 'while away');
        await save('pages/deep/a.html', 'while away too');
        await eventually(async () => assert.equal(await badge('index.html'), true), 60_000);
      });
      far.write('staging/index.html', 'changed by somebody meanwhile');
      far.proxy.retarget(server.setting.port);
      await pressing('Nothing', async () => {
        await vscode.workspace.fs.readDirectory(far.uri('staging'));
        await arrives('pages/deep/a.html', 'while away too');
      });
      assert.equal(readFileSync(there('index.html'), 'utf8'), 'changed by somebody meanwhile');
      await vscode.commands.executeCommand('ferry.download', local('index.html'));
    });

    it('downloads, and does not replace what is only here without a question', async () => {
      far.write('staging/index.html', 'the newest');
      await pressing('Replace', () => vscode.commands.executeCommand('ferry.download', local('index.html')));
      assert.equal(readFileSync(here('index.html'), 'utf8'), 'the newest');
      // It was in conflict: that is settled now.
      await eventually(async () => assert.equal(await badge('index.html'), false));
      write('index.html', 'only here');
      await pressing('Nothing', () => vscode.commands.executeCommand('ferry.download', local('index.html')));
      assert.equal(readFileSync(here('index.html'), 'utf8'), 'only here');
      mkdirSync(there('more'));
      far.write('staging/more/b.txt', 'b');
      await vscode.commands.executeCommand('ferry.download', local('more'));
      assert.equal(readFileSync(here('more/b.txt'), 'utf8'), 'b');
    });

    it('shows the file of the server: in an editor beside that of this computer, and among the files of its host', async () => {
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      await vscode.commands.executeCommand('ferry.openRemoteBeside', local('index.html'));
      const shown = () =>
        vscode.window.tabGroups.all.map(({ tabs }) => tabs.map(({ input }) => String((input as vscode.TabInputText).uri)));
      await eventually(() => assert.deepEqual(shown(), [[String(local('index.html'))], [String(far.uri('staging/index.html'))]]));
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      await vscode.commands.executeCommand('ferry.revealRemote', local('more/b.txt'));
      await eventually(async () => assert.deepEqual(await selectedLabels(), ['b.txt']));
    });

    it('writes nothing of a folder through a link on this computer', async () => {
      mkdirSync(here('elsewhere'));
      mkdirSync(here('guarded'));
      symlinkSync(here('elsewhere'), here('guarded/away'));
      mkdirSync(there('guarded/away'), { recursive: true });
      far.write('staging/guarded/away/c.txt', 'c');
      far.write('staging/guarded/d.txt', 'd');
      await pressing('Nothing', async () => {
        await vscode.commands.executeCommand('ferry.download', local('guarded')).then(undefined, () => undefined);
        await eventually(() => assert.equal(existsSync(here('guarded/d.txt')) && readFileSync(here('guarded/d.txt'), 'utf8'), 'd'));
      });
      assert.deepEqual(readdirSync(here('elsewhere')), []);
    });

    it('follows deletes and renames where that is wished', async () => {
      await link({ deleteOnDelete: true, renameOnRename: true });
      write('old.txt', '');
      await save('old.txt', 'old');
      await arrives('old.txt', 'old');
      const rename = new vscode.WorkspaceEdit();
      rename.renameFile(local('old.txt'), local('new.txt'));
      assert.ok(await vscode.workspace.applyEdit(rename));
      await arrives('new.txt', 'old');
      assert.ok(!existsSync(there('old.txt')));
      const removal = new vscode.WorkspaceEdit();
      removal.deleteFile(local('new.txt'));
      assert.ok(await vscode.workspace.applyEdit(removal));
      await eventually(() => assert.ok(!existsSync(there('new.txt'))));
    });

    it('uploads what a build writes, all of it', async () => {
      await link({ watch: ['dist/**'] });
      for (let number = 0; number < 120; number += 1) write(`dist/${number % 6}/${number}.js`, `// ${number}`);
      await eventually(() => {
        for (let number = 0; number < 120; number += 1)
          assert.equal(readFileSync(there(`dist/${number % 6}/${number}.js`), 'utf8'), `// ${number}`);
      }, 90_000);
      assert.deepEqual(
        readdirSync(there('dist/0')).filter((name) => name.startsWith('.')),
        [],
      );
    });

    it('uploads to another target once that is chosen', async () => {
      await choosing({ rows: ['production'], buttons: [] }, () => vscode.commands.executeCommand('ferry.chooseTarget'));
      await upload('pages');
      await eventually(() =>
        assert.equal(readFileSync(there('pages/deep/a.html', 'production'), 'utf8'), readFileSync(here('pages/deep/a.html'), 'utf8')),
      );
      await choosing({ rows: ['staging'], buttons: [] }, () => vscode.commands.executeCommand('ferry.chooseTarget'));
    });

    it('is linked to another target beside those that it has, or to another place, and keeps its options', async () => {
      await link({ ignore: ['*.tmp'], deleteOnDelete: true });
      const linkTo = async (way: string, ...names: string[]): Promise<unknown> => {
        const rows = [far.setting.name, 'Open this folder', way];
        await answeringBoxes(names, () =>
          choosing({ rows, buttons: [] }, () => vscode.commands.executeCommand('ferry.linkFolder', vscode.Uri.file(here('')))),
        );
        const found = vscode.workspace.getConfiguration('ferry', folder?.uri).inspect<unknown[]>('mappings');
        return found?.workspaceFolderValue ?? found?.workspaceValue;
      };
      const options = { local: site, ignore: ['*.tmp'], deleteOnDelete: true };
      const places = { staging: String(far.uri('staging')), production: String(far.uri('production')) };
      const top = `${server.setting.protocol}://${far.setting.name}${server.rootOnServer}`;
      assert.deepEqual(await linkTo('Add as Another Target…', 'Staging', 'testing'), [
        { ...options, targets: { ...places, testing: top } },
      ]);
      assert.deepEqual(await linkTo('Replace'), [{ ...options, remote: top }]);
    });

    it('uploads and downloads folders through the queue, and neither replaces what it has not seen', async () => {
      const names = Array.from({ length: 12 }, (_, number) => `many/${number % 3}/${number}.txt`);
      for (const name of names) write(name, name);
      await upload('many/0/0.txt');
      await arrives('many/0/0.txt', 'many/0/0.txt');
      far.write('staging/many/0/3.txt', 'of somebody else');
      await choosing({ rows: [], buttons: [] }, async (told) => {
        await upload('many');
        await eventually(() => assert.match(told.join('\n'), /3\.txt on .* is not the file that you last exchanged/));
        assert.equal(await badge('many/0/3.txt'), true);
      });
      for (const name of names) assert.equal(readFileSync(there(name), 'utf8'), name === 'many/0/3.txt' ? 'of somebody else' : name);
      assert.equal(await badge('many/1/1.txt'), false);
      write('many/1/1.txt', 'only here');
      far.write('staging/many/2/2.txt', 'newer there');
      await choosing({ rows: [], buttons: [] }, async (told) => {
        await vscode.commands.executeCommand('ferry.download', local('many'));
        await eventually(() => assert.match(told.join('\n'), /2 files were kept/));
      });
      assert.equal(readFileSync(here('many/1/1.txt'), 'utf8'), 'only here');
      assert.equal(readFileSync(here('many/0/3.txt'), 'utf8'), 'many/0/3.txt');
      assert.equal(readFileSync(here('many/2/2.txt'), 'utf8'), 'newer there');
      assert.deepEqual(
        readdirSync(there('many'), { recursive: true }).filter((name) => String(name).includes('.ferry')),
        [],
      );
      await pressing('Skip', async (asked) => {
        await upload('many/0/3.txt');
        await eventually(() => assert.match(asked.join('\n'), /3\.txt on .* is not the file that you last exchanged/));
        await eventually(async () => assert.equal(await badge('many/0/3.txt'), false));
      });
    });

    /** Whether it waits for a person or the line. */
    async function badge(name: string): Promise<boolean> {
      const shown = await uploadsShown();
      return shown.some((label) => label === name.split('/').at(-1));
    }
  });
}

/** The rows of “Show Uploads…”. */
async function uploadsShown(): Promise<string[]> {
  const window = vscode.window as { -readonly [Name in 'createQuickPick']: (typeof vscode.window)[Name] };
  const { createQuickPick } = window;
  let labels: string[] = [];
  window.createQuickPick = (() => {
    const pick = createQuickPick.call(vscode.window);
    const show = pick.show.bind(pick);
    pick.show = () => {
      labels = pick.items.map(({ label }) => label);
      show();
      pick.hide();
    };
    return pick;
  }) as typeof createQuickPick;
  try {
    await vscode.commands.executeCommand('ferry.showUploads');
  } finally {
    window.createQuickPick = createQuickPick;
  }
  return labels;
}

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { choosing } from './choosing.ts';
import { demo, diskPath, saveHosts, uriOn } from './demo.ts';
import { dragOnto, itemOf, rowAt, rowsUnder, select, showHosts, wordsOfView } from './hostTree.ts';
import { takePlace } from './person.ts';
import { answeringBoxes, eventually } from './typing.ts';

const run = (command: string, ...given: unknown[]) => vscode.commands.executeCommand(`ferry.${command}`, ...given);

/* Keys on rows of hosts, groups and bookmarks: they have no row of their own, so that what is selected counts. */
describe('keys on rows of hosts', () => {
  const window = vscode.window as { showErrorMessage: typeof vscode.window.showErrorMessage };
  const host = (name: string, group?: string) => ({ name, protocol: 'ftp', address: `${name}.example.org`, ...(group && { group }) });
  const config = join(vscode.workspace.workspaceFolders![0]!.uri.fsPath, 'ssh config');
  const settings = vscode.workspace.getConfiguration('ferry');
  let errors: string[];

  const grouped = () =>
    Object.fromEntries<string | undefined>(
      (vscode.workspace.getConfiguration('ferry').inspect<Record<string, string>[]>('hosts')?.globalValue ?? [])
        .filter(({ name }) => /^(?:one|two|three)/.test(name ?? ''))
        .map(({ name = '', group }) => [name, group]),
    );

  before(async () => {
    takePlace();
    mkdirSync(diskPath('demo-sftp', '/marked'), { recursive: true });
    writeFileSync(config, 'Host alias\n  HostName alias.example.org\n');
    await settings.update('sshConfig', config, vscode.ConfigurationTarget.Global);
    await saveHosts({ ...host('one'), root: '/srv' }, host('two', 'Work'), host('three', 'Work/Inner'));
    await showHosts();
  });

  beforeEach(() => {
    errors = [];
    window.showErrorMessage = (message: string) => Promise.resolve(void errors.push(message));
  });

  after(async () => {
    await settings.update('sshConfig', undefined, vscode.ConfigurationTarget.Global);
    rmSync(config);
    await saveHosts();
  });

  it('copy the address of a host, and those of all that are selected', async () => {
    await select(await rowAt('one'));
    await run('copyRows');
    assert.equal(await vscode.env.clipboard.readText(), 'ftp://one/srv');
    const rows = [await rowAt('one'), await rowAt('Work', 'two')];
    await run('copyUri', rows[1], rows);
    assert.equal(await vscode.env.clipboard.readText(), 'ftp://one/srv\nftp://two/');
    await run('copyUri', rows[1], [rows[0]]);
    assert.equal(await vscode.env.clipboard.readText(), 'ftp://two/');
  });

  it('rename a host', async () => {
    await select(await rowAt('one'));
    await answeringBoxes(['one-more'], () => run('renameRow'));
    await eventually(() => assert.ok('one-more' in grouped()));
    await saveHosts({ ...host('one'), root: '/srv' }, host('two', 'Work'), host('three', 'Work/Inner'));
  });

  it('have the colour, icon and protection that the person chooses', async () => {
    const rows = ['Colour', 'red', 'Icon', 'rocket', 'Protection', 'Read-Only'];
    const look = async (given: string[], texts: string[] = []) => {
      const row = await rowAt('one');
      const complaints = await answeringBoxes(texts, () => choosing({ rows: given, buttons: [] }, () => run('hostLook', row)));
      const { iconPath, description } = await itemOf(await rowAt('one'));
      assert.ok(iconPath instanceof vscode.ThemeIcon);
      return { icon: iconPath.id, color: iconPath.color?.id, description, complaints };
    };
    const shown = await look(rows);
    assert.deepEqual([shown.icon, shown.color], ['rocket', 'charts.red']);
    assert.match(String(shown.description), /read-only/);
    const { icon, complaints } = await look(['Icon', 'Another One'], ['$(x)', 'debug-alt']);
    assert.equal(icon, 'debug-alt');
    assert.match(complaints.join(), /name of an icon/);
    const plain = await look(['Colour', 'None', 'Icon', 'The Usual One', 'Protection', 'No Protection']);
    assert.deepEqual([plain.icon, plain.color], ['vm-outline', undefined]);
    const hosts = vscode.workspace.getConfiguration('ferry').inspect<{ name: string }[]>('hosts')?.globalValue;
    assert.deepEqual(
      hosts?.find(({ name }) => name === 'one'),
      { ...host('one'), root: '/srv' },
    );
  });

  it('remove a host after a question', async () => {
    await select(await rowAt('one'));
    assert.match((await choosing({ rows: [], buttons: [] }, () => run('removeRows'))).join(), /^Remove the host one\?$/);
    assert.ok('one' in grouped());
    await choosing({ rows: [], buttons: ['Remove'] }, () => run('removeRows'));
    assert.deepEqual(grouped(), { two: 'Work', three: 'Work/Inner' });
  });

  it('remove a group after a question, with none of its hosts', async () => {
    await select(await rowAt('Work', 'Inner'));
    assert.match((await choosing({ rows: [], buttons: [] }, () => run('removeRows'))).join(), /^Remove the group “Work\/Inner”\?$/);
    assert.deepEqual(grouped(), { two: 'Work', three: 'Work/Inner' });
    await choosing({ rows: [], buttons: ['Remove'] }, () => run('removeRows'));
    assert.deepEqual(grouped(), { two: 'Work', three: 'Work' });
  });

  it('remove several groups at once, also one in the other', async () => {
    await saveHosts(host('two', 'Work'), host('three', 'Work/Inner'), host('one', 'Else'));
    const rows = [await rowAt('Work'), await rowAt('Work', 'Inner'), await rowAt('Else')];
    const asked = await choosing({ rows: [], buttons: ['Remove'] }, () => run('removeGroup', rows[0], rows));
    assert.deepEqual(asked, ['Remove these 3 groups: Work, Work/Inner, Else?']);
    assert.deepEqual(grouped(), { two: undefined, three: undefined, one: undefined });
  });

  it('leave hosts of the ssh config to that file, and say so', async () => {
    await select(await rowAt('From ~/.ssh/config', 'alias'));
    await run('removeRows');
    await run('renameRow');
    assert.equal(errors.length, 2);
    for (const error of errors) assert.match(error, /alias.* is a host of your ssh config/);
    await run('copyRows');
    assert.equal(await vscode.env.clipboard.readText(), 'sftp://alias/');
  });

  it('do what dragging does too: hosts go before others, into groups, and out of them', async () => {
    await saveHosts(host('one'), host('two', 'Work'), host('three', 'Work/Inner'));
    await dragOnto(await rowAt('Work', 'two'), await rowAt('one'));
    assert.deepEqual(
      Object.entries(grouped()).map(([name, group]) => `${name} ${group}`),
      ['one Work', 'two Work', 'three Work/Inner'],
    );
    await eventually(async () => dragOnto(undefined, await rowAt('Work', 'Inner')));
    assert.deepEqual(grouped(), { one: 'Work', two: 'Work', three: 'Inner' });
    await eventually(async () => dragOnto(await rowAt('Inner'), await rowAt('Work', 'one'), await rowAt('Work', 'two')));
    assert.deepEqual(grouped(), { one: 'Inner', two: 'Inner', three: 'Inner' });
  });

  it('move the selected host, and a filter shows only what it names', async () => {
    await saveHosts(host('two', 'Work'), host('three', 'Work'), host('one', 'Else'));
    await select(await rowAt('Work', 'three'));
    await run('moveUp');
    const labels = async (row?: object) => Promise.all((await rowsUnder(row)).map(async (each) => (await itemOf(each)).label));
    assert.deepEqual(await labels(await rowAt('Work')), ['three', 'two']);
    await answeringBoxes(['three.example'], () => run('filterHosts'));
    try {
      assert.deepEqual(await labels(), ['Work']);
      assert.deepEqual(await labels(await rowAt('Work')), ['three']);
      assert.match(wordsOfView(), /^Only hosts with “three\.example” are shown\.$/);
    } finally {
      await run('clearHostFilter');
    }
    assert.equal(wordsOfView(), '');
    assert.ok((await labels()).includes('Else'));
  });

  it('move bookmarks under their host, as dragging does; hosts that are dropped on one go before its host', async () => {
    const marks = ['c', 'b', 'a'].map((name) => [name, uriOn('demo-sftp', `/marked/${name}`)] as const);
    for (const [name, mark] of [...marks, ['z', uriOn('demo-ftp', '/marked')] as const])
      await answeringBoxes([`mark ${name}`], () => run('addBookmark', mark));
    const mark = (name: string) => rowAt('demo-sftp', `mark ${name}`);
    const order = async () => {
      const labels = await Promise.all((await rowsUnder(await rowAt('demo-sftp'))).map(async (row) => (await itemOf(row)).label));
      return labels.flatMap((label) => /^mark (.)$/.exec(typeof label === 'string' ? label : '')?.[1] ?? []).join('');
    };
    try {
      assert.equal(await order(), 'abc');
      await dragOnto(await mark('a'), await mark('c'));
      assert.equal(await order(), 'cab');
      await dragOnto(await rowAt('demo-sftp'), await mark('c'), await mark('a'));
      assert.equal(await order(), 'bca');
      // It leads to its own host.
      await dragOnto(await rowAt('demo-ftp', 'mark z'), await mark('b'));
      await dragOnto(await rowAt('demo-ftp'), await mark('b'));
      assert.equal(await order(), 'bca');
      await select(await mark('a'));
      await run('moveUp');
      assert.equal(await order(), 'bac');
      const rows = [await mark('b'), await mark('a')];
      await run('moveDown', rows[0], rows);
      assert.equal(await order(), 'cba');
      await saveHosts(host('one', 'Work'));
      await dragOnto(await mark('b'), await rowAt('Work', 'one'));
      assert.deepEqual(grouped(), { one: undefined });
      const names =
        vscode.workspace
          .getConfiguration('ferry')
          .inspect<{ name: string }[]>('hosts')
          ?.globalValue?.map(({ name }) => name) ?? [];
      assert.equal(names[names.indexOf('one') + 1], 'demo-sftp');
    } finally {
      for (const [place, name] of [...marks.map(([name]) => ['demo-sftp', name] as const), ['demo-ftp', 'z'] as const])
        await run('removeBookmark', await rowAt(place, `mark ${name}`));
    }
  });

  it('copy and remove bookmarks, all that are selected; folders are made and terminals begin in them', async () => {
    const marks = ['/marked', '/'].map((path) => uriOn('demo-sftp', path));
    for (const [index, mark] of marks.entries()) await answeringBoxes([`mark ${index}`], () => run('addBookmark', mark));
    const rows = [await rowAt('demo-sftp', 'mark 0'), await rowAt('demo-sftp', 'mark 1')];
    await select(rows[0]!);
    await run('copyRows');
    assert.equal(await vscode.env.clipboard.readText(), `sftp://${demo.hosts['demo-sftp'].setting.name}/marked`);
    await answeringBoxes(['within'], () => run('files.newFolder', rows[0]));
    assert.ok(existsSync(diskPath('demo-sftp', '/marked/within')));
    const before = new Set(vscode.window.terminals);
    await run('openTerminal', rows[0]);
    await eventually(() => {
      const made = vscode.window.terminals.find((terminal) => !before.has(terminal));
      assert.match(made?.name ?? '', /^marked \(demo-sftp\)$/);
      made?.dispose();
    });
    await run('removeBookmark', rows[0], rows);
    const labels = await Promise.all((await rowsUnder(await rowAt('demo-sftp'))).map(async (row) => (await itemOf(row)).label));
    assert.ok(!labels.some((label) => typeof label === 'string' && label.startsWith('mark ')));
  });
});

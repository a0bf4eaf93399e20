import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { choosing } from './choosing.ts';
import { demo, saveHosts } from './demo.ts';

/* From the files of other tools to hosts that work: what the person sees and chooses on the way is in `choosing`. */
describe('importing hosts', () => {
  const canary = 'canary-import-4711';
  const { port, user } = demo.hosts['demo-sftp'].setting as { port: number; user: string };
  const workspace = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
  const config = join(workspace, '.vscode', 'sftp.json');
  const window = vscode.window as {
    -readonly [Name in 'showOpenDialog' | 'showSaveDialog' | 'createInputBox']: (typeof vscode.window)[Name];
  };
  const { showOpenDialog, showSaveDialog, createInputBox } = window;
  let folder: string;
  let asked = 0;

  const items = (): Record<string, unknown>[] =>
    vscode.workspace.getConfiguration('ferry').inspect<Record<string, unknown>[]>('hosts')?.globalValue ?? [];
  const item = (name: string): Record<string, unknown> | undefined => items().find((one) => one['name'] === name);
  const run = (...rows: (string | readonly string[])[]) => ({
    pressing: (...buttons: string[]) => choosing({ rows, buttons }, () => vscode.commands.executeCommand('ferry.importHosts')),
  });

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'ferry-import-'));
    mkdirSync(join(workspace, '.vscode'), { recursive: true });
    window.createInputBox = () => {
      asked++;
      return createInputBox.call(vscode.window);
    };
  });

  after(async () => {
    Object.assign(window, { showOpenDialog, showSaveDialog, createInputBox });
    rmSync(folder, { recursive: true });
    rmSync(join(workspace, '.vscode'), { recursive: true });
    await saveHosts();
  });

  const sftpJson = (extra: string): string =>
    [
      '{',
      '  // of the workspace',
      `  "name": "Über uns", "host": "localhost", "port": ${port},`,
      `  "username": "${user}",`,
      `  "password": "${demo.password}",`,
      `  ${extra}`,
      '  "uploadOnSave": true',
      '}',
    ].join('\n');

  it('of the workspace: the host works with the imported password, which is in no file any more', async () => {
    writeFileSync(config, sftpJson('"remotePath": "/",'));
    const questions = await run('SFTP (.vscode/sftp.json)', ['Über uns']).pressing('Save in the Keychain', 'Remove Them from the File');
    assert.match(questions.join('\n'), /There is a password or passphrase among them/);
    assert.deepEqual(item('Uber-uns'), { name: 'Uber-uns', protocol: 'sftp', address: 'localhost', port, user, root: '/' });
    assert.equal(readFileSync(config, 'utf8'), sftpJson('"remotePath": "/",').replace(/ {2}"password".*\n/, ''));
    const told = await choosing({ rows: [], buttons: ['Trust and Connect'] }, () =>
      vscode.workspace.fs.readDirectory(vscode.Uri.parse('sftp://Uber-uns/')),
    );
    assert.equal(told.length, 1);
    assert.equal(asked, 0);
  });

  it('of a host that is there: it is updated, kept twice or left, and passwords only come along if the person says so', async () => {
    writeFileSync(config, sftpJson('"remotePath": "/www",'));
    const text = readFileSync(config, 'utf8');
    await run('SFTP (.vscode/sftp.json)', ['Über uns'], 'Update Uber-uns').pressing('Leave Them Out', 'Remove Them from the File');
    assert.equal(item('Uber-uns')?.['root'], '/www');
    assert.equal(readFileSync(config, 'utf8'), text);
    await run('SFTP (.vscode/sftp.json)', ['Über uns'], 'Keep Both').pressing('Leave Them Out');
    assert.equal(item('Uber-uns-2')?.['root'], '/www');
    const before = items();
    await run('SFTP (.vscode/sftp.json)', ['Über uns'], 'Skip').pressing();
    await run('SFTP (.vscode/sftp.json)', ['Über uns'], 'Keep Both').pressing();
    assert.deepEqual(items(), before);
  });

  it('links the folder that goes with a host, in the settings of the workspace', async () => {
    const more = '"remotePath": "/www", "ignore": ["*.map"], "watcher": { "files": "dist/**", "autoUpload": true },';
    writeFileSync(config, sftpJson(`${more} "ignoreFile": ".vscode/not.sent", "filePerm": 640,`));
    writeFileSync(join(dirname(config), 'not.sent'), '# of ours\nsecret.php\n\n');
    const questions = await run('SFTP (.vscode/sftp.json)', ['Über uns'], 'Skip').pressing('Link the Folders');
    assert.match(questions.join('\n'), /Ferry can do that: \. → sftp:\/\/uber-uns\/www \(uploads what is saved\)/);
    const settings = vscode.workspace.getConfiguration('ferry', vscode.workspace.workspaceFolders?.[0]?.uri);
    const mappings = settings.inspect('mappings');
    const expected = {
      ...{ local: '.', remote: 'sftp://uber-uns/www', uploadOnSave: true, uploadOnCreate: true },
      ...{ watch: ['dist/**'], ignore: ['.vscode/', '.git/', '*.map', 'secret.php'], permissions: { files: '640' } },
    };
    assert.deepEqual(mappings?.workspaceFolderValue ?? mappings?.workspaceValue, [expected]);
    // What is linked stays as it is.
    const again = await run('SFTP (.vscode/sftp.json)', ['Über uns'], 'Skip').pressing('Link the Folders');
    assert.doesNotMatch(again.join('\n'), /Ferry can do that/);
    rmSync(join(dirname(config), 'not.sent'));
    await settings.update('mappings', undefined, vscode.ConfigurationTarget.WorkspaceFolder);
  });

  it('of a chosen file, only those that are ticked, and what is left out can be read', async () => {
    const file = join(folder, 'sitemanager.xml');
    const site = (name: string, host: string, more = ''): string =>
      `<Server><Host>${host}</Host><Port>22</Port><Protocol>1</Protocol><User>ann</User><Pass encoding="base64">${Buffer.from(canary).toString('base64')}</Pass><Logontype>1</Logontype><Name>${name}</Name>${more}</Server>`;
    const xml = `<FileZilla3 version="3.67.0"><Servers><Folder>Work${site('one', 'one.example.org')}${site('two', 'two.example.org', '<TimezoneOffset>60</TimezoneOffset>')}</Folder></Servers></FileZilla3>`;
    writeFileSync(file, xml);
    window.showOpenDialog = () => Promise.resolve([vscode.Uri.file(file)]);
    await run('Choose a File…', ['Work / two']).pressing('Save in the Keychain', 'What Was Left Out');
    assert.deepEqual(item('two'), { name: 'two', protocol: 'sftp', address: 'two.example.org', port: 22, user: 'ann', group: 'Work' });
    assert.equal(item('one'), undefined);
    assert.equal(readFileSync(file, 'utf8'), xml);
    const report = await shown();
    assert.deepEqual(vscode.workspace.textDocuments.filter(({ isDirty }) => isDirty).map(String), []);
    assert.match(report, /two:\n {2}The time offset is left out\./);
    assert.match(report, /keep their own copies/);
    assert.ok(!`${JSON.stringify(items())}${report}`.includes(canary));
    const offered = await run('Choose a File…', ['Work / two'], 'Update two').pressing('Save in the Keychain', 'Remove Them from the File');
    assert.match(offered.join('\n'), /The passwords stand in .*sitemanager\.xml/);
    const [before = '', after = ''] = xml.split('<Host>two.');
    const asking = after.replace(/<Pass .*?<\/Pass>/, '').replace('<Logontype>1', '<Logontype>2');
    assert.equal(readFileSync(file, 'utf8'), `${before}<Host>two.${asking}`);
  });

  it('says what is wrong with a file', async () => {
    const said: string[] = [];
    const { showErrorMessage } = vscode.window;
    const stage = vscode.window as { showErrorMessage: typeof showErrorMessage };
    stage.showErrorMessage = (message: string) => Promise.resolve(void said.push(message));
    try {
      for (const content of ['<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 'nothing', '{"host": ', '[]']) {
        const file = join(folder, 'broken');
        writeFileSync(file, content);
        window.showOpenDialog = () => Promise.resolve([vscode.Uri.file(file)]);
        await run('Choose a File…').pressing();
      }
    } finally {
      stage.showErrorMessage = showErrorMessage;
    }
    assert.deepEqual(
      said.map((message) => message.replace(/^.*broken: /, '')),
      [
        'The file declares a type of its own, which no list of hosts needs. It is not read.',
        'Ferry does not know this kind of file.',
        'The file is not whole JSON.',
        'There is no host in the file.',
      ],
    );
  });

  it('what is exported holds no secret and comes back', async () => {
    const file = join(folder, 'hosts.json');
    await saveHosts({ name: 'mine', protocol: 'ftp', address: 'mine.example.org', password: canary });
    window.showSaveDialog = () => Promise.resolve(vscode.Uri.file(file));
    await choosing({ rows: [], buttons: [] }, () => vscode.commands.executeCommand('ferry.exportHosts'));
    const text = readFileSync(file, 'utf8');
    assert.ok(text.includes('mine.example.org') && !text.includes(canary));
    await saveHosts();
    window.showOpenDialog = () => Promise.resolve([vscode.Uri.file(file)]);
    await run('Choose a File…', ['mine']).pressing();
    assert.deepEqual(item('mine'), { name: 'mine', protocol: 'ftp', address: 'mine.example.org' });
  });

  async function shown(): Promise<string> {
    for (let tries = 0; tries < 50; tries++) {
      const text = vscode.window.activeTextEditor?.document.getText() ?? '';
      if (text.includes('left out')) return text;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error('No report was shown.');
  }
});

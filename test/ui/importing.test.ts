import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoUser } from '../demo/servers.ts';
import { removeFolder, temporaryFolder } from '../servers/folder.ts';
import { startDemoDriver, trust, type DemoDriver } from './demoDriver.ts';
import type { Window } from './driver.ts';

/* Hosts of other tools as a person meets them: an offer in a workspace that they trusted, lists with ticks, questions about passwords. */
describe('importing hosts', () => {
  const canary = 'canary-import-0815';
  const title = '[click](command:evil) $(flame)';
  let demo: DemoDriver;
  let window: Window;
  let config: string;
  let home: string;

  before(async function () {
    home = temporaryFolder('home');
    mkdirSync(join(home, '.config', 'filezilla'), { recursive: true });
    mkdirSync(join(home, '.config', 'putty', 'sessions'), { recursive: true });
    writeFileSync(join(home, '.config', 'filezilla', 'sitemanager.xml'), siteManager());
    writeFileSync(
      join(home, '.config', 'putty', 'sessions', 'my%20shell'),
      'HostName=ann@shell.example.org\nProtocol=ssh\nPortNumber=22\n',
    );
    const settings = { 'security.workspace.trust.enabled': true, 'terminal.integrated.gpuAcceleration': 'off' };
    const env = { HOME: home, XDG_CONFIG_HOME: '' };
    demo = await startDemoDriver(this, { env, settings });
    const folder = join(demo.folder, 'project');
    config = join(folder, '.vscode', 'sftp.json');
    mkdirSync(join(folder, '.vscode'), { recursive: true });
    const { port } = demo.servers.hosts['demo-sftp'].setting;
    writeFileSync(
      config,
      `{\n  "name": "Web", // ours\n  "host": "localhost",\n  "port": ${String(port)},\n  "username": "${demoUser}",\n  "password": "${demo.servers.password}",\n  "remotePath": "/"\n}\n`,
    );
    window = await demo.driver.open({ folder });
  });

  after(async () => {
    await demo.stop();
    removeFolder(home);
  });

  afterEach(async function () {
    await window.keepFailure(this.currentTest);
  });

  function siteManager(): string {
    const pass = `<Pass encoding="base64">${Buffer.from(canary).toString('base64')}</Pass>`;
    const site = (name: string, host: string, protocol: number, more = ''): string =>
      `<Server><Host>${host}</Host><Port>0</Port><Protocol>${String(protocol)}</Protocol><User>ann</User>${pass}<Logontype>1</Logontype><Name>${name}</Name>${more}</Server>`;
    return `<?xml version="1.0"?><FileZilla3 version="3.67.0" platform="*nix"><Servers>
      <Folder expanded="1">Clients${site('Shop', 'shop.example.org', 0, '<RemoteDir>1 0 3 var 3 www</RemoteDir>')}${site(title, 'evil.example.org', 1)}</Folder>
      ${site('Old box', 'old.example.org', 6, '<TimezoneOffset>60</TimezoneOffset>')}</Servers></FileZilla3>`;
  }

  const hosts = (): string => readFileSync(join(demo.driver.dataFolder, 'data', 'User', 'settings.json'), 'utf8');
  const row = (label: string) => window.quickInput.widget.locator('.quick-input-list .monaco-list-row').filter({ hasText: label }).first();

  it('offers nothing of a workspace that is not trusted', async () => {
    await window.page.locator('.part.statusbar').getByText('Restricted Mode').waitFor();
    await window.showView('Ferry');
    await window.viewRow('demo-sftp').waitFor();
    await window.runCommand('Ferry: Import Hosts…');
    await row('FileZilla').waitFor();
    assert.equal(await row('sftp.json').count(), 1);
    assert.match(await row('sftp.json').innerText(), /Choose a File/);
    assert.deepEqual(await window.notifications.texts(), []);
    await window.quickInput.cancel();
  });

  it('offers what an extension keeps in a trusted workspace, once; it works, and the password is only in the keychain then', async () => {
    await window.runCommand('Workspaces: Manage Workspace Trust');
    await window.page.locator('.workspace-trust-editor').getByRole('button', { name: 'Trust', exact: true }).first().click();
    await window.page.locator('.monaco-modal-editor-block .codicon-close').first().click();
    await window.notifications.waitFor('Another extension keeps servers in this workspace');
    await window.screenshot('import-offer');
    await window.notifications.press('Another extension', 'Show Them…');
    await row('Web').waitFor();
    await window.screenshot('import-workspace');
    await window.quickInput.accept();
    await window.dialog.press('Save in the Keychain');
    assert.match(await window.dialog.text(), /stand in .*sftp\.json for everybody to read/);
    await window.screenshot('import-scrub');
    await window.dialog.press('Remove Them from the File');
    await window.notifications.waitFor('The passwords were removed from');
    assert.ok(!readFileSync(config, 'utf8').includes(demo.servers.password));
    assert.ok(readFileSync(config, 'utf8').includes('"name": "Web", // ours'));
    assert.ok(!hosts().includes(demo.servers.password));
    await window.showView('Ferry');
    await window.viewRow('Web').hover();
    await window.viewRow('Web').locator('.action-label[aria-label^="Connect"]').click();
    await trust(window, demo.servers.hostKeyFingerprint);
    await window.viewRow('Web').locator('.action-label[aria-label^="Disconnect"]').waitFor({ state: 'attached' });
    assert.equal(await window.quickInput.widget.count(), 0);
  });

  it('shows what FileZilla has, what of it is left out, and takes what is ticked', async () => {
    await window.runCommand('Ferry: Import Hosts…');
    await row('PuTTY').waitFor();
    await window.screenshot('import-sources');
    await row('FileZilla').click();
    await row('Clients / Shop').waitFor();
    await window.screenshot('import-preview');
    const text = await window.quickInput.widget.innerText();
    assert.match(text, /FTPS · ann@shop\.example\.org/);
    assert.match(text, /FileZilla goes on without encryption/);
    assert.ok(!text.includes(canary) && !text.includes(title));
    assert.equal(await window.quickInput.widget.locator('.quick-input-list .codicon-flame').count(), 0);
    await row('Old box').locator('input[type="checkbox"], .monaco-checkbox').first().click();
    await window.quickInput.accept();
    await window.dialog.press('Save in the Keychain');
    assert.match(await window.dialog.text(), /stand in .*sitemanager\.xml[^]*Close FileZilla first/);
    await window.screenshot('import-scrub-filezilla');
    await window.dialog.press('Cancel');
    await window.notifications.waitFor('2 hosts were imported');
    const text2 = hosts();
    assert.ok(text2.includes('shop.example.org') && text2.includes('evil.example.org') && !text2.includes('old.example.org'));
    await window.notifications.press('2 hosts were imported', 'What Was Left Out');
    await window.page.locator('.monaco-editor .view-line').filter({ hasText: 'keep their own copies' }).waitFor();
    await window.screenshot('import-report');
  });

  it('leaves no password in settings or logs', () => {
    for (const { parentPath, name } of readdirSync(demo.driver.dataFolder, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    )) {
      if (/\/(?:extensions|CachedProfilesData)\//.test(`${parentPath}/`)) continue;
      const text = readFileSync(join(parentPath, name), 'utf8');
      assert.ok(!text.includes(canary) && !text.includes(demo.servers.password), join(parentPath, name));
    }
  });

  it('a server without shells says so in the terminal', async () => {
    await window.showView('Ferry');
    await window.contextMenu.choose(window.viewRow('Web'), 'Open Terminal Here');
    const rows = window.page.locator('.terminal-wrapper .xterm-rows');
    await rows.filter({ hasText: 'it may use files only. Press Enter' }).waitFor();
    await window.screenshot('terminal-refused');
  });
});

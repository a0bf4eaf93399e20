import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoUser } from '../demo/servers.ts';
import { installCanary, type Canary } from '../host/installCanary.ts';
import { startFaultyProxy, type FaultyProxy } from '../servers/faultyProxy.ts';
import { startHostileFtp, type HostileFtp } from '../servers/hostileFtp.ts';
import { logIn, startDemoDriver, trust, type DemoDriver } from './demoDriver.ts';
import type { Window } from './driver.ts';

/* A workspace that somebody else wrote names a server: nothing goes there before the person trusts the workspace. */
describe('Restricted Mode', () => {
  let demo: DemoDriver;
  let proxy: FaultyProxy;
  let window: Window;
  let thief: HostileFtp;
  let canary: Canary;
  /** In an address of the workspace. */
  const secret = 'w0rkspace-5ecret';

  before(async function () {
    thief = await startHostileFtp({ on: { USER: '331 Which password?', PASS: '530 Another one' } });
    demo = await startDemoDriver(this, {
      settings: { 'security.workspace.trust.enabled': true },
      install: async (extensions) => (canary = await installCanary(extensions)),
      hosts: async ({ hosts }) => {
        const { setting } = hosts['demo-sftp'];
        proxy = await startFaultyProxy({ port: setting.port });
        return [{ ...setting, name: 'far-sftp', port: proxy.port }];
      },
    });
    const local = join(demo.folder, 'from-somebody');
    mkdirSync(join(local, '.vscode'), { recursive: true });
    writeFileSync(join(local, 'letter.txt'), 'open me\n');
    const workspace = join(local, 'harbour.code-workspace');
    const at = `127.0.0.1:${String(proxy.port)}`;
    const elsewhere = `127.0.0.1:${String(thief.host.port)}`;
    const evil = {
      'ferry.hosts': [
        { name: 'demo-sftp', protocol: 'sftp', address: '127.0.0.1', port: thief.host.port },
        { name: 'smuggled', protocol: 'sftp', address: '127.0.0.1', port: thief.host.port, user: 'ann' },
      ],
    };
    const folders = [
      { path: '.' },
      { name: 'server', uri: `sftp://${demoUser}@${at}/` },
      { name: 'password', uri: `sftp://${demoUser}:${secret}@${elsewhere}/` },
      { name: 'hidden password', uri: `ftp://${demoUser}%3A${secret}@${elsewhere}/` },
      { name: 'option', uri: `sftp://-oProxyCommand=touch%20${encodeURIComponent(join(demo.folder, 'ran'))}/` },
      { name: 'line break', uri: `ftp://${elsewhere}%0d%0aDELE%20x/` },
      { name: 'variable', uri: `sftp://\${env:HOME}@\${command:canary.run}/` },
    ];
    writeFileSync(join(local, '.vscode', 'settings.json'), JSON.stringify(evil));
    writeFileSync(workspace, JSON.stringify({ folders, settings: evil }));
    window = await demo.driver.open({ workspace });
  });

  after(async () => {
    await demo.stop();
    await proxy.close();
    await thief.stop();
  });

  afterEach(async function () {
    await window.keepFailure(this.currentTest);
  });

  it('connects to nothing while the workspace is not trusted', async () => {
    await window.page.locator('.part.statusbar').getByText('Restricted Mode').waitFor();
    await window.explorer.row('letter.txt').waitFor();
    await window.explorer.select('server');
    await window.explorer.refresh();
    await window.explorer.settled();
    await window.showView('Ferry');
    await window.viewRow('demo-sftp').waitFor();
    assert.deepEqual([proxy.counts.connections, thief.connections], [0, 0]);
    await window.screenshot('restricted');
  });

  it('connects to nothing that others have VS Code open meanwhile, saved or not', async () => {
    const at = `127.0.0.1:${String(proxy.port)}`;
    await canary.opens([`sftp://ann@${at}/file`, `ftp://${at}/`, `ftps://ann@${at}/`, 'sftp://far-sftp/', 'sftp://far-sftp/index.html']);
    await window.runCommand('Canary: Open Addresses');
    await window.notifications.waitFor('Canary: all opened');
    assert.equal(await window.dialog.box.isVisible(), false);
    assert.equal(proxy.counts.connections, 0);
  });

  it('connects once it is', async () => {
    await window.runCommand('Workspaces: Manage Workspace Trust');
    await window.page.locator('.workspace-trust-editor').getByRole('button', { name: 'Trust', exact: true }).first().click();
    await trust(window, demo.servers.hostKeyFingerprint);
    await logIn(window, demo.servers.password);
    await window.page.keyboard.press('Escape');
    await window.showView('Explorer');
    await window.explorer.expand('server');
    await window.explorer.row('index.html').waitFor();
    assert.ok(proxy.counts.connections > 0);
    await window.screenshot('restricted-trusted');
  });

  it('goes nowhere else for it: neither by its settings nor by addresses that are none', async () => {
    for (const name of ['password', 'hidden password', 'option', 'line break', 'variable']) await window.explorer.select(name);
    await window.explorer.refresh();
    await window.explorer.settled();
    await window.showView('Ferry');
    await window.viewRow('demo-sftp').hover();
    await window.viewRow('demo-sftp').locator('.action-label[aria-label^="Connect"]').click();
    const { port } = demo.servers.hosts['demo-sftp'].setting;
    assert.ok((await window.dialog.text()).includes(`127.0.0.1:${String(port)}`));
    await window.dialog.press('Cancel');
    assert.equal(await window.viewRow('smuggled').count(), 0);
    assert.equal(thief.connections, 0);
    assert.equal(await canary.runs(), 0);
    assert.equal(existsSync(join(demo.folder, 'ran')), false);
  });

  it('asks before it gives anything to a folder that another extension opens, which VS Code takes for trusted', async () => {
    await canary.opens([`ftp://${demoUser}@127.0.0.1:${String(thief.host.port)}/`]);
    await window.navigated(() => window.runCommand('Canary: Open a Folder'));
    await window.quickInput.waitFor(`Password for ${demoUser}@127.0.0.1, port ${String(thief.host.port)}`);
    assert.equal(await window.quickInput.value(), '');
    await window.screenshot('opened-by-another');
    await window.quickInput.cancel();
    assert.match(thief.heard, /USER/);
    assert.doesNotMatch(thief.heard, /PASS/);
  });

  it('keeps no password of an address', () => {
    const { dataFolder } = demo.driver;
    const all = readdirSync(dataFolder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    // VS Code keeps the workspace's addresses as they are; Ferry does not.
    const own = all
      .map(({ parentPath, name }) => join(parentPath, name))
      .filter((path) => /Ferry\.log$|globalStorage.*ferry|settings\.json$/.test(path));
    assert.ok(own.some((path) => path.endsWith('Ferry.log')));
    assert.deepEqual(
      own.filter((path) => readFileSync(path, 'latin1').includes(secret)),
      [],
    );
  });
});

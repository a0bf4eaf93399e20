import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoUser } from '../demo/servers.ts';
import { startFaultyProxy, type FaultyProxy } from '../servers/faultyProxy.ts';
import { logIn, startDemoDriver, trust, type DemoDriver } from './demoDriver.ts';
import type { Window } from './driver.ts';

/* A workspace that somebody else wrote names a server: nothing goes there before the person trusts the workspace. */
describe('Restricted Mode', () => {
  let demo: DemoDriver;
  let proxy: FaultyProxy;
  let window: Window;

  before(async function () {
    demo = await startDemoDriver(this, { settings: { 'security.workspace.trust.enabled': true } });
    proxy = await startFaultyProxy({ port: demo.servers.hosts['demo-sftp'].setting.port });
    const local = join(demo.folder, 'from-somebody');
    mkdirSync(join(local, '.vscode'), { recursive: true });
    writeFileSync(join(local, 'letter.txt'), 'open me\n');
    const workspace = join(local, 'harbour.code-workspace');
    const server = `sftp://${demoUser}@127.0.0.1:${String(proxy.port)}/`;
    const evil = { 'ferry.hosts': [{ name: 'demo-sftp', protocol: 'sftp', address: '127.0.0.1', port: proxy.port }] };
    writeFileSync(join(local, '.vscode', 'settings.json'), JSON.stringify(evil));
    writeFileSync(workspace, JSON.stringify({ folders: [{ path: '.' }, { name: 'server', uri: server }], settings: evil }));
    window = await demo.driver.open({ workspace });
  });

  after(async () => {
    await demo.stop();
    await proxy.close();
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
    assert.equal(proxy.counts.connections, 0);
    await window.screenshot('restricted');
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
});

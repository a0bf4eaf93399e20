import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoUser, startDemoServers, type DemoServers } from '../demo/servers.ts';
import { removeFolder, temporaryFolder } from '../servers/folder.ts';
import { requireServer } from '../servers/server.ts';
import { eventually } from '../support/eventually.ts';
import { startDriver, type Driver, type Window } from './driver.ts';

/* The hosts of the person's ssh config, in the view and in the choices, as the file changes. */
describe('hosts of the ssh config', () => {
  let driver: Driver;
  let window: Window;
  let servers: DemoServers;
  let folder: string;
  let config: string;

  before(async function () {
    folder = temporaryFolder('ssh-config-hosts');
    servers = await startDemoServers(folder);
    config = join(folder, 'config');
    const { port } = servers.hosts['demo-sftp'].setting;
    const lines = [
      'Host kept *.example.org !x',
      '  HostName 192.0.2.1',
      'Host box',
      '  HostName 127.0.0.1',
      `  Port ${port}`,
      `  User ${demoUser}`,
    ];
    writeFileSync(config, lines.join('\n'), { mode: 0o600 });
    const settings = { 'ferry.sshConfig': config, 'ferry.hosts': [{ name: 'kept', protocol: 'sftp', address: 'kept.example.org' }] };
    driver = await requireServer(this, () => startDriver({ settings }));
    window = await driver.open({});
    await window.showView('Ferry');
  });

  after(async () => {
    await driver.stop();
    await servers.stop();
    removeFolder(folder);
  });

  afterEach(async function () {
    await window.keepFailure(this.currentTest);
  });

  const shown = () => window.page.locator('.part.sidebar .monaco-list-row .label-name').allInnerTexts();

  it('are in the view, in a group of their own; a saved one of that name takes the place', async () => {
    await window.viewRow('box').waitFor();
    assert.deepEqual(await shown(), ['kept', 'From ~/.ssh/config', 'box']);
    await window.screenshot('ssh-config-hosts');
  });

  it('follow the file', async () => {
    appendFileSync(config, '\nHost later\n  User anna\n');
    await window.viewRow('later').waitFor();
    await eventually(async () => assert.deepEqual(await shown(), ['kept', 'From ~/.ssh/config', 'box', 'later']));
  });

  it('can be chosen and opened', async () => {
    const { quickInput, dialog } = window;
    await window.runCommand('Ferry: Open Remote Folder…');
    await quickInput.item('later').waitFor();
    await window.screenshot('ssh-config-choice');
    await quickInput.pick('box');
    assert.ok((await dialog.text()).includes(servers.hostKeyFingerprint));
    await dialog.press('Trust and Connect');
    await quickInput.waitFor(`Password for ${demoUser}@127.0.0.1`);
    await quickInput.fill(servers.password);
    await quickInput.accept();
    await quickInput.item('Open this folder').waitFor();
    await quickInput.press('Back');
    await quickInput.item('later').waitFor();
    await quickInput.cancel();
  });

  it('can be followed by a saved host, which the wizard offers', async () => {
    const { quickInput } = window;
    await window.runCommand('Ferry: Add Host…');
    await quickInput.item('Through jump hosts…').waitFor();
    await quickInput.pick('Host of your ssh config…');
    await quickInput.pick('box');
    await quickInput.pick('Ferry’s own SSH');
    await quickInput.waitFor('Folder to open');
    await quickInput.accept();
    await quickInput.waitFor('Name of the host');
    await quickInput.fill('following');
    await quickInput.accept();
    await window.viewRow('following').waitFor();
    assert.deepEqual(await shown(), ['kept', 'following', 'From ~/.ssh/config', 'box', 'later']);
  });
});

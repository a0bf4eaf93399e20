import assert from 'node:assert/strict';
import { demoUser, startDemoServers, type DemoServers } from '../demo/servers.ts';
import { removeFolder, temporaryFolder } from '../servers/folder.ts';
import { requireServer } from '../servers/server.ts';
import { startDriver, type Driver, type Window } from './driver.ts';

/* The view of hosts, the wizard and the folder picker, as a person uses them. */
describe('hosts', () => {
  let driver: Driver;
  let window: Window;
  let servers: DemoServers;
  let folder: string;

  before(async function () {
    folder = temporaryFolder('hosts');
    servers = await startDemoServers(folder);
    driver = await requireServer(this, () => startDriver());
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

  it('welcomes a person without hosts', async () => {
    await window.page.locator('.welcome-view-content').getByText('Add Host…').waitFor();
    await window.screenshot('hosts-welcome');
  });

  it('adds a host by the wizard: a mistake is told, a pasted address fills in the rest, the connection is tried', async () => {
    const { port } = servers.hosts['demo-sftp'].setting;
    await window.page.locator('.welcome-view-content').getByText('Add Host…').click();
    const { quickInput, dialog } = window;
    await quickInput.waitFor('Add Host (1/7)');
    await window.screenshot('hosts-wizard-protocol');
    await quickInput.pick('SFTP');
    await quickInput.waitFor('Address of the server');
    await quickInput.fill('-bad address');
    assert.match(await quickInput.message(), /no server name/);
    await window.screenshot('hosts-wizard-address');
    await quickInput.fill(`sftp://${demoUser}@127.0.0.1:${port}`);
    await quickInput.accept();
    await quickInput.waitFor('Port.');
    await quickInput.accept();
    await quickInput.waitFor('User name.');
    await quickInput.press('Back');
    await quickInput.waitFor('Port.');
    await quickInput.accept();
    await quickInput.waitFor('User name.');
    await quickInput.accept();
    await quickInput.pick('Password');
    await quickInput.waitFor('Folder to open');
    await quickInput.accept();
    await quickInput.waitFor('Name of the host');
    await quickInput.fill('mine');
    await quickInput.accept();
    assert.match(await dialog.text(), /127\.0\.0\.1/);
    assert.ok((await dialog.text()).includes(servers.hostKeyFingerprint));
    await window.screenshot('hosts-trust');
    await dialog.press('Trust and Connect');
    await quickInput.waitFor('Password for');
    await quickInput.fill('wrong');
    await quickInput.accept();
    await quickInput.waitFor('did not accept');
    await window.screenshot('hosts-password-refused');
    await quickInput.fill(servers.password);
    await quickInput.press('Save in this computer');
    await quickInput.waitFor('It is saved');
    await window.screenshot('hosts-password');
    await quickInput.accept();
    await window.viewRow('mine').waitFor();
    await window.notifications.waitFor('mine was added');
    await window.screenshot('hosts-added');
  });
});

import { writeFileSync } from 'node:fs';
import { startFaultyProxy, type FaultyProxy } from '../servers/faultyProxy.ts';
import { freePort } from '../servers/process.ts';
import { answerUntil, startDemoDriver, trust, type DemoDriver } from './demoDriver.ts';
import type { Window } from './driver.ts';

describe('a folder that could not be listed', () => {
  let demo: DemoDriver;
  let window: Window;

  before(async function () {
    demo = await startDemoDriver(this);
    window = await demo.driver.open({ folder: 'sftp://demo-sftp/' });
  });

  after(() => demo.stop());

  afterEach(async function () {
    await window.keepFailure(this.currentTest);
  });

  it('shows its files as soon as the host is connected, without a refresh', async () => {
    await window.dialog.press('Cancel');
    // VS Code's own, in a browser: "Workspace does not exist".
    await window.dialog.press('Cancel');
    await window.runCommand('Ferry: Connect');
    await window.quickInput.pick('demo-sftp');
    await trust(window, demo.servers.hostKeyFingerprint);
    await window.explorer.row('index.html').waitFor();
  });
});

describe('a server that goes and comes back', () => {
  let demo: DemoDriver;
  let window: Window;
  let proxy: FaultyProxy;
  let port: number;

  before(async function () {
    demo = await startDemoDriver(this, {
      hosts: async (servers) => {
        const { setting } = servers.hosts['demo-sftp'];
        port = setting.port;
        proxy = await startFaultyProxy({ port });
        return [{ ...setting, name: 'away-sftp', port: proxy.port }];
      },
    });
    window = await demo.driver.open({ folder: 'sftp://away-sftp/' });
  });

  after(async () => {
    await demo.stop();
    await proxy.close();
  });

  afterEach(async function () {
    await window.keepFailure(this.currentTest);
  });

  it('is told of while it is away, and its folder is shown anew by itself when it is back', async function () {
    this.timeout(120_000);
    const { hostKeyFingerprint, password } = demo.servers;
    await answerUntil(window, [hostKeyFingerprint], password, window.explorer.row('index.html'));
    const status = (text: string) => window.page.locator('.part.statusbar').getByText(text);
    await status('Ferry: away-sftp').waitFor();
    proxy.retarget(await freePort());
    proxy.strike('reset');
    await status('Ferry: away-sftp is not connected').waitFor();
    await window.screenshot('server-away');
    await window.explorer.refresh();
    await window.explorer.row('index.html').waitFor({ state: 'detached', timeout: 30_000 });
    writeFileSync(demo.disk('demo-sftp', 'meanwhile.txt'), 'new\n');
    proxy.retarget(port);
    await window.explorer.row('meanwhile.txt').waitFor({ timeout: 60_000 });
    await status('Ferry: away-sftp is not connected').waitFor({ state: 'detached' });
  });
});

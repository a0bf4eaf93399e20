import { startDemoDriver, trust, type DemoDriver } from './demoDriver.ts';
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

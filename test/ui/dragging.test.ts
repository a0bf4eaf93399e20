import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startDemoServers, type DemoServers } from '../demo/servers.ts';
import { answerUntil, eventually, startDemoDriver, type DemoDriver } from './demoDriver.ts';
import type { Window } from './driver.ts';

/* A workspace of a local folder and three servers; what is dragged from one to the other arrives whole, and leaves only then. */
describe('dragging between hosts', () => {
  let demo: DemoDriver;
  let other: DemoServers | undefined;
  let window: Window;
  let local: string;

  const otherDisk = (path: string): string => join(other?.hosts['demo-sftp'].folder ?? '', ...path.split('/'));

  before(async function () {
    demo = await startDemoDriver(this, {
      hosts: async (servers) => {
        other = await startDemoServers(join(servers.hosts['demo-sftp'].folder, '..', '..', 'other'));
        return [{ ...other.hosts['demo-sftp'].setting, name: 'other-sftp' }];
      },
    });
    local = join(demo.folder, 'local');
    mkdirSync(join(local, 'luggage'), { recursive: true });
    writeFileSync(join(local, 'ticket.txt'), 'one way\n');
    writeFileSync(join(local, 'luggage', 'coat.txt'), 'warm\n');
    mkdirSync(demo.disk('demo-sftp', 'pier/cargo/deep'), { recursive: true });
    writeFileSync(demo.disk('demo-sftp', 'pier/crate.txt'), 'apples\n');
    writeFileSync(demo.disk('demo-sftp', 'pier/barrel.bin'), Buffer.alloc(700_000, 'salt '));
    writeFileSync(demo.disk('demo-sftp', 'pier/cargo/deep/chest.txt'), 'silver\n');
    writeFileSync(demo.disk('demo-sftp', 'pier/cargo/list.txt'), 'one chest\n');
    mkdirSync(otherDisk('quay'));
    writeFileSync(otherDisk('quay/on the quay.txt'), '');
    mkdirSync(demo.disk('demo-ftps', 'dock'));
    writeFileSync(demo.disk('demo-ftps', 'dock/on the dock.txt'), '');
    const folders = [
      { name: 'here', path: local },
      { name: 'pier (demo-sftp)', uri: 'sftp://demo-sftp/pier' },
      { name: 'quay (other-sftp)', uri: 'sftp://other-sftp/quay' },
      { name: 'dock (demo-ftps)', uri: 'ftps://demo-ftps/dock' },
    ];
    const workspace = join(demo.folder, 'harbours.code-workspace');
    writeFileSync(workspace, JSON.stringify({ folders }));
    window = await demo.driver.open({ workspace });
  });

  after(async () => {
    await demo.stop();
    await other?.stop();
  });

  afterEach(async function () {
    await window.keepFailure(this.currentTest);
  });

  it('shows folders of several servers and of this computer side by side', async () => {
    const { certificateFingerprint, hostKeyFingerprint, password } = demo.servers;
    const fingerprints = [certificateFingerprint, hostKeyFingerprint, other?.hostKeyFingerprint ?? ''];
    await answerUntil(window, fingerprints, password, window.explorer.row('on the dock.txt'));
    await window.explorer.row('crate.txt').waitFor();
    await window.explorer.row('on the quay.txt').waitFor();
    await window.screenshot('dragging-workspace');
  });

  it('takes a file from this computer to an SFTP server', async () => {
    await move('ticket.txt', 'pier (demo-sftp)');
    assert.equal(demo.read('demo-sftp', 'pier/ticket.txt'), 'one way\n');
    assert.equal(existsSync(join(local, 'ticket.txt')), false);
  });

  it('takes a folder from this computer to an SFTP server', async () => {
    await move('luggage', 'cargo');
    assert.equal(demo.read('demo-sftp', 'pier/cargo/luggage/coat.txt'), 'warm\n');
    assert.equal(existsSync(join(local, 'luggage')), false);
    await window.screenshot('dragging-from-here');
  });

  it('takes a file from one SFTP server to another', async () => {
    await move('crate.txt', 'quay (other-sftp)');
    assert.equal(readFileSync(otherDisk('quay/crate.txt'), 'utf8'), 'apples\n');
    assert.equal(demo.exists('demo-sftp', 'pier/crate.txt'), false);
  });

  it('takes a folder from one SFTP server to another', async () => {
    await move('cargo', 'quay (other-sftp)');
    assert.equal(readFileSync(otherDisk('quay/cargo/deep/chest.txt'), 'utf8'), 'silver\n');
    assert.equal(readFileSync(otherDisk('quay/cargo/luggage/coat.txt'), 'utf8'), 'warm\n');
    assert.deepEqual(readdirSync(demo.disk('demo-sftp', 'pier')).sort(), ['barrel.bin', 'ticket.txt']);
    await window.screenshot('dragging-sftp-sftp');
  });

  it('takes a file from an SFTP server to an FTPS server', async () => {
    await move('barrel.bin', 'dock (demo-ftps)');
    assert.ok(readFileSync(demo.disk('demo-ftps', 'dock/barrel.bin')).equals(Buffer.alloc(700_000, 'salt ')));
    assert.equal(demo.exists('demo-sftp', 'pier/barrel.bin'), false);
  });

  it('takes a folder from an SFTP server to an FTPS server', async () => {
    await move('cargo', 'dock (demo-ftps)');
    assert.equal(demo.read('demo-ftps', 'dock/cargo/deep/chest.txt'), 'silver\n');
    assert.equal(demo.read('demo-ftps', 'dock/cargo/luggage/coat.txt'), 'warm\n');
    assert.equal(existsSync(otherDisk('quay/cargo')), false);
    await window.screenshot('dragging-sftp-ftps');
  });

  it('shows in the view of hosts which are connected', async () => {
    await window.explorer.open('ticket.txt');
    await window.editor.waitFor('ticket.txt');
    await window.showView('Ferry');
    for (const name of ['demo-sftp', 'demo-ftps', 'other-sftp'])
      await window.viewRow(name).and(window.page.locator('[aria-label*="Connected"]')).waitFor();
    await window.viewRow('demo-ftp').and(window.page.locator('[aria-label*="Not connected"]')).waitFor();
    await window.picture('hosts');
    await window.screenshot('dragging-hosts');
  });

  it('leaves no temporary file behind', () => {
    const all = [demo.disk('demo-sftp', 'pier'), otherDisk('quay'), demo.disk('demo-ftps', 'dock'), local];
    const names = all.flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }));
    assert.deepEqual(
      names.filter((name) => name.includes('.ferry')),
      [],
    );
  });

  /** Drags, says yes, and waits until it is at its new place, and there only. */
  async function move(name: string, onto: string): Promise<void> {
    const { explorer } = window;
    await explorer.drag(name, onto);
    await window.dialog.press('Move');
    await explorer.expand(onto);
    await eventually(async () => {
      const paths = (await explorer.paths()).filter((path) => path.endsWith(`/${name}`));
      assert.equal(paths.length, 1, paths.join());
      assert.ok(paths[0]?.endsWith(`${onto}/${name}`), paths[0]);
    });
  }
});

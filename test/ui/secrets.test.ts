import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from 'playwright-core';
import type { HostSetting } from '../demo/servers.ts';
import { clientKeyWithPassphrase, testCertificate } from '../servers/certificates.ts';
import { removeFolder, temporaryFolder } from '../servers/folder.ts';
import { startHostileFtp, type HostileFtp } from '../servers/hostileFtp.ts';
import { makeKey } from '../servers/keys.ts';
import { startSshServer, type ScriptedSshServer } from '../support/sshServer.ts';
import { eventually, startDemoDriver, type DemoDriver } from './demoDriver.ts';
import type { Window } from './driver.ts';
import { patienceMs } from './patience.ts';
import { tracesOf } from './traces.ts';

/* Passwords, passphrases and codes of every kind, in fair weather and foul, all of it logged: none is left lying about. */
describe('secrets', () => {
  const canary = (use: string): string => `Cänary ${use} %2F+/"\\ 4711`;
  const spaces = ['demo-ftp', 'demo-ftps', 'demo-ftps-implicit', 'password-sftp'];
  const folder = temporaryFolder('secrets');
  const [home, temporary] = [join(folder, 'home'), join(folder, 'tmp')];
  const ftps: HostileFtp[] = [];
  const sshs: ScriptedSshServer[] = [];
  let demo: DemoDriver;
  let window: Window;

  before(async function () {
    for (const one of [home, temporary]) mkdirSync(one);
    demo = await startDemoDriver(this, {
      env: { HOME: home, TMPDIR: temporary },
      hosts: async ({ hosts }) => [{ ...hosts['demo-sftp'].setting, name: 'password-sftp', privateKeys: [] }, ...(await otherHosts())],
    });
    const workspace = join(demo.folder, 'eight.code-workspace');
    const folders = spaces.flatMap((host) => {
      const scheme = host.endsWith('sftp') ? 'sftp' : host === 'demo-ftp' ? 'ftp' : 'ftps';
      return ['/', '/css'].map((path) => ({ name: `${host} ${path}`, uri: `${scheme}://${host}${path}` }));
    });
    for (const host of ['demo-ftp', 'demo-ftps', 'demo-ftps-implicit', 'demo-sftp'] as const)
      mkdirSync(demo.disk(host, 'css'), { recursive: true });
    writeFileSync(workspace, JSON.stringify({ folders }));
    window = await demo.driver.open({ workspace });
  });

  after(async () => {
    await demo.stop();
    await Promise.all([...ftps, ...sshs].map((server) => server.stop()));
    removeFolder(folder);
  });

  afterEach(async function () {
    await window.keepFailure(this.currentTest);
  });

  async function otherHosts(): Promise<HostSetting[]> {
    const cut = await startHostileFtp({ on: { PASS: (session) => session.raw.destroy() } });
    const echoing = await startHostileFtp({ on: { PASS: (session, given) => session.say(`530 ${given} is not your password`) } });
    const certified = await startHostileFtp({ tls: { certificate: testCertificate('selfSigned') }, on: { PASS: '530 No' } });
    ftps.push(cut, echoing, certified);
    const locked = await startSshServer((request) => (request.method === 'publickey' ? request.accept() : request.reject(['publickey'])));
    const asking = await startSshServer((request) => {
      if (request.method === 'keyboard-interactive')
        request.prompt([{ prompt: 'One-time code:', echo: false }], () => request.reject(['keyboard-interactive']));
      else request.reject(['keyboard-interactive']);
    });
    const pasted = await startSshServer((request) => (request.method === 'password' ? request.accept() : request.reject(['password'])));
    sshs.push(locked, asking, pasted);
    const key = makeKey(folder, 'ed25519', 'pem', canary('key'));
    const clientCertificate = { certificate: testCertificate('client').certificate, key: clientKeyWithPassphrase(canary('certificate')) };
    const at = { address: '127.0.0.1', user: 'ann', root: '/' };
    return [
      { ...at, name: 'cut', protocol: 'ftp', port: cut.host.port },
      { ...at, name: 'echoing', protocol: 'ftp', port: echoing.host.port },
      { ...at, name: 'certified', protocol: 'ftps', port: certified.host.port, clientCertificate },
      { ...at, name: 'locked', protocol: 'sftp', port: locked.port, privateKeys: [key.file] },
      { ...at, name: 'asking', protocol: 'sftp', port: asking.port, privateKeys: [] },
    ];
  }

  const prompt = (): Locator => window.quickInput.widget.filter({ hasText: 'Log in to' });

  /** Of the question that is asked now; undefined: it has just gone. */
  async function askedHost(): Promise<string | undefined> {
    const [title] = await window.quickInput.widget.locator('.quick-input-title').allInnerTexts();
    return title?.replace(/^Log in to /, '');
  }

  /** False: the question had just been answered, and was about to go. */
  async function fill(text: string): Promise<boolean> {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      if (!(await prompt().isVisible())) return false;
      try {
        await prompt().locator('.quick-input-box input').fill(text, { timeout: 2000 });
        return true;
      } catch (error) {
        if (performance.now() > deadline) throw error;
      }
    }
  }

  /** False as of `fill`. */
  async function answer(text: string): Promise<boolean> {
    if (!(await fill(text))) return false;
    await window.quickInput.accept();
    // The next question comes with an empty box; the words of this one change as it is answered.
    await eventually(async () => {
      const value = await window.page.locator('.quick-input-box input').inputValue();
      assert.ok(!(await prompt().isVisible()) || value === '');
    });
    return true;
  }

  async function connect(host: string): Promise<void> {
    await window.viewRow(host).hover();
    await window.viewRow(host).locator('.action-label[aria-label^="Connect"]').click();
  }

  const failed = (words: string | RegExp): Promise<number> => window.notifications.waitFor(words);

  it('are asked for one after another, once a host, also where eight folders of four hosts open at once', async () => {
    const asked: string[] = [];
    const goal = window.page.locator('.part.statusbar').getByText('Ferry: 4 hosts');
    const look = goal.or(window.dialog.box).or(prompt()).first();
    await look.waitFor();
    while (!(await goal.isVisible())) {
      const { box } = window.dialog;
      assert.ok(Number(await box.isVisible()) + Number(await prompt().isVisible()) <= 1, 'two questions at a time');
      if (await box.isVisible()) {
        asked.push('trust');
        await window.dialog.press('Trust and Connect');
      } else {
        const host = await askedHost();
        if (host === undefined || !(await prompt().isVisible())) continue;
        if (host === 'demo-ftps') await window.quickInput.press('Save in this computer');
        if (await answer(host === 'demo-ftp' && !asked.includes(host) ? canary('wrong') : demo.servers.password)) asked.push(host);
      }
      await look.waitFor();
    }
    assert.deepEqual(asked.sort(), ['demo-ftp', ...spaces, 'trust', 'trust', 'trust'].sort());
    // The Explorer has only those rows that fit.
    await window.page.setViewportSize({ width: 1280, height: 1600 });
    for (const host of spaces) await window.explorer.row(`${host} /css`).waitFor();
    await window.page.setViewportSize({ width: 1280, height: 800 });
  });

  it('of every kind are given to servers that take, refuse, repeat and drop them', async () => {
    await window.runCommand('Developer: Set Log Level...');
    await window.quickInput.pick('Ferry');
    await window.quickInput.pick('Trace');
    await window.showView('Ferry');
    await connect('cut');
    await prompt().waitFor();
    await answer(canary('cut'));
    await failed('in the middle of the log-in');
    await connect('echoing');
    for (const attempt of [1, 2, 3]) {
      await prompt().waitFor();
      await answer(canary(`echo${attempt}`));
    }
    await failed('is not your password');
    await connect('locked');
    await window.dialog.press('Trust and Connect');
    await prompt().filter({ hasText: 'Passphrase' }).waitFor();
    await answer(canary('key'));
    await failed(/locked.*no SFTP/);
    await connect('asking');
    await window.dialog.press('Trust and Connect');
    await prompt().filter({ hasText: 'One-time code' }).waitFor();
    await answer(canary('code'));
    await prompt().filter({ hasText: 'did not accept' }).waitFor();
    await window.quickInput.cancel();
    await connect('certified');
    await prompt().filter({ hasText: 'Passphrase' }).waitFor();
    await answer(canary('certificate'));
    await window.dialog.press('Trust and Connect');
    await prompt().filter({ hasText: 'Password for' }).waitFor();
    await answer(canary('certified'));
    await prompt().filter({ hasText: 'did not accept' }).waitFor();
    await window.quickInput.cancel();
    await window.runCommand('Ferry: Open Remote Folder…');
    // Below all the folders that were opened lately.
    await window.quickInput.fill('Enter');
    await window.quickInput.pick('Enter an Address…');
    await window.quickInput.fill(`sftp://ann:${encodeURIComponent(canary('pasted'))}@127.0.0.1:${sshs.at(-1)!.port}/pasted`);
    await window.quickInput.accept();
    await window.dialog.press('Trust and Connect');
    await window.quickInput.waitFor('can not be listed');
    assert.equal(sshs.at(-1)!.requests.at(-1)?.password, canary('pasted'));
    await window.quickInput.cancel();
    await window.contextMenu.choose(window.viewRow('demo-ftps'), 'Copy URI');
  });

  it('are nowhere afterwards', async () => {
    const uses = ['wrong', 'cut', 'echo1', 'echo2', 'echo3', 'key', 'code', 'certificate', 'certified', 'pasted'];
    const secrets = [demo.servers.password, ...uses.map(canary)];
    const settings = join(demo.driver.dataFolder, 'data', 'User', 'settings.json');
    const folders = [demo.driver.dataFolder, home, temporary];
    await eventually(() => assert.match(logged(), /> PASS \*\*\*/));
    assert.deepEqual(await tracesOf(secrets, folders, window), []);
    assert.match(await window.stored(), /trusted/, 'Ferry keeps there whom the person trusts');
    const before = readFileSync(settings, 'utf8');
    writeFileSync(settings, `${before}\n// ${canary('code')}\n`);
    assert.deepEqual(await tracesOf(secrets, folders, window), [`${canary('code')} in ${settings}`], 'the search finds what is there');
    writeFileSync(settings, before);
  });

  function logged(): string {
    const logs = readdirSync(demo.driver.dataFolder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('Ferry.log'));
    return logs.map((name) => readFileSync(join(demo.driver.dataFolder, name), 'utf8')).join('');
  }
});

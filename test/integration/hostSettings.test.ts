import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { choosing } from './choosing.ts';
import { saveHosts } from './demo.ts';

/* Every setting of a host without a look into settings.json. */
describe('the settings of a host', () => {
  const host = { name: 'set', protocol: 'ftps', address: 'example.org', mode: 'active' };
  const window = vscode.window as { createInputBox: typeof vscode.window.createInputBox };
  const { createInputBox } = window;
  let typed: string[] = [];
  let refused: unknown[] = [];

  beforeEach(() => saveHosts(host));
  before(() => {
    window.createInputBox = () => answering(createInputBox.call(vscode.window));
  });
  after(async () => {
    window.createInputBox = createInputBox;
    await saveHosts();
  });

  /** The same box; what is to be typed next is, and Enter pressed; what is complained about is given up. */
  function answering(box: vscode.InputBox): vscode.InputBox {
    const accepted = new vscode.EventEmitter<void>();
    const show = () =>
      setTimeout(() => {
        box.value = typed.shift() ?? '';
        accepted.fire();
      }, 20);
    return new Proxy(box, {
      get: (target, name) => {
        if (name === 'onDidAccept') return accepted.event;
        if (name === 'show') return show;
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
      set: (target, name, value) => {
        if (name !== 'validationMessage' || value === undefined) return Reflect.set(target, name, value);
        refused.push(value);
        return Reflect.set(target, name, value) && (show(), true);
      },
    });
  }

  const saved = (): unknown =>
    vscode.workspace
      .getConfiguration('ferry')
      .inspect<Record<string, unknown>[]>('hosts')
      ?.globalValue?.find(({ name }) => name === 'set');

  const change = (rows: string[], texts: string[] = []) => {
    [typed, refused] = [texts, []];
    return choosing({ rows: ['set', ...rows], buttons: [] }, () => vscode.commands.executeCommand('ferry.hostSettings'));
  };

  it('are changed one by one, and the default is no entry at all', async () => {
    await change(
      ['timeZone', 'addressFamily', 'inet6', 'connections', 'mode', 'Default', 'clientCertificate'],
      ['+02:00', '3', '~/c.pem', ''],
    );
    assert.deepEqual(saved(), {
      ...{ name: 'set', protocol: 'ftps', address: 'example.org' },
      ...{ timeZone: '+02:00', addressFamily: 'inet6', connections: 3, clientCertificate: { certificate: '~/c.pem' } },
    });
  });

  it('have a name that can be changed by itself', async () => {
    [typed, refused] = [['demo-sftp', 'other'], []];
    await choosing({ rows: ['set'], buttons: [] }, () => vscode.commands.executeCommand('ferry.renameHost'));
    assert.match(String(refused[0]), /There is a host of this name already/);
    assert.equal(saved(), undefined);
    assert.deepEqual(
      vscode.workspace
        .getConfiguration('ferry')
        .inspect<Record<string, unknown>[]>('hosts')
        ?.globalValue?.find(({ name }) => name === 'other'),
      { ...host, name: 'other' },
    );
  });

  it('take only what they may be, and nothing that contradicts the rest', async () => {
    const told = await change(['port', 'proxy'], ['70000', '2121', 'socks5://proxy:1080']);
    assert.match(String(refused[0]), /number from 1 to 65535/);
    assert.match(told.join(), /“mode” can not be “active” with a “proxy”/);
    assert.deepEqual(saved(), { ...host, port: 2121 });
  });
});

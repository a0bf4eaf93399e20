import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { choosing } from './choosing.ts';
import { saveHosts } from './demo.ts';
import { answeringBoxes } from './typing.ts';

/* Every setting of a host without a look into settings.json. */
describe('the settings of a host', () => {
  const host = { name: 'set', protocol: 'ftps', address: 'example.org', mode: 'active' };
  beforeEach(() => saveHosts(host));
  after(() => saveHosts());

  const saved = (): unknown =>
    vscode.workspace
      .getConfiguration('ferry')
      .inspect<Record<string, unknown>[]>('hosts')
      ?.globalValue?.find(({ name }) => name === 'set');

  let complaints: string[] = [];

  const change = async (rows: string[], texts: string[] = []) => {
    let told: string[] = [];
    complaints = await answeringBoxes(texts, async () => {
      told = await choosing({ rows: ['set', ...rows], buttons: [] }, () => vscode.commands.executeCommand('ferry.hostSettings'));
    });
    return told;
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
    const refused = await answeringBoxes(['demo-sftp', 'other'], () =>
      choosing({ rows: ['set'], buttons: [] }, () => vscode.commands.executeCommand('ferry.renameHost')),
    );
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
    assert.match(String(complaints[0]), /number from 1 to 65535/);
    assert.match(told.join(), /“mode” can not be “active” with a “proxy”/);
    assert.deepEqual(saved(), { ...host, port: 2121 });
  });

  it('are those that mean something for the host’s protocol, and no others', async () => {
    const window = vscode.window as { createQuickPick: typeof vscode.window.createQuickPick };
    const { createQuickPick } = window;
    const lists: vscode.QuickPick<vscode.QuickPickItem>[] = [];
    window.createQuickPick = (() => {
      const list = createQuickPick.call(vscode.window);
      lists.push(list);
      return list;
    }) as typeof createQuickPick;
    const offered = async (protocol: string) => {
      await saveHosts({ name: 'set', protocol, address: 'example.org' });
      await change([]);
      return new Set(lists.at(-1)?.items.map(({ label }) => label));
    };
    try {
      const only = {
        sftp: ['privateKeys', 'agent', 'jump', 'client', 'legacyAlgorithms'],
        ftps: ['tls', 'minTlsVersion', 'clientCertificate'],
        ftp: [] as string[],
      };
      const ofBoth = ['mode', 'activePorts', 'listing', 'timeZone'];
      for (const protocol of ['sftp', 'ftps', 'ftp'] as const) {
        const keys = await offered(protocol);
        for (const key of ['port', 'user', 'root', 'addressFamily', 'proxy', 'trash', 'protect'])
          assert.ok(keys.has(key), `${protocol}: ${key}`);
        for (const [of, own] of Object.entries(only))
          for (const key of own) assert.equal(keys.has(key), of === protocol, `${protocol}: ${key}`);
        for (const key of ofBoth) assert.equal(keys.has(key), protocol !== 'sftp', `${protocol}: ${key}`);
        for (const key of ['name', 'protocol', 'address', 'sshConfigHost']) assert.ok(!keys.has(key), `${protocol}: ${key}`);
      }
    } finally {
      window.createQuickPick = createQuickPick;
    }
  });
});

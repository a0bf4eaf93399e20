import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { removeFolder, temporaryFolder } from '../servers/folder.ts';
import { type ScriptedSshServer, startSshServer } from '../support/sshServer.ts';
import { choosing } from './choosing.ts';
import { demo, saveHosts } from './demo.ts';
import { takePlace } from './person.ts';
import { answeringBoxes } from './typing.ts';

/* What the wizard offers beside its steps. What is typed and chosen here is pressed in the place of a person. */
describe('the wizard of hosts', () => {
  const configuration = vscode.workspace.getConfiguration('ferry');
  let server: ScriptedSshServer;
  let folder: string;

  const saved = (name: string): unknown =>
    vscode.workspace
      .getConfiguration('ferry')
      .inspect<Record<string, unknown>[]>('hosts')
      ?.globalValue?.find((item) => item['name'] === name);

  before(async () => {
    takePlace();
    server = await startSshServer((request) => request.reject(['hostbased']));
    folder = temporaryFolder('wizard');
    const program = join(folder, 'ssh');
    writeFileSync(program, '#!/bin/sh\nexit 255\n', { mode: 0o700 });
    await configuration.update('opensshPath', program, vscode.ConfigurationTarget.Global);
  });

  after(async () => {
    await configuration.update('opensshPath', undefined, vscode.ConfigurationTarget.Global);
    await saveHosts();
    await server.stop();
    removeFolder(folder);
  });

  it('asks for all other settings where its gear is pressed, and keeps them when the connection works', async () => {
    const { port, user } = demo.hosts['demo-sftp'].setting as { port: number; user: string };
    await saveHosts({ name: 'geared', protocol: 'sftp', address: '127.0.0.1', port, user, privateKeys: [] });
    // What was typed for this server in other tests is asked for again.
    await choosing({ rows: ['geared'], buttons: [] }, () => vscode.commands.executeCommand('ferry.forgetSecrets', 'geared'));
    // The steps, the settings, the log-in.
    const texts = ['127.0.0.1', String(port), user, '', { text: 'geared', toggled: true } as const, '3', demo.password];
    const rows = ['SFTP', 'Password', 'connections', 'color', 'green', 'Go On'];
    await answeringBoxes(texts, () =>
      choosing({ rows, buttons: ['Trust and Connect'] }, () => vscode.commands.executeCommand('ferry.editHost', 'geared')),
    );
    assert.deepEqual(saved('geared'), {
      ...{ name: 'geared', protocol: 'sftp', address: '127.0.0.1', port, user },
      ...{ privateKeys: [], agent: false, connections: 3, color: 'green' },
    });
  });

  it('offers the person’s own ssh where the server wants what only that can, and saves the host with it', async () => {
    const host = { name: 'own', protocol: 'sftp', address: '127.0.0.1', port: server.port, user: 'ann', privateKeys: [], agent: false };
    await saveHosts(host);
    const asked: string[] = [];
    const texts = ['127.0.0.1', String(server.port), 'ann', '', 'own'];
    const buttons = ['Trust and Connect', 'Use Your Own “ssh”', 'Save Anyway'];
    await answeringBoxes(texts, async () => {
      const edit = () => vscode.commands.executeCommand('ferry.editHost', 'own');
      asked.push(...(await choosing({ rows: ['SFTP', 'Password'], buttons }, edit)));
    });
    const failures = asked.filter((question) => /does not work yet/.test(question));
    assert.equal(failures.length, 2, 'Ferry’s own SSH, then the program, which ends at once');
    assert.deepEqual(saved('own'), { ...host, client: 'openssh' });
  });
});

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { removeFolder, temporaryFolder } from '../servers/folder.ts';
import { eventually } from '../support/eventually.ts';
import { startSshServer } from '../support/sshServer.ts';
import { choosing } from './choosing.ts';
import { demo, saveHosts } from './demo.ts';
import { rowAt, rowsUnder, showHosts } from './hostTree.ts';
import { takePlace } from './person.ts';

/* From a host with a wrong setting to the document that names it, and to the setting that works. */
describe('the doctor', () => {
  const { port, user } = demo.hosts['demo-sftp'].setting as { port: number; user: string };
  const wrong = { name: 'wrong', protocol: 'ftp', address: '127.0.0.1', port, user };
  const window = vscode.window as { showQuickPick: typeof vscode.window.showQuickPick };
  const { showQuickPick } = window;
  let offered: string[] = [];

  before(async () => {
    takePlace();
    await saveHosts(wrong);
    window.showQuickPick = ((items: readonly vscode.QuickPickItem[]) => {
      offered = items.map(({ label }) => label);
      return Promise.resolve(items.filter(({ picked }) => picked === true));
    }) as unknown as typeof showQuickPick;
  });

  after(async () => {
    window.showQuickPick = showQuickPick;
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    await saveHosts();
  });

  const saved = (): unknown =>
    vscode.workspace
      .getConfiguration('ferry')
      .inspect<Record<string, unknown>[]>('hosts')
      ?.globalValue?.find(({ name }) => name === 'wrong');
  const shown = (): string => vscode.window.activeTextEditor?.document.getText() ?? '';

  it('changes nothing where the person leaves it, and does so from its document later', async () => {
    await choosing({ rows: ['Only Look'], buttons: [] }, () => vscode.commands.executeCommand('ferry.diagnose', 'wrong'));
    assert.deepEqual(saved(), wrong);
    await vscode.commands.executeCommand('ferry.applyRecommended');
    assert.deepEqual(offered, ['protocol: ftp → sftp']);
    assert.deepEqual(saved(), { ...wrong, protocol: 'sftp' });
    await saveHosts(wrong);
  });

  it('names a server of another kind, and changes the setting once the person says so', async () => {
    const asked = await choosing({ rows: ['Only Look'], buttons: ['Apply…'] }, () =>
      vscode.commands.executeCommand('ferry.diagnose', 'wrong'),
    );
    assert.equal(vscode.window.activeTextEditor?.document.uri.scheme, 'ferry-diagnosis');
    assert.match(shown(), /What answers at port \d+ is an SSH server/);
    assert.match(shown(), /- protocol: sftp/);
    assert.match(asked.join('\n'), /settings of wrong should be others/);
    assert.deepEqual(offered, ['protocol: ftp → sftp']);
    assert.deepEqual(saved(), { ...wrong, protocol: 'sftp' });
  });

  it('goes all the way with the setting that is right', async () => {
    await choosing({ rows: ['Look and Try Writing'], buttons: ['Trust and Connect'] }, () =>
      vscode.commands.executeCommand('ferry.diagnose', 'wrong'),
    );
    assert.match(shown(), /✓ Encryption and log-in/);
    assert.match(shown(), /✓ Writing, renaming and deleting/);
    await choosing({ rows: ['Without Names'], buttons: [] }, () => vscode.commands.executeCommand('ferry.copyDiagnosis'));
    const copied = await vscode.env.clipboard.readText();
    assert.match(copied, /# Diagnosis of HOST/);
    assert.ok(!copied.includes(demo.password) && !copied.includes('127.0.0.1'));
  });

  it('has a button on the error that has the person’s own ssh carry the connection', async () => {
    const server = await startSshServer((request) => request.reject(['hostbased']));
    const folder = temporaryFolder('ssh');
    const program = join(folder, 'ssh');
    writeFileSync(program, '#!/bin/sh\nexit 255\n', { mode: 0o700 });
    const configuration = vscode.workspace.getConfiguration('ferry');
    const { showErrorMessage } = vscode.window;
    const shown: string[][] = [];
    const pressing = (_message: string, ...buttons: string[]) => {
      shown.push(buttons);
      return Promise.resolve(shown.length === 1 ? buttons[0] : undefined);
    };
    try {
      await configuration.update('opensshPath', program, vscode.ConfigurationTarget.Global);
      const host = { name: 'wrong', protocol: 'sftp', address: '127.0.0.1', port: server.port, user: 'ann', privateKeys: [] };
      await saveHosts(host);
      Object.assign(vscode.window, { showErrorMessage: pressing });
      await choosing({ rows: ['wrong'], buttons: ['Trust and Connect'] }, () => vscode.commands.executeCommand('ferry.connect'));
      await eventually(() => assert.equal(shown.length, 2));
      assert.deepEqual(shown[0], ['Use Your Own “ssh”', 'Diagnose…', 'Show Log']);
      assert.deepEqual(saved(), { ...host, client: 'openssh' });
    } finally {
      Object.assign(vscode.window, { showErrorMessage });
      await configuration.update('opensshPath', undefined, vscode.ConfigurationTarget.Global);
      await server.stop();
      removeFolder(folder);
    }
  });

  it('looks at a host of the ssh config, from its row and from what is under it', async () => {
    const folder = temporaryFolder('doctor');
    const file = join(folder, 'config');
    writeFileSync(file, `Host alias\n  HostName 127.0.0.1\n  Port ${port}\n  User ${user}\n`, { mode: 0o600 });
    const configuration = vscode.workspace.getConfiguration('ferry');
    try {
      await configuration.update('sshConfig', file, vscode.ConfigurationTarget.Global);
      await showHosts();
      await eventually(async () => assert.ok(await rowAt('From ~/.ssh/config', 'alias')));
      const row = await rowAt('From ~/.ssh/config', 'alias');
      const visit = async (of: object) => {
        await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
        await choosing({ rows: ['Only Look'], buttons: ['Trust and Connect'] }, () => vscode.commands.executeCommand('ferry.diagnose', of));
        assert.match(shown(), /# Diagnosis of alias/);
        assert.match(shown(), /✓ Encryption and log-in/);
      };
      await visit(row);
      const [below] = await rowsUnder(row);
      assert.ok(below !== undefined);
      await visit(below);
    } finally {
      await configuration.update('sshConfig', undefined, vscode.ConfigurationTarget.Global);
      removeFolder(folder);
    }
  });

  it('connects to nothing for a name that it does not know, or before it was answered', async () => {
    await vscode.commands.executeCommand('ferry.diagnose', 'nobody');
    const before = shown();
    await choosing({ rows: [], buttons: [] }, () => vscode.commands.executeCommand('ferry.diagnose', 'wrong'));
    assert.equal(shown(), before);
  });
});

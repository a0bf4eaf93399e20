import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { choosing } from './choosing.ts';
import { demo, saveHosts } from './demo.ts';
import { farFolder, realServers, type FarFolder } from './real.ts';
import { eventually } from './typing.ts';

/* Terminals of VS Code on a real sshd: what is typed is seen on the server's disk. */
describe('terminals', function () {
  const server = realServers.find(({ setting }) => setting.protocol === 'sftp');
  let far: FarFolder;

  before(async function () {
    if (server === undefined) this.skip();
    far = await farFolder(server, 'terminal [x](y)');
    await saveHosts({ ...far.setting, root: far.uri('').path.replace(/\/$/, '') });
  });

  after(async () => {
    if (server === undefined) return;
    vscode.window.terminals.forEach((terminal) => terminal.dispose());
    await saveHosts();
    await far.end();
  });

  /** Until the host is connected. */
  const open = () =>
    choosing({ rows: [far.setting.name], buttons: ['Trust and Connect'] }, async () => {
      await vscode.commands.executeCommand('ferry.openTerminal');
      await vscode.workspace.fs.stat(far.uri(''));
    });
  const madeHere = (name: string) => eventually(() => assert.ok(existsSync(join(far.disk, name))));

  it('begin in the folder of the host, on its connection, and open again when the line broke', async () => {
    await open();
    const terminal = vscode.window.terminals.find(({ name }) => name.includes(far.setting.name));
    assert.ok(terminal);
    assert.ok(!/\]\s*\(/.test(terminal.name), terminal.name);
    const typeUntilThere = async (name: string) => {
      for (let tries = 0; tries < 30 && !existsSync(join(far.disk, name)); tries++) {
        terminal.sendText(`touch ${name}`);
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
      await madeHere(name);
    };
    await typeUntilThere('one');
    far.proxy.strike('reset');
    // Enter, as the terminal says.
    await typeUntilThere('two');
    terminal.sendText('exit 0');
    await eventually(() => assert.ok(!vscode.window.terminals.includes(terminal)));
  });

  it('are refused for hosts without shells', async () => {
    const said: string[] = [];
    const window = vscode.window as { showErrorMessage: typeof vscode.window.showErrorMessage };
    const { showErrorMessage } = window;
    window.showErrorMessage = (message: string) => Promise.resolve(void said.push(message));
    try {
      const before = vscode.window.terminals.length;
      await choosing({ rows: [demo.hosts['demo-ftp'].setting.name], buttons: [] }, () =>
        vscode.commands.executeCommand('ferry.openTerminal'),
      );
      assert.match(said.join(), /reached over FTP, which has no terminals/);
      assert.equal(vscode.window.terminals.length, before);
    } finally {
      window.showErrorMessage = showErrorMessage;
    }
  });
});

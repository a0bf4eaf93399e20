import assert from 'node:assert/strict';
import { createServer, type AddressInfo, type Server } from 'node:net';
import * as vscode from 'vscode';
import { saveHosts } from './demo.ts';

/* What other extensions, key bindings and links may hand to commands: none of it connects, opens, writes or breaks anything by itself. */
describe('arguments of commands', () => {
  type Said = 'showErrorMessage' | 'showWarningMessage' | 'showInformationMessage';
  const window = vscode.window as { -readonly [Name in Said]: (typeof vscode.window)[Name] };
  const { showErrorMessage, showWarningMessage, showInformationMessage } = window;
  const errors: string[] = [];
  let server: Server;
  let connections = 0;
  let port = 0;

  before(async () => {
    server = createServer((socket) => {
      connections++;
      socket.on('error', () => {}).destroy();
    }).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    ({ port } = server.address() as AddressInfo);
    await saveHosts({ name: 'trap', protocol: 'ftp', address: '127.0.0.1', port, user: 'ann' });
    window.showErrorMessage = (message: string) => Promise.resolve(void errors.push(message));
    window.showWarningMessage = window.showInformationMessage = () => Promise.resolve(undefined);
  });

  after(async () => {
    Object.assign(window, { showErrorMessage, showWarningMessage, showInformationMessage });
    await saveHosts();
    await new Promise((resolve) => server.close(resolve));
  });

  const trap = (): unknown[] => {
    const address = `127.0.0.1:${port}`;
    const uris = [
      `ftp://${address}/`,
      `sftp://${address}/`,
      'ftp://trap/',
      'sftp://trap/x',
      'file:///etc/passwd',
      'untitled:x',
      `https://${address}/`,
    ];
    const throwing = () => {
      throw new Error('[x](command:evil)');
    };
    return [
      ...['trap', 'TRAP', ' trap', 'trap\0', 'unsaved', address, `ann@${address}`, '-oProxyCommand=touch /tmp/x', '--help', '../../trap'],
      ...['', '__proto__', 'constructor', '${env:HOME}', '${command:workbench.action.quit}', 'x'.repeat(100_000), '[x](command:evil)'],
      ...uris,
      ...uris.map((uri) => vscode.Uri.parse(uri)),
      ...[0, -1, 1.5, NaN, Infinity, 2 ** 53, 10n, true, false, null, Symbol('trap')],
      ...[[], ['trap'], {}, { name: 'trap' }, { name: 'unsaved' }, { name: { toString: () => 'trap' } }, new Map(), new Date()],
      ...[
        { uri: `ftp://${address}/` },
        { host: { name: 'trap', protocol: 'ftp', address: '127.0.0.1', port } },
        { label: 'trap', id: 'trap' },
      ],
      Object.defineProperty({}, 'name', { get: throwing, enumerable: true }),
      new Proxy({}, { get: throwing, has: throwing, getPrototypeOf: throwing, ownKeys: throwing }),
      new Proxy(() => 'trap', { get: () => 'trap', has: () => true }),
      throwing,
    ];
  };

  /** Commands that look at no argument: few are enough. */
  const ignoring = new Set(
    [
      ...['addHost', 'importHosts', 'exportHosts', 'openRemoteFolder', 'showRunning', 'showLog', 'forgetTrusted', 'completeMerge'],
      ...['askAgain', 'filterHosts', 'clearHostFilter', 'renameBookmark', 'removeBookmark', 'clearRecent'],
      ...['renameRow', 'removeRows', 'copyRows'],
      ...['chooseTarget', 'showUploads', 'transfers.limit', 'transfers.clear'],
    ].map((name) => `ferry.${name}`),
  );

  const commands = (): string[] => {
    const { contributes } = vscode.extensions.getExtension('ferry.ferry')?.packageJSON as {
      contributes: { commands: { command: string }[] };
    };
    // It opens the person's settings, whatever it is given.
    return contributes.commands.map(({ command }) => command).filter((command) => command !== 'ferry.openSettings');
  };

  /** Leaves whatever asks, as a person does who did not call it. */
  async function left(command: string, ...given: unknown[]): Promise<void> {
    const ended = Promise.resolve(vscode.commands.executeCommand(command, ...given)).then(() => true);
    const soon = (): Promise<boolean> => Promise.race([ended, new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 4))]);
    for (let tries = 0; !(await soon()); tries++) {
      assert.ok(tries < 300, `${command} still asks`);
      await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
    }
  }

  it('come to nothing', async function () {
    // As many calls as there are commands and traps; on a busy machine each takes its time.
    this.timeout(600_000);
    const before = JSON.stringify(vscode.workspace.getConfiguration('ferry').inspect('hosts')?.globalValue);
    const folders = vscode.workspace.workspaceFolders?.length;
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs).length;
    const clipboard = await vscode.env.clipboard.readText();
    for (const command of commands()) {
      const all = trap();
      for (const argument of ignoring.has(command) ? all.slice(-5) : all) {
        await left(command, argument, [argument], argument);
        // Which is said in words.
        const ugly = errors.splice(0).filter((message) => !/is reached over ftp, not over|is not linked to a server/.test(message));
        assert.deepEqual(ugly, [], `${command} with ${typeof argument}`);
        assert.equal(connections, 0, `${command} with ${typeof argument}`);
      }
    }
    assert.equal(JSON.stringify(vscode.workspace.getConfiguration('ferry').inspect('hosts')?.globalValue), before);
    assert.equal(vscode.workspace.workspaceFolders?.length, folders);
    assert.equal(vscode.window.tabGroups.all.flatMap((group) => group.tabs).length, tabs);
    assert.equal(await vscode.env.clipboard.readText(), clipboard);
  });

  it('are counted where something does connect', async () => {
    await assert.rejects(async () => vscode.workspace.fs.stat(vscode.Uri.parse('ftp://trap/')));
    assert.ok(connections > 0);
  });
});

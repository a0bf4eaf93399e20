import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { startHostileFtp, type HostileFtp } from '../servers/hostileFtp.ts';
import { startSshServer, type ScriptedSshServer } from '../support/sshServer.ts';
import { demo, uriOn } from './demo.ts';
import { takePlace } from './person.ts';

type Window = { -readonly [Name in 'createInputBox' | 'showWarningMessage' | 'showErrorMessage']: (typeof vscode.window)[Name] };

/* A link, another extension or a workspace has VS Code open an address of its author's choice. */
describe('addresses that somebody else has VS Code open', () => {
  const window = vscode.window as Window;
  const { createInputBox, showWarningMessage, showErrorMessage } = window;
  const { user } = demo.hosts['demo-ftp'].setting;
  /** The questions, in order. */
  let asked: string[];
  let trusts: boolean;
  let ftp: HostileFtp;
  let ssh: ScriptedSshServer;
  let another: ScriptedSshServer;

  before(async () => {
    // The person's own hosts have their passwords by now.
    takePlace();
    for (const name of ['demo-ftp', 'demo-sftp'] as const) await vscode.workspace.fs.readDirectory(uriOn(name, '/'));
    ftp = await startHostileFtp({ on: { USER: '331 Which password?', PASS: '530 Another one' } });
    [ssh, another] = await Promise.all([startRefusing(), startRefusing()]);
    window.createInputBox = () => left(createInputBox.call(vscode.window));
    window.showWarningMessage = (message: string, ...rest: unknown[]) => {
      asked.push(message);
      return Promise.resolve(trusts ? rest.find((button) => button === 'Trust and Connect') : undefined);
    };
    window.showErrorMessage = () => Promise.resolve(undefined);
  });

  beforeEach(() => ([asked, trusts] = [[], false]));

  after(async () => {
    Object.assign(window, { createInputBox, showWarningMessage, showErrorMessage });
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await Promise.all([ftp, ssh, another].map((server) => server.stop()));
  });

  const startRefusing = () => startSshServer((request) => request.reject(['password', 'keyboard-interactive']));

  /** A question that the person leaves. */
  function left(box: vscode.InputBox): vscode.InputBox {
    const show = box.show.bind(box);
    box.show = () => {
      asked.push(`${box.title ?? ''}: ${box.prompt ?? ''}`);
      show();
      setTimeout(() => box.hide(), 10);
    };
    return box;
  }

  async function open(address: string): Promise<void> {
    const uri = vscode.Uri.parse(address, true);
    // An editor that says why it shows nothing, or no editor at all.
    await Promise.resolve(vscode.commands.executeCommand('vscode.open', uri)).catch(() => undefined);
    await assert.rejects(async () => vscode.workspace.fs.readFile(uri));
  }

  it('get no password of a saved host, though user and address are the same', async () => {
    await open(`ftp://${user}@127.0.0.1:${ftp.host.port}/file.txt`);
    assert.ok(ftp.connections > 0);
    assert.ok(asked.some((question) => question.includes(`Password for ${user}@127.0.0.1, port ${ftp.host.port}`)));
    assert.doesNotMatch(ftp.heard, /PASS/);
    assert.ok(!ftp.heard.includes(demo.password));
  });

  it('get nothing of a log-in before the person has looked at who they are', async () => {
    await open(`sftp://${user}@127.0.0.1:${ssh.port}/file.txt`);
    assert.ok(ssh.connections.length > 0);
    assert.match(asked.join('\n'), /new to you\. Is this its key/);
    assert.deepEqual(ssh.requests, []);
  });

  it('get no saved password either once the person has trusted them', async () => {
    trusts = true;
    await open(`sftp://${user}@127.0.0.1:${another.port}/file.txt`);
    assert.ok(asked.some((question) => question.includes(`Password for ${user}@127.0.0.1, port ${another.port}`)));
    assert.deepEqual(
      another.requests.filter(({ password }) => password !== undefined),
      [],
    );
  });

  it('connect to nothing where they hold a password, an option, a line break or the name of a host with another protocol', async () => {
    const [before, dialogues] = [ftp.connections, ssh.connections.length];
    for (const address of [
      `ftp://${user}:stolen@127.0.0.1:${ftp.host.port}/`,
      `ftp://${user}%3Astolen@127.0.0.1:${ftp.host.port}/`,
      `ftp://a%0d%0aDELE%20x@127.0.0.1:${ftp.host.port}/`,
      `ftp://127.0.0.1:${ftp.host.port}%0d%0aDELE%20x/`,
      `sftp://-oProxyCommand=touch%20x@127.0.0.1:${ssh.port}:22/`,
      'sftp://-oProxyCommand=touch%20x/',
      'sftp://demo-ftp/',
      'ftp://demo-sftp/',
    ])
      await open(address);
    assert.deepEqual([ftp.connections, ssh.connections.length, asked], [before, dialogues, []]);
  });

  it('are no way in where they are Ferry’s own name in a link of vscode://', async () => {
    const before = ftp.connections;
    const address = encodeURIComponent(`ftp://127.0.0.1:${ftp.host.port}/`);
    for (const link of [`vscode://ferry.ferry/open?uri=${address}`, `${vscode.env.uriScheme}://ferry.ferry/${address}`])
      await Promise.race([
        Promise.resolve(vscode.commands.executeCommand('vscode.open', vscode.Uri.parse(link))).catch(() => undefined),
        new Promise((resolve) => setTimeout(resolve, 500)),
      ]);
    assert.equal(ftp.connections, before);
  });
});

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { removeFolder, temporaryFolder } from '../servers/folder.ts';
import { startOpenssh } from '../servers/openssh.ts';
import { requireServer, type TestServer } from '../servers/server.ts';
import { eventually } from '../support/eventually.ts';
import { choosing } from './choosing.ts';
import { saveHosts } from './demo.ts';
import { takePlace } from './person.ts';
import { realServers } from './real.ts';
import { typeText } from './typing.ts';

/* A host that the person's own `ssh` carries: its questions are VS Code's, and what is saved is on the server. */
describe('a host through the person’s own ssh', () => {
  const ferry = () => vscode.workspace.getConfiguration('ferry');
  let server: TestServer;
  let folder: string;

  before(async function () {
    // The person of the tests knows the password of the account from them.
    if (!realServers.some(({ password }) => password !== undefined)) this.skip();
    server = await requireServer(this, () => startOpenssh({ authentication: 'password', shell: true }));
    folder = temporaryFolder('ssh-config', { mode: 0o700 });
    const config = join(folder, 'config');
    writeFileSync(config, `UserKnownHostsFile ${join(folder, 'known_hosts')}\nGlobalKnownHostsFile none\n`, { mode: 0o600 });
    const { protocol, address, port, user } = server.host;
    await ferry().update('sshConfig', config, vscode.ConfigurationTarget.Global);
    await saveHosts({ name: 'by-program', protocol, address, port, user, client: 'openssh' });
  });
  after(async () => {
    if ((server as TestServer | undefined) === undefined) return;
    await saveHosts();
    await ferry().update('sshConfig', undefined, vscode.ConfigurationTarget.Global);
    await server.stop();
    removeFolder(folder);
  });

  it('asks for the host key and the password, opens a file and saves it', async () => {
    const file = join(server.root, 'page.txt');
    writeFileSync(file, 'before');
    if (server.owner !== undefined) chownSync(file, server.owner.uid, server.owner.gid);
    const told = takePlace();
    const uri = vscode.Uri.from({ scheme: 'sftp', authority: 'by-program', path: `${server.rootOnServer}/page.txt` });
    const document = await vscode.workspace.openTextDocument(uri);
    assert.equal(document.getText(), 'before');
    assert.ok(
      told.some((question) => question.includes('by-program') && question.includes('is new to you')),
      told.join('\n'),
    );
    await typeText(document, 'after');
    assert.equal(await document.save(), true);
    assert.equal(readFileSync(file, 'utf8'), 'after');
    assert.deepEqual(readdirSync(server.root), ['page.txt']);
    assert.match(readFileSync(join(folder, 'known_hosts'), 'utf8'), /ssh-ed25519/);
    assert.match(server.output(), /Accepted password for/);
  });

  it('opens a terminal with that ssh, in the folder of the host', async () => {
    const folder = join(server.root, `it's [x](y)`);
    mkdirSync(folder);
    if (server.owner !== undefined) chownSync(folder, server.owner.uid, server.owner.gid);
    const { protocol, address, port, user } = server.host;
    const root = `${server.rootOnServer}/it's [x](y)`;
    await saveHosts({ name: 'by-program', protocol, address, port, user, client: 'openssh', root });
    await choosing({ rows: ['by-program'], buttons: [] }, () => vscode.commands.executeCommand('ferry.openTerminal'));
    const terminal = vscode.window.terminals.find(({ name }) => name.includes('by-program'));
    assert.ok(terminal);
    try {
      const { shellPath = '', shellArgs = [] } = terminal.creationOptions as vscode.TerminalOptions;
      assert.match(shellPath, /ssh$/);
      // The same program with the same arguments, where the password is known.
      const answer = join(folder, '..', 'answer');
      writeFileSync(answer, `#!/bin/sh\necho '${server.secrets.password ?? ''}'\n`, { mode: 0o700 });
      const environment = { ...process.env, SSH_ASKPASS: answer, SSH_ASKPASS_REQUIRE: 'force' };
      const child = spawn(shellPath, shellArgs as string[], { env: environment, stdio: ['pipe', 'ignore', 'ignore'] });
      child.stdin.end('touch made-there; exit\n');
      await eventually(() => assert.ok(readdirSync(folder).includes('made-there')));
      child.kill();
    } finally {
      terminal.dispose();
    }
  });
});

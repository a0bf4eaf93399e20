import assert from 'node:assert/strict';
import * as vscode from 'vscode';

describe('activation', () => {
  it('comes with the first address of one of its schemes, and not before', async () => {
    const ferry = vscode.extensions.getExtension('ferry.ferry');
    assert.ok(ferry);
    assert.equal(ferry.isActive, false);
    await assert.rejects(async () => vscode.workspace.fs.stat(vscode.Uri.parse('sftp://nobody@127.0.0.1:1/')));
    assert.equal(ferry.isActive, true);
  });

  it('registers every command that package.json names', async () => {
    const { contributes } = vscode.extensions.getExtension('ferry.ferry')?.packageJSON as {
      contributes: { commands: { command: string }[] };
    };
    const registered = new Set(await vscode.commands.getCommands(true));
    assert.deepEqual(
      contributes.commands.map(({ command }) => command).filter((command) => !registered.has(command)),
      [],
    );
  });
});

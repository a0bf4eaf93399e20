import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { startTcpServer, type TcpServer } from '../support/tcpServer.ts';
import { demo, uriOn } from './demo.ts';
import { takePlace } from './person.ts';
import { eventually } from './typing.ts';

interface Setting {
  readonly default?: unknown;
}

/** What a workspace might want instead of what a setting is. */
function otherThan(value: unknown): unknown {
  if (typeof value === 'number') return value + 7;
  if (typeof value === 'boolean') return !value;
  return Array.isArray(value) ? ['other'] : typeof value === 'string' ? `${value}other` : { other: true };
}

/* The person trusts this workspace: its files run, its settings hold. Ferry's are not among them. */
describe('settings of a trusted workspace', () => {
  const { properties } = (
    vscode.extensions.getExtension('ferry.ferry')?.packageJSON as {
      contributes: { configuration: { properties: Record<string, Setting> } };
    }
  ).contributes.configuration;
  // The linked folders are the workspace's own.
  const keys = Object.keys(properties).filter((key) => key !== 'ferry.mappings');
  let folder: vscode.WorkspaceFolder;
  let trap: TcpServer;
  let connections = 0;
  let present: unknown[];

  const values = (scope?: vscode.Uri): unknown[] => keys.map((key) => vscode.workspace.getConfiguration(undefined, scope).get(key));

  before(async () => {
    const [first] = vscode.workspace.workspaceFolders ?? [];
    assert.ok(first && vscode.workspace.isTrusted);
    [folder, present] = [first, values(first.uri)];
    trap = await startTcpServer(() => connections++);
    const settings = Object.fromEntries(keys.map((key) => [key, otherThan(properties[key]?.default)]));
    const { setting } = demo.hosts['demo-ftp'];
    settings['ferry.hosts'] = [
      { ...setting, port: trap.port },
      { name: 'smuggled', protocol: 'ftp', address: '127.0.0.1', port: trap.port, user: 'ann' },
    ];
    const place = join(folder.uri.fsPath, '.vscode');
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, 'settings.json'), JSON.stringify({ ...settings, 'editor.rulers': [77] }));
    await eventually(() => assert.deepEqual(vscode.workspace.getConfiguration('editor', folder.uri).get('rulers'), [77]));
  });

  after(async () => {
    rmSync(join(folder.uri.fsPath, '.vscode'), { recursive: true });
    await trap.stop();
  });

  it('has some', () => assert.ok(keys.length >= 3 && keys.includes('ferry.hosts')));

  it('have no say in any of Ferry’s', () => {
    assert.deepEqual([values(), values(folder.uri)], [present, present]);
    for (const key of keys) {
      const found = vscode.workspace.getConfiguration(undefined, folder.uri).inspect(key);
      assert.deepEqual([found?.workspaceValue, found?.workspaceFolderValue], [undefined, undefined], key);
    }
  });

  it('neither redirect a host nor add one', async () => {
    takePlace();
    assert.ok((await vscode.workspace.fs.readDirectory(uriOn('demo-ftp', '/'))).length > 0);
    await assert.rejects(async () => vscode.workspace.fs.readDirectory(vscode.Uri.parse('ftp://smuggled/')));
    assert.equal(connections, 0);
  });
});

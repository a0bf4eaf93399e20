import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { DemoHosts, DemoName } from '../demo/servers.ts';

/** The demo servers that this run was started with. */
export const demo = JSON.parse(readFileSync(process.env['FERRY_TEST_SERVERS'] ?? '', 'utf8')) as DemoHosts;

export type { DemoName };
export const demoNames = Object.keys(demo.hosts) as DemoName[];

export function uriOn(name: DemoName, path: string): vscode.Uri {
  return vscode.Uri.from({ scheme: demo.hosts[name].setting.protocol, authority: name, path });
}

/** The same file on this computer's disk, behind the server. */
export function diskPath(name: DemoName, path: string): string {
  return join(demo.hosts[name].folder, ...path.split('/'));
}

/** Makes the person's setting hold these hosts beside the demo's, and resolves when Ferry was told. */
export async function saveHosts(...others: readonly object[]): Promise<void> {
  const hosts = [...demoNames.map((name) => demo.hosts[name].setting), ...others];
  const told = new Promise<void>((resolve) => {
    const listener = vscode.workspace.onDidChangeConfiguration((change) => {
      if (!change.affectsConfiguration('ferry.hosts')) return;
      listener.dispose();
      resolve();
    });
  });
  await vscode.workspace.getConfiguration('ferry').update('hosts', hosts, vscode.ConfigurationTarget.Global);
  await told;
}

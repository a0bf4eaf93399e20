import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** An extension that counts how often its command ran: once is once too often. */
export interface Canary {
  /** Since the last look. */
  runs(): Promise<number>;
  /**
   * What "Canary: Open Addresses" has VS Code open, one after another, in any window, trusted or not; the first is what "Canary: Open a
   * Folder" makes the window's folder.
   */
  opens(addresses: readonly string[]): Promise<void>;
}

const manifest = {
  name: 'canary',
  publisher: 'ferry-test',
  version: '1.0.0',
  engines: { vscode: '^1.101.0' },
  main: './main.js',
  activationEvents: ['onStartupFinished'],
  capabilities: { untrustedWorkspaces: { supported: true } },
  contributes: {
    commands: [
      { command: 'canary.run', title: 'Run', category: 'Canary' },
      { command: 'canary.show', title: 'Show a Link', category: 'Canary' },
      { command: 'canary.open', title: 'Open Addresses', category: 'Canary' },
      { command: 'canary.openFolder', title: 'Open a Folder', category: 'Canary' },
    ],
  },
};

const main = (runs: string, addresses: string): string => `
const { appendFileSync, readFileSync } = require('node:fs');
const { commands, Uri, window, workspace } = require('vscode');
const wanted = () => JSON.parse(readFileSync(${JSON.stringify(addresses)}, 'utf8'));
const open = async () => {
  for (const address of wanted()) {
    await Promise.resolve(commands.executeCommand('vscode.open', Uri.parse(address))).catch(() => {});
    await Promise.resolve(workspace.fs.readDirectory(Uri.parse(address))).catch(() => {});
  }
  window.showInformationMessage('Canary: all opened');
};
exports.activate = ({ subscriptions }) => {
  subscriptions.push(commands.registerCommand('canary.run', () => appendFileSync(${JSON.stringify(runs)}, '.')));
  subscriptions.push(commands.registerCommand('canary.open', open));
  const openFolder = () => commands.executeCommand('vscode.openFolder', Uri.parse(wanted()[0]));
  subscriptions.push(commands.registerCommand('canary.openFolder', openFolder));
  subscriptions.push(commands.registerCommand('canary.show', () => void window.showErrorMessage('raw: [click me](command:canary.run)')));
};
`;

/** Beside Ferry, in a VS Code that keeps its extensions in `extensions`; before it starts. */
export async function installCanary(extensions: string): Promise<Canary> {
  const into = join(extensions, 'ferry-test.canary-1.0.0');
  const [runs, addresses] = [join(into, 'runs'), join(into, 'addresses.json')];
  await mkdir(into, { recursive: true });
  await writeFile(join(into, 'package.json'), JSON.stringify(manifest));
  await writeFile(join(into, 'main.js'), main(runs, addresses));
  return {
    async runs() {
      const text = await readFile(runs, 'utf8').catch(() => '');
      await rm(runs, { force: true });
      return text.length;
    },
    opens: (wanted) => writeFile(addresses, JSON.stringify(wanted)),
  };
}

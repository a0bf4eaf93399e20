import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** An extension that counts how often its command ran: once is once too often. */
export interface Canary {
  /** Since the last look. */
  runs(): Promise<number>;
}

const manifest = {
  name: 'canary',
  publisher: 'ferry-test',
  version: '1.0.0',
  engines: { vscode: '^1.101.0' },
  main: './main.js',
  activationEvents: ['onStartupFinished'],
  contributes: {
    commands: [
      { command: 'canary.run', title: 'Run', category: 'Canary' },
      { command: 'canary.show', title: 'Show a Link', category: 'Canary' },
    ],
  },
};

const main = (runs: string): string => `
const { appendFileSync } = require('node:fs');
const { commands, window } = require('vscode');
exports.activate = ({ subscriptions }) => {
  subscriptions.push(commands.registerCommand('canary.run', () => appendFileSync(${JSON.stringify(runs)}, '.')));
  subscriptions.push(commands.registerCommand('canary.show', () => void window.showErrorMessage('raw: [click me](command:canary.run)')));
};
`;

/** Beside Ferry, in a VS Code that keeps its extensions in `extensions`; before it starts. */
export async function installCanary(extensions: string): Promise<Canary> {
  const into = join(extensions, 'ferry-test.canary-1.0.0');
  const runs = join(into, 'runs');
  await mkdir(into, { recursive: true });
  await writeFile(join(into, 'package.json'), JSON.stringify(manifest));
  await writeFile(join(into, 'main.js'), main(runs));
  return {
    async runs() {
      const text = await readFile(runs, 'utf8').catch(() => '');
      await rm(runs, { force: true });
      return text.length;
    },
  };
}

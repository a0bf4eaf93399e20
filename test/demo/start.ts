import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { installFerry } from '../host/installFerry.ts';
import { environment, repository, toolsFolder } from '../host/places.ts';
import { findVSCode } from '../host/vscode.ts';
import { startWorkbench, windowQuery } from '../host/workbench.ts';
import { buildExtension } from '../setup/commands.ts';
import { demoUser, startDemoServers, type DemoServers } from './servers.ts';
import { demoSettings } from './settings.ts';

/* npm start: VS Code with Ferry and a folder on a demo server. Ends, with everything it started, on Ctrl+C or when its VS Code is closed. */

/* `npm start -- FOLDER` keeps the demo elsewhere. */
const folder = resolve(process.argv[2] ?? join(toolsFolder, 'demo'));
const opened = 'sftp://demo-sftp/';

const addressFile = join(folder, 'address.json');

interface Address {
  readonly token: string;
  readonly port: number | undefined;
}

interface Opened {
  readonly ended: Promise<void>;
}

/** Ends when VS Code is closed; that of npm only with this process. */
async function start(): Promise<void> {
  const began = performance.now();
  console.log('Building Ferry, starting the demo servers…');
  const [servers, vscode] = await Promise.all([startDemoServers(folder), findVSCode(), buildExtension()]);
  const closed = vscode.kind === 'desktop' ? await openDesktop(vscode.executable, servers) : await openWorkbench(servers);
  describeServers(servers);
  console.log(`Ready after ${((performance.now() - began) / 1000).toFixed(0)} s. Ctrl+C ends everything.`);
  await closed.ended;
}

async function openDesktop(executable: string, servers: DemoServers): Promise<Opened> {
  const userData = join(folder, 'desktop');
  const file = join(userData, 'User', 'settings.json');
  const settings = await demoSettings(file, servers);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, JSON.stringify(settings, undefined, 2));
  const args = [
    `--folder-uri=${opened}`,
    `--extensionDevelopmentPath=${repository}`,
    `--user-data-dir=${userData}`,
    `--extensions-dir=${join(folder, 'desktop-extensions')}`,
    ...['--wait', '--skip-welcome', '--skip-release-notes', '--disable-updates'],
  ];
  const child = spawn(executable, args, { env: environment(), stdio: 'ignore', shell: process.platform === 'win32' });
  process.once('exit', () => child.kill());
  console.log(`Opening ${opened} in VS Code.`);
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => resolve());
  });
  return { ended };
}

async function openWorkbench(servers: DemoServers): Promise<Opened> {
  const dataFolder = join(folder, 'workbench');
  const settings = await demoSettings(join(dataFolder, 'data', 'User', 'settings.json'), servers);
  await installFerry(join(dataFolder, 'extensions'));
  const { token, port } = await readAddress();
  const workbench = await startWorkbench({ dataFolder, settings, token, port });
  await writeFile(addressFile, JSON.stringify({ token, port: workbench.port }), { mode: 0o600 });
  const address = workbench.url(windowQuery(workbench.port, { folder: opened }));
  console.log(`\nOpen ${address} in a browser.\n`);
  return { ended: new Promise(() => {}) };
}

/** Who has the token gets in: it is no other's on this machine. The same each time, so that a browser knows this VS Code again. */
async function readAddress(): Promise<Address> {
  const known = await readFile(addressFile, 'utf8').catch(() => undefined);
  return known === undefined ? { token: randomBytes(12).toString('hex'), port: undefined } : (JSON.parse(known) as Address);
}

function describeServers(servers: DemoServers): void {
  for (const { setting, folder: site } of Object.values(servers.hosts)) {
    console.log(`  ${`${setting.protocol}://${setting.name}/`.padEnd(30)} 127.0.0.1:${String(setting.port)}  shows ${site}`);
  }
  console.log(
    `The password for all demo hosts is ${servers.password} (user ${demoUser}); the SFTP host logs in with a key and asks for none.`,
  );
  console.log(
    `VS Code asks once whether you trust the servers. Host key ${servers.hostKeyFingerprint}, certificate SHA-256\n  ${servers.certificateFingerprint}`,
  );
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(0));
try {
  await start();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
process.exit();

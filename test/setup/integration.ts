import { globSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { startDemoServers, type DemoServers } from '../demo/servers.ts';
import { findVSCode } from '../host/vscode.ts';
import { removeFolder, temporaryFolder } from '../servers/folder.ts';
import { buildExtension, inRepository } from './commands.ts';
import { startRealServers } from './realServers.ts';

/*
 * Runs test/integration inside VS Code: `node test/setup/integration.ts [NAME…] [!NAME…]` (names of test modules, `*` stands for any;
 * default all).
 * The tests find in the environment: FERRY_TEST_SERVERS, a file with the demo servers as JSON (`DemoHosts`); FERRY_TEST_REAL_SERVERS,
 * one with real ones (`RealServers`, but for `stop`).
 */

function testNames(words: readonly string[]): string[] {
  const cwd = inRepository('test', 'integration');
  const exclude = words.filter((word) => word.startsWith('!')).map((word) => `${word.slice(1)}.test.ts`);
  const included = words.filter((word) => !word.startsWith('!')).map((word) => `${word}.test.ts`);
  const files = globSync(included.length > 0 ? included : ['*.test.ts'], { cwd, exclude });
  return files.map((name) => name.slice(0, -'.test.ts'.length)).sort();
}

async function writeSettings(userData: string, servers: DemoServers): Promise<void> {
  const settings = {
    'ferry.hosts': Object.values(servers.hosts).map((host) => host.setting),
    'workbench.startupEditor': 'none',
    // In a browser VS Code saves by itself after a second; a save that is asked for at that very moment resolves to false.
    'files.autoSave': 'off',
    'extensions.ignoreRecommendations': true,
    'telemetry.telemetryLevel': 'off',
  };
  await mkdir(join(userData, 'User'), { recursive: true });
  await writeFile(join(userData, 'User', 'settings.json'), JSON.stringify(settings, undefined, 2));
}

async function run(names: readonly string[]): Promise<void> {
  await buildExtension('build', 'build:integration');
  const folder = temporaryFolder('integration');
  const servers = await startDemoServers(join(folder, 'servers'));
  const real = await startRealServers();
  try {
    const userData = join(folder, 'user-data');
    await writeSettings(userData, servers);
    await writeFile(join(folder, 'servers.json'), JSON.stringify(servers));
    await writeFile(join(folder, 'real.json'), JSON.stringify({ servers: real.servers, coarse: real.coarse }));
    const workspace = join(folder, 'workspace');
    await mkdir(workspace);
    const { executable } = await findVSCode();
    await runTests({
      vscodeExecutablePath: executable,
      extensionDevelopmentPath: inRepository(),
      extensionTestsPath: inRepository('dist', 'test', 'integration.cjs'),
      launchArgs: [workspace, `--user-data-dir=${userData}`, `--extensions-dir=${join(folder, 'extensions')}`],
      extensionTestsEnv: {
        FERRY_TEST_SERVERS: join(folder, 'servers.json'),
        FERRY_TEST_REAL_SERVERS: join(folder, 'real.json'),
        FERRY_TEST_FILES: names.join(' '),
        FERRY_TEST_LOG: log,
        FERRY_TEST_RESULT: result,
      },
    });
  } finally {
    await real.stop();
    await servers.stop();
    removeFolder(folder);
  }
}

const result = process.env['FERRY_TEST_RESULT'] ?? inRepository('dist', 'test', 'integration.json');
/* What VS Code said, for failures. */
const log = result.replace(/\.json$/, ' VS Code.log');
for (const file of [result, log]) await rm(file, { force: true });
await run(testNames(process.argv.slice(2))).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
process.exit();

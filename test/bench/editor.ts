import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { faultServers, proxyAddress } from '../contract/faultServers.ts';
import { makeDisk, pattern } from '../contract/ground.ts';
import { findVSCode } from '../host/vscode.ts';
import { startFaultyProxy, type FaultyProxy } from '../servers/faultyProxy.ts';
import { removeFolder, temporaryFolder } from '../servers/folder.ts';
import type { TestServer } from '../servers/server.ts';
import { buildExtension, inRepository, runScript } from '../setup/commands.ts';
import type { EditorHost, EditorJob, EditorFigures } from './editorJob.ts';
import { smallSize } from './fixture.ts';

const measured = ['OpenSSH', 'vsftpd', 'vsftpd, TLS session reuse required'];

interface Place {
  readonly server: TestServer;
  readonly proxy: FaultyProxy;
  readonly hosts: readonly EditorHost[];
}

/** The extension as it is shipped, in a real VS Code, on real servers: near, and behind a proxy that holds bytes back. */
export async function measureEditor(
  { rttMs, runs, only }: { readonly rttMs: number; readonly runs: number; readonly only: readonly string[] },
  say: (text: string) => void,
): Promise<EditorFigures | undefined> {
  say('… in VS Code');
  const folder = temporaryFolder('bench-editor');
  const places: Place[] = [];
  try {
    await Promise.all([buildExtension(), runScript('build:bench')]);
    for (const { name, start } of faultServers) {
      if (measured.includes(name) && only.some((server) => name.startsWith(server)))
        places.push(await startPlace(name, await start(), runs, rttMs));
    }
    return await runInside(folder, places, { runs, rttMs });
  } catch (error) {
    say(`not measured in VS Code: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  } finally {
    for (const { server, proxy } of places) {
      await proxy.close();
      await server.stop();
    }
    removeFolder(folder);
  }
}

async function startPlace(
  name: string,
  { server, dataPorts }: Awaited<ReturnType<(typeof faultServers)[number]['start']>>,
  runs: number,
  rttMs: number,
): Promise<Place> {
  const proxy = await startFaultyProxy({
    port: server.host.port,
    listenAddress: dataPorts.length > 0 ? proxyAddress : '127.0.0.1',
    dataPorts,
  });
  proxy.latencyMs = rttMs / 2;
  const disk = makeDisk(server, server.root);
  disk.file('small', pattern(smallSize));
  for (const line of ['near', 'far'])
    for (let run = 0; run <= runs; run++)
      disk.file(
        `${line}${run}.txt`,
        pattern(smallSize, run + 1)
          .toString('base64')
          .slice(0, smallSize),
      );
  disk.makeFolder('more');
  for (let entry = 0; entry < 20_000; entry++) disk.file(`more/${String(entry).padStart(5, '0')} of the files.txt`);
  const { protocol, user, sftp } = server.host;
  const id = name.replaceAll(/\W+/g, '-').toLowerCase();
  const common = { protocol, user, privateKeys: sftp.privateKeys, agent: false };
  const setting = ({ line, ...reached }: { line: string; address: string; port: number }): object =>
    protocol === 'sftp' ? { ...common, name: `${line}-${id}`, ...reached } : { protocol, user, name: `${line}-${id}`, ...reached };
  const { address, port } = server.host;
  const hosts: EditorHost[] = [
    {
      server: name,
      line: 'near',
      authority: `near-${id}`,
      protocol,
      root: server.rootOnServer,
      setting: setting({ line: 'near', address, port }),
    },
    {
      ...{ server: name, line: 'far', authority: `far-${id}`, protocol, root: server.rootOnServer },
      setting: setting({ line: 'far', address: proxy.address, port: proxy.port }),
    },
  ];
  return { server, proxy, hosts };
}

async function runInside(
  folder: string,
  places: readonly Place[],
  { runs, rttMs }: { runs: number; rttMs: number },
): Promise<EditorFigures> {
  const hosts = places.flatMap((place) => place.hosts);
  // `takePlace` of test/integration/person.ts finds the password here.
  const password = places.find(({ server }) => server.secrets.password !== undefined)?.server.secrets.password;
  writeFileSync(join(folder, 'servers.json'), JSON.stringify({ hosts: {}, password }), { mode: 0o600 });
  writeFileSync(join(folder, 'real.json'), JSON.stringify({ servers: [], coarse: [] }));
  mkdirSync(join(folder, 'user-data', 'User'), { recursive: true });
  mkdirSync(join(folder, 'workspace'));
  // Of several folders: one more makes no other window of it.
  writeFileSync(join(folder, 'bench.code-workspace'), JSON.stringify({ folders: [{ path: 'workspace' }] }));
  const settings = {
    'ferry.hosts': hosts.map(({ setting }) => setting),
    'workbench.startupEditor': 'none',
    // What is measured is saved when the bench says so.
    'files.autoSave': 'off',
    'extensions.ignoreRecommendations': true,
    'telemetry.telemetryLevel': 'off',
    // It looks through all processes and their files, again and again.
    'remote.autoForwardPorts': false,
  };
  writeFileSync(join(folder, 'user-data', 'User', 'settings.json'), JSON.stringify(settings));
  const job: EditorJob = { hosts, runs, size: smallSize, rttMs, result: join(folder, 'figures.json') };
  const figures = (await openWindow(folder, job)) as Omit<EditorFigures, 'nextActivationMs'>;
  // By then what is kept of the first window for the next is there.
  const next = (await openWindow(folder, { ...job, hosts: [] })) as Pick<EditorFigures, 'activationMs'>;
  return { ...figures, nextActivationMs: next.activationMs };
}

/** Resolves to what its job has left. */
async function openWindow(folder: string, job: EditorJob): Promise<unknown> {
  writeFileSync(join(folder, 'job.json'), JSON.stringify(job));
  const { executable } = await findVSCode(() => {});
  await runTests({
    vscodeExecutablePath: executable,
    extensionDevelopmentPath: inRepository(),
    extensionTestsPath: inRepository('dist', 'bench', 'inEditor.cjs'),
    launchArgs: [
      join(folder, 'bench.code-workspace'),
      `--user-data-dir=${join(folder, 'user-data')}`,
      `--extensions-dir=${join(folder, 'extensions')}`,
    ],
    extensionTestsEnv: {
      FERRY_TEST_SERVERS: join(folder, 'servers.json'),
      FERRY_TEST_REAL_SERVERS: join(folder, 'real.json'),
      FERRY_BENCH_JOB: join(folder, 'job.json'),
      FERRY_TEST_LOG: join(folder, 'log'),
    },
  });
  return JSON.parse(readFileSync(job.result, 'utf8'));
}

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startOnFreePort, startProcess, type ServerProcess } from '../servers/process.ts';
import { environment } from './places.ts';
import { installWorkbench } from './workbenchInstall.ts';

export interface WorkbenchOptions {
  /** Everything of this VS Code's state; made if it is missing. */
  readonly dataFolder: string;
  /** Default: one in `dataFolder`. */
  readonly extensionsFolder?: string | undefined;
  /** The person's settings; replaces those of an earlier run. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Used if it is free, else any other. A browser keeps what it knows of this VS Code by port. */
  readonly port?: number | undefined;
  /** Who knows it gets in; undefined: everybody on this machine (tests only). */
  readonly token?: string | undefined;
  /** Lets a window load extensions and tests by `windowQuery`. */
  readonly testDriver?: boolean | undefined;
  /** Reaches the extension host. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  readonly say?: ((line: string) => void) | undefined;
}

/** A running VS Code of npm; `page` of a browser shows it. */
export interface Workbench {
  readonly port: number;
  /** Of a window; see `windowQuery`. */
  url(query: Readonly<Record<string, string>>): string;
  /** What the server printed so far. */
  output(): string;
  stop(): Promise<void>;
}

/** Resolves when it answers. */
export async function startWorkbench(options: WorkbenchOptions): Promise<Workbench> {
  const serverMain = await installWorkbench(options.say ?? console.log);
  await writeSettings(options);
  let port = 0;
  const startOn = async (wanted: number): Promise<ServerProcess> => {
    port = wanted;
    return startProcess({
      command: process.execPath,
      args: [serverMain, ...serverArguments(options, wanted)],
      env: environment(options.env),
      ready: /Extension host agent listening on/,
      timeoutMs: 60_000,
    });
  };
  const preferred = options.port === undefined ? undefined : await startOn(options.port).catch(() => undefined);
  const server = preferred ?? (await startOnFreePort(startOn));
  const url = (query: Readonly<Record<string, string>>): string => {
    const all = Object.entries(options.token === undefined ? query : { tkn: options.token, ...query });
    return `http://127.0.0.1:${String(port)}/?${all.map(([name, value]) => `${name}=${queryValue(value)}`).join('&')}`;
  };
  return { port, url, output: () => server.output(), stop: () => server.stop() };
}

function serverArguments(options: WorkbenchOptions, port: number): string[] {
  return [
    ...['--host', '127.0.0.1', '--port', String(port), '--accept-server-license-terms', '--telemetry-level', 'off'],
    ...['--server-data-dir', options.dataFolder, '--extensions-dir', options.extensionsFolder ?? join(options.dataFolder, 'extensions')],
    ...(options.token === undefined ? ['--without-connection-token'] : ['--connection-token', options.token]),
    /* Without it the built workbench ignores `payload`. */
    ...(options.testDriver ? ['--enable-smoke-test-driver'] : []),
  ];
}

async function writeSettings({ dataFolder, settings }: WorkbenchOptions): Promise<void> {
  const user = join(dataFolder, 'data', 'User');
  await mkdir(user, { recursive: true });
  await writeFile(join(user, 'settings.json'), JSON.stringify(settings, undefined, 2));
}

/** What a new window opens. */
export interface WindowContent {
  /** An absolute path, or a URI of any scheme; undefined: an empty window. */
  readonly folder?: string | undefined;
  /** Path of a `.code-workspace`. */
  readonly workspace?: string | undefined;
  /** Folders of extensions under development. */
  readonly extensions?: readonly string[] | undefined;
  /** A module whose `run()` is the test run. */
  readonly tests?: string | undefined;
}

export function windowQuery(port: number, content: WindowContent): Record<string, string> {
  const served = (path: string): string => `vscode-remote://127.0.0.1:${String(port)}${slashed(path)}`;
  const payload: [string, string][] = (content.extensions ?? []).map((path) => ['extensionDevelopmentPath', served(path)]);
  if (content.tests !== undefined) payload.push(['extensionTestsPath', served(content.tests)]);
  return {
    ...(content.workspace !== undefined ? { workspace: slashed(content.workspace) } : {}),
    ...(content.folder !== undefined ? { folder: slashed(content.folder) } : {}),
    ...(content.workspace === undefined && content.folder === undefined ? { ew: 'true' } : {}),
    ...(payload.length > 0 ? { payload: JSON.stringify(payload) } : {}),
  };
}

/** People read and type these: what a query may hold as it is stays. */
function queryValue(value: string): string {
  return encodeURIComponent(value).replaceAll('%3A', ':').replaceAll('%2F', '/');
}

function slashed(path: string): string {
  return /^[a-z]:\\/i.test(path) ? `/${path.replaceAll('\\', '/')}` : path;
}

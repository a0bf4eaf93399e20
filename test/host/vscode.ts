import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { downloadAndUnzipVSCode, SilentReporter } from '@vscode/test-electron';
import { repository, toolsFolder } from './places.ts';

/** The version that tests run in, here and in the workbench of npm. */
const version = '1.139.1';
const refusal = join(toolsFolder, 'no-download');
const refusalHolds = 24 * 3_600_000;

/** A VS Code of this machine. `desktop` has windows; `workbench` is shown by a browser (`workbench.ts`). */
export interface VSCode {
  readonly kind: 'desktop' | 'workbench';
  /** Takes VS Code's arguments; for `runTests`. */
  readonly executable: string;
}

/**
 * That of npm if `FERRY_WORKBENCH` is set; the one that `FERRY_VSCODE` names; else desktop VS Code, downloaded once, where there is a display and a way to it; else the
 * workbench of npm.
 */
export async function findVSCode(say: (line: string) => void = console.log): Promise<VSCode> {
  const named = process.env['FERRY_VSCODE'];
  if (process.env['FERRY_WORKBENCH']) return { kind: 'workbench', executable: await writeLauncher() };
  if (named) return { kind: 'desktop', executable: named };
  const downloaded = hasDisplay() ? await download(say) : undefined;
  if (downloaded !== undefined) return { kind: 'desktop', executable: downloaded };
  return { kind: 'workbench', executable: await writeLauncher() };
}

function hasDisplay(): boolean {
  if (process.platform !== 'linux') return true;
  return Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']) || xvfbRun() !== undefined;
}

function xvfbRun(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.map((folder) => join(folder, 'xvfb-run')).find((path) => existsSync(path));
}

/** A machine without a way out would wait for the network's timeouts at each run: it is asked once a day. */
async function download(say: (line: string) => void): Promise<string | undefined> {
  const refused = await stat(refusal).catch(() => undefined);
  if (refused !== undefined && Date.now() - refused.mtimeMs < refusalHolds) return undefined;
  try {
    const executable = await downloadAndUnzipVSCode({ version, timeout: 8000, cachePath: toolsFolder, reporter: new SilentReporter() });
    return await underDisplay(executable);
  } catch (error) {
    say(`Desktop VS Code can't be downloaded here (${String(error)}); the one of npm serves instead.`);
    await mkdir(toolsFolder, { recursive: true });
    await writeFile(refusal, String(error));
    return undefined;
  }
}

/** On Linux without a display, `xvfb-run` gives it one. */
async function underDisplay(executable: string): Promise<string> {
  const xvfb = xvfbRun();
  if (process.platform !== 'linux' || (process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']) || xvfb === undefined) return executable;
  return writeScript('code-xvfb', [xvfb, '-a', executable]);
}

async function writeLauncher(): Promise<string> {
  return writeScript('code-workbench', [process.execPath, join(repository, 'test', 'host', 'code.ts')]);
}

/** `runTests` starts one executable file, so a command with arguments has to become one. */
async function writeScript(name: string, command: readonly string[]): Promise<string> {
  const windows = process.platform === 'win32';
  const words = command.map((word) => (windows ? `"${word}"` : `'${word.replaceAll("'", String.raw`'\''`)}'`)).join(' ');
  const content = windows ? `@${words} %*\r\n` : `#!/bin/sh\nexec ${words} "$@"\n`;
  const path = join(toolsFolder, windows ? `${name}.cmd` : name);
  await mkdir(toolsFolder, { recursive: true });
  /* Another run may be starting it right now; a file that is being written can't be executed. */
  if ((await readFile(path, 'utf8').catch(() => '')) !== content) await writeFile(path, content);
  await chmod(path, 0o755);
  return path;
}

import { copyFile, readFile } from 'node:fs/promises';
import { demoNames, type DemoHosts } from './servers.ts';

/**
 * The settings of the demo's VS Code: what is in `file` stays, the demo hosts are put in. A file that is not plain JSON (a person may
 * have put comments in) is kept beside as `….old`.
 */
export async function demoSettings(file: string, demo: DemoHosts): Promise<Record<string, unknown>> {
  const kept = await readSettings(file);
  const names: readonly string[] = demoNames;
  const hosts: readonly unknown[] = Array.isArray(kept['ferry.hosts']) ? kept['ferry.hosts'] : [];
  const others = hosts.filter((host) => !names.includes(nameOf(host)));
  return {
    'workbench.startupEditor': 'none',
    'security.workspace.trust.enabled': false,
    'extensions.ignoreRecommendations': true,
    'telemetry.telemetryLevel': 'off',
    'chat.disableAIFeatures': true,
    'workbench.secondarySideBar.defaultVisibility': 'hidden',
    'remote.autoForwardPorts': false,
    ...kept,
    'ferry.hosts': [...Object.values(demo.hosts).map((host) => host.setting), ...others],
  };
}

async function readSettings(file: string): Promise<Record<string, unknown>> {
  const text = await readFile(file, 'utf8').catch(() => '{}');
  try {
    const settings: unknown = JSON.parse(text);
    if (typeof settings === 'object' && settings !== null) return settings as Record<string, unknown>;
  } catch {
    await copyFile(file, `${file}.old`);
  }
  return {};
}

function nameOf(host: unknown): string {
  return typeof host === 'object' && host !== null && 'name' in host && typeof host.name === 'string' ? host.name : '';
}

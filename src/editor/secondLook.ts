import * as vscode from 'vscode';
import type { Bases } from '../core/bases.ts';
import { isSameContent } from '../core/bytes.ts';
import type { Disposable } from '../core/events.ts';
import { t } from '../core/l10n.ts';
import { readBytes } from '../core/operations/readFile.ts';
import type { Version } from '../core/operations/version.ts';
import { basename } from '../core/path.ts';
import type { Pool } from '../core/pool.ts';
import type { Remote } from '../core/remote.ts';
import { safeText } from '../core/text.ts';
import type { History } from './history.ts';
import type { KeptVersions } from './keptVersions.ts';
import { type Location, uriOf } from './uri.ts';

/** So long after a save, in ms: whoever had looked at the file before it has renamed theirs over it by then. */
const patience = 2000;
/** Up to so many bytes the content itself is looked at: two saves within a second may differ in nothing else. */
const glance = 64 * 1024;

export interface SecondLook extends Disposable {
  /** The file was just saved. */
  after(location: Location, version: Version, content: Uint8Array): void;
}

export interface SecondLookParts {
  readonly pool: Pool;
  readonly bases: Bases;
  readonly history: History;
  readonly versions: KeptVersions;
  /** The file was changed by somebody else. */
  announce(location: Location): void;
}

/**
 * Two people who save at the same moment both find the file unchanged, and the later one replaces what the earlier one has just saved. No
 * server tells the later one; so the earlier one looks once more, and is told.
 */
export function createSecondLook(parts: SecondLookParts, wait = patience): SecondLook {
  const { pool, bases, history, versions } = parts;
  const timers = new Map<string, NodeJS.Timeout>();

  const isTheirs = async ({ host, path }: Location, version: Version, content: Uint8Array): Promise<boolean> => {
    const look = async (remote: Remote, signal: AbortSignal) => {
      const { size, mtime } = await remote.stat(path, { signal });
      if (size !== content.length || content.length > glance) return size !== content.length || mtime !== version.mtime;
      return !isSameContent(await readBytes(remote, path, { signal }), content);
    };
    return pool.run(host, look, { background: true, lane: 'bulk' });
  };

  const look = async (location: Location, version: Version, content: Uint8Array): Promise<void> => {
    if (!(await isTheirs(location, version, content)) || timers.has(location.key) || bases.get(location.key) === undefined) return;
    history.add(location, content, 'saved');
    parts.announce(location);
    await tell(location, content, versions);
  };

  return {
    after(location, version, content) {
      clearTimeout(timers.get(location.key));
      const begin = () => {
        timers.delete(location.key);
        // Gone, or not to be reached: whoever looks next is told.
        look(location, version, content).catch(() => undefined);
      };
      timers.set(location.key, setTimeout(begin, wait));
    },
    dispose() {
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}

async function tell({ host, path }: Location, content: Uint8Array, versions: KeptVersions): Promise<void> {
  const [name, server] = [safeText(path, 200), safeText(host.name, 80)];
  const compare = t('Compare');
  const message = t(
    '{0} was changed on {1} by somebody else at the moment when you saved it. It holds their version; compare it with what you saved.',
    name,
    server,
  );
  if ((await vscode.window.showWarningMessage(message, compare)) !== compare) return;
  const uri = uriOf(host, path);
  const title = t('{0} (what you saved) ↔ {0} (on {1})', safeText(basename(path), 100), server);
  await vscode.commands.executeCommand('vscode.diff', versions.keep(uri, 'mine', content), uri, title);
}

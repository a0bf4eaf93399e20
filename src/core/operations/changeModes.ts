import { isRemoteError, RemoteError, toRemoteError } from '../errors.ts';
import { t } from '../l10n.ts';
import { changedMode, type ModeChange } from '../mode.ts';
import type { Remote } from '../remote.ts';
import { forEachBounded } from './bounded.ts';
import type { Further } from './spread.ts';
import { counter, type TreeOptions } from './tree.ts';
import { walk, type Walked } from './walk.ts';

/** What of a tree gets another mode. Links have none of their own. */
export type ModeScope = 'files' | 'folders' | 'both';

export interface ModeTarget {
  readonly path: string;
  readonly isFolder: boolean;
  /** As it was when it was looked at; undefined where the server did not tell. */
  readonly mode: number | undefined;
}

export interface ModeOptions extends TreeOptions {
  /** `x` is only given to folders, and to files that somebody may execute already. Default false. */
  readonly executeOnlyFolders?: boolean | undefined;
}

/** A change that could not be made. */
export interface RefusedMode {
  readonly path: string;
  readonly reason: RemoteError;
}

/** What is at `path` and below it, but links and what is neither file nor folder. */
export async function modeTargets(
  remote: Remote,
  path: string,
  options: { readonly signal?: AbortSignal | undefined; readonly further?: Further<Remote> | undefined },
): Promise<readonly ModeTarget[]> {
  const entries = await walk(remote, path, options);
  return entries.filter(hasMode).map((entry) => ({
    path: entry.path,
    isFolder: entry.attributes.kind === 'directory',
    mode: entry.attributes.mode,
  }));
}

function hasMode({ attributes }: Walked): boolean {
  return attributes.kind === 'directory' || attributes.kind === 'file';
}

/** Whether `change` leaves no bit as it is, so that nothing need be known of the mode before. */
function isWhole({ set, clear }: ModeChange): boolean {
  return (set | clear) === 0o7777;
}

/**
 * Changes the modes of these, folders after what they hold, so that one that gets closed does not keep the rest. Those that the server
 * refuses do not keep the others; resolves to them. `Unsupported` where the server changes no modes.
 */
export async function changeModes(
  remote: Remote,
  targets: readonly ModeTarget[],
  change: ModeChange,
  options: ModeOptions = {},
): Promise<readonly RefusedMode[]> {
  if (remote.chmod === undefined) throw new RemoteError('Unsupported', t('This server does not change permissions.'));
  const progress = counter(options);
  const refused: RefusedMode[] = [];
  const apply = async (target: ModeTarget): Promise<void> => {
    try {
      await changeOne(remote, target, change, options);
      progress(target.path);
    } catch (error) {
      const reason = toRemoteError(error).with({ path: target.path });
      if (reason.dropsConnection || isRemoteError(reason, 'Cancelled')) throw reason;
      refused.push({ path: target.path, reason });
    }
  };
  const atOnce = remote.facts.changesAtOnce ?? remote.facts.parallel;
  const depth = ({ path }: ModeTarget): number => path.split('/').length;
  const deepestFirst = targets.filter(({ isFolder }) => isFolder).toSorted((one, other) => depth(other) - depth(one));
  await forEachBounded(
    targets.filter(({ isFolder }) => !isFolder),
    atOnce,
    apply,
  );
  for (const level of Map.groupBy(deepestFirst, depth).values()) await forEachBounded(level, atOnce, apply);
  return refused;
}

async function changeOne(remote: Remote, target: ModeTarget, change: ModeChange, options: ModeOptions): Promise<void> {
  const { signal } = options;
  const needsOld = !isWhole(change) || (options.executeOnlyFolders === true && !target.isFolder);
  const old = target.mode ?? (needsOld ? (await remote.lstat(target.path, { signal })).mode : 0);
  if (old === undefined) throw new RemoteError('Unsupported', t('The server does not tell the permissions that it has now.'));
  const mode = changedMode(old, change);
  const keepsExecute = options.executeOnlyFolders === true && !target.isFolder && (old & 0o111) === 0;
  const wanted = keepsExecute ? mode & ~0o111 : mode;
  if (wanted !== target.mode) await remote.chmod?.(target.path, wanted, { signal });
}

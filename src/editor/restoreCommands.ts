import { Disposable } from 'vscode';
import type { RegisterCommand } from './command.ts';
import type { Pool } from '../core/pool.ts';
import type { Transfers } from '../core/transfers.ts';
import type { Restore, RestoreParts } from './restore.ts';

export interface RestoreCommandsParts extends Omit<RestoreParts, 'trash'> {
  readonly pool: Pool;
  readonly transfers: Transfers;
}

/** What shows old versions and trashes is loaded with the first of these commands. */
export function registerRestoreCommands(register: RegisterCommand, parts: RestoreCommandsParts): Disposable {
  let loading: Promise<Restore> | undefined;
  const load = async () => {
    const [{ createRestore }, { createTrash }] = await Promise.all([import('./restore.ts'), import('./trash.ts')]);
    return createRestore({ ...parts, trash: createTrash(parts.pool, parts.transfers) });
  };
  const restore = () => (loading ??= load());
  return Disposable.from(
    register('ferry.restore', async (chosen) => (await restore()).restore(chosen)),
    register('ferry.showTrash', async (chosen) => (await restore()).showTrash(chosen)),
  );
}

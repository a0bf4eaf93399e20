import { Disposable } from 'vscode';
import type { RegisterCommand } from './command.ts';
import type { Restore, RestoreParts } from './restore.ts';

/** What shows old versions and trashes is loaded with the first of these commands. */
export function registerRestoreCommands(register: RegisterCommand, parts: RestoreParts): Disposable {
  let loading: Promise<Restore> | undefined;
  const load = async () => (await import('./restore.ts')).createRestore(parts);
  const restore = () => (loading ??= load());
  return Disposable.from(
    register('ferry.restore', async (chosen) => (await restore()).restore(chosen)),
    register('ferry.showTrash', async (chosen) => (await restore()).showTrash(chosen)),
  );
}

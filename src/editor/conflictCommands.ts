import { Disposable } from 'vscode';
import type { RegisterCommand } from './command.ts';
import type { Conflicts } from './conflicts.ts';
import { completeMerge } from './merges.ts';
import type { SaveTroubles } from './saveTroubles.ts';

/** What the messages of saves that met another version, or were cut off, offer. */
export function registerConflictCommands(register: RegisterCommand, conflicts: Conflicts, troubles: SaveTroubles): Disposable {
  return Disposable.from(
    register('ferry.conflict.merge', (chosen) => conflicts.merge(chosen)),
    register('ferry.completeMerge', () => completeMerge()),
    register('ferry.conflict.compare', (chosen) => conflicts.compare(chosen)),
    register('ferry.conflict.overwrite', (chosen) => conflicts.overwrite(chosen)),
    register('ferry.conflict.useServer', (chosen) => conflicts.useServer(chosen)),
    register('ferry.conflict.saveCopy', (chosen) => conflicts.saveCopy(chosen)),
    register('ferry.save.retry', (chosen) => troubles.retry(chosen)),
    register('ferry.save.restore', (chosen) => troubles.restore(chosen)),
    register('ferry.save.saveCopy', (chosen) => troubles.saveCopy(chosen)),
  );
}

import type { Disposable } from '../core/events.ts';
import type { RegisterCommand } from './command.ts';
import type { openTerminal } from './openTerminal.ts';

/** What a terminal needs is loaded with the first one. */
export function registerTerminalCommand(register: RegisterCommand, parts: Parameters<typeof openTerminal>[0]): Disposable {
  return register('ferry.openTerminal', async (chosen) => (await import('./openTerminal.ts')).openTerminal(parts, chosen));
}

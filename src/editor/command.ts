import { commands, Uri } from 'vscode';
import type { Disposable } from '../core/events.ts';
import type { ShowFailure } from './failures.ts';

/** Registers a command. What its handler throws is shown once, here, and nowhere else; a cancel is no error. */
export type RegisterCommand = (id: string, handler: (...args: unknown[]) => Promise<void> | void) => Disposable;

export function createCommands(failed: ShowFailure): RegisterCommand {
  return (id, handler) =>
    commands.registerCommand(id, async (...args: unknown[]) => {
      try {
        await handler(...args.map(tame));
      } catch (error) {
        failed(error);
      }
    });
}

/** Anybody may call a command, with anything: what does not even let itself be looked at is as good as nothing. */
function tame(argument: unknown): unknown {
  try {
    // Asks for its prototype, as the handlers will.
    if (argument instanceof Uri) return argument;
    return argument;
  } catch {
    return null;
  }
}

import { commands, Uri, window } from 'vscode';
import type { RemoteErrorCode } from '../core/errors.ts';
import type { Disposable } from '../core/events.ts';
import { t } from '../core/l10n.ts';
import { describeError, reasonOf } from './fileSystemError.ts';
import type { LogChannel } from './logChannel.ts';

/** Registers a command. What its handler throws is shown once, here, and nowhere else; a cancel is no error. */
export type RegisterCommand = (id: string, handler: (...args: unknown[]) => Promise<void> | void) => Disposable;

export function createCommands(log: LogChannel): RegisterCommand {
  return (id, handler) =>
    commands.registerCommand(id, async (...args: unknown[]) => {
      try {
        await handler(...args.map(tame));
      } catch (error) {
        showFailure(log, error);
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

/** What the doctor can say more about. */
const aboutConnecting: readonly RemoteErrorCode[] = ['Unreachable', 'Lost', 'Auth', 'Untrusted', 'Busy', 'Unsupported'];

/** Says what failed and how to go on; does not wait for the person. */
export function showFailure(log: LogChannel, error: unknown): void {
  const failure = reasonOf(error);
  if (failure.code === 'Cancelled') return;
  if (failure.code === 'Unknown' && error instanceof Error) log.error(error.stack ?? error.message);
  const showLog = t('Show Log');
  const diagnose = t('Diagnose…');
  const { host } = failure;
  const buttons = host !== undefined && aboutConnecting.includes(failure.code) ? [diagnose, showLog] : [showLog];
  void window.showErrorMessage(describeError(failure), ...buttons).then((answer) => {
    if (answer === showLog) log.show();
    if (answer === diagnose) void commands.executeCommand('ferry.diagnose', host);
  });
}

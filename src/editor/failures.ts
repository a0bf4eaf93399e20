import { commands, window } from 'vscode';
import type { RemoteErrorCode } from '../core/errors.ts';
import type { Host } from '../core/host.ts';
import { t } from '../core/l10n.ts';
import { describeError, reasonOf } from './fileSystemError.ts';
import type { SavedHosts } from './hosts.ts';
import type { LogChannel } from './logChannel.ts';
import type { SshConfigHosts } from './sshConfigHosts.ts';

/** Says what failed and how to go on; does not wait for the person. A cancel is no failure. */
export type ShowFailure = (error: unknown) => void;

export interface FailuresContext {
  readonly log: LogChannel;
  readonly hosts: SavedHosts;
  readonly configured: SshConfigHosts;
  /** Connects to a host whose settings were changed. */
  readonly connect: (host: Host, signal: AbortSignal) => Promise<void>;
}

/** What the doctor can say more about. */
const aboutConnecting: readonly RemoteErrorCode[] = ['Unreachable', 'Lost', 'Auth', 'Untrusted', 'Busy', 'Unsupported'];

export function createFailures(context: FailuresContext): ShowFailure {
  const { log, hosts, configured } = context;
  const show: ShowFailure = (error) => {
    const failure = reasonOf(error);
    if (failure.code === 'Cancelled') return;
    if (failure.code === 'Unknown' && error instanceof Error) log.error(error.stack ?? error.message);
    const { host: name, remedy } = failure;
    const host = name === undefined || remedy === undefined ? undefined : (hosts.find(name) ?? configured.find(name));
    const cure = t('Use Your Own “ssh”');
    const diagnose = t('Diagnose…');
    const showLog = t('Show Log');
    const buttons = [
      ...(host === undefined ? [] : [cure]),
      ...(name !== undefined && aboutConnecting.includes(failure.code) ? [diagnose] : []),
      showLog,
    ];
    void window.showErrorMessage(describeError(failure), ...buttons).then((answer) => {
      if (answer === showLog) log.show();
      if (answer === diagnose) void commands.executeCommand('ferry.diagnose', name);
      if (answer === cure && host !== undefined)
        void import('./hostChanges.ts').then(({ useOpenssh }) => useOpenssh(context, host)).catch(show);
    });
  };
  return show;
}

import { charsetOf } from '../../core/charset.ts';
import type { Reach } from '../../core/connect.ts';
import type { Host } from '../../core/host.ts';
import type { LocalCommand } from '../../core/shell.ts';
import { shellCommandIn } from '../sftp/shellCommand.ts';
import { commandFor, programOf } from './program.ts';

/**
 * The person's own `ssh` with a terminal on the host, for a terminal of theirs, on which it asks what it has to ask. `folder`: absolute;
 * undefined: where the log-in starts. Rejects as `connectOpenssh` where there is no program or the settings can't be told to it.
 */
export async function opensshTerminal(host: Host, folder: string | undefined, reach: Reach | undefined): Promise<LocalCommand> {
  const program = await programOf(reach);
  const { options, destination } = commandFor(host, reach, reach?.sshConfig);
  if (folder === undefined) return { program, args: [...options, '-t', '--', destination] };
  // A command of the config would be refused beside ours.
  return {
    program,
    args: [...options, '-o', 'RemoteCommand=none', '-t', '--', destination, shellCommandIn(folder, charsetOf(host.charset))],
  };
}

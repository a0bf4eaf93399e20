import { homedir } from 'node:os';
import { ThemeIcon, Uri, window, workspace } from 'vscode';
import type { Reach } from '../core/connect.ts';
import { RemoteError } from '../core/errors.ts';
import type { Host } from '../core/host.ts';
import { t } from '../core/l10n.ts';
import { basename, parent } from '../core/path.ts';
import type { Pool } from '../core/pool.ts';
import type { LocalCommand } from '../core/shell.ts';
import { safeText } from '../core/text.ts';
import { hostFrom } from './commands.ts';
import type { SavedHosts } from './hosts.ts';
import type { SshConfigHosts } from './sshConfigHosts.ts';
import { RemoteTerminal } from './terminal.ts';
import { isListed } from './tree/fileRows.ts';
import { isBookmarkRow, isFileRow } from './tree/rows.ts';
import { isRemote, type Location } from './uri.ts';
import { refuseWhileRestricted } from './workspaceTrust.ts';

export interface TerminalContext {
  readonly pool: Pool;
  readonly hosts: SavedHosts;
  readonly configured: SshConfigHosts;
  locate(uri: Uri): Location;
  /** The person's own `ssh` with a terminal on a host that it carries. */
  readonly opensshTerminal: (host: Host, folder: string | undefined, reach: Reach | undefined) => Promise<LocalCommand>;
  readonly reach: Reach | undefined;
}

/** A terminal on the host of a row of the view, in a folder of the Explorer, or on the host that the person chooses. */
export async function openTerminal(context: TerminalContext, chosen: unknown): Promise<void> {
  const place = await placeOf(context, chosen);
  if (place === undefined) return;
  const { host, folder } = place;
  const refusal = refuseWhileRestricted(host);
  if (refusal !== undefined) throw refusal;
  if (host.protocol !== 'sftp')
    throw new RemoteError('Unsupported', t('This host is reached over FTP, which has no terminals.'), { host: host.name });
  const name = safeText(folder === undefined || folder === '/' ? host.name : `${basename(folder)} (${host.name})`, 80);
  const look = { name, iconPath: new ThemeIcon('terminal'), isTransient: true };
  if (host.sftp.client === 'openssh') {
    const { program, args } = await context.opensshTerminal(host, folder, context.reach);
    window.createTerminal({ ...look, shellPath: program, shellArgs: [...args], cwd: homedir() }).show();
    return;
  }
  window.createTerminal({ ...look, pty: new RemoteTerminal({ pool: context.pool, host, folder }) }).show();
}

async function placeOf(context: TerminalContext, chosen: unknown): Promise<{ host: Host; folder: string | undefined } | undefined> {
  if (isFileRow(chosen)) {
    const { host, path } = context.locate(chosen.uri);
    return { host, folder: isListed(chosen) ? path : parent(path) };
  }
  if (isBookmarkRow(chosen)) {
    const { host, path } = context.locate(chosen.uri);
    return { host, folder: path };
  }
  if (chosen instanceof Uri) {
    // Another extension or a link may name any address: only what the person has open is connected.
    if (!isRemote(chosen) || workspace.getWorkspaceFolder(chosen) === undefined) return undefined;
    const { host, path } = context.locate(chosen);
    return { host, folder: path };
  }
  const host = await hostFrom(context.hosts, chosen, context.configured);
  return host === undefined ? undefined : { host, folder: host.root };
}

import * as vscode from 'vscode';
import type { Disposable } from '../core/events.ts';
import { type ChangeKind, Guard } from '../core/guard.ts';
import type { Host } from '../core/host.ts';
import { t } from '../core/l10n.ts';
import { type Protected, protectionAmong } from '../core/protectedHosts.ts';
import { safeText } from '../core/text.ts';
import type { SavedHosts } from './hosts.ts';
import type { SshConfigHosts } from './sshConfigHosts.ts';
import { isRemote } from './uri.ts';

/** The guard of the hosts that the person's settings protect. `asking`: is told of each question while it is open. */
export function createProtection(
  hosts: SavedHosts,
  configured: Pick<SshConfigHosts, 'placeOf'>,
  asking: <T>(question: Promise<T>) => Promise<T>,
): Guard {
  return new Guard({
    protectionOf: (host) => protectionAmong(hosts.all, host, placeOf(configured, host)) ?? ofMistaken(hosts, host),
    ask: (host, kind, path) => asking(askWhetherToChange(host, kind, path)),
  });
}

function placeOf(configured: Pick<SshConfigHosts, 'placeOf'>, host: Host) {
  const place = host.protocol === 'sftp' ? configured.placeOf(host.name) : undefined;
  return place && { ...host, address: place.address, port: place.port, user: place.user };
}

/** A host whose settings hold a mistake is none, and its name would be any address: what somebody wanted to protect stays so. */
function ofMistaken(hosts: SavedHosts, { name, protocol }: Host): Protected | undefined {
  if (hosts.find(name) !== undefined) return undefined;
  const protect = hosts.item(name)?.['protect'];
  return protect === undefined || protect === null || protect === false ? undefined : { protocol, name, protection: 'readOnly' };
}

async function askWhetherToChange({ name }: Protected, kind: ChangeKind, path: string | undefined): Promise<boolean> {
  const go = kind === 'save' ? t("Save, and Don't Ask Again in This Window") : t("Go On, and Don't Ask Again in This Window");
  const detail = path === undefined ? '' : safeText(path, 300);
  const answer = await vscode.window.showWarningMessage(questionOf(kind, safeText(name, 80)), { modal: true, detail }, go);
  return answer === go;
}

function questionOf(kind: ChangeKind, host: string): string {
  switch (kind) {
    case 'save':
      return t('{0} is protected. Save to it?', host);
    case 'delete':
      return t('{0} is protected. Delete from it?', host);
    case 'move':
      return t('{0} is protected. Move or rename on it?', host);
    case 'copy':
      return t('{0} is protected. Copy to it?', host);
    case 'createFolder':
      return t('{0} is protected. Make a folder on it?', host);
    case 'permissions':
      return t('{0} is protected. Change permissions on it?', host);
    case 'restore':
      return t('{0} is protected. Restore on it?', host);
    case 'change':
      return t('{0} is protected. Change files on it?', host);
  }
}

/** Why VS Code is about to save remote documents. */
export interface SaveReasons extends Disposable {
  /** Whether the save that now writes `uri` was not asked for by the person. */
  takeAutomatic(uri: vscode.Uri): boolean;
}

export function watchSaveReasons(): SaveReasons {
  const automatic = new Set<string>();
  const note = (uri: vscode.Uri, reason: vscode.TextDocumentSaveReason) => {
    if (!isRemote(uri)) return;
    if (reason === vscode.TextDocumentSaveReason.Manual) automatic.delete(uri.toString());
    else automatic.add(uri.toString());
  };
  const subscriptions = [
    vscode.workspace.onWillSaveTextDocument(({ document, reason }) => note(document.uri, reason)),
    vscode.workspace.onWillSaveNotebookDocument(({ notebook, reason }) => note(notebook.uri, reason)),
  ];
  return {
    takeAutomatic: (uri) => automatic.delete(uri.toString()),
    dispose() {
      for (const subscription of subscriptions) subscription.dispose();
    },
  };
}

import * as vscode from 'vscode';
import { RemoteError } from '../core/errors.ts';
import type { Host } from '../core/host.ts';
import { t } from '../core/l10n.ts';

/** In Restricted Mode nothing is sent anywhere: which hosts a workspace names is its author's choice, not the person's. */
export function refuseWhileRestricted(host: Host): RemoteError | undefined {
  if (vscode.workspace.isTrusted) return undefined;
  return new RemoteError('Untrusted', t('Ferry does not connect while this window is in Restricted Mode.'), {
    host: host.name,
    hint: t('Trust the workspace first, with "Workspaces: Manage Workspace Trust".'),
    dropsConnection: false,
  });
}

import * as vscode from 'vscode';
import type { Disposable } from '../core/events.ts';
import type { Guard } from '../core/guard.ts';
import type { HostColor } from '../core/hostLook.ts';
import { t } from '../core/l10n.ts';
import type { Protected } from '../core/protectedHosts.ts';
import { safeText } from '../core/text.ts';
import type { SavedHosts } from './hosts.ts';
import type { RegisterCommand } from './command.ts';
import { isRemote, type Location } from './uri.ts';

export interface ProtectionParts {
  readonly guard: Guard;
  readonly hosts: SavedHosts;
  readonly register: RegisterCommand;
  readonly locate: (uri: vscode.Uri) => Location;
  /** Tells VS Code of files that are to be looked at again. */
  readonly announce: (events: vscode.FileChangeEvent[]) => void;
}

/** Shows what is protected, wherever that can be seen. */
export function showProtection(parts: ProtectionParts): Disposable {
  return vscode.Disposable.from(
    watchReadOnly(parts),
    markProtected(parts),
    parts.register('ferry.askAgain', () => parts.guard.withdraw()),
  );
}

/**
 * Tells VS Code that open documents are to be looked at again once their host became read-only, or is not any more: so it shows the lock.
 */
function watchReadOnly({ guard, hosts, locate, announce }: ProtectionParts): Disposable {
  const isReadOnly = (uri: vscode.Uri) => {
    try {
      return guard.isReadOnly(locate(uri).host);
    } catch {
      return false;
    }
  };
  const open = () => vscode.workspace.textDocuments.filter(({ isClosed, uri }) => !isClosed && isRemote(uri)).map(({ uri }) => uri);
  const known = new Map<string, boolean>();
  const note = (uri: vscode.Uri) => known.set(uri.toString(), isReadOnly(uri));
  for (const uri of open()) note(uri);
  const subscriptions = [
    vscode.workspace.onDidOpenTextDocument(({ uri }) => {
      if (isRemote(uri)) note(uri);
    }),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => known.delete(uri.toString())),
    hosts.onDidChange(() => {
      const changed = open().filter((uri) => known.get(uri.toString()) !== isReadOnly(uri));
      changed.forEach(note);
      if (changed.length > 0) announce(changed.map((uri) => ({ type: vscode.FileChangeType.Changed, uri })));
    }),
  ];
  return vscode.Disposable.from(...subscriptions);
}

/**
 * Shows what is protected: a badge on the files in the Explorer and on their tabs, and in the status bar, in colour, the host of the file
 * that the person has before them.
 */
function markProtected({ guard, hosts, locate }: ProtectionParts): Disposable {
  const protectionOf = (uri: vscode.Uri | undefined): Protected | undefined => {
    if (uri === undefined || !isRemote(uri)) return undefined;
    try {
      return guard.protectionOf(locate(uri).host);
    } catch {
      // No address of a host.
      return undefined;
    }
  };
  const changes = new vscode.EventEmitter<undefined>();
  const decorations = vscode.window.registerFileDecorationProvider({
    onDidChangeFileDecorations: changes.event,
    provideFileDecoration(uri) {
      const found = protectionOf(uri);
      return found && decorationOf(found, hosts.find(found.name)?.look.color);
    },
  });
  const item = vscode.window.createStatusBarItem('ferry.protected', vscode.StatusBarAlignment.Left, 1);
  item.name = t('Ferry: Protected Host');
  const show = () => showHost(item, protectionOf(activeUri()), guard);
  show();
  const subscriptions = [
    ...[changes, decorations, item],
    vscode.window.tabGroups.onDidChangeTabs(show),
    vscode.window.tabGroups.onDidChangeTabGroups(show),
    guard.onDidChange(show),
    hosts.onDidChange(() => {
      changes.fire(undefined);
      show();
    }),
  ];
  return vscode.Disposable.from(...subscriptions);
}

function decorationOf(found: Protected, own: HostColor | undefined): vscode.FileDecoration {
  const name = safeText(found.name, 80);
  const color = new vscode.ThemeColor(`charts.${own ?? 'orange'}`);
  return found.protection === 'readOnly'
    ? new vscode.FileDecoration('R', t('{0} is protected: read-only', name), color)
    : new vscode.FileDecoration('P', t('{0} is protected', name), color);
}

function showHost(item: vscode.StatusBarItem, found: Protected | undefined, guard: Guard): void {
  if (found === undefined) {
    item.hide();
    return;
  }
  const name = safeText(found.name, 80);
  const isAllowed = guard.isAdmitted(found);
  const [mark, told] =
    found.protection === 'readOnly'
      ? [t('read-only'), t('{0} is protected: Ferry changes nothing on it.', name)]
      : isAllowed
        ? [t('changes allowed'), t('{0} is protected. You allowed changes in this window; click to be asked again.', name)]
        : [t('protected'), t('{0} is protected: Ferry asks before the first change on it.', name)];
  item.text = `$(shield) ${name}: ${mark}`;
  item.tooltip = told;
  item.accessibilityInformation = { label: told };
  item.backgroundColor = new vscode.ThemeColor(isAllowed ? 'statusBarItem.errorBackground' : 'statusBarItem.warningBackground');
  item.command = isAllowed ? 'ferry.askAgain' : undefined;
  item.show();
}

/** The file of the tab that is before the person, whatever kind of editor shows it. */
function activeUri(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  if (input instanceof vscode.TabInputTextDiff || input instanceof vscode.TabInputNotebookDiff) return input.modified;
  const isOfFile =
    input instanceof vscode.TabInputText || input instanceof vscode.TabInputCustom || input instanceof vscode.TabInputNotebook;
  return isOfFile ? input.uri : undefined;
}

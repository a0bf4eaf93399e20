import { Disposable, EventEmitter, FileDecoration, ThemeColor, window } from 'vscode';
import type { Uri } from 'vscode';
import { t } from '../../core/l10n.ts';
import type { PendingUpload, Uploads } from './uploads.ts';

/** Badges in the Explorer and on tabs: what is on its way, and what needs a person. */
export function decorateUploads(uploads: Uploads): Disposable {
  const changes = new EventEmitter<Uri[] | undefined>();
  let shown = new Map<string, string>();
  const subscriptions = [
    changes,
    uploads.onDidChange(() => {
      const now = new Map(uploads.pending.map(({ file: { uri }, state }) => [uri.toString(), state]));
      const differs = [...shown].some(([uri, state]) => now.get(uri) !== state) || now.size !== shown.size;
      shown = now;
      // VS Code asks again only for those of which it shows a row.
      if (differs) changes.fire(undefined);
    }),
    window.registerFileDecorationProvider({
      onDidChangeFileDecorations: changes.event,
      provideFileDecoration: (uri) => (uri.scheme === 'file' ? decorationOf(uploads.find(uri)) : undefined),
    }),
  ];
  return Disposable.from(...subscriptions);
}

function decorationOf(upload: PendingUpload | undefined): FileDecoration | undefined {
  const warning = new ThemeColor('list.warningForeground');
  switch (upload?.state) {
    case undefined:
      return undefined;
    case 'waiting':
    case 'sending':
      return new FileDecoration('↑', t('Being uploaded'));
    case 'unreachable':
      return new FileDecoration('↑', t('Not uploaded yet: the server can not be reached'), warning);
    case 'failed':
      return new FileDecoration('!', t('Not uploaded'), new ThemeColor('list.errorForeground'));
    case 'conflict':
      return new FileDecoration('≠', t('Not uploaded: the server has another version'), warning);
  }
}

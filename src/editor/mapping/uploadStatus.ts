import { StatusBarAlignment, ThemeColor, window } from 'vscode';
import type { Disposable } from '../../core/events.ts';
import { t } from '../../core/l10n.ts';
import { basename } from '../../core/path.ts';
import { safeText } from '../../core/text.ts';
import { describeError } from '../fileSystemError.ts';
import type { MappedFile, Mappings } from './mappings.ts';
import type { PendingUpload, Uploads } from './uploads.ts';

export interface UploadStatus extends Disposable {
  /** A file was saved, and nothing was sent. */
  left(file: MappedFile, reason: 'ignored' | 'off'): void;
}

const tooltipLines = 12;

/** In the status bar of a workspace with mappings: the target, what became of the last save, and what was not uploaded. */
export function createUploadStatus(mappings: Mappings, uploads: Uploads): UploadStatus {
  const item = window.createStatusBarItem('ferry.uploads', StatusBarAlignment.Left);
  item.name = t('Ferry: uploads');
  item.command = 'ferry.showUploads';
  let last: { readonly icon: string; readonly text: string } | undefined;

  const show = () => {
    const [first] = mappings.all;
    if (first === undefined && mappings.problems.length === 0) {
      item.hide();
      return;
    }
    const troubled = uploads.pending.filter(({ state }) => state === 'failed' || state === 'conflict' || state === 'unreachable');
    const running = uploads.pending.length - troubled.length;
    const { icon, text } = summary(running, troubled, last ?? { icon: 'cloud-upload', text: targetsOf(mappings) });
    item.text = `$(${mappings.problems.length > 0 ? 'warning' : icon}) ${text}`;
    const isWarning = troubled.length > 0 || mappings.problems.length > 0;
    item.backgroundColor = isWarning ? new ThemeColor('statusBarItem.warningBackground') : undefined;
    item.tooltip = [...mappings.problems, ...mappings.all.map((each) => lineOf(mappings, each)), ...troubled.map(describe)]
      .slice(0, tooltipLines)
      .map((line) => safeText(line, 300))
      .join('\n');
    item.accessibilityInformation = { label: t('Ferry uploads: {0}', text) };
    item.show();
  };
  show();
  const subscriptions = [
    item,
    uploads.onDidChange(show),
    mappings.onDidChange(show),
    uploads.onDidSettle(({ sent }) => {
      const newest = sent.at(-1);
      if (newest === undefined) return;
      const where = safeText(newest.location.host.name, 40);
      const time = new Date().toLocaleTimeString();
      const text =
        sent.length === 1 ? t('{0} → {1}, {2}', nameOf(newest), where, time) : t('{0} files → {1}, {2}', sent.length, where, time);
      last = { icon: 'check', text };
      show();
    }),
  ];
  return {
    left(file, reason) {
      const text = reason === 'off' ? t('{0} not sent: uploadOnSave is off', nameOf(file)) : t('{0} not sent: ignored', nameOf(file));
      last = { icon: 'circle-slash', text };
      show();
    },
    dispose() {
      for (const subscription of subscriptions) subscription.dispose();
    },
  };
}

function nameOf({ relative, location }: MappedFile): string {
  return safeText(basename(`/${relative}`) || location.host.name, 60);
}

function targetsOf(mappings: Mappings): string {
  return [...new Set(mappings.all.map((mapping) => mappings.targetOf(mapping).name))].map((name) => safeText(name, 40)).join(', ');
}

function summary(running: number, troubled: readonly PendingUpload[], idle: { readonly icon: string; readonly text: string }) {
  if (running > 0) return { icon: 'sync~spin', text: running === 1 ? t('uploading 1 file') : t('uploading {0} files', running) };
  if (troubled.length === 0) return idle;
  return { icon: 'warning', text: troubled.length === 1 ? t('1 file not uploaded') : t('{0} files not uploaded', troubled.length) };
}

function lineOf(mappings: Mappings, mapping: Mappings['all'][number]): string {
  const { name, remote } = mappings.targetOf(mapping);
  return `${basename(mapping.local)} → ${name === remote ? remote : `${name} (${remote})`}`;
}

function describe({ file: { uri }, error }: PendingUpload): string {
  return `${basename(uri.path)}: ${error === undefined ? t('not uploaded yet') : describeError(error)}`;
}

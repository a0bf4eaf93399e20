import { ConfigurationTarget, workspace } from 'vscode';
import type { Disposable } from '../core/events.ts';

/** One item of `ferry.hosts` as it stands in the settings, also one with mistakes; its unknown fields are kept when it is edited. */
export type HostItem = Readonly<Record<string, unknown>>;

/** Ferry's settings. Only the person's own ones: a workspace can't set any (scope `application`). */
export interface Settings {
  /** The value of `ferry.hosts`, unchecked. */
  readonly hosts: unknown;
  saveHosts(items: readonly HostItem[]): Promise<void>;
  /** The file in place of the usual ssh configs; `off`: none; undefined: the usual ones. */
  readonly sshConfig: string | undefined;
  /** The person's choice of `ssh`; undefined: the one that is found. */
  readonly opensshPath: string | undefined;
  /** VS Code's own `http.proxy`, for hosts whose `proxy` is `vscode`; never a workspace's. */
  readonly editorProxy: string;
  /** VS Code's own `http.noProxy`; never a workspace's. */
  readonly editorNoProxy: readonly string[];
  /** Seconds between looks at open documents and listed folders; 0: never. */
  readonly watchInterval: number;
  /** Most bytes that earlier versions of files take on this computer; 0: none are kept. */
  readonly historySize: number;
  /** Bytes a second of all transfers of the queue together; 0: no limit. */
  readonly transferLimit: number;
  /** In KB a second. */
  saveTransferLimit(limit: number): Promise<void>;
  /** Whether transferred files keep their times, and between servers their permissions. */
  readonly keepsTimes: boolean;
  onDidChangeTransfers(listener: () => void): Disposable;
  onDidChangeHosts(listener: () => void): Disposable;
  onDidChangeSshConfig(listener: () => void): Disposable;
  onDidChangeHistorySize(listener: () => void): Disposable;
}

const defaultWatchInterval = 5;
const longestWatchInterval = 3600;
/** In MB. */
const defaultHistorySize = 100;
const largestHistorySize = 10_000;

export function createSettings(): Settings {
  const ferry = () => workspace.getConfiguration('ferry');
  return {
    get hosts() {
      return ferry().inspect('hosts')?.globalValue ?? [];
    },
    async saveHosts(items) {
      await ferry().update('hosts', items, ConfigurationTarget.Global);
    },
    get sshConfig() {
      const value = ferry().get<unknown>('sshConfig', '');
      return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
    },
    get opensshPath() {
      const value: unknown = ferry().inspect('opensshPath')?.globalValue;
      return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
    },
    get editorProxy() {
      const value = workspace.getConfiguration('http').inspect('proxy')?.globalValue;
      return typeof value === 'string' ? value.trim() : '';
    },
    get editorNoProxy() {
      const value: unknown = workspace.getConfiguration('http').inspect('noProxy')?.globalValue;
      return Array.isArray(value) ? value.filter((pattern) => typeof pattern === 'string') : [];
    },
    get watchInterval() {
      const value = ferry().get<unknown>('watch.interval', defaultWatchInterval);
      if (typeof value !== 'number' || !Number.isFinite(value)) return defaultWatchInterval;
      return value <= 0 ? 0 : Math.min(Math.max(value, 1), longestWatchInterval);
    },
    get historySize() {
      const value = ferry().get<unknown>('history.size', defaultHistorySize);
      const megabytes = typeof value === 'number' && Number.isFinite(value) ? value : defaultHistorySize;
      return Math.min(Math.max(megabytes, 0), largestHistorySize) * 1024 * 1024;
    },
    get transferLimit() {
      const value = ferry().get<unknown>('transfers.limit', 0);
      return typeof value === 'number' && Number.isFinite(value) ? Math.max(0, value) * 1024 : 0;
    },
    async saveTransferLimit(limit) {
      await ferry().update('transfers.limit', limit, ConfigurationTarget.Global);
    },
    get keepsTimes() {
      return ferry().get<unknown>('transfers.keep', true) !== false;
    },
    onDidChangeTransfers: (listener) => onDidChange('ferry.transfers', listener),
    onDidChangeSshConfig: (listener) => onDidChange('ferry.sshConfig', listener),
    onDidChangeHosts: (listener) => onDidChange('ferry.hosts', listener),
    onDidChangeHistorySize: (listener) => onDidChange('ferry.history.size', listener),
  };
}

function onDidChange(key: string, listener: () => void): Disposable {
  return workspace.onDidChangeConfiguration((change) => {
    if (change.affectsConfiguration(key)) listener();
  });
}

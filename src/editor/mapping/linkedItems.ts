import { Uri } from 'vscode';
import { RemoteError, toRemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import { ConflictError } from '../../core/operations/saveErrors.ts';
import type { Bandwidth } from '../../core/transfers/bandwidth.ts';
import type { BringCall } from '../../core/transfers/bringItem.ts';
import { assertSameServer, hostKey, type TransferGroup, type TransferItem } from '../../core/transfers/item.ts';
import type { Exchange } from './exchange.ts';
import { createLinkLook } from './localLinks.ts';
import { mapped, type MappedFile, type Mappings } from './mappings.ts';
import { isGone, type Uploads } from './uploads.ts';

export interface LinkedItemsParts {
  readonly mappings: Mappings;
  readonly uploads: Uploads;
  readonly exchange: Exchange;
  /** Asks about files of this computer that were not replaced. */
  readonly offerReplacing: (kept: readonly MappedFile[]) => Promise<void>;
  readonly failed: (error: unknown) => void;
}

/** Items of the queue of transfers that are files of linked folders: exchanged by the versions that both sides agreed on. */
export interface LinkedItems {
  /** As `BringItem`; what is in conflict is skipped, and is a problem of the uploads then. Throws only RemoteErrors. */
  bring(item: TransferItem, group: TransferGroup, call: BringCall & { readonly bandwidth: Bandwidth }): Promise<'done' | 'skipped'>;
  /** As `BringItem`. */
  end(group: TransferGroup): Promise<void>;
}

export function createLinkedItems(parts: LinkedItemsParts): LinkedItems {
  const { mappings, uploads, exchange, failed } = parts;
  const kept = new Map<number, MappedFile[]>();
  const isLed = new Map<number, (uri: Uri) => Promise<boolean>>();

  const send = async (file: MappedFile, call: Parameters<Exchange['send']>[1]): Promise<'done' | 'skipped'> => {
    uploads.told(file, 'sending');
    try {
      await exchange.send(file, call);
      uploads.told(file, 'sent');
      return 'done';
    } catch (error) {
      const reason = toRemoteError(error);
      const isConflict = reason instanceof ConflictError;
      uploads.told(file, isConflict ? reason : 'waiting');
      // Deleted on this computer before its turn came.
      if (isConflict || isGone(error)) return 'skipped';
      throw reason;
    }
  };
  const fetch = async (file: MappedFile, group: TransferGroup, call: Parameters<Exchange['send']>[1]): Promise<'done' | 'skipped'> => {
    const look = isLed.get(group.id) ?? createLinkLook(Uri.from({ scheme: 'file', path: group.into.path }));
    isLed.set(group.id, look);
    if (await look(file.uri)) throw new RemoteError('Denied', t('A link on this computer leads elsewhere.'), { path: file.uri.fsPath });
    if (await exchange.fetch(file, () => Promise.resolve(false), undefined, call)) return 'done';
    kept.set(group.id, [...(kept.get(group.id) ?? []), file]);
    return 'skipped';
  };
  return {
    async bring(item, group, { signal, onProgress, bandwidth }) {
      const file = fileOf(mappings, item);
      const call = { signal, onProgress, size: item.size, queued: { bandwidth } };
      return group.direction === 'upload' ? send(file, call) : fetch(file, group, call);
    },
    end(group) {
      const asked = kept.get(group.id) ?? [];
      kept.delete(group.id);
      isLed.delete(group.id);
      if (group.direction === 'upload') uploads.ended();
      // A question, which nothing waits for.
      if (asked.length > 0) parts.offerReplacing(asked).catch(failed);
      return Promise.resolve();
    },
  };
}

/** The settings may be others than when it was asked for. */
function fileOf(mappings: Mappings, { from, to }: TransferItem): MappedFile {
  const [near, far] = from.host === '' ? [from, to] : [to, from];
  const uri = Uri.from({ scheme: 'file', path: near.path });
  for (const { name } of mapped(mappings, uri).mapping.targets) {
    const file = mappings.find(uri, name);
    if (file === undefined || hostKey(file.location.host) !== far.host || file.location.path !== far.path) continue;
    assertSameServer(far, file.location.host);
    return file;
  }
  throw new RemoteError('BadPath', t('It is not linked to this place any more.'), { path: near.path });
}

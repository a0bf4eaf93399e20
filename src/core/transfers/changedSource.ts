import { RemoteError } from '../errors.ts';
import { t } from '../l10n.ts';
import type { Attributes } from '../remote.ts';
import { identityOf, type OnExists, type TransferTask } from './item.ts';

/** The source is not what was listed: the item is to be brought as what it is now. */
export class ChangedSourceError extends RemoteError {
  readonly source: Pick<TransferTask, 'size' | 'mtime' | 'mode'> & { readonly onExists?: OnExists };

  /** `onExists`: what is there now is worth nothing any more. */
  constructor(path: string, now: Attributes, onExists?: 'overwrite') {
    super('Busy', t('The file was changed after it was listed.'), { path });
    this.source = { ...identityOf(now), ...(onExists && { onExists }) };
  }
}

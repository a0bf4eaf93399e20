import { Uri } from 'vscode';
import type { Host } from '../../core/host.ts';
import { hostFromAuthority } from '../../core/hosts.ts';
import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import { copyThroughPool, type MoveOptions } from '../../core/operations/moveThroughPool.ts';
import { basename } from '../../core/path.ts';
import type { Pool } from '../../core/pool.ts';
import type { Remote } from '../../core/remote.ts';
import type { SaveJournal } from '../../core/operations/save.ts';
import type { Discard } from '../../core/operations/moveOver.ts';
import type { Transfers } from '../../core/transfers.ts';
import type { Location } from '../uri.ts';

export interface LocalTransfersParts {
  readonly pool: Pool;
  readonly transfers: Transfers;
  /** The disk of this computer. */
  readonly local: () => Promise<Remote>;
  readonly journal: (host: Host) => SaveJournal;
  /** What becomes of what is replaced on a host. */
  readonly discard: (host: Host) => Discard | undefined;
}

/** Files, folders and links between this computer and hosts: whole at their place, or not there. */
export interface LocalTransfers {
  upload(from: Uri, to: Location, overwrite: boolean): Promise<void>;
  download(from: Location, to: Uri, overwrite: boolean): Promise<void>;
}

export function createLocalTransfers({ pool, transfers, local, journal, discard }: LocalTransfersParts): LocalTransfers {
  const here = thisComputer();
  const both: Pool = {
    ...pool,
    run: async (host, task, options = {}) =>
      host === here ? task(await local(), options.signal ?? new AbortController().signal) : pool.run(host, task, options),
  };
  const copy = (verb: string, host: Host, name: string, from: Place, to: Place, options: MoveOptions) =>
    transfers.track({ verb, name, hostName: host.name }, undefined, (report, signal) =>
      copyThroughPool(both, from, to, {
        ...options,
        signal,
        onProgress: (count, current) => report({ count, current: basename(current) }),
      }),
    );
  return {
    upload: (from, { host, path }, overwrite) =>
      copy(
        t('Uploading'),
        host,
        basename(path),
        { host: here, path: localPath(from) },
        { host, path },
        {
          ...{ overwrite, journal: journal(host), discard: discard(host) },
        },
      ),
    download: ({ host, path }, to, overwrite) =>
      copy(t('Downloading'), host, basename(path), { host, path }, { host: here, path: localPath(to) }, { overwrite }),
  };
}

interface Place {
  readonly host: Host;
  readonly path: string;
}

/** No host's name is empty: its place among hosts is its own. */
function thisComputer(): Host {
  const host = hostFromAuthority('sftp', 'localhost');
  if (host instanceof RemoteError) throw host;
  return { ...host, name: '' };
}

function localPath(uri: Uri): string {
  if (uri.scheme !== 'file')
    throw new RemoteError('Unsupported', t('Only files of this computer and of hosts can be copied here.'), { path: uri.path });
  // Where it has an authority it is a share of Windows, whose path begins with two backslashes.
  return uri.authority === '' ? uri.path : Uri.file(uri.fsPath).path;
}

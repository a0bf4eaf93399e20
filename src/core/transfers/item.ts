import { RemoteError } from '../errors.ts';
import type { Host } from '../host.ts';
import { t } from '../l10n.ts';
import type { Attributes } from '../remote.ts';

/** Something on a host or on this computer. */
export interface TransferPlace {
  /** As `hostKey` says. */
  readonly host: string;
  readonly path: string;
  /** As `serverOf` said when it was asked for: what was meant for that server goes to no other. Undefined: this computer. */
  readonly server?: string | undefined;
}

/**
 * What happens to a file whose name is taken. `newer`: replaced where the one that comes is newer for sure. `resume`: gone on with, where it is
 * a beginning of the one that comes. `rename`: both stay.
 */
export type OnExists = 'ask' | 'overwrite' | 'newer' | 'resume' | 'rename' | 'skip';

/** One file, folder or link that is to be somewhere else too. */
export interface TransferTask {
  readonly kind: 'file' | 'folder' | 'link';
  readonly from: TransferPlace;
  readonly to: TransferPlace;
  /** Of the source, as it was listed; its identity when a part of it is there already. */
  readonly size: number;
  readonly mtime: number | undefined;
  readonly mode: number | undefined;
  readonly onExists: OnExists;
  /** Of an earlier window: so much of it is there. Default 0. */
  readonly bytes?: number;
}

/** `paused`: also what waits for its host, with the reason in `error`. `failed`: until it is tried again or cleared. */
export type TransferState = 'queued' | 'running' | 'paused' | 'failed' | 'done' | 'skipped';

export interface TransferItem extends TransferTask {
  readonly id: number;
  readonly state: TransferState;
  /** Bytes that are there; also those that were there from an earlier attempt. */
  readonly bytes: number;
  readonly error: RemoteError | undefined;
}

/** `move`: between hosts; a source is removed when what came of it was looked at, a folder when nothing is left in it. */
export type Direction = 'upload' | 'download' | 'copy' | 'move';

/** What one command asked for. */
export interface TransferGroup {
  readonly id: number;
  readonly direction: Direction;
  /** Files of linked folders: exchanged by what their mappings say. Default false. */
  readonly isLinked?: boolean | undefined;
  /** For a person: what it is about; raw, `safeText` it. */
  readonly title: string;
  /** The folder that the person chose. */
  readonly into: TransferPlace;
  readonly items: readonly TransferItem[];
}

export interface GroupProgress {
  readonly files: number;
  readonly filesDone: number;
  readonly failed: number;
  readonly bytes: number;
  readonly bytesDone: number;
  /** Bytes a second, over the last seconds. */
  readonly speed: number;
  /** Seconds, at that speed; undefined where nothing moves. */
  readonly left: number | undefined;
}

/** How a group came out: all of it, in the end. */
export interface GroupOutcome {
  readonly done: number;
  readonly skipped: number;
  readonly failed: readonly TransferItem[];
  /** Taken out of the queue by a person. */
  readonly cancelled: number;
}

export function directionOf(from: TransferPlace, to: TransferPlace): Direction {
  if (from.host === '') return 'upload';
  return to.host === '' ? 'download' : 'copy';
}

export function identityOf({ size, mtime, mode }: Attributes): Pick<TransferTask, 'size' | 'mtime' | 'mode'> {
  return { size, mtime, mode };
}

/** Which server and log-in a host's settings lead to; whoever edits these means another one. No secret. */
export function serverOf({ protocol, name, user, address, port }: Host): string | undefined {
  return name === '' ? undefined : `${protocol}://${user ?? ''}@${address.toLowerCase()}:${port}`;
}

/** On `host`, as it is now. */
export function placeOn(host: Host, path: string): TransferPlace {
  return { host: hostKey(host), path, server: serverOf(host) };
}

/** Throws `Conflict` where the settings of the place's host lead to another server by now. */
export function assertSameServer({ server, path }: TransferPlace, host: Host): void {
  if (server === undefined || server === serverOf(host)) return;
  const message = t('The settings of {0} lead to another server than when this was asked for. Nothing was transferred.', host.name);
  throw new RemoteError('Conflict', message, { path, host: host.name, hint: t('Ask for it anew where it is still wanted.') });
}

/** What names a host over a reload: `sftp://NAME`; empty for this computer, whose name is empty. */
export function hostKey({ protocol, name }: Pick<Host, 'protocol' | 'name'>): string {
  return name === '' ? '' : `${protocol}://${name}`;
}

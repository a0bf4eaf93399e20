import { readFile as readLocal, stat as statLocal } from 'node:fs/promises';
import { Uri, workspace } from 'vscode';
import { isRemoteError, RemoteError } from '../../core/errors.ts';
import { heldLimit } from '../../core/heldContents.ts';
import { t } from '../../core/l10n.ts';
import { aboutFile } from '../../core/operations/aboutFile.ts';
import { type ReadFile, readFile } from '../../core/operations/readFile.ts';
import { changed } from '../../core/operations/conflict.ts';
import { ConflictError } from '../../core/operations/saveErrors.ts';
import { makeFolders } from '../../core/operations/tree.ts';
import { hashLimit, hashOf, type Version, versionOf } from '../../core/operations/version.ts';
import { parent } from '../../core/path.ts';
import type { PathLocks } from '../../core/pathLocks.ts';
import type { Pool } from '../../core/pool.ts';
import type { Remote } from '../../core/remote.ts';
import { aheadBy } from '../../core/sync/serverClock.ts';
import type { Bandwidth } from '../../core/transfers/bandwidth.ts';
import { foreign } from '../../core/transfers/overVersion.ts';
import type { History } from '../history.ts';
import type { Profiles } from '../profiles.ts';
import type { Upload } from '../upload.ts';
import type { Location } from '../uri.ts';
import type { Exchanges } from './exchanges.ts';
import type { Agreed, LargeFiles } from './largeFiles.ts';
import type { MappedFile } from './mappings.ts';

export interface ExchangeParts {
  readonly pool: Pool;
  readonly locks: PathLocks;
  readonly exchanges: Exchanges;
  readonly history: History;
  readonly profiles: Profiles;
  /** Over the bases of `exchanges`. */
  readonly upload: Upload;
  readonly large: LargeFiles;
  /** The server's file is another one now. */
  readonly announce: (location: Location) => void;
}

export interface ExchangeCall {
  readonly signal?: AbortSignal | undefined;
  /** Bytes of the file that are there. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
  /** As the server lists it: a larger one than is held in memory is streamed. Default: unknown, and held. */
  readonly size?: number | undefined;
  /** It is an item of the queue of transfers, which shows it, and tries it again. Default: it is shown by itself. */
  readonly queued?: { readonly bandwidth: Bandwidth } | undefined;
}

/** One file from this computer to its server, and back. Throws RemoteErrors, `ConflictError` among them. */
export interface Exchange {
  /**
   * Uploads the file as it is on disk, unless the server's is the same already. A server's file that is not the one that both agreed on
   * last is a conflict, and so is one that was never exchanged and is another; nothing is written then.
   */
  send(file: MappedFile, call?: ExchangeCall): Promise<void>;
  /** What the server has. */
  look(file: MappedFile, signal?: AbortSignal): Promise<ReadFile>;
  /**
   * Writes what the server has into the file on disk: both agree then. `mayReplace` is asked where that would lose what is only here.
   * Another version than `wanted` is a conflict; default: any is taken.
   */
  fetch(file: MappedFile, mayReplace: () => Promise<boolean>, wanted?: (theirs: Version) => boolean, call?: ExchangeCall): Promise<boolean>;
  /** The next `send` may replace this version of the server's file; undefined: there is none. */
  allow(file: MappedFile, theirs: Version | undefined): void;
}

export function createExchange({ pool, locks, exchanges, history, profiles, upload, large, announce }: ExchangeParts): Exchange {
  const { bases } = exchanges;

  let making: Promise<unknown> = Promise.resolve();
  let made = 0;
  /**
   * Once more after the folders were made that the server does not have: one after another, and also where another upload made them
   * meanwhile, since many servers do not say why they made no file.
   */
  const withFolders = async <T>(
    { location: { host, path }, mapping }: MappedFile,
    signal: AbortSignal | undefined,
    act: () => Promise<T>,
  ): Promise<T> => {
    const before = made;
    try {
      return await act();
    } catch (error) {
      const isMissing = isRemoteError(error, 'NotFound');
      const make = (remote: Remote, ended: AbortSignal) =>
        makeFolders(remote, parent(path), { signal: ended, mode: mapping.permissions.folders });
      const makeNow = async () => {
        await pool.run(host, make, { signal, repeatable: true, changes: 'new' });
        made += 1;
      };
      if (isMissing) making = making.catch(() => undefined).then(makeNow);
      await making.catch((reason: unknown) => {
        if (isMissing) throw reason;
      });
      if (error instanceof ConflictError || made === before || signal?.aborted === true) throw error;
      return await act();
    }
  };

  const look = async ({ location: { host, path, key } }: MappedFile, signal?: AbortSignal): Promise<ReadFile> => {
    const read = await pool.run(host, (remote, ended) => readFile(remote, path, { signal: ended }), { signal, repeatable: true });
    history.hold(key, read.version, read.bytes);
    return read;
  };

  /** Of a file that was never exchanged: resolves to whether the server has it already. Throws `ConflictError` for another one. */
  const meet = async (file: MappedFile, { content, time, signal }: LocalContent): Promise<boolean> => {
    const { host, path, key } = file.location;
    const stat = (remote: Remote, ended: AbortSignal) => orMissing(remote.stat(path, { signal: ended }));
    const attributes = await pool.run(host, stat, { signal, repeatable: true });
    if (attributes === undefined) {
      bases.expect(key, 'missing');
      return false;
    }
    if (attributes.kind === 'directory') throw new RemoteError('IsADirectory', t('There is a folder of this name.'), { path });
    if (attributes.size !== content.length || content.length > hashLimit) throw foreign(path, await versionOf(attributes));
    const theirs = await look(file, signal);
    if (theirs.version.hash !== (await hashOf(content))) throw foreign(path, theirs.version);
    exchanges.agree(key, theirs.version, time);
    return true;
  };

  /** A file that was just made tells the server's time. */
  const learnClock = ({ host: { name } }: Location, { mtime }: Version, began: number) => {
    const ahead = mtime === undefined ? 0 : aheadBy(mtime, began, Date.now());
    if (Math.abs(ahead - (profiles.get(name).clockAhead ?? 0)) > clockSlack) profiles.learn(name, { clockAhead: ahead });
  };

  /** Undefined where somebody else made just this file meanwhile. */
  const madeOrMet = async (file: MappedFile, local: LocalContent, make: () => Promise<Version>): Promise<Version | undefined> => {
    const isNew = bases.expected(file.location.key) === 'missing';
    const began = Date.now();
    try {
      const version = await make();
      if (isNew) learnClock(file.location, version, began);
      return version;
    } catch (error) {
      const { key } = file.location;
      if (bases.expected(key) !== 'missing') throw error;
      bases.expect(key, undefined);
      if (!isRemoteError(error, 'Exists')) throw error;
      if (await meet(file, local)) return undefined;
      throw error;
    }
  };

  /** Undefined where it has to be written in place, which is done from memory. */
  const sendLarge = async (file: MappedFile, call: ExchangeCall): Promise<Agreed | undefined> => {
    const base = bases.expected(file.location.key) ?? 'missing';
    const began = Date.now();
    const sent = await withFolders(file, call.signal, () => large.send(file, base, call));
    if (sent !== undefined && base === 'missing') learnClock(file.location, sent.version, began);
    return sent;
  };

  const send = async (file: MappedFile, call: ExchangeCall): Promise<void> => {
    const {
      location,
      mapping: { permissions },
    } = file;
    await exchanges.ready;
    const { size, time } = await lookLocal(file.uri.fsPath);
    const sent = size > heldLimit ? await sendLarge(file, call) : undefined;
    if (sent !== undefined) {
      exchanges.agree(location.key, sent.version, sent.time);
      announce(location);
      return;
    }
    const { signal = never, onProgress = () => {}, queued } = call;
    await queued?.bandwidth.take(size, signal);
    const content = await readLocal(file.uri.fsPath);
    // Most are new there: what is there all the same is met where it refuses to be made.
    if (bases.expected(location.key) === undefined) bases.expect(location.key, 'missing');
    const version = await madeOrMet(file, { content, time, signal }, () =>
      withFolders(file, signal, () => {
        const options = { create: true, overwrite: true, newMode: permissions.files };
        return upload(location, content, options, call.signal && { signal, ...(queued && { onProgress }) });
      }),
    );
    if (version === undefined) return;
    exchanges.agree(location.key, version, time);
    history.hold(location.key, version, content);
    announce(location);
  };

  /** As `fetch`, of a file that is not held in memory. */
  const fetchLarge = async (
    file: MappedFile,
    mayReplace: () => Promise<boolean>,
    wanted: (theirs: Version) => boolean,
    call: ExchangeCall,
  ) => {
    const { host, path, key } = file.location;
    const { signal } = call;
    const theirs = await pool.run(host, (remote, ended) => remote.stat(path, { signal: ended }), { signal, repeatable: true });
    const version = await versionOf(theirs);
    if (!wanted(version)) throw changed(path, version);
    const agreed = bases.get(key);
    const mine = await orNothing(lookLocal(file.uri.fsPath));
    const isAgreedHere = mine !== undefined && mine.size === agreed?.size && mine.time === exchanges.localTime(key);
    if (isAgreedHere && version.size === agreed.size && version.mtime !== undefined && version.mtime === agreed.mtime) return true;
    if (mine !== undefined && !isAgreedHere && !(await mayReplace())) return false;
    const mayPlace = async () => {
      const now = await orNothing(lookLocal(file.uri.fsPath));
      if (now?.size !== mine?.size || now?.time !== mine?.time)
        throw new RemoteError('Conflict', t('It changed on this computer while it was downloaded. It was left alone.'), { path });
    };
    await workspace.fs.createDirectory(Uri.joinPath(file.uri, '..'));
    const here = await large.fetch(file, theirs, mayPlace, call);
    exchanges.agree(key, version, here.mtime);
    return true;
  };

  return {
    look,
    send: (file, call = {}) =>
      locks.run([file.location.key], async () => {
        try {
          await send(file, call);
        } catch (error) {
          throw aboutFile(error, file.location.path);
        }
      }),
    fetch: (file, mayReplace, wanted = () => true, call = {}) =>
      locks.run([file.location.key], async () => {
        await exchanges.ready;
        if ((call.size ?? 0) > heldLimit) return fetchLarge(file, mayReplace, wanted, call);
        await call.queued?.bandwidth.take(call.size ?? 0, call.signal ?? never);
        const { key } = file.location;
        const theirs = await look(file, call.signal);
        if (!wanted(theirs.version)) throw changed(file.location.path, theirs.version);
        const mine = await orNothing(readLocal(file.uri.fsPath));
        const same = mine !== undefined && Buffer.compare(mine, theirs.bytes) === 0;
        if (!same) {
          if (mine !== undefined && !(await isAgreed(mine, bases.get(key))) && !(await mayReplace())) return false;
          await workspace.fs.createDirectory(Uri.joinPath(file.uri, '..'));
          await workspace.fs.writeFile(file.uri, theirs.bytes);
        }
        // Somebody may write it this very moment: where its content can tell, the time says nothing.
        exchanges.agree(key, theirs.version, theirs.version.hash === undefined ? await timeOf(file.uri.fsPath) : undefined);
        return true;
      }),
    allow: ({ location: { key } }, theirs) => bases.expect(key, theirs ?? 'missing'),
  };
}

/** A file of this computer, and its time before it was read. */
interface LocalContent {
  readonly content: Uint8Array;
  readonly time: number;
  readonly signal: AbortSignal;
}

/** A clock that is less off, in ms, is right. */
const clockSlack = 2000;

/** In whole ms since the epoch. */
async function timeOf(path: string): Promise<number> {
  return (await lookLocal(path)).time;
}

async function lookLocal(path: string): Promise<{ readonly size: number; readonly time: number }> {
  const { size, mtimeMs } = await statLocal(path, { bigint: true });
  return { size: Number(size), time: Number(mtimeMs) };
}

const never = new AbortController().signal;

/** Of this computer: undefined for no file only; one that can't be read now may hold what is nowhere else. */
async function orNothing<T>(look: Promise<T>): Promise<T | undefined> {
  try {
    return await look;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** A content that the server had, too: it is not lost where another one takes its place. */
async function isAgreed(content: Uint8Array, agreed: Version | undefined): Promise<boolean> {
  return agreed?.hash !== undefined && content.length === agreed.size && (await hashOf(content)) === agreed.hash;
}

async function orMissing<T>(look: Promise<T>): Promise<T | undefined> {
  try {
    return await look;
  } catch (error) {
    if (isRemoteError(error, 'NotFound')) return undefined;
    throw error;
  }
}

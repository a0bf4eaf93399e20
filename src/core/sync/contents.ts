import { isRemoteError } from '../errors.ts';
import { forEachBounded } from '../operations/bounded.ts';
import { readBytes, readFile } from '../operations/readFile.ts';
import { hashLimit, hashOf, type Version } from '../operations/version.ts';
import type { Attributes, Call, Remote } from '../remote.ts';

/** A file on both sides, of the same size. */
export interface ComparedFile {
  readonly here: string;
  readonly there: string;
  readonly size: number;
}

export interface ContentComparison {
  readonly isSame: boolean;
  /** The server's, with its hash up to `hashLimit`; undefined where that was not read as a whole. */
  readonly theirs: Version | undefined;
}

/** Compares byte by byte; larger files piece by piece, so that memory stays flat. A file that is gone or has another size meanwhile differs. */
export async function compareContents(local: Remote, remote: Remote, file: ComparedFile, call: Call = {}): Promise<ContentComparison> {
  try {
    if (file.size > hashLimit) return { isSame: await compareLarge(local, remote, file, call), theirs: undefined };
    const [mine, theirs] = await Promise.all([readBytes(local, file.here, call), readFile(remote, file.there, call)]);
    return { isSame: (await hashOf(mine)) === theirs.version.hash, theirs: theirs.version };
  } catch (error) {
    if (isRemoteError(error, 'NotFound') || isRemoteError(error, 'IsADirectory')) return { isSame: false, theirs: undefined };
    throw error;
  }
}

async function compareLarge(local: Remote, remote: Remote, { here, there, size }: ComparedFile, call: Call): Promise<boolean> {
  let offset = 0;
  let isSame = true as boolean;
  await remote.read(
    there,
    async (chunk) => {
      const length = chunk.length;
      const mine = isSame ? await readBytes(local, here, { ...call, offset, length }) : undefined;
      if (mine !== undefined) isSame = mine.length === length && mine.every((byte, index) => byte === chunk[index]);
      offset += length;
    },
    call,
  );
  return isSame && offset === size;
}

/** Of a file of this computer that has the size that was agreed on. */
export interface LocalFile {
  readonly relative: string;
  readonly path: string;
  readonly agreed: Version;
  readonly attributes: Attributes;
}

const atOnce = 8;

/** Those whose content is not the one that was agreed on. Where that is not known, any is another one. */
export async function changedAmong(local: Remote, files: readonly LocalFile[], call: Call = {}): Promise<ReadonlySet<string>> {
  const changed = new Set<string>();
  await forEachBounded(files, atOnce, async ({ relative, path, agreed, attributes }) => {
    if (attributes.size === agreed.size && agreed.hash !== undefined) {
      const bytes = await readBytes(local, path, { signal: call.signal }).catch((error: unknown) => {
        if (isRemoteError(error, 'Cancelled')) throw error;
        // What can't be read now is taken for changed: nothing takes its place unasked.
        return undefined;
      });
      if (bytes !== undefined && (await hashOf(bytes)) === agreed.hash) return;
    }
    changed.add(relative);
  });
  return changed;
}

/** The times that the server's list of a folder did not tell, asked for one by one. By path. */
export async function timesOf(remote: Remote, paths: readonly string[], call: Call = {}): Promise<ReadonlyMap<string, Attributes>> {
  const found = new Map<string, Attributes>();
  await forEachBounded(paths, remote.facts.changesAtOnce ?? remote.facts.parallel, async (path) => {
    const attributes = await remote.stat(path, call).catch((error: unknown) => {
      if (isRemoteError(error, 'NotFound') || isRemoteError(error, 'Denied')) return undefined;
      throw error;
    });
    if (attributes !== undefined) found.set(path, attributes);
  });
  return found;
}

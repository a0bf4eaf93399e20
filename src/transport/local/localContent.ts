import { constants } from 'node:fs';
import * as fs from 'node:fs/promises';
import { abortError, RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import type { Call, Content, ReadOptions, WriteOptions } from '../../core/remote.ts';

const chunkSize = 256 * 1024;
/** Of one that is read into again and again. */
const lentSize = 512 * 1024;

/** As `Remote.read`; what shrinks on the way is `Lost`. */
export async function readLocal(
  disk: string,
  sink: (chunk: Uint8Array) => void | Promise<void>,
  { signal, onProgress, offset = 0, length, lent = false }: ReadOptions,
): Promise<number> {
  const file = await fs.open(disk, 'r');
  try {
    const stats = await file.stat();
    if (stats.isDirectory()) throw new RemoteError('IsADirectory', t('This is a folder.'));
    const wanted = Math.max(0, Math.min(stats.size - offset, length ?? Infinity));
    let done = 0;
    for await (const chunk of readAhead(file, offset, wanted, lent)) {
      if (signal?.aborted === true) throw abortError(signal);
      await sink(chunk);
      done += chunk.length;
      onProgress?.(done);
    }
    return done;
  } finally {
    await file.close();
  }
}

/** The next chunk is read while the one before is used; `lent`: its memory is read into again when the one after it is asked for. */
async function* readAhead(file: fs.FileHandle, start: number, length: number, lent: boolean): AsyncGenerator<Uint8Array, void> {
  const [size, spare] = [lent ? lentSize : chunkSize, [] as Buffer[]];
  const end = start + length;
  const read = (at: number) => {
    const wanted = Math.min(size, end - at);
    const reading = file.read(spare.pop() ?? Buffer.allocUnsafe(wanted), 0, wanted, at);
    // Nobody may be waiting for it when it fails.
    reading.catch(() => undefined);
    return reading;
  };
  let coming = length > 0 ? read(start) : undefined;
  try {
    for (let at = start; coming !== undefined;) {
      const { bytesRead, buffer } = await coming;
      coming = undefined;
      if (bytesRead === 0)
        throw new RemoteError('Lost', t('The file became shorter while it was read.'), { retryable: false, dropsConnection: false });
      at += bytesRead;
      if (at < end) coming = read(at);
      yield buffer.subarray(0, bytesRead);
      if (lent) spare.push(buffer);
    }
  } finally {
    // The file is closed after this.
    await coming?.catch(() => undefined);
  }
}

const flags: Readonly<Record<WriteOptions['disposition'], number>> = {
  create: constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL,
  truncate: constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC,
  update: constants.O_WRONLY,
};

/** As `Remote.write`: the bytes are on the disk, not only on their way, when it resolves. */
export async function writeLocal(disk: string, content: Content, { disposition, mode, signal, onProgress }: WriteOptions): Promise<void> {
  const file = await fs.open(disk, flags[disposition], mode);
  await fill(file, 0, content, { signal, onProgress, cuts: disposition === 'update' });
}

/** As `Remote.resume`. */
export async function resumeLocal(disk: string, offset: number, content: Content, call: Call): Promise<void> {
  await fill(await fs.open(disk, flags.update), offset, content, { ...call, cuts: false });
}

async function fill(
  file: fs.FileHandle,
  offset: number,
  content: Content,
  { signal, onProgress, cuts }: Call & { readonly cuts: boolean },
): Promise<void> {
  try {
    let done = offset;
    for await (const chunk of content instanceof Uint8Array ? [content] : content) {
      if (signal?.aborted === true) throw abortError(signal);
      for (let written = 0; written < chunk.length;) {
        const { bytesWritten } = await file.write(chunk, written, chunk.length - written, done);
        written += bytesWritten;
        done += bytesWritten;
      }
      onProgress?.(done - offset);
    }
    if (cuts) await file.truncate(done);
    await file.datasync();
    const { size } = await file.stat();
    if (size !== done)
      throw new RemoteError('Lost', t('The file does not hold what was written.'), { retryable: false, dropsConnection: false });
  } finally {
    await file.close();
  }
}

import { constants } from 'node:fs';
import * as fs from 'node:fs/promises';
import { abortError, RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import type { Content, ReadOptions, WriteOptions } from '../../core/remote.ts';

const chunkSize = 256 * 1024;

/** As `Remote.read`; what shrinks on the way is `Lost`. */
export async function readLocal(
  disk: string,
  sink: (chunk: Uint8Array) => void | Promise<void>,
  { signal, onProgress, offset = 0, length }: ReadOptions,
): Promise<number> {
  const file = await fs.open(disk, 'r');
  try {
    const stats = await file.stat();
    if (stats.isDirectory()) throw new RemoteError('IsADirectory', t('This is a folder.'));
    const wanted = Math.max(0, Math.min(stats.size - offset, length ?? Infinity));
    let done = 0;
    while (done < wanted) {
      if (signal?.aborted === true) throw abortError(signal);
      const buffer = Buffer.allocUnsafe(Math.min(chunkSize, wanted - done));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, offset + done);
      if (bytesRead === 0)
        throw new RemoteError('Lost', t('The file became shorter while it was read.'), { retryable: false, dropsConnection: false });
      await sink(buffer.subarray(0, bytesRead));
      done += bytesRead;
      onProgress?.(done);
    }
    return done;
  } finally {
    await file.close();
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
  try {
    let done = 0;
    for await (const chunk of content instanceof Uint8Array ? [content] : content) {
      if (signal?.aborted === true) throw abortError(signal);
      for (let written = 0; written < chunk.length;) {
        const { bytesWritten } = await file.write(chunk, written, chunk.length - written, done);
        written += bytesWritten;
        done += bytesWritten;
      }
      onProgress?.(done);
    }
    if (disposition === 'update') await file.truncate(done);
    await file.datasync();
    const { size } = await file.stat();
    if (size !== done)
      throw new RemoteError('Lost', t('The file does not hold what was written.'), { retryable: false, dropsConnection: false });
  } finally {
    await file.close();
  }
}

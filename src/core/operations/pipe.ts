import { type RemoteError, toRemoteError } from '../errors.ts';

/** A stream from one who pushes to one who pulls, without a copy; one chunk at most is under way. */
export interface Pipe {
  /** Resolves when the reader is done with the chunk; rejects once it gave up. */
  push(chunk: Uint8Array): Promise<void>;
  /** No more chunks; with an error the reader gets that instead of an end. */
  end(error?: RemoteError): void;
  /** The reader gave up: what is pushed from now on rejects. */
  abandon(error: RemoteError): void;
  readonly source: AsyncIterable<Uint8Array>;
}

interface Offer {
  readonly chunk: Uint8Array;
  readonly done: PromiseWithResolvers<undefined>;
}

export function createPipe(): Pipe {
  let offered: Offer | undefined;
  /** What the reader has. */
  let taken: PromiseWithResolvers<undefined> | undefined;
  let ended: { readonly error: RemoteError | undefined } | undefined;
  let abandoned: { readonly error: RemoteError } | undefined;
  let wake: (() => void) | undefined;

  const stir = () => {
    wake?.();
    wake = undefined;
  };

  async function* read(): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      if (offered !== undefined) {
        const { chunk } = offered;
        ({ done: taken } = offered);
        offered = undefined;
        try {
          yield chunk;
        } finally {
          // Also where the reader stops here: the other side must not be left waiting.
          taken.resolve(undefined);
        }
      } else if (ended !== undefined) {
        if (ended.error !== undefined) throw ended.error;
        return;
      } else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  }

  return {
    push(chunk) {
      if (abandoned !== undefined) return Promise.reject(abandoned.error);
      const done = Promise.withResolvers<undefined>();
      offered = { chunk, done };
      stir();
      return done.promise;
    },
    end(error) {
      ended ??= { error };
      stir();
    },
    abandon(error) {
      abandoned ??= { error };
      (offered?.done ?? taken)?.reject(error);
      offered = undefined;
      stir();
    },
    source: { [Symbol.asyncIterator]: read },
  };
}

/**
 * Brings what `read` pushes to `write`, and resolves to what `read` does. Where both fail, the one that writes is told of. `unread`: why no
 * more is taken from a reader whose writer is done.
 */
export async function bring(
  read: (push: Pipe['push']) => Promise<number>,
  write: (source: Pipe['source']) => Promise<void>,
  unread: () => RemoteError,
): Promise<number> {
  const pipe = createPipe();
  const reading = read((chunk) => pipe.push(chunk)).then(
    (count) => {
      pipe.end();
      return count;
    },
    (error: unknown) => {
      pipe.end(toRemoteError(error));
      throw error;
    },
  );
  const writing = write(pipe.source).then(
    () => pipe.abandon(unread()),
    (error: unknown) => {
      pipe.abandon(toRemoteError(error));
      throw error;
    },
  );
  const [got, written] = await Promise.allSettled([reading, writing]);
  if (written.status === 'rejected') throw written.reason;
  if (got.status === 'rejected') throw got.reason;
  return got.value;
}

import type { RemoteError } from '../errors.ts';

/** A stream from one who pushes to one who pulls; one chunk at most is under way. */
export interface Pipe {
  /** Resolves when the chunk was taken; rejects once the reader gave up. */
  push(chunk: Uint8Array): Promise<void>;
  /** No more chunks; with an error the reader gets that instead of an end. */
  end(error?: RemoteError): void;
  /** The reader gave up: what is pushed from now on rejects. */
  abandon(error: RemoteError): void;
  readonly source: AsyncIterable<Uint8Array>;
}

interface Offer {
  readonly chunk: Uint8Array;
  readonly taken: PromiseWithResolvers<undefined>;
}

export function createPipe(): Pipe {
  let offered: Offer | undefined;
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
        const { chunk, taken } = offered;
        offered = undefined;
        // Now, not after the yield: a reader that stops here must not leave the other side waiting.
        taken.resolve(undefined);
        yield chunk;
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
      const taken = Promise.withResolvers<undefined>();
      offered = { chunk, taken };
      stir();
      return taken.promise;
    },
    end(error) {
      ended ??= { error };
      stir();
    },
    abandon(error) {
      abandoned ??= { error };
      offered?.taken.reject(error);
      offered = undefined;
      stir();
    },
    source: { [Symbol.asyncIterator]: read },
  };
}

import { isSameContent } from '../../core/bytes.ts';

/** An open file or folder; closed with its scope unless closed before. */
export interface Handle {
  readonly bytes: Uint8Array;
  /** Takes it out of the scope's care. */
  readonly release: () => void;
}

/** An OPEN under way. */
export interface Opening {
  readonly handle: Promise<Handle>;
  /** What the handle is likely to be: for requests in the same flight that only read. Their answers count if it turns out to be that. */
  readonly expected: Handle | undefined;
}

/** What `ask` asks of the handle, in the flight that opens it where that can be. `ask` must not throw. */
export async function askAhead<T>({ handle, expected }: Opening, ask: (handle: Handle) => T): Promise<T> {
  const early = expected && { answers: ask(expected) };
  const given = await handle;
  return early && isSameContent(given.bytes, expected.bytes) ? early.answers : ask(given);
}

export function expectedHandle(bytes: Uint8Array | undefined): Handle | undefined {
  return bytes && { bytes, release: () => {} };
}

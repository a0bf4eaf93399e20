import type { Version } from './operations/version.ts';

/** A larger content is not held, in bytes. */
export const heldLimit = 5 * 1024 * 1024;
/** All together, in bytes. */
const totalLimit = 20 * 1024 * 1024;

/**
 * The contents that this window last read and saved, as far as there is room: the longest unused go first. They are what a save replaces
 * and what a merge starts from, so that neither has to be read again from the server, where it may be gone.
 */
export class HeldContents {
  readonly #contents = new Map<string, Uint8Array>();
  #total = 0;

  /** `version`: of `bytes`, which nobody may change any more; `key` identifies the file. */
  hold(key: string, version: Version, bytes: Uint8Array): void {
    if (bytes.length > heldLimit) return;
    const id = idOf(key, version);
    this.#drop(id);
    this.#contents.set(id, bytes);
    this.#total += bytes.length;
    for (const oldest of this.#contents.keys()) {
      if (this.#total <= totalLimit) break;
      this.#drop(oldest);
    }
  }

  /** What the file was at that version. */
  find(key: string, version: Version): Uint8Array | undefined {
    return this.#use(idOf(key, version));
  }

  /** By SHA-256, lower-case hex. */
  content(hash: string): Uint8Array | undefined {
    return this.#use(hash);
  }

  #use(id: string): Uint8Array | undefined {
    const bytes = this.#contents.get(id);
    if (bytes === undefined) return undefined;
    this.#contents.delete(id);
    this.#contents.set(id, bytes);
    return bytes;
  }

  #drop(id: string): void {
    this.#total -= this.#contents.get(id)?.length ?? 0;
    this.#contents.delete(id);
  }
}

/** Equal contents are held once; where there is no hash, a version says nothing of other files. */
function idOf(key: string, { hash, size, mtime }: Version): string {
  return hash ?? JSON.stringify([key, size, mtime]);
}

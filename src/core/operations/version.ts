import type { Attributes } from '../remote.ts';

/** What a file's content was at one moment, as far as a server tells: enough to see later whether somebody changed it. */
export interface Version {
  readonly size: number;
  /** As in `Attributes`. */
  readonly mtime: number | undefined;
  /** SHA-256 of the content, lower-case hex; undefined above `hashLimit`. */
  readonly hash: string | undefined;
}

/** Bytes up to which content is compared as such, not by size and time alone. */
export const hashLimit = 1024 * 1024;

export async function hashOf(bytes: Uint8Array): Promise<string> {
  const digest = await globalThis.crypto.subtle.digest('SHA-256', bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** `bytes`: the content that the attributes belong to, where it is at hand. */
export async function versionOf(attributes: Pick<Attributes, 'size' | 'mtime'>, bytes?: Uint8Array): Promise<Version> {
  const hash = bytes !== undefined && bytes.length <= hashLimit ? await hashOf(bytes) : undefined;
  return { size: bytes?.length ?? attributes.size, mtime: attributes.mtime, hash };
}

import assert from 'node:assert/strict';
import {
  chmodSync,
  closeSync,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { isRemoteError, type RemoteError, type RemoteErrorCode } from '../../src/core/errors.ts';
import { child } from '../../src/core/path.ts';
import type { Content, Remote } from '../../src/core/remote.ts';
import { mountSmallDisk } from '../servers/mounts.ts';
import type { TestServer } from '../servers/server.ts';
import type { Script } from '../support/prompts.ts';

/** What one check works with: a connection, and an empty folder of its own, seen from both sides. */
export interface Ground {
  readonly server: TestServer;
  readonly remote: Remote;
  /** The folder as the client names it. */
  readonly folder: string;
  readonly disk: Disk;
  /** Another connection; closed after the check. `port`: through a proxy that listens there. */
  readonly connect: (changes?: ConnectChanges) => Promise<Remote>;
  /** `name` in `folder`. */
  readonly path: (...names: string[]) => string;
}

export interface ConnectChanges {
  readonly port?: number;
  readonly script?: Script;
  readonly signal?: AbortSignal;
}

/** The check's folder on the local disk, past the server. Names are the server's bytes. */
export interface Disk {
  readonly folder: string;
  /** Made with the server's own user as owner. */
  file(name: string | Buffer, content?: string | Uint8Array, facts?: { readonly mode?: number; readonly mtime?: Date }): void;
  /** `size` bytes that take no room, with `end` as the last ones. */
  sparseFile(name: string, size: number, end: string): void;
  makeFolder(name: string, mode?: number): void;
  link(target: string, name: string): void;
  read(name: string | Buffer): Buffer;
  exists(name: string | Buffer): boolean;
  stat(name: string | Buffer): ReturnType<typeof lstatSync>;
  chmod(name: string, mode: number): void;
  names(name?: string): string[];
  pathOf(name: string | Buffer): Buffer;
  /** Lays an empty disk of 1 MB over a folder while `work` runs; needs root. */
  withSmallDisk(name: string, work: () => Promise<void>): Promise<void>;
}

export function makeDisk(server: Pick<TestServer, 'host' | 'owner'>, folder: string): Disk {
  const latin = server.host.charset !== 'utf-8';
  const bytes = (name: string | Buffer): Buffer => (typeof name === 'string' ? Buffer.from(name, latin ? 'latin1' : 'utf8') : name);
  const pathOf = (name: string | Buffer): Buffer => Buffer.concat([Buffer.from(`${folder}/`), bytes(name)]);
  const give = (path: Buffer): void => {
    if (server.owner !== undefined) lchownSync(path, server.owner.uid, server.owner.gid);
  };
  return {
    folder,
    pathOf,
    file(name, content = '', { mode = 0o644, mtime } = {}) {
      const path = pathOf(name);
      writeFileSync(path, content);
      chmodSync(path, mode);
      if (mtime !== undefined) utimesSync(path, mtime, mtime);
      give(path);
    },
    sparseFile(name, size, end) {
      this.file(name);
      const file = openSync(pathOf(name), 'r+');
      writeSync(file, Buffer.from(end), 0, end.length, size - end.length);
      closeSync(file);
    },
    makeFolder(name, mode = 0o755) {
      mkdirSync(pathOf(name));
      chmodSync(pathOf(name), mode);
      give(pathOf(name));
    },
    link(target, name) {
      symlinkSync(bytes(target), pathOf(name));
      give(pathOf(name));
    },
    read: (name) => readFileSync(pathOf(name)),
    exists: (name) => existsSync(pathOf(name)) || lstatSync(pathOf(name), { throwIfNoEntry: false }) !== undefined,
    stat: (name) => lstatSync(pathOf(name)),
    chmod: (name, mode) => chmodSync(pathOf(name), mode),
    names: (name = '.') => readdirSync(pathOf(name), { encoding: latin ? 'latin1' : 'utf8' }).sort(),
    async withSmallDisk(name, work) {
      const unmount = mountSmallDisk(`${folder}/${name}`, 1);
      try {
        await work();
      } finally {
        unmount();
      }
    },
  };
}

export function pathsIn(folder: string): (...names: string[]) => string {
  return (...names) => names.reduce(child, folder);
}

/** Bytes that show a block at the wrong place. */
export function pattern(length: number, seed = 7): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[i] = state >>> 16;
  }
  return bytes;
}

export async function readAll(remote: Remote, path: string, options: Parameters<Remote['read']>[2] = {}): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  const count = await remote.read(path, (chunk) => void chunks.push(Buffer.from(chunk)), options);
  const all = Buffer.concat(chunks);
  assert.equal(count, all.length, 'read resolves with the count of bytes that it gave');
  return all;
}

/** A stream that gives `content` in pieces of odd sizes, all in the same memory, as those do that read large files. */
export function stream(content: Uint8Array, piece = 70_001): Content {
  async function* pieces(): AsyncGenerator<Uint8Array> {
    const memory = Buffer.alloc(piece);
    for (let at = 0; at < content.length; at += piece) {
      await Promise.resolve();
      const part = content.subarray(at, at + piece);
      memory.set(part);
      yield memory.subarray(0, part.length);
      memory.fill('!');
    }
  }
  return pieces();
}

/** Asserts that it rejects in bounded time with a RemoteError of one of these codes, and of this path where one is named. */
export async function fails(
  call: Promise<unknown>,
  codes: RemoteErrorCode | readonly RemoteErrorCode[],
  path?: string,
): Promise<RemoteError> {
  const error = await inTime(
    call.then(
      () => undefined,
      (reason: unknown) => (reason instanceof Error ? reason : new Error(`not an error: ${String(reason)}`)),
    ),
  );
  const expected = typeof codes === 'string' ? [codes] : codes;
  assert.notEqual(error, undefined, `it succeeded; expected ${expected.join(' or ')}`);
  if (!isRemoteError(error)) throw new assert.AssertionError({ message: `not a RemoteError: ${error?.stack ?? ''}`, actual: error });
  assert.ok(expected.includes(error.code), `${error.code} (${error.message}); expected ${expected.join(' or ')}`);
  assert.ok(error.message.length > 0 && !/[\r\n]/.test(error.message), `one line in words: ${JSON.stringify(error.message)}`);
  if (path !== undefined) assert.equal(error.path, path, 'path of the error');
  return error;
}

/** The promise, or a failure if it has not settled after a time in which every call must have. */
export async function inTime<T>(promise: Promise<T>, seconds = 25): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new assert.AssertionError({ message: `not settled after ${seconds} s` })), seconds * 1000);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

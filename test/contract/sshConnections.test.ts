import assert from 'node:assert/strict';
import { chownSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RemoteError } from '../../src/core/errors.ts';
import type { Pool } from '../../src/core/pool.ts';
import type { ReadOptions } from '../../src/core/remote.ts';
import { connect } from '../../src/transport/index.ts';
import { startFaultyProxy, type FaultyProxy } from '../servers/faultyProxy.ts';
import { startOpenssh } from '../servers/openssh.ts';
import { requireServer, type TestServer } from '../servers/server.ts';
import { poolOf } from '../support/poolOf.ts';
import { memoryTrust, scriptedPrompts } from '../support/prompts.ts';
import { fails, inTime, pattern } from './ground.ts';

const mega = 1024 * 1024;
const content = pattern(48 * mega, 5);

/** Each piece is where the one before was. */
async function* inOneMemory(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const memory = new Uint8Array(256 * 1024);
  for (let at = 0; at < bytes.length; at += memory.length) {
    const piece = bytes.subarray(at, at + memory.length);
    memory.set(await Promise.resolve(piece));
    yield memory.subarray(0, piece.length);
  }
}

describe('a large file over several connections to OpenSSH', function () {
  this.timeout(60_000);
  let server: TestServer;
  /** The first connection goes through `first`, further ones through `others`. */
  let first: FaultyProxy;
  let others: FaultyProxy;
  let pool: Pool;
  /** Whether further connections are refused, and how many were tried. */
  let refuses = false;
  let tried = 0;

  const disk = (name = 'large') => join(server.root, name);
  const path = (name = 'large') => `${server.rootOnServer}/${name}`;
  const put = (name: string, bytes: Uint8Array) => {
    writeFileSync(disk(name), bytes);
    if (server.owner !== undefined) chownSync(disk(name), server.owner.uid, server.owner.gid);
  };
  const host = () => ({ ...server.host, connections: 4 });
  const read = async (options: ReadOptions = {}, onChunk: (came: number) => void | Promise<void> = () => {}): Promise<Buffer> => {
    const chunks: Uint8Array[] = [];
    let came = 0;
    const sink = (chunk: Uint8Array) => {
      chunks.push(chunk);
      return onChunk((came += chunk.length));
    };
    await pool.run(host(), (remote) => remote.read(path(), sink, options));
    return Buffer.concat(chunks);
  };
  const write = (signal?: AbortSignal, onProgress?: (bytes: number) => void) =>
    pool.run(host(), (remote) =>
      remote.write(path('new'), inOneMemory(content), { disposition: 'create', size: content.length, signal, onProgress }),
    );

  const stopAt = (controller: AbortController) => (bytes: number) => {
    if (bytes > 24 * mega) controller.abort();
  };

  /** For the others to come, however busy this computer is. */
  const giveTime = () => first.limitRate(12 * mega);

  before(async function () {
    server = await requireServer(this, () => startOpenssh());
    first = await startFaultyProxy({ port: server.host.port });
    others = await startFaultyProxy({ port: server.host.port });
  });
  beforeEach(async () => {
    [refuses, tried] = [false, 0];
    let made = 0;
    const prompts = scriptedPrompts({ admit: true });
    pool = poolOf(
      (host, context) => {
        made += 1;
        if (made > 1) tried += 1;
        if (made > 1 && refuses) throw new RemoteError('Busy', 'too many connections');
        // At its other port the server's key is not known, and the pool asks nobody about further connections.
        const port = made === 1 ? first.port : others.port;
        return connect({ ...host, port }, { ...context, prompts });
      },
      { trust: memoryTrust() },
    );
    await pool.connect(host());
    first.latencyMs = others.latencyMs = 10;
    put('large', content);
  });
  afterEach(async () => {
    first.latencyMs = others.latencyMs = 0;
    others.disarm();
    first.limitRate(undefined);
    await pool.dispose();
    for (const name of readdirSync(server.root)) rmSync(disk(name), { recursive: true });
  });
  after(async () => {
    await first.close();
    await others.close();
    await server.stop();
  });

  it('comes as it is, in order', async () => {
    const { toClient } = others.counts;
    giveTime();
    assert.ok((await read()).equals(content));
    assert.ok(others.counts.toClient - toClient > mega, `${others.counts.toClient - toClient} bytes came by further connections`);
    assert.equal(tried, 3);
    assert.equal(pool.state('OpenSSH').busy, 0);
  });

  it('comes whole where further connections are lost in the middle', async () => {
    const { struck } = others.counts;
    giveTime();
    others.arm({ kind: 'cut', direction: 'toClient', afterBytes: 2 * mega, times: 2 });
    assert.ok((await inTime(read())).equals(content));
    assert.ok(others.counts.struck > struck, 'none was lost');
  });

  it('arrives as it is', async () => {
    const { toServer } = others.counts;
    giveTime();
    await write();
    assert.ok(readFileSync(disk('new')).equals(content));
    assert.ok(others.counts.toServer - toServer > mega, `${others.counts.toServer - toServer} bytes went by further connections`);
  });

  it('arrives whole where further connections are lost in the middle', async () => {
    const { struck } = others.counts;
    giveTime();
    others.arm({ kind: 'cut', direction: 'toServer', afterBytes: mega, times: 2 });
    await inTime(write());
    assert.ok(readFileSync(disk('new')).equals(content));
    assert.ok(others.counts.struck > struck, 'none was lost');
  });

  it('goes over the one connection where there are no further ones, which is remembered', async () => {
    refuses = true;
    assert.ok((await read()).equals(content));
    const refused = tried;
    assert.ok(refused > 0);
    await write();
    assert.ok(readFileSync(disk('new')).equals(content));
    assert.equal(tried, refused);
  });

  it('is given up at once when it is cancelled, and leaves every connection free', async () => {
    const enough = new AbortController();
    await inTime(fails(read({ signal: enough.signal }, stopAt(enough)), 'Cancelled'));
    const more = new AbortController();
    await inTime(fails(write(more.signal, stopAt(more)), 'Cancelled'));
    await pool.run(host(), (remote) => remote.unlink(path('new')));
    assert.equal(pool.state('OpenSSH').busy, 0);
  });

  it('is an error where it becomes shorter meanwhile', async () => {
    let isCut = false;
    const cut = (came: number) => {
      if (!isCut && came > 20 * mega) truncateSync(disk(), 22 * mega);
      isCut ||= came > 20 * mega;
    };
    await inTime(fails(read({}, cut), 'Lost'));
  });

  it('is never mixed with another file that takes its place meanwhile', async () => {
    put('other', pattern(content.length, 6));
    let isReplaced = false;
    const seen = await read({}, () => {
      if (!isReplaced) renameSync(disk('other'), disk());
      isReplaced = true;
    });
    assert.ok(seen.equals(content));
  });
});

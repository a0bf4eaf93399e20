import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectInSlabs, giveBack } from '../../../src/transport/slabReads.ts';

const content = randomBytes(6_000_000);

describe('a socket that reads in slabs', () => {
  let server: Server;
  let serve: (socket: Socket) => unknown;
  before(async () => {
    server = createServer((socket) => void serve(socket));
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });
  after(() => server.close());
  const connect = () => connectInSlabs({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });

  it('gives what came, in pieces that stay as they are', async () => {
    serve = (socket) => socket.end(content);
    const pieces: Buffer[] = [];
    for await (const piece of connect()) pieces.push(piece as Buffer);
    assert.ok(Buffer.concat(pieces).equals(content));
  });

  it('gives little and much in turn, to who listens too', async () => {
    serve = async (socket) => {
      for (let at = 0, length = 1; at < content.length; at += length, length = (length * 7) % 100_003) {
        socket.write(content.subarray(at, at + length));
        if (length < 2000) await sleep(1);
      }
      socket.end();
    };
    const pieces: Buffer[] = [];
    const socket = connect().on('data', (piece) => pieces.push(piece));
    await once(socket, 'end');
    assert.ok(Buffer.concat(pieces).equals(content));
  });

  it('reads again into what was given back, never into what is kept', async () => {
    serve = (socket) => socket.end(content);
    const kept: Buffer[] = [];
    const copies: Buffer[] = [];
    for await (const chunk of connect()) {
      const piece = chunk as Buffer;
      copies.push(Buffer.from(piece));
      // Sometimes late, so that more has come meanwhile.
      if (copies.length % 3 === 0) await sleep(1);
      if (copies.length % 8 === 0) kept.push(piece, copies.at(-1) ?? piece);
      else giveBack(piece);
    }
    assert.ok(Buffer.concat(copies).equals(content));
    for (let at = 0; at < kept.length; at += 2) assert.ok(kept[at]?.equals(kept[at + 1] ?? content), 'what is kept has changed');
  });

  it('needs the memory of a few pieces where all are given back', async () => {
    serve = (socket) => socket.end(content);
    const memory = new Set<ArrayBufferLike>();
    const copies: Buffer[] = [];
    const socket = connect();
    socket.on('data', (piece) => {
      if (piece.length > 16 * 1024) memory.add(piece.buffer);
      copies.push(Buffer.from(piece));
      giveBack(piece);
    });
    await once(socket, 'end');
    assert.ok(Buffer.concat(copies).equals(content));
    assert.ok(memory.size <= 6, `${memory.size} slabs`);
  });

  it('uses the memory of a connection that has ended again, but never what somebody keeps of it', async () => {
    const kept: { readonly piece: Buffer; readonly copy: Buffer }[] = [];
    for (let connection = 0; connection < 6; connection += 1) {
      const other = randomBytes(content.length);
      serve = (socket) => socket.end(other);
      const copies: Buffer[] = [];
      const socket = connect();
      socket.on('data', (piece) => {
        copies.push(Buffer.from(piece));
        if (connection % 2 === 0) kept.push({ piece, copy: Buffer.from(piece) });
        else giveBack(piece);
      });
      await once(socket, 'close');
      assert.ok(Buffer.concat(copies).equals(other));
    }
    for (const { piece, copy } of kept) assert.ok(piece.equals(copy), 'what is kept has changed');
  });

  it('lets who keeps a little keep no more', async () => {
    // By then the slab is large.
    let theirs: Socket | undefined;
    serve = (socket) => (theirs = socket).write(content);
    const socket = connect();
    let came = 0;
    for await (const piece of socket.iterator({ destroyOnReturn: false })) if ((came += (piece as Buffer).length) === content.length) break;
    theirs?.end('little');
    const [piece] = (await once(socket, 'data')) as [Buffer];
    assert.equal(piece.toString(), 'little');
    assert.ok(piece.buffer.byteLength <= 64 * 1024, `${piece.buffer.byteLength} bytes`);
  });

  it('stops reading while nobody takes what came', async () => {
    let sent = 0;
    serve = (socket) => {
      const more = (): void => {
        while (!socket.destroyed && sent < 200_000_000 && socket.write(content)) sent += content.length;
      };
      socket.on('error', () => {}).on('drain', more);
      more();
    };
    const socket = connect();
    await once(socket, 'readable');
    await sleep(300);
    assert.ok(socket.readableLength <= 2 * 1024 * 1024, `${socket.readableLength} bytes wait`);
    socket.destroy();
  });
});

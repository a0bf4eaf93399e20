import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectPlainly, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Arrivals } from '../../../../src/transport/ftp/arrivals.ts';
import { connectInSlabs, giveBack } from '../../../../src/transport/slabReads.ts';

const content = randomBytes(20_000_000);
/** Of tests that are not about it. */
const patience = 60_000;

for (const [kind, connect] of [
  ['in slabs', connectInSlabs],
  ['as sockets mostly do', connectPlainly],
] as const) {
  describe(`what a socket reads ${kind}`, () => {
    let server: Server;
    let serve: (socket: Socket) => unknown;
    let socket: Socket;
    before(async () => {
      server = createServer((accepted) => {
        accepted.on('error', () => {});
        serve(accepted);
      });
      await once(server.listen(0, '127.0.0.1'), 'listening');
    });
    after(() => server.close());
    afterEach(() => socket.destroy());
    const open = (deadline = patience): Arrivals => {
      socket = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
      return new Arrivals(socket, deadline);
    };
    const all = async (arrivals: Arrivals, use: (piece: Buffer) => unknown): Promise<void> => {
      for (;;) {
        let piece = arrivals.take();
        if (piece === undefined) {
          await arrivals.more();
          piece = arrivals.take();
        }
        if (piece === undefined) return;
        await use(piece);
      }
    };

    it('comes whole and in order, to who is quick and to who is slow', async () => {
      for (const slow of [1, 5]) {
        serve = (accepted) => accepted.end(content);
        const copies: Buffer[] = [];
        await all(open(), async (piece) => {
          copies.push(Buffer.from(piece));
          giveBack(piece);
          if (copies.length % slow === slow - 1) await sleep(1);
        });
        assert.ok(Buffer.concat(copies).equals(content));
      }
    });

    it('begins with what the stream had already', async () => {
      serve = (accepted) => accepted.end(content);
      socket = connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
      socket.pause();
      socket.read(0);
      while (socket.readableLength === 0) await once(socket, 'readable');
      const copies: Buffer[] = [];
      await all(new Arrivals(socket, patience), (piece) => copies.push(Buffer.from(piece)));
      assert.ok(Buffer.concat(copies).equals(content));
    });

    it('stays with the sender while nobody takes it', async () => {
      serve = (accepted) => accepted.end(content);
      const arrivals = open();
      await arrivals.more();
      await sleep(100);
      assert.ok(socket.bytesRead < 8_000_000, `${socket.bytesRead} bytes were read`);
      let length = 0;
      await all(arrivals, (piece) => (length += piece.length));
      assert.equal(length, content.length);
    });

    it('ends where the sender ends, also when that is known before anybody asks', async () => {
      serve = (accepted) => accepted.end('short');
      const arrivals = open();
      await once(socket, 'close');
      assert.equal(String(arrivals.take()), 'short');
      await arrivals.more();
      assert.equal(arrivals.take(), undefined);
    });

    it('fails where the connection does, after what had come', async () => {
      serve = (accepted) => accepted.write('a part', () => accepted.resetAndDestroy());
      const arrivals = open();
      await assert.rejects(
        all(arrivals, () => {}),
        { code: 'ECONNRESET' },
      );
      await assert.rejects(arrivals.more(), { code: 'ECONNRESET' });
    });

    it('fails where nothing comes in time, and not while nobody waits for it', async () => {
      serve = (accepted) => accepted.write('a part');
      const arrivals = open(50);
      while (socket.bytesRead === 0) await sleep(5);
      await sleep(200);
      assert.equal(String(arrivals.take()), 'a part');
      await assert.rejects(arrivals.more(), /No data moved/);
    });

    it('goes to nobody after a stop', async () => {
      serve = (accepted) => accepted.end(content);
      const arrivals = open();
      await arrivals.more();
      arrivals.stop();
      while (arrivals.take() !== undefined);
      await sleep(20);
      assert.equal(arrivals.take(), undefined);
    });
  });
}

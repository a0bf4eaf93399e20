import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { RecordTap } from '../../../../src/transport/ftp/recordTap.ts';

/** A record with its header; `type` as on the wire. */
function record(type: number, length: number): Buffer {
  return Buffer.concat([Buffer.from([type, 3, 3, length >> 8, length & 255]), Buffer.alloc(length)]);
}

/** What a tap says after the server sent `bytes` in pieces of `size` and ended the connection. */
async function seenOf(bytes: Buffer, size: number): Promise<{ readonly orderly: boolean; readonly passed: Buffer }> {
  const server = createServer((socket) => {
    void (async () => {
      for (let at = 0; at < bytes.length; at += size) {
        socket.write(bytes.subarray(at, at + size));
        await sleep(1);
      }
      socket.end();
    })();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(typeof address === 'object' && address !== null);
  const raw: Socket = connect(address.port, '127.0.0.1');
  const tap = new RecordTap(raw);
  const passed: Buffer[] = [];
  for await (const chunk of tap) passed.push(chunk as Buffer);
  server.close();
  return { orderly: tap.endsWithAlert, passed: Buffer.concat(passed) };
}

describe('the records of a TLS connection', () => {
  const lines = [record(23, 70), record(23, 16_000), record(23, 88)];

  for (const size of [1000, 7]) {
    it(`show an orderly end, and pass as they are (in pieces of ${size})`, async () => {
      for (const notice of [record(21, 26), record(23, 19)]) {
        const bytes = Buffer.concat([...lines.filter(({ length }) => size > 7 || length < 1000), notice]);
        const { orderly, passed } = await seenOf(bytes, size);
        assert.equal(orderly, true);
        assert.ok(passed.equals(bytes));
      }
    });
  }

  it('show a cut between two and in the middle of one', async () => {
    const [first = Buffer.alloc(0)] = lines;
    assert.equal((await seenOf(first, 1000)).orderly, false);
    assert.equal((await seenOf(Buffer.concat([first, record(21, 26).subarray(0, 3)]), 1000)).orderly, false);
    assert.equal((await seenOf(Buffer.concat([first, record(21, 26).subarray(0, 20)]), 1000)).orderly, false);
    assert.equal((await seenOf(Buffer.alloc(0), 1000)).orderly, false);
  });
});

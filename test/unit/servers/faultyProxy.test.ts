import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { startFaultyProxy, type FaultKind, type FaultyProxy } from '../../servers/faultyProxy.ts';

/** What one end saw of a connection until it was gone. */
interface Seen {
  readonly socket: Socket;
  bytes: number;
  readonly end: Promise<'fin' | 'reset'>;
}

function watch(socket: Socket): Seen {
  const seen: Seen = {
    socket,
    bytes: 0,
    end: new Promise((resolve) => {
      socket.once('end', () => resolve('fin'));
      socket.once('error', () => resolve('reset'));
    }),
  };
  socket.on('data', (chunk: Buffer) => void (seen.bytes += chunk.length));
  return seen;
}

async function moment(ms = 60): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

describe('faultyProxy', () => {
  let target: Server;
  let accepted: Promise<Seen>;
  let proxy: FaultyProxy;
  let clients: Socket[];

  beforeEach(async () => {
    clients = [];
    target = createServer((socket) => void socket.on('error', () => {}));
    accepted = once(target, 'connection').then(([socket]) => watch(socket as Socket));
    target.listen(0, '127.0.0.1');
    await once(target, 'listening');
    proxy = await startFaultyProxy({ port: (target.address() as AddressInfo).port });
  });

  afterEach(async () => {
    for (const client of clients) client.destroy();
    await proxy.close();
    target.close();
  });

  async function dial(): Promise<Seen> {
    const socket = connect(proxy.port, proxy.address);
    clients.push(socket);
    await once(socket, 'connect');
    return watch(socket);
  }

  it('passes all bytes, both ways, and counts', async () => {
    const client = await dial();
    const server = await accepted;
    client.socket.write(Buffer.alloc(300_000));
    await proxy.until('toServer', 300_000);
    server.socket.write('answer');
    await proxy.until('toClient', 6);
    await moment();
    assert.equal(server.bytes, 300_000);
    assert.equal(client.bytes, 6);
    const { connections, open, toServer, toClient, roundTrips } = proxy.counts;
    assert.deepEqual([connections, open, toServer, toClient, roundTrips], [1, 1, 300_000, 6, 1]);
  });

  it('counts a round trip for each change of direction', async () => {
    const client = await dial();
    const server = await accepted;
    for (let trip = 0; trip < 3; trip++) {
      client.socket.write('ask');
      await proxy.until('toServer', 3);
      server.socket.write('tell');
      await proxy.until('toClient', 4);
    }
    assert.equal(proxy.counts.roundTrips, 3);
  });

  it('hands on the end of one side and keeps the other open', async () => {
    const client = await dial();
    const server = await accepted;
    client.socket.end('last');
    assert.equal(await server.end, 'fin');
    assert.equal(server.bytes, 4);
  });

  for (const kind of ['cut', 'reset'] satisfies FaultKind[]) {
    it(`${kind}s both ends when the byte of that direction has passed`, async () => {
      proxy.arm({ kind, direction: 'toServer', afterBytes: 1000 });
      const client = await dial();
      const server = await accepted;
      client.socket.write(Buffer.alloc(600));
      await proxy.until('toServer', 600);
      await moment();
      assert.equal(server.bytes, 600);
      client.socket.write(Buffer.alloc(600));
      const expected = kind === 'cut' ? 'fin' : 'reset';
      assert.deepEqual(await Promise.all([client.end, server.end]), [expected, expected]);
      assert.equal(proxy.counts.toServer, 1000);
      if (kind === 'cut') assert.equal(server.bytes, 1000);
    });
  }

  it('counts from arm() for a connection that is open, and strikes the direction that was named', async () => {
    const client = await dial();
    const server = await accepted;
    server.socket.write(Buffer.alloc(500));
    await proxy.until('toClient', 500);
    proxy.arm({ kind: 'cut', direction: 'toClient', afterBytes: 10 });
    client.socket.write(Buffer.alloc(100));
    await proxy.until('toServer', 100);
    server.socket.write(Buffer.alloc(500));
    assert.equal(await client.end, 'fin');
    assert.equal(client.bytes, 510);
  });

  it('stalls: nothing more passes either way, and nobody is told', async () => {
    proxy.arm({ kind: 'stall', direction: 'toServer', afterBytes: 5 });
    const client = await dial();
    const server = await accepted;
    client.socket.write('123456789');
    await proxy.until('toServer', 5);
    server.socket.write('never arrives');
    server.socket.end();
    await moment();
    assert.equal(server.bytes, 5);
    assert.equal(client.bytes, 0);
    assert.equal(client.socket.readableEnded || client.socket.destroyed, false);
  });

  it('strikes as many connections as told, then none', async () => {
    proxy.arm({ kind: 'reset', direction: 'toServer', afterBytes: 1 });
    const first = await dial();
    first.socket.write('x');
    assert.equal(await first.end, 'reset');
    const second = await dial();
    second.socket.write('x');
    await proxy.until('toServer', 1);
    await moment();
    assert.equal(second.socket.destroyed, false);
  });

  it('strikes at once when told to', async () => {
    const client = await dial();
    await accepted;
    proxy.strike('cut');
    assert.equal(await client.end, 'fin');
  });

  it('takes back what has not struck', async () => {
    proxy.arm({ kind: 'reset', direction: 'toServer', afterBytes: 1 });
    proxy.disarm();
    const client = await dial();
    client.socket.write('x');
    await proxy.until('toServer', 1);
    assert.equal((await accepted).socket.destroyed, false);
  });

  it('delays each way and keeps the order', async () => {
    proxy.latencyMs = 20;
    const client = await dial();
    const server = await accepted;
    const received: Buffer[] = [];
    server.socket.on('data', (chunk: Buffer) => received.push(chunk));
    const start = performance.now();
    for (const letter of 'abcdef') client.socket.write(letter);
    while (Buffer.concat(received).length < 6) await moment(5);
    assert.ok(performance.now() - start >= 19, 'it came before its time');
    assert.equal(Buffer.concat(received).toString(), 'abcdef');
  });

  it('strikes all connections that are open, where the fault is of all', async () => {
    const first = await dial();
    await accepted;
    proxy.arm({ kind: 'cut', direction: 'toServer', afterBytes: 1, all: true });
    const second = await dial();
    second.socket.write('x');
    assert.deepEqual(await Promise.all([first.end, second.end]), ['fin', 'fin']);
  });

  it('lets bytes drip, in order, until told otherwise', async () => {
    proxy.limitRate(1000);
    const client = await dial();
    const server = await accepted;
    const start = performance.now();
    client.socket.write(Buffer.alloc(200));
    while (server.bytes < 200) await moment(5);
    assert.ok(performance.now() - start >= 190, 'it came at once');
    proxy.limitRate(undefined);
    client.socket.write(Buffer.alloc(100_000));
    while (server.bytes < 100_200) await moment(5);
  });

  it('refuses a command of a dialogue in its order, and hangs up where told', async () => {
    const client = await dial();
    const server = await accepted;
    const received: Buffer[] = [];
    const told: Buffer[] = [];
    server.socket.on('data', (chunk: Buffer) => {
      received.push(chunk);
      for (const line of chunk.toString().trimEnd().split('\r\n')) server.socket.write(line === 'NOOP' ? '200 ok\r\n' : '500 what?\r\n');
    });
    client.socket.on('data', (chunk: Buffer) => void told.push(chunk));
    proxy.refuse({ command: /^RNTO /, reply: '450 not now\r\n' });
    client.socket.write('NOOP\r\nRNTO x\r\nNOOP\r\n');
    while (client.bytes < 8 + 13 + 8) await moment(5);
    assert.equal(Buffer.concat(told).toString(), '200 ok\r\n450 not now\r\n200 ok\r\n');
    assert.doesNotMatch(Buffer.concat(received).toString(), /RNTO/);
    proxy.refuse({ command: /./, reply: '421 bye\r\n', hangUp: true });
    client.socket.write('NOOP\r\n');
    assert.equal(await client.end, 'fin');
    assert.match(Buffer.concat(told).toString(), /421 bye\r\n$/);
    assert.equal(proxy.counts.struck, 2);
  });

  it('leads further connections to another server, and knows what the servers see', async () => {
    const other = createServer((socket) => void socket.on('error', () => {}));
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    try {
      proxy.retarget((other.address() as AddressInfo).port);
      const reached = once(other, 'connection') as Promise<[Socket]>;
      await dial();
      const [socket] = await reached;
      assert.deepEqual(proxy.clientPorts(), [socket.remotePort]);
    } finally {
      proxy.strike('reset');
      other.close();
    }
  });

  it("forwards an FTP server's passive ports under the same numbers of another address", async () => {
    const { port } = target.address() as AddressInfo;
    const ftp = await startFaultyProxy({ port: 1, listenAddress: '127.0.0.2', dataPorts: [port] });
    try {
      ftp.arm({ kind: 'cut', direction: 'toClient', afterBytes: 3, channel: 'data' });
      const socket = connect(port, '127.0.0.2');
      clients.push(socket);
      const client = watch(socket);
      (await accepted).socket.write('abcdef');
      assert.equal(await client.end, 'fin');
      assert.equal(client.bytes, 3);
    } finally {
      await ftp.close();
    }
  });
});

import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export interface TcpServer {
  readonly port: number;
  /** Ends it and all its connections. */
  stop(): Promise<void>;
}

/** A listener on loopback that does with each connection what a test wants; errors of sockets are nobody's concern. */
export async function startTcpServer(onSocket: (socket: Socket) => void): Promise<TcpServer> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}));
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async stop() {
      sockets.forEach((socket) => socket.destroy());
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export interface Drip {
  /** Bytes from the server that pass as they come. */
  readonly after: number;
  /** Milliseconds between one byte and the next. */
  readonly every: number;
}

/** A way to `port` on which the server's bytes drip. */
export function startDrip(port: number, { after, every }: Drip): Promise<TcpServer> {
  return startTcpServer((client) => {
    const server = connect(port, '127.0.0.1');
    server.on('error', () => client.destroy()).on('close', () => client.destroy());
    client.on('close', () => server.destroy());
    client.on('data', (chunk) => server.write(chunk));
    let free = after;
    let turn = Promise.resolve();
    server.on('data', (chunk) => {
      const whole = chunk.subarray(0, free);
      free -= whole.length;
      turn = turn.then(() => void client.write(whole));
      for (const byte of chunk.subarray(whole.length)) turn = turn.then(() => dripByte(client, byte, every));
    });
  });
}

async function dripByte(client: Socket, byte: number, every: number): Promise<void> {
  if (client.destroyed) return;
  await sleep(every);
  client.write(Buffer.from([byte]));
}

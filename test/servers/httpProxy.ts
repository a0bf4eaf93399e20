import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

export interface HttpProxy {
  readonly port: number;
  /** The destinations that were asked for, in order. */
  readonly asked: readonly string[];
  stop(): Promise<void>;
}

/** A proxy that knows CONNECT alone; with `login` (`user:password`) it wants that. */
export async function startHttpProxy(login?: string, address = '127.0.0.1'): Promise<HttpProxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((_, response) => response.writeHead(405).end());
  const wanted = login && `Basic ${Buffer.from(login).toString('base64')}`;
  server.on('connection', (socket: Socket) => void sockets.add(socket.on('error', () => {})));
  server.on('connect', ({ url = '', headers }, client: Socket) => {
    if (wanted !== undefined && headers['proxy-authorization'] !== wanted) {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="x"\r\n\r\n');
      return;
    }
    asked.push(url);
    const { hostname, port } = new URL(`http://${url}`);
    const onward = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80), noDelay: true, allowHalfOpen: true });
    const refuse = () => client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    onward.once('error', refuse);
    onward.once('connect', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(onward).pipe(client);
      // Only what broke breaks the other: what one side has ended may still be on its way to the other.
      onward.off('error', refuse).on('error', () => client.destroy());
    });
    client.on('close', () => onward.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    asked,
    async stop() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

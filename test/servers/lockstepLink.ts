import { connect, createServer, type Socket } from 'node:net';

/** A relay on loopback that passes what has been said only once both sides have fallen silent. */
export interface LockstepLink {
  readonly port: number;
  /**
   * How often so far something went to the server: what a client says without waiting for an answer is one flight, on however many
   * connections. A side that pauses in the middle makes two of one; nothing makes one of two.
   */
  readonly flights: number;
  close(): Promise<void>;
}

/** Milliseconds without a byte that count as silence. */
const silence = 100;

export async function startLockstepLink(target: number): Promise<LockstepLink> {
  const sockets = new Set<Socket>();
  let said: { readonly to: Socket; readonly chunk: Buffer; readonly isForServer: boolean }[] = [];
  let flights = 0;
  let timer: NodeJS.Timeout | undefined;
  const pass = () => {
    const all = said;
    said = [];
    if (all.some(({ isForServer }) => isForServer)) flights += 1;
    for (const { to, chunk } of all) if (!to.destroyed) to.write(chunk);
  };
  const relay = (from: Socket, to: Socket, isForServer: boolean) => {
    sockets.add(from);
    from.setNoDelay(true);
    from.on('data', (chunk: Buffer) => {
      said.push({ to, chunk, isForServer });
      clearTimeout(timer);
      timer = setTimeout(pass, silence);
    });
    from.on('error', () => to.destroy());
    from.on('close', () => {
      sockets.delete(from);
      to.destroy();
    });
  };
  const listener = createServer((client) => {
    const server = connect({ port: target, host: '127.0.0.1' });
    relay(client, server, true);
    relay(server, client, false);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const bound = listener.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : 0,
    get flights() {
      return flights;
    },
    async close() {
      clearTimeout(timer);
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

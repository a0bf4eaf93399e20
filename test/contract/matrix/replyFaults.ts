import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import type { ArmedFault, CellGround, MatrixFault } from './fault.ts';
import type { OperationName } from './operations.ts';

function refusing(ground: CellGround, command: RegExp, reply: string, hangUp = false): ArmedFault {
  const { proxy } = ground;
  const before = proxy.counts.struck;
  proxy.refuse({ command, reply: `${reply}\r\n`, hangUp });
  return { struck: () => proxy.counts.struck > before, lift: () => proxy.disarm() };
}

/** In place of any reply. */
export const goodbye: MatrixFault = {
  ...{ sparesData: true },
  arm: (ground) => refusing(ground, /./, '421 Service not available, closing control connection.', true),
};

/** The server itself, when nobody spoke for some seconds. */
export const goodbyeWhileIdle: MatrixFault = {
  ...{ sparesData: true, server: 'impatient', waits: true },
  async arm({ pool, host, proxy }) {
    const { connections } = proxy.counts;
    const { promise, resolve } = Promise.withResolvers<undefined>();
    const look = (): void => {
      if (pool.state(host.name).connections === 0) resolve(undefined);
    };
    const listening = pool.onDidChangeState(look);
    look();
    await promise;
    listening.dispose();
    return { struck: () => proxy.counts.connections > connections, lift() {} };
  },
};

/** Of the command that does the work, once. */
const refusedOnce: Readonly<Record<OperationName, readonly [RegExp, string]>> = {
  connect: [/^USER /, '421 Too many users, try again later.'],
  list: [/^(?:LIST|MLSD)/, '425 Can not open data connection.'],
  read: [/^RETR /, '450 File busy.'],
  save: [/^STOR /, '450 File busy.'],
  move: [/^RNFR /, '450 File busy.'],
  delete: [/^DELE /, '450 File busy.'],
  copy: [/^STOR /, '450 File busy.'],
};

export const transient: MatrixFault = {
  ...{ sparesData: true },
  arm(ground) {
    const [command, reply] = refusedOnce[ground.operation];
    return refusing(ground, command, reply, ground.operation === 'connect');
  },
};

/** The connection is lost, and at the server's address is now what `talk` does. */
function replacedBy(within: number, talk: (socket: Socket, isFtp: boolean) => void): MatrixFault {
  return {
    ...{ within, waits: true, sparesData: true, ofConnection: true },
    async arm(ground) {
      const { proxy, server, protocol } = ground;
      let count = 0;
      const sockets = new Set<Socket>();
      const listener = createServer((socket) => {
        count++;
        sockets.add(socket);
        socket.on('error', () => {}).once('close', () => sockets.delete(socket));
        talk(socket, protocol !== 'sftp');
      });
      listener.listen(0, '127.0.0.1');
      await once(listener, 'listening');
      proxy.retarget((listener.address() as AddressInfo).port);
      await ground.loseConnections();
      return {
        struck: () => count > 0,
        lift() {
          proxy.retarget(server.host.port);
          for (const socket of sockets) socket.destroy();
          listener.close();
        },
      };
    },
  };
}

/** Agrees to speak TLS, or SSH, and says no more. */
export const silent = replacedBy(45, (socket, isFtp) => {
  socket.write(isFtp ? '220 Ready.\r\n' : 'SSH-2.0-OpenSSH_9.2\r\n');
  socket.on('data', (chunk: Buffer) => {
    if (chunk.toString('latin1').startsWith('AUTH')) socket.write('234 Go on.\r\n');
  });
});

/** Says hello for ever. */
export const endlessBanner = replacedBy(45, (socket, isFtp) => {
  const lines = (isFtp ? '220-Welcome.\r\n' : 'Welcome.\r\n').repeat(1000);
  const flood = (): void => {
    while (!socket.destroyed && socket.write(lines));
  };
  socket.on('drain', flood).resume();
  flood();
});

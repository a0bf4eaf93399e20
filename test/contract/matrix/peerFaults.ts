import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import type { CellGround, MatrixFault } from './fault.ts';

/** Takes the server's only place; it may still be taken by a connection that was just lost. */
async function takePlace({ server, protocol }: CellGround): Promise<Socket> {
  for (;;) {
    const socket = connect(server.host.port, server.host.address);
    if (await isLetIn(socket, protocol === 'sftp')) return socket;
    socket.destroy();
  }
}

/** SSH: mod_sftp greets those as well that it turns away (SSH_MSG_DISCONNECT); who is let in is told how keys are exchanged (RFC 4253 §7.1). */
const sshLetIn = /^SSH-[^\n]*\n[^]{5}\x14/;
const ftpLetIn = /^220/;

function isLetIn(socket: Socket, ssh: boolean): Promise<boolean> {
  // OpenSSH waits for the other side's name.
  if (ssh) socket.write('SSH-2.0-other\r\n');
  return new Promise((resolve) => {
    let heard = '';
    socket.on('data', (chunk: Buffer) => {
      heard += chunk.toString('latin1');
      if ((ssh ? sshLetIn : ftpLetIn).test(heard)) resolve(true);
    });
    socket.once('close', () => resolve(false));
    socket.on('error', () => {});
  });
}

/** Others have all places when Ferry comes back; one becomes free once it was turned away. */
export const crowded: MatrixFault = {
  ...{ sparesData: true, server: 'crowded' },
  async arm(ground) {
    const { counts } = ground.proxy;
    await ground.loseConnections();
    const other = await takePlace(ground);
    const { connections } = counts;
    let turnedAway = false;
    const timer = setInterval(() => {
      if (counts.connections === connections || counts.open > 0) return;
      turnedAway = true;
      other.destroy();
    }, 20);
    return {
      struck: () => turnedAway,
      lift() {
        clearInterval(timer);
        other.destroy();
      },
    };
  },
};

/** What was remembered and what the person knows logs in no more. */
export const otherPassword: MatrixFault = {
  ...{ within: 45, sparesData: true, waits: true, ofConnection: true },
  async arm(ground) {
    const { person } = ground;
    const { password } = person;
    person.password = 'of yesterday';
    await ground.loseConnections();
    return { struck: () => true, lift: () => void (person.password = password) };
  },
};

export const otherKeys: MatrixFault = {
  ...{ server: 'changing', ofConnection: true },
  async arm(ground) {
    ground.keys?.changeKeys();
    await ground.loseConnections();
    return { struck: () => true, lift: () => ground.keys?.restoreKeys() };
  },
};

/** Another host key or certificate. Nothing of a log-in is said to it. */
export const otherIdentity: MatrixFault = {
  ...{ sparesData: true, ofConnection: true },
  async arm(ground) {
    const { proxy, server, impostor } = ground;
    assert.ok(impostor);
    proxy.retarget(impostor.server.host.port);
    await ground.loseConnections();
    const { connections } = proxy.counts;
    return {
      struck: () => proxy.counts.connections > connections,
      lift() {
        assert.equal(impostor.sawLogIn(), false, 'the other server was told of the log-in');
        proxy.retarget(server.host.port);
      },
    };
  },
};

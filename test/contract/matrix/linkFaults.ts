import { canFindSessions, sessionsOf, signalAll } from '../../servers/sessions.ts';
import type { Direction, Fault, FaultKind } from '../../servers/faultyProxy.ts';
import { matrixOperations, savedHalf } from './operations.ts';
import type { ArmedFault, CellGround, MatrixFault } from './fault.ts';

type Place = Pick<Fault, 'direction' | 'afterBytes' | 'channel'>;

/** In the middle of content and handshakes; of a change on the server, the reply is lost. */
function middleOf({ operation, protocol }: CellGround): Place {
  const isFtp = protocol !== 'sftp';
  const data = isFtp ? ({ channel: 'data' } as const) : {};
  const { up, down } = matrixOperations[operation];
  switch (operation) {
    case 'connect':
      // Before anything secret is sent: from then on a log-in is left to the person.
      return { direction: 'toClient', afterBytes: 10 };
    case 'list':
    case 'read':
      return { direction: 'toClient', afterBytes: Math.floor(down / 2), ...data };
    case 'save':
      return { direction: 'toServer', afterBytes: Math.floor(up / 2), ...data };
    case 'copy':
      return isFtp ? { direction: 'toServer', afterBytes: 5000, ...data } : { direction: 'toClient', afterBytes: 100 };
    case 'move':
    case 'delete':
      return { direction: 'toClient', afterBytes: 0 };
  }
}

function armed(ground: CellGround, fault: Fault): ArmedFault {
  const { proxy } = ground;
  const before = proxy.counts.struck;
  proxy.arm(fault);
  return { struck: () => proxy.counts.struck > before, lift: () => proxy.disarm() };
}

function breaking(kind: FaultKind, within?: number): MatrixFault {
  return {
    ...(within === undefined ? {} : { within, waits: true }),
    arm: (ground) => armed(ground, { kind, all: true, ...middleOf(ground) }),
  };
}

export const reset = breaking('reset');
export const ended = breaking('cut');
export const blackHole = breaking('stall', 45);

/** Something in between ends the data connection in an orderly way, and the server says 226. */
export const dataEnded: MatrixFault = {
  arm(ground) {
    const place = middleOf(ground);
    // Not between two lines of a listing, where nobody could tell.
    return armed(ground, { kind: 'cut', ...place, channel: 'data', afterBytes: ground.operation === 'list' ? 1003 : place.afterBytes });
  },
};

/** Runs `act` in the middle of the operation; at once, where it is so short that there is none. */
function inTheMiddle(ground: CellGround, act: () => void): void {
  const { operation, proxy } = ground;
  const after = (direction: Direction, bytes: number): void => void proxy.until(direction, bytes).then(act);
  if (operation === 'connect') after('toClient', 1);
  else if (operation === 'save') after('toServer', savedHalf);
  else act();
}

function sessionsFound({ proxy, server }: CellGround): number[] {
  return server.process === undefined ? [] : sessionsOf(proxy.clientPorts(), server.process.pid);
}

const noSessions = (): string | undefined => (canFindSessions() ? undefined : 'sessions can be found on Linux and by root only');

/** The server's processes of this connection; for short operations before they did anything. */
export const killed: MatrixFault = {
  ...{ impossible: noSessions },
  arm(ground) {
    let count = 0;
    inTheMiddle(ground, () => {
      const sessions = sessionsFound(ground);
      count = sessions.length;
      signalAll(sessions, 'SIGSTOP');
      if (['connect', 'save'].includes(ground.operation)) signalAll(sessions, 'SIGKILL');
      else void ground.proxy.until('toServer', 1).then(() => signalAll(sessions, 'SIGKILL'));
    });
    return { struck: () => count > 0, lift() {} };
  },
};

/** They stop, and TCP goes on to live. */
export const hung: MatrixFault = {
  ...{ within: 45, waits: true, impossible: noSessions },
  arm(ground) {
    const stopped: number[] = [];
    inTheMiddle(ground, () => {
      stopped.push(...sessionsFound(ground));
      signalAll(stopped, 'SIGSTOP');
    });
    return { struck: () => stopped.length > 0, lift: () => signalAll(stopped, 'SIGKILL') };
  },
};

/** 1 KB a second, for a while. */
export const slow: MatrixFault = {
  ...{ within: 40, waits: true },
  arm({ proxy }) {
    proxy.limitRate(1024);
    const end = (): void => proxy.limitRate(undefined);
    const timer = setTimeout(end, 6000);
    return {
      struck: () => true,
      lift() {
        clearTimeout(timer);
        end();
      },
    };
  },
};

/** An hour, in which a firewall forgot all connections: it drops what they send. */
export const sleep: MatrixFault = {
  waits: true,
  arm(ground) {
    ground.sleep(3_600_000);
    ground.proxy.strike('stall');
    const { connections } = ground.proxy.counts;
    return { struck: () => ground.proxy.counts.connections > connections, lift() {} };
  },
};

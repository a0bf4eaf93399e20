import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRemoteError } from '../../../../src/core/errors.ts';
import type { Remote } from '../../../../src/core/remote.ts';
import type { Act, HostileScript, HostileSession } from '../../../servers/hostileFtp.ts';
import { insideHostile, outcome, type Entering } from '../../../support/hostile.ts';

const secret = 'the content of a file that is for one server only';
const names = async (remote: Remote): Promise<string[]> => (await remote.list('/')).map(({ name }) => name);
const store = (remote: Remote): Promise<void> => remote.write('/file', Buffer.from(secret), { disposition: 'truncate' });
const passiveTo = (port: number): NonNullable<HostileScript['on']> => ({
  EPSV: `229 Passive (|||${port}|)`,
  PASV: `227 Passive (127,0,0,1,${port >> 8},${port & 255})`,
});

/** A port on `address` where somebody else listens; what reached it. */
async function withVictim(address: string, run: (port: number, seen: { count: number; text: string }) => Promise<void>): Promise<void> {
  const seen = { count: 0, text: '' };
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    seen.count++;
    open.add(socket);
    socket.on('error', () => {}).on('data', (bytes: Buffer) => (seen.text += bytes.toString('latin1')));
  });
  server.listen(0, address);
  await once(server, 'listening');
  try {
    await run((server.address() as AddressInfo).port, seen);
  } finally {
    for (const socket of open) socket.destroy();
    server.close();
  }
}

describe('hostile FTP server: where data connections go', () => {
  it('a PASV reply that names another host reaches nobody there', () =>
    withVictim('127.0.0.9', (port, seen) =>
      insideHostile({ on: { EPSV: '500 No', PASV: `227 Passive (127,0,0,9,${port >> 8},${port & 255})` } }, async (remote) => {
        assert.notEqual(await outcome(store(remote)), 'it worked');
        await sleep(50);
        assert.deepEqual(seen, { count: 0, text: '' });
      }),
    ));

  it('an EPSV reply that names another host is none', () =>
    withVictim('127.0.0.9', (port, seen) =>
      insideHostile({ on: { EPSV: `229 Passive (|1|127.0.0.9|${port}|)`, PASV: '500 No' } }, async (remote) => {
        assert.equal(await outcome(store(remote)), 'Unreachable');
        assert.equal(seen.count, 0);
      }),
    ));

  for (const port of [0, 1, 20, 21, 22, 25, 80, 443, 1023]) {
    it(`port ${port} is not connected to`, () =>
      insideHostile({ on: passiveTo(port) }, async (remote, server) => {
        await assert.rejects(
          store(remote),
          (error) => isRemoteError(error, 'Unreachable') && /belongs to another|answered/.test(error.message),
        );
        assert.doesNotMatch(server.heard, /STOR/);
        await remote.ping();
      }));
  }

  for (const reply of [
    '229 Passive (|||65536|)',
    '229 Passive (|||-1|)',
    '229 Passive (|||1e9|)',
    '229 Passive',
    '229',
    '350 (|||50000|)',
    '550 (|||50000|)',
  ]) {
    it(`${reply} leads nowhere`, () =>
      insideHostile({ on: { EPSV: reply, PASV: '227 (127,0,0,1,999,1)' } }, async (remote) => {
        assert.equal(await outcome(names(remote)), 'Unreachable');
        await remote.ping();
      }));
  }
});

/** Answers EPRT and PORT, then `come` is given the port that the client waits at. */
function active(
  come: (session: HostileSession, port: number) => Promise<void> | void,
): Entering & { readonly on: NonNullable<HostileScript['on']> } {
  let waiting = 0;
  const agree: Act = (session, argument) => {
    const [, port] = /\|(\d+)\|$/.exec(argument) ?? [];
    waiting = Number(port);
    session.say('200 Agreed');
  };
  return { ftp: { mode: 'active' }, on: { EPRT: agree, PORT: '500 No', MLSD: (session) => come(session, waiting) } };
}

function dial(port: number, from: string): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from }).on('error', () => {});
  return new Promise((resolve) => socket.once('connect', () => resolve(socket)).once('close', () => resolve(socket)));
}

describe('hostile FTP server: who comes to an active data connection', () => {
  const good = 'type=file; good\r\n';
  const planted = 'type=file; planted\r\n';

  it('a stranger who comes first is sent away, the server is served', () => {
    const { on, ...entering } = active(async (session, port) => {
      session.say('150 Coming');
      const stranger = await dial(port, '127.0.0.7');
      stranger.end(planted);
      await sleep(50);
      (await dial(port, '127.0.0.1')).end(good);
      session.say('226 Done');
    });
    return insideHostile({ on }, async (remote) => assert.deepEqual(await names(remote), ['good']), entering);
  });

  it('a second connection from the server is not listened to', () => {
    const { on, ...entering } = active(async (session, port) => {
      session.say('150 Coming');
      const first = await dial(port, '127.0.0.1');
      const second = await dial(port, '127.0.0.1');
      second.end(planted);
      await sleep(50);
      first.end(good);
      session.say('226 Done');
    });
    return insideHostile({ on }, async (remote) => assert.deepEqual(await names(remote), ['good']), entering);
  });

  it('only a stranger: no listing, and the port is closed', () => {
    let port = 0;
    const { on, ...entering } = active(async (session, waiting) => {
      port = waiting;
      session.say('150 Coming');
      (await dial(port, '127.0.0.7')).end(planted);
      session.say('226 Done');
    });
    return insideHostile(
      { on },
      async (remote) => {
        assert.equal(await outcome(names(remote)), 'Unreachable');
        await assert.rejects(once(connect({ port, host: '127.0.0.1' }), 'connect'), { code: 'ECONNREFUSED' });
      },
      entering,
    );
  });
});

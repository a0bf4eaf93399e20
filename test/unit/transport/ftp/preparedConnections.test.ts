import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Remote } from '../../../../src/core/remote.ts';
import { holdAfter } from '../../../../src/transport/ftp/dataConnections.ts';
import type { Act, HostileFtp } from '../../../servers/hostileFtp.ts';
import { eventually } from '../../../support/eventually.ts';
import { insideHostile } from '../../../support/hostile.ts';

const file = Buffer.from('the content');

/** Long enough for what goes on in the background over loopback. */
const moment = 150;

async function take(remote: Remote): Promise<string> {
  const chunks: Uint8Array[] = [];
  await remote.read('/file', (chunk) => void chunks.push(chunk));
  return Buffer.concat(chunks).toString();
}

/** The commands on data from the first transfer on. */
function commandsOf({ heard }: HostileFtp): string {
  return [...heard.matchAll(/^(EPSV|SIZE|RETR|MLSD|STOR|CWD)\b/gm)].map((found) => found[1]).join(' ');
}

/** A server whose data connections are kept for the test to end. */
function keeping(): { readonly sockets: Promise<Socket>[]; readonly EPSV: Act } {
  const sockets: Promise<Socket>[] = [];
  return {
    sockets,
    async EPSV(session) {
      session.say(`229 Passive (|||${await session.listen()}|)`);
      sockets.push(session.data());
    },
  };
}

describe('FTP data connections prepared ahead', () => {
  it('carry the next transfer without another agreement', () =>
    insideHostile({ file }, async (remote, server) => {
      await take(remote);
      await sleep(moment);
      const before = commandsOf(server);
      assert.equal(await take(remote), 'the content');
      await sleep(moment);
      assert.equal(commandsOf(server).slice(before.length), ' SIZE RETR EPSV');
    }));

  for (const kind of ['end', 'resetAndDestroy'] as const) {
    it(`that the server gave up (${kind}) cost nothing: another one is made`, () => {
      const { sockets, EPSV } = keeping();
      return insideHostile({ file, on: { EPSV } }, async (remote, server) => {
        await take(remote);
        await sleep(moment);
        (await sockets.at(-1))?.[kind]();
        await sleep(moment);
        const before = commandsOf(server);
        assert.equal(await take(remote), 'the content');
        assert.match(commandsOf(server).slice(before.length), /^ SIZE EPSV RETR/);
      });
    });
  }

  it('that the server gave up are made again along with the question whether it lives', () => {
    const { sockets, EPSV } = keeping();
    return insideHostile({ file, on: { EPSV } }, async (remote, server) => {
      await take(remote);
      await sleep(moment);
      (await sockets.at(-1))?.end();
      await sleep(moment);
      await remote.ping();
      await sleep(moment);
      const before = commandsOf(server);
      assert.equal(await take(remote), 'the content');
      assert.match(commandsOf(server).slice(before.length), /^ SIZE RETR/);
    });
  });

  it('that are gone by the time of the command are made anew, for all kinds of transfers', () => {
    const gone = new Set<string>();
    const once425 =
      (name: string, act: Act): Act =>
      (session, argument) => {
        if (!gone.delete(name) && typeof act !== 'string') return act(session, argument);
        session.say('425 No data connection');
        return undefined;
      };
    const store: Act = async (session) => {
      session.say('150 Give');
      await once(await session.data(), 'end');
      session.say('226 Taken');
    };
    const on = {
      RETR: once425('RETR', (session) => session.give(file)),
      MLSD: once425('MLSD', (session) => session.give('type=file; a\r\n')),
      STOR: once425('STOR', store),
      SIZE: '213 11',
    };
    return insideHostile({ on }, async (remote, server) => {
      for (const [name, run] of [
        ['RETR', async () => assert.equal(await take(remote), 'the content')],
        ['MLSD', async () => assert.deepEqual((await remote.list('/')).length, 1)],
        ['STOR', () => remote.write('/file', file, { disposition: 'truncate' })],
      ] as const) {
        await take(remote);
        await sleep(moment);
        assert.equal(await take(remote), 'the content');
        await sleep(moment);
        gone.add(name);
        await run();
        assert.equal(gone.size, 0, name);
      }
      assert.equal(server.stored, file.toString());
    });
  });

  it('are not made any more where they prove useless twice in a row', () => {
    let refusals = 0;
    const RETR: Act = (session) => {
      // It forgets the connection with whatever comes in between.
      if (!/SIZE [^\r]*\r\nRETR [^\r]*\r\n$/.test(server?.heard ?? '') || ++refusals > 2) return session.give(file);
      session.say('425 Use PASV first');
      return undefined;
    };
    let server: HostileFtp | undefined;
    return insideHostile({ file, on: { RETR } }, async (remote, hostile) => {
      server = hostile;
      refusals = 0;
      for (let round = 0; round < 4; round++) {
        assert.equal(await take(remote), 'the content');
        await sleep(moment);
      }
      assert.equal(refusals, 2);
      assert.match(commandsOf(hostile), / SIZE EPSV RETR$/);
    });
  });

  it('carry a listing that is asked for along with its folder, and show no other folder where that is gone', () => {
    const CWD: Act = (session, folder) => session.say(folder === '/gone' ? '550 No such folder' : '250 Here');
    const MLSD: Act = (session) => session.give('type=file; a\r\n');
    return insideHostile({ on: { CWD, MLSD } }, async (remote, server) => {
      await remote.list('/');
      for (const path of ['/gone', '/there', '/gone']) {
        await sleep(moment);
        const before = commandsOf(server);
        const listed = remote.list(path).then((entries) => entries.map(({ name }) => name));
        if (path === '/gone') await assert.rejects(listed, { code: 'NotFound' });
        else assert.deepEqual(await listed, ['a']);
        assert.match(commandsOf(server).slice(before.length), /^ CWD MLSD/);
      }
    });
  });

  it('carry a listing as soon as they come, before the folder is known to be there', () => {
    const heard = async (verb: RegExp, times: number): Promise<void> =>
      eventually(() => assert.ok((server?.heard.match(verb)?.length ?? 0) >= times), 10_000);
    let server: HostileFtp | undefined;
    let agreements = 0;
    let folders = 0;
    const EPSV: Act = async (session) => {
      if (++agreements === 2) await heard(/^CWD/gm, 2);
      session.say(`229 Passive (|||${await session.listen()}|)`);
    };
    const CWD: Act = async (session) => {
      if (++folders === 2) await heard(/^MLSD/gm, 2);
      session.say('250 Here');
    };
    const list = async (remote: Remote, hostile: HostileFtp): Promise<void> => {
      server = hostile;
      await remote.list('/');
      assert.equal((await remote.list('/there')).length, 1);
    };
    return insideHostile({ on: { EPSV, CWD }, listing: 'type=file; a\r\n' }, list, { deadlines: { reply: 20_000 } });
  });

  it('that the server refuses leave the next transfer to itself', () => {
    let agreements = 0;
    const EPSV: Act = async (session) => {
      if (++agreements === 2) session.say('425 No port is free');
      else session.say(`229 Passive (|||${await session.listen()}|)`);
    };
    return insideHostile({ file, on: { EPSV } }, async (remote) => {
      await take(remote);
      await sleep(moment);
      assert.equal(await take(remote), 'the content');
      assert.ok(agreements >= 3);
    });
  });

  it('end with the connection', () => {
    const { sockets, EPSV } = keeping();
    return insideHostile({ file, on: { EPSV } }, async (remote) => {
      await take(remote);
      await sleep(moment);
      const waiting = await sockets.at(-1);
      assert.equal(waiting?.destroyed, false);
      const closed = once(waiting, 'close');
      await remote.close();
      await closed;
    });
  });

  it('are not taken for the end of a file: what came is compared with the size', () => {
    const RETR: Act = (session) => session.give(file.subarray(0, 5));
    return insideHostile({ file, on: { RETR } }, async (remote) => {
      await assert.rejects(take(remote), { code: 'Lost' });
      await sleep(moment);
      await assert.rejects(take(remote), { code: 'Lost' });
    });
  });
});

describe('how long a data connection is kept ready', () => {
  /** Hold times over 400 transfers with a server that takes one of `count` ports, each time the same ones. */
  function holds(count: number, next: (before: number) => number): number[] {
    const ports: number[] = [];
    let state = 1;
    return Array.from({ length: 400 }, () => {
      state = next(state);
      ports.push(40_000 + (Math.floor(state / 65_536) % count));
      return holdAfter(ports.slice(-16));
    });
  }
  const random = (before: number): number => (before * 1_103_515_245 + 12_345) % 2 ** 31;
  const inTurn = (before: number): number => before + 65_536;
  const [long, short] = [holdAfter([]), holdAfter([40_000, 40_000])];
  const share = (all: readonly number[], wanted: number): number => all.filter((hold) => hold === wanted).length / all.length;

  it('is short where the server has few ports, which others may want', () => {
    assert.ok(short < long);
    for (const count of [1, 2, 5, 10]) {
      assert.ok(share(holds(count, random), short) > 0.9, `${count} ports at random`);
      assert.ok(share(holds(count, inTurn), short) > 0.9, `${count} ports in turn`);
    }
  });

  it('stays long where one of many ports comes again now and then', () => {
    for (const count of [100, 200, 1000]) assert.ok(share(holds(count, random), long) > 0.9, `${count} ports`);
    assert.equal(share(holds(100, inTurn), long), 1);
  });
});

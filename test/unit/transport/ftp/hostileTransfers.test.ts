import assert from 'node:assert/strict';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Remote } from '../../../../src/core/remote.ts';
import type { Act, HostileScript } from '../../../servers/hostileFtp.ts';
import { againstHostile, enter, insideHostile, outcome } from '../../../support/hostile.ts';

const secret = 'the content of a file that is for one server only';
const names = async (remote: Remote): Promise<string[]> => (await remote.list('/')).map(({ name }) => name);
const store = (remote: Remote): Promise<void> => remote.write('/file', Buffer.from(secret), { disposition: 'truncate' });
const take = (remote: Remote): Promise<number> => remote.read('/file', () => {});

describe('hostile FTP server: data and replies out of step', () => {
  const listing = 'type=file; a\r\ntype=file; b\r\n';
  const reader = (act: Act): HostileScript => ({ on: { MLSD: act } });

  it('226 before the data: the data is waited for', () =>
    insideHostile(
      reader(async (session) => {
        session.say('150 Go', '226 Done');
        await sleep(100);
        (await session.data()).end(listing);
      }),
      async (remote) => assert.deepEqual(await names(remote), ['a', 'b']),
    ));

  it('226 without 150 and no data', () =>
    insideHostile(reader('226 Done'), async (remote) => assert.equal(await outcome(names(remote)), 'Lost')));

  it('226, and the data connection stays open', () =>
    insideHostile(
      reader(async (session) => {
        session.say('150 Go', '226 Done');
        (await session.data()).write(listing);
      }),
      async (remote) => assert.equal(await outcome(names(remote)), 'Lost'),
    ));

  it('the end of the data without 226', () =>
    insideHostile(
      reader(async (session) => {
        session.say('150 Go');
        (await session.data()).end(listing);
      }),
      async (remote) => assert.equal(await outcome(names(remote)), 'Lost'),
    ));

  it('150 again and again instead of 226', () =>
    insideHostile(
      reader(async (session) => {
        session.say('150 Go');
        (await session.data()).end(listing);
        await session.drip('150 Go on\r\n'.repeat(200), 10);
      }),
      async (remote) => assert.equal(await outcome(names(remote)), 'Lost'),
    ));

  it('150 twice, then all as it should be', () =>
    insideHostile(
      reader(async (session) => {
        session.say('150 Go');
        session.say('125 Go');
        (await session.data()).end(listing);
        session.say('226 Done');
      }),
      async (remote) => assert.deepEqual(await names(remote), ['a', 'b']),
    ));

  it('226 twice', () =>
    insideHostile(
      reader(async (session) => {
        await session.give(listing);
        session.say('226 Done');
      }),
      async (remote) => {
        await outcome(names(remote));
        assert.equal(await outcome(remote.unlink('/kept')), 'Lost');
      },
    ));

  it('426 after whole data is no success', () =>
    insideHostile(
      reader(async (session) => {
        session.say('150 Go');
        (await session.data()).end(listing);
        session.say('426 Broken');
      }),
      async (remote) => assert.equal(await outcome(names(remote)), 'Lost'),
    ));

  it('350 after whole data is no success', () =>
    insideHostile(
      reader(async (session) => {
        session.say('150 Go');
        (await session.data()).end(listing);
        session.say('350 More?');
      }),
      async (remote) => assert.notEqual(await outcome(names(remote)), 'it worked'),
    ));

  it('a listing that ends in the middle of a name is asked for again, twice the same is what it is', async () => {
    let round = 0;
    await insideHostile(
      reader((session) => session.give(['type=file; a\r\ntype=fi', listing][round++] ?? '')),
      async (remote) => assert.deepEqual(await names(remote), ['a', 'b']),
    );
    await insideHostile(
      reader((session) => session.give(round++ % 2 === 0 ? 'type=file; a\r\ntype=fi' : 'type=file; a\r\ntype=file; b')),
      async (remote) => assert.equal(await outcome(names(remote)), 'Lost'),
    );
  });
});

describe('hostile FTP server: files', () => {
  it('fewer bytes than SIZE told are no success, with 226 or not', () =>
    insideHostile({ file: Buffer.alloc(100), on: { RETR: (session) => session.give('x'.repeat(99)) } }, async (remote) =>
      assert.equal(await outcome(take(remote)), 'Lost'),
    ));

  it('as many bytes as SIZE told are all, whatever comes after them; the next command has its own answer', async () => {
    for (const last of ['226 Done', '426 Broken', '451 Something']) {
      const RETR: Act = async (session) => {
        session.say('150 Go');
        (await session.data()).end('x'.repeat(100));
        await sleep(100);
        session.say(last);
      };
      // Later than the agreement on the next data connection, which goes before it.
      const DELE: Act = async (session) => {
        await sleep(50);
        session.say('550 No');
      };
      await insideHostile({ greeting: '220 Whoever', file: Buffer.alloc(100), on: { RETR, DELE } }, async (remote) => {
        assert.equal(await take(remote), 100, last);
        assert.notEqual(await outcome(remote.unlink('/kept')), 'it worked', last);
        await sleep(100);
        assert.equal(await take(remote), 100, last);
      });
    }
  });

  it('a whole file whose transfer the server never ends costs the connection, not the file', () => {
    const RETR: Act = async (session) => {
      session.say('150 Go');
      (await session.data()).end('x'.repeat(100));
    };
    return insideHostile({ file: Buffer.alloc(100), on: { RETR } }, async (remote) => {
      assert.equal(await take(remote), 100);
      assert.equal(await outcome(remote.unlink('/kept')), 'Lost');
      assert.equal((await remote.closed).code, 'Lost');
    });
  });

  it('an upload of which the server has less is no success', async () => {
    for (const size of ['0', String(secret.length - 1), String(secret.length + 1)]) {
      await insideHostile({ on: { SIZE: `213 ${size}` } }, async (remote) => assert.equal(await outcome(store(remote)), 'Lost', size));
    }
  });

  it('226 before the upload is no success', () =>
    insideHostile(
      {
        on: {
          SIZE: `213 ${secret.length}`,
          STOR: async (session) => {
            session.say('226 Taken already');
            await session.data();
          },
        },
      },
      async (remote) => assert.equal(await outcome(store(remote)), 'Lost'),
    ));

  it('a refused upload gets no byte', () =>
    insideHostile(
      {
        on: {
          STOR: async (session) => {
            session.say('553 No');
            await session.data();
          },
        },
      },
      async (remote, server) => {
        assert.equal(await outcome(store(remote)), 'Denied');
        await sleep(50);
        assert.equal(server.stored, '');
      },
    ));

  it('an upload that the server never reads settles', () =>
    insideHostile(
      {
        on: {
          STOR: async (session) => {
            session.say('150 Give');
            (await session.data()).removeAllListeners('data').pause();
          },
        },
      },
      async (remote) =>
        assert.equal(await outcome(remote.write('/big', Buffer.alloc(64 * 1024 * 1024), { disposition: 'truncate' }), 10_000), 'Lost'),
    ));

  it('what a server sends during an upload is thrown away', () =>
    insideHostile(
      {
        on: {
          SIZE: `213 ${secret.length}`,
          STOR: async (session) => {
            session.say('150 Give');
            const data = await session.data();
            const ended = once(data, 'end');
            data.write(Buffer.alloc(1024 * 1024));
            await ended;
            session.say('226 Taken');
          },
        },
      },
      async (remote, server) => {
        await store(remote);
        assert.equal(server.stored, secret);
      },
    ));

  it('a name that breaks a line is never sent', () =>
    insideHostile({}, async (remote, server) => {
      for (const path of ['/a\r\nDELE /b', '/a\nDELE /b', '/a\0b', '/a\r']) {
        const calls = [
          remote.list(path),
          remote.unlink(path),
          remote.rename('/x', path, { replace: true }),
          remote.mkdir(path),
          remote.stat(path),
        ];
        for (const call of calls) assert.equal(await outcome(call), 'BadPath');
      }
      assert.doesNotMatch(server.heard, /DELE/);
    }));
});

describe('hostile FTP server: what is left behind', () => {
  it('no socket and no timer after each of many bad ends', async () => {
    const before = process.getActiveResourcesInfo().filter((name) => name !== 'PipeWrap').length;
    const ends: Act[] = [
      '226 Done',
      (session) => session.raw.resetAndDestroy(),
      async (session) => (await session.data()).resetAndDestroy(),
      '421 Bye',
      (session) => session.raw.end(),
    ];
    for (const end of ends) {
      await againstHostile({ on: { MLSD: end, RETR: end, STOR: end } }, async (server) => {
        for (const work of [names, take, store]) {
          const remote = await enter(server).remote;
          assert.notEqual(await outcome(work(remote)), 'it worked');
          await remote.close();
        }
      });
    }
    await sleep(100);
    const after = process.getActiveResourcesInfo().filter((name) => name !== 'PipeWrap');
    assert.ok(after.length <= before + 1, after.join(' '));
  });
});

import assert from 'node:assert/strict';
import { RemoteError } from '../../../../src/core/errors.ts';
import { silentLog } from '../../../../src/core/log.ts';
import type { HostileScript } from '../../../servers/hostileFtp.ts';
import { againstHostile, canary, enter, insideHostile, outcome } from '../../../support/hostile.ts';

/** A connection attempt ends like this, soon, and the server was told nothing secret. */
async function neverLetsIn(script: HostileScript, expected: string, told = ''): Promise<void> {
  await againstHostile(script, async (server) => {
    assert.equal(await outcome(enter(server).remote), expected);
    assert.ok(!server.heard.includes(canary));
    assert.equal(server.heard, told);
  });
}

describe('hostile FTP server: the greeting', () => {
  const megabytes = async (text: string): Promise<void> => {
    let taken = 0;
    const greeting: HostileScript['greeting'] = async (session) => (taken = await session.flood(text));
    await neverLetsIn({ greeting }, text.startsWith('220-') ? 'Lost' : 'Unreachable');
    assert.ok(taken < 16 * 1024 * 1024, `${taken} bytes were taken`);
  };
  it('a banner without end is given up', () => megabytes('220-Welcome\r\n'));
  it('a line without end is given up', () => megabytes('220-xxxxxxxxxxxxxxxx'));
  it('lines that are no reply, without end, are given up', () => megabytes('Welcome\r\n'));
  it('empty lines without end are given up', async () => {
    await againstHostile({ greeting: (session) => session.flood('\r\n') }, async (server) =>
      assert.match(await outcome(enter(server).remote), /^(?:Lost|Unreachable)$/),
    );
  });
  it('a byte now and then does not keep it waiting', async () => {
    const banners = ['220 Welcome'.padEnd(1000, '.'), '220-a\r\n'.repeat(500), 'what\r\n'.repeat(500), '120 wait\r\n'.repeat(100)];
    await Promise.all(
      banners.map((banner) =>
        againstHostile({ greeting: (session) => session.drip(banner, 20) }, async (server) =>
          assert.match(await outcome(enter(server).remote), /^(?:Lost|Unreachable)$/),
        ),
      ),
    );
  });
  it('"wait" and then nothing', () => neverLetsIn({ greeting: '120 Ready in 9999 minutes' }, 'Unreachable'));
  it('a code that no greeting has', async () => {
    const greetings = ['331 Password?', '150 Here it comes', '550 No', '999 What', '2200 Hello', '22 Hello', '+OK'];
    await Promise.all(
      greetings.map((greeting) =>
        againstHostile({ greeting }, async (server) => {
          assert.match(await outcome(enter(server).remote), /^(?:Lost|Unreachable)$/, greeting);
          assert.equal(server.heard, '');
        }),
      ),
    );
  });
});

describe('an FTP server whose part that checks passwords dies', () => {
  const died = '500 OOPS: child died';
  it('refused nobody: the link was lost, and the password is not sent again', () =>
    againstHostile({ on: { PASS: died } }, async (server) => {
      assert.equal(await outcome(enter(server).remote), 'Lost');
      assert.equal(server.heard.split(canary).length, 2);
    }));
  it('refused no user either', () => neverLetsIn({ on: { USER: died } }, 'Lost', 'USER ann\r\n'));
});

describe('hostile FTP server: replies', () => {
  const silent = (): void => {};
  const hangs: Readonly<Record<string, HostileScript>> = {
    'never comes': { on: { CWD: silent } },
    'is only "wait"': { on: { CWD: '150 Wait' } },
    'is "wait" again and again': { on: { CWD: (session) => session.drip('150 Wait\r\n'.repeat(500), 10) } },
    drips: { on: { CWD: (session) => session.drip('250 Here'.padEnd(900, '.'), 20) } },
    'drips in lines': { on: { CWD: (session) => session.drip('250-a\r\n'.repeat(500), 20) } },
    'has no end': { on: { CWD: (session) => session.flood('250-more\r\n') } },
    'has a line without end': { on: { CWD: (session) => session.flood('250 aaaaaaaaaaaaaaaa') } },
  };
  for (const [title, script] of Object.entries(hangs)) {
    it(`a reply that ${title} ends the connection in time`, () =>
      insideHostile(script, async (remote) => {
        assert.equal(await outcome(remote.list('/')), 'Lost');
        assert.equal((await remote.closed).code, 'Lost');
      }));
  }

  it('three replies to one command are not taken for those of the next', () =>
    insideHostile({ on: { NOOP: (session) => session.say('200 a', '250 b', '250 c') } }, async (remote) => {
      await outcome(remote.ping());
      assert.equal(await outcome(remote.unlink('/kept')), 'Lost');
      assert.equal((await remote.closed).code, 'Lost');
    }));

  it('a reply before its command ends the connection', () =>
    insideHostile(
      {
        on: {
          NOOP: (session) => {
            session.say('200 Yes');
            setTimeout(() => session.say('250 Gone'), 50);
          },
        },
      },
      async (remote, server) => {
        await remote.ping();
        assert.match((await remote.closed).message, /not asked/);
        assert.equal(await outcome(remote.unlink('/kept')), 'Lost');
        assert.ok(!server.heard.includes('DELE'));
      },
    ));

  const oddities = [
    '299 Odd',
    '250',
    '250 ',
    '250-\r\n250 ',
    '250-a\r\n 250 b\r\n251 c\r\n250 d',
    '\r\n\r\n250 x',
    'what?\r\n250 x',
    '250 \xff\xfe\x00\x1b[2J',
  ];
  /** How DELE ends for each of these replies to it. */
  const deletions = async (replies: readonly string[]): Promise<Record<string, string>> => {
    const ends = replies.map(async (reply) => [
      JSON.stringify(reply),
      await insideHostile({ on: { DELE: reply } }, (remote) => outcome(remote.unlink('/file'))),
    ]);
    return Object.fromEntries(await Promise.all(ends)) as Record<string, string>;
  };
  const all = (replies: readonly string[], end: string): Record<string, string> =>
    Object.fromEntries(replies.map((reply) => [JSON.stringify(reply), end]));

  it('any 2yz is done, whatever is around it', async () => assert.deepEqual(await deletions(oddities), all(oddities, 'it worked')));
  it('a code that asks for more is not taken for done', async () => {
    const ends = await deletions(['350 More', '331 Password', '450 Not now', '599 Odd', '500 \xff']);
    assert.deepEqual(
      Object.entries(ends).filter(([, end]) => end === 'it worked' || end === 'Lost'),
      [],
    );
  });
  it('what is no reply is none', async () => {
    const replies = ['25 Gone', '2500 Gone', '25O Gone', '600 Gone', '-250 Gone', ' 250 Gone', '250_Gone', '\xef\xbb\xbf250 Gone'];
    assert.deepEqual(await deletions(replies), all(replies, 'Lost'));
  });
  it('a code that asks for more makes, changes and enters no folder and stores no file', () => {
    const on = {
      MKD: '350 More',
      RMD: '350 More',
      CWD: '350 More',
      STOR: '350 More',
      RNFR: '350 Go on',
      RNTO: '350 More',
      SITE: '350 CHMOD',
    };
    return insideHostile({ on }, async (remote, server) => {
      const calls = [
        remote.mkdir('/a'),
        remote.rmdir('/a'),
        remote.list('/a'),
        remote.rename('/a', '/b', { replace: true }),
        remote.write('/a', Buffer.from('secret content'), { disposition: 'truncate' }),
      ];
      for (const what of await Promise.all(calls.map((call) => outcome(call)))) assert.notEqual(what, 'it worked');
      assert.equal(server.stored, '');
    });
  });

  it('text of a server reaches an error as one harmless line', () =>
    insideHostile({ on: { CWD: '550 [run](command:x) $(zap) \x1b]8;;http://x\x07\xe2\x80\xae<b>' } }, async (remote) => {
      const error = await remote.list('/').catch((reason: unknown) => reason);
      assert.ok(error instanceof RemoteError);
      assert.doesNotMatch(error.message, /\]\(|command:|\$\(|[\u0000-\u001f\u202e<]/);
    }));
});

describe('hostile FTP server: the password', () => {
  it('is in neither error nor log when the server repeats it', async () => {
    const traced: string[] = [];
    const keep = (message: string): void => void traced.push(message);
    const log = { ...silentLog, wantsTrace: true, trace: keep, debug: keep, info: keep, warn: keep, error: keep };
    const repeat = [
      (line: string) => `530 '${line}': command not understood`,
      (line: string) => `530-${line}\r\n530 No`,
      (line: string) => `${line}\r\n421 ${line}`,
      (line: string) => `230 ${line}\r\n220 ${line}`,
    ];
    for (const reply of repeat) {
      await againstHostile({ on: { PASS: (session, argument) => session.say(reply(`PASS ${argument}`)) } }, async (server) => {
        const { remote } = enter(server, { script: { password: [canary] }, context: { log } });
        const error = await remote.then(
          (open) => open.close(),
          (reason: unknown) => reason,
        );
        assert.ok(server.heard.includes(canary));
        assert.ok(!`${String(error)} ${String(error instanceof Error && error.cause)}`.includes(canary), String(error));
      });
    }
    assert.deepEqual(
      traced.filter((line) => line.includes(canary)),
      [],
    );
  });

  it('with a line break in it, or in the name, makes no command', async () => {
    for (const bad of ['x\r\nDELE /a', 'x\nDELE /a', 'x\0']) {
      await againstHostile({}, async (server) => {
        assert.equal(await outcome(enter(server, { script: { password: bad } }).remote), 'Auth');
        const named = { ...server, host: { ...server.host, user: bad } };
        assert.equal(await outcome(enter(named).remote), 'Auth');
        assert.doesNotMatch(server.heard, /DELE|PASS|\0/);
      });
    }
  });

  it('goes to no server that never asked for it', async () => {
    for (const answer of ['230 Come in', '332 Account?', '530 No', '150 Wait', '200 Yes', '421 Bye']) {
      await againstHostile({ on: { USER: answer } }, async (server) => {
        await outcome(enter(server).remote.then((remote) => remote.close()));
        assert.ok(!server.heard.includes(canary), answer);
      });
    }
  });
});

describe('hostile FTP server: what it says of itself', () => {
  it('odd answers to the first questions do no harm', () =>
    insideHostile(
      {
        on: {
          FEAT:
            '211-\r\n MLST type*;size;__proto__;\x1b[2J;a b\r\n constructor\r\n __proto__ x\r\n \r\n' + ' X'.repeat(5000) + '\r\n211 End',
          SYST: '215 \x1b[2J__proto__',
          PWD: '257 "/a/../../../b\x1b"',
          OPTS: '999 x\r\n200 Fine',
          SITE: '214-CHMOD\r\n214 constructor',
        },
      },
      async (remote, server) => {
        assert.equal(remote.facts.home, '/b\x1b');
        await remote.ping();
        assert.match(server.heard, /OPTS MLST type;size;\r\n/);
      },
    ));

  it('a size or time out of range is not believed', async () => {
    for (const size of ['-1', '1e30', 'NaN', '9999999999999999', '99999999999999999999999', '0x10', '', '5 or so', '5\r\n213 6']) {
      await insideHostile(
        { on: { SIZE: size.includes('\r') ? size.replace(/^/, '213 ') : `213 ${size}`, MDTM: '213 99999999999999', FEAT: '502 No' } },
        async (remote) => {
          const told = await remote.stat('/file').catch(() => undefined);
          assert.ok(told === undefined || (Number.isSafeInteger(told.size) && told.size >= 0), size);
          assert.ok(told?.mtime === undefined);
        },
      );
    }
  });

  it('reads no file for ever that it said ends', async () => {
    const flood: HostileScript['on'] = {
      SIZE: '213 10',
      RETR: async (session) => {
        session.say('150 Go');
        await session.flood('x', await session.securedData());
      },
    };
    let taken = 0;
    await insideHostile({ on: flood }, async (remote) =>
      assert.equal(
        await outcome(
          remote.read('/file', (chunk) => void (taken += chunk.byteLength)),
          20_000,
        ),
        'Lost',
      ),
    );
    assert.ok(taken < 64 * 1024 * 1024, `${taken} bytes`);
  });
});

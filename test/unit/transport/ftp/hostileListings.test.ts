import assert from 'node:assert/strict';
import { RemoteError } from '../../../../src/core/errors.ts';
import type { Remote } from '../../../../src/core/remote.ts';
import type { HostileScript } from '../../../servers/hostileFtp.ts';
import { insideHostile, outcome } from '../../../support/hostile.ts';

const noMlsd = { FEAT: '211-Features\r\n SIZE\r\n211 End' };
const formats: Readonly<Record<string, { readonly on: NonNullable<HostileScript['on']>; readonly line: (name: string) => string }>> = {
  MLSD: { on: {}, line: (name) => `type=file;size=7;modify=20200101000000; ${name}` },
  LIST: { on: noMlsd, line: (name) => `-rw-r--r-- 1 u g 7 Jan  1  2020 ${name}` },
};

const latin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

describe('hostile FTP server: names in a listing', () => {
  const unsafe = [
    '',
    '.',
    '..',
    '/',
    'a/b',
    '../../etc/passwd',
    '/etc/passwd',
    'a\0b',
    '\0',
    'a\rb',
    '..\r',
    'x'.repeat(5000),
    'x'.repeat(100_000),
  ];
  const odd = [
    'a\tb',
    'a\x1b[2Jb',
    latin1('a\u202etxt.exe'),
    latin1('\u200b'),
    'CON',
    'nul.txt',
    'a:b',
    'a.',
    'a ',
    '...',
    '..\\..\\x',
    '__proto__',
    'constructor',
    'toString',
    '[x](command:y)',
    '$(zap)',
    '\xff\xfe',
    '\xc0\xaf',
    '\xed\xa0\x80',
    'a\xffb',
  ];
  for (const [format, { on, line }] of Object.entries(formats)) {
    it(`${format}: those that lead elsewhere are left out, odd ones and the rest are there`, () => {
      const names = ['first', ...unsafe, ...odd, 'last'];
      const listing = names.map((name) => `${line(name)}\r\n`).join('');
      return insideHostile({ on, listing }, async (remote) => {
        const entries = await remote.list('/folder');
        const sent = (name: string): string => Buffer.from(name, 'latin1').toString('hex');
        const bytes = entries.map(({ name }) => Buffer.from(backToBytes(name)).toString('hex').slice(0, 100));
        assert.deepEqual(bytes.toSorted(), ['first', ...odd, 'last'].map(sent).toSorted());
      });
    });

    it(`${format}: a line break in a name makes no entry elsewhere`, () =>
      insideHostile({ on, listing: [line('one\n../two'), line('three\n\n/four'), line('last')].join('\r\n') + '\r\n' }, async (remote) =>
        assert.deepEqual(
          (await remote.list('/')).map(({ name }) => name),
          ['one', 'three', 'last'],
        ),
      ));

    it(`${format}: a name that comes twice is there once`, () =>
      insideHostile({ on, listing: `${line('a')}\r\n${line('b')}\r\n${line('a')}\r\n` }, async (remote) =>
        assert.deepEqual(
          (await remote.list('/')).map(({ name }) => name),
          ['a', 'b'],
        ),
      ));
  }

  it('a link stays a link when the name comes again as a folder: nobody deletes what is behind it', async () => {
    const lines = ['lrwxrwxrwx 1 u g 4 Jan  1  2020 x -> /etc', 'drwxr-xr-x 1 u g 4 Jan  1  2020 x'];
    for (const listing of [lines, lines.toReversed()]) {
      await insideHostile({ on: noMlsd, listing: listing.join('\r\n') + '\r\n' }, async (remote) =>
        assert.deepEqual(
          (await remote.list('/')).map(({ name, kind }) => [name, kind]),
          [['x', 'symlink']],
        ),
      );
    }
  });
});

/** The name as the server gave it: Ferry keeps bytes that are no UTF-8 as private characters. */
function backToBytes(name: string): number[] {
  return Array.from(name).flatMap((character) => {
    const code = character.codePointAt(0) ?? 0;
    return code >= 0xef80 && code <= 0xefff ? [code - 0xef00] : [...Buffer.from(character)];
  });
}

describe('hostile FTP server: lines of a listing', () => {
  const badFacts = [
    'type=file;size=1e30; a',
    'type=file;size=-5; a',
    'type=file;size=NaN; a',
    'type=file;size=99999999999999999999; a',
    'type=file;size=9999999999999999; a',
    'type=file;modify=garbage; a',
    'type=file;modify=99999999999999; a',
    'type=file;modify=20201332250000; a',
    'type=file;UNIX.mode=999999999; a',
    'type=__proto__;size=constructor; a',
    '__proto__=x;type=file; a',
    'type=file;;;;=;==;size; a',
    'type; a',
    'type=OS.unix=slink:; a',
    'type=OS.unix=slink:../../../..; a',
  ];
  for (const line of badFacts) {
    it(line, () =>
      insideHostile({ listing: `type=file; first\r\n${line}\r\ntype=file; last\r\n` }, async (remote) => {
        const entries = await remote.list('/');
        assert.deepEqual([entries[0]?.name, entries.at(-1)?.name], ['first', 'last']);
        for (const { size, mtime, mode } of entries) {
          assert.ok(Number.isSafeInteger(size) && size >= 0, `size ${size}`);
          assert.ok(mtime === undefined || Math.abs(mtime) < 8.64e15, `time ${mtime}`);
          assert.ok(mode === undefined || (mode >= 0 && mode <= 0o7777), `mode ${mode}`);
        }
      }),
    );
  }

  it('sizes that are none are not taken for exact ones', async () => {
    for (const size of ['-5', '1e30', '1.5e3', '0x10', '9999999999999999']) {
      await insideHostile({ on: { ...noMlsd, SIZE: '502 No' }, listing: `-rw-r--r-- 1 u g ${size} Jan  1  2020 a\r\n` }, async (remote) => {
        const [entry] = await remote.list('/');
        assert.ok(entry === undefined || (Number.isSafeInteger(entry.size) && entry.size >= 0));
        // Without an exact size nothing may be taken for short, or for whole.
        assert.equal(
          await outcome(remote.write('/a', Buffer.alloc(Number(/\d+$/.exec(size)?.[0] ?? 0) % 100), { disposition: 'truncate' })),
          'it worked',
          size,
        );
      });
    }
  });

  it('garbage among good lines costs only itself', () => {
    const garbage = [
      '\x00\x01\x02',
      '-',
      'd',
      'drwx',
      '-rw-r--r--',
      '-rw-r--r-- 1',
      '\x1b[2J',
      '\xff'.repeat(300),
      'total',
      '=;= ',
      ';',
      ' ',
      'type=file;',
    ];
    const listing = garbage.flatMap((line, index) => [line, `type=file; good ${index}`]).join('\r\n') + '\r\n';
    return insideHostile({ listing }, async (remote) =>
      assert.equal((await remote.list('/')).filter(({ name }) => name.startsWith('good ')).length, garbage.length),
    );
  });
});

describe('hostile FTP server: links', () => {
  const link = (name: string, target: string): string => `lrwxrwxrwx 1 u g ${target.length} Jan  1  2020 ${name} -> ${target}\r\n`;
  const refuseAll = {
    ...noMlsd,
    CWD: (session: { say(line: string): void }, path: string) => session.say(path === '/' ? '250 Here' : '550 No'),
  };
  const kindOf = async (remote: Remote, path: string): Promise<string> =>
    remote.stat(path).then(
      ({ kind }) => kind,
      (error: unknown) => (error as RemoteError).code,
    );

  it('loops end', () =>
    insideHostile({ on: refuseAll, listing: link('a', 'b') + link('b', 'a') + link('c', 'c') }, async (remote, server) => {
      for (const path of ['/a', '/b', '/c']) assert.equal(await kindOf(remote, path), 'NotFound');
      assert.ok(server.heard.split('\r\n').length < 400, 'commands without end');
    }));

  it('those that lead above the root lead to the root', () =>
    insideHostile({ on: refuseAll, listing: link('up', '../../../../..') }, async (remote) => {
      assert.equal((await remote.lstat('/up')).kind, 'symlink');
      assert.equal(await kindOf(remote, '/up'), 'directory');
    }));

  it('those whose target is no path are broken links', async () => {
    for (const target of ['a\rb', 'a\0b', '\0']) {
      await insideHostile({ on: refuseAll, listing: link('x', target) }, async (remote, server) => {
        assert.equal(await kindOf(remote, '/x'), 'NotFound', JSON.stringify(target));
        assert.doesNotMatch(server.heard, /\r[^\n]|\0/);
      });
    }
  });
});

describe('hostile FTP server: listings without end', () => {
  /** The most that the heap grew while `task` ran, in MB. */
  async function growth(task: () => Promise<void>): Promise<number> {
    const before = process.memoryUsage();
    let most = 0;
    const timer = setInterval(() => {
      const { heapUsed, external } = process.memoryUsage();
      most = Math.max(most, heapUsed + external - before.heapUsed - before.external);
    }, 20);
    try {
      await task();
    } finally {
      clearInterval(timer);
    }
    return Math.round(most / 1024 / 1024);
  }

  const endless: Readonly<Record<string, string>> = {
    'short entries': 'type=file; a\r\n',
    'entries of one length': 'type=file;size=1;modify=20200101000000; abcdefghijklmnop\r\n',
    'entries that are none': 'nothing that anybody would know\r\n',
    'empty lines': '\r\n',
    'one line': 'type=file;aaaaaaaaaaaaaaaaaaaaaaaaaaa',
  };
  for (const [title, text] of Object.entries(endless)) {
    it(`${title}: refused, the connection dropped, memory calm`, async function () {
      this.timeout(60_000);
      let taken: Promise<number> | undefined;
      const flooding: HostileScript['on'] = {
        MLSD: async (session) => {
          session.say('150 Go');
          const data = await session.securedData();
          taken = session.flood(text, data);
          await taken;
        },
      };
      await insideHostile(
        { on: flooding },
        async (remote) => {
          const megabytes = await growth(async () => {
            const error = await remote.list('/').catch((reason: unknown) => reason);
            assert.ok(
              error instanceof RemoteError && error.code === 'Unsupported' && error.dropsConnection && !error.retryable,
              String(error),
            );
          });
          const given = Math.round(((await taken) ?? 0) / 1024 / 1024);
          process.stderr.write(`      ${given} MB given, heap at most ${megabytes} MB more\n`);
          assert.ok(given <= 80 && megabytes < 400, `${given} MB given, ${megabytes} MB`);
        },
        { deadlines: { data: 20_000 } },
      );
    });
  }

  it('a byte now and then is given up', () =>
    insideHostile(
      { on: { MLSD: async (session) => (session.say('150 Go'), session.drip('type=file; a\r\n'.repeat(100), 25, await session.data())) } },
      async (remote) => assert.equal(await outcome(remote.list('/')), 'Lost'),
    ));

  it('a byte now and then of a file is given up, too', () =>
    insideHostile(
      {
        file: Buffer.alloc(1000),
        on: { RETR: async (session) => (session.say('150 Go'), session.drip('x'.repeat(1000), 25, await session.data())) },
      },
      async (remote) => assert.equal(await outcome(remote.read('/a', () => {})), 'Lost'),
    ));
});

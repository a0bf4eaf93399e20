import assert from 'node:assert/strict';
import type { Field } from '../../../../src/transport/sftp/packets.ts';
import { packetType, statusCode } from '../../../../src/transport/sftp/protocol.ts';
import { bait, fails, withHostile } from '../../../support/hostileSftp.ts';
import type { ScriptedRequest, ScriptedSftp } from '../../../support/scriptedSftp.ts';

type Item = readonly [name: string | Buffer, longname?: string, ...attributes: Field[]];

/** Gives the pages one after another and then the end. */
function pages(...given: readonly (readonly Item[])[]): (request: ScriptedRequest, server: ScriptedSftp) => void {
  const left = [...given];
  return ({ id }, server) => {
    const page = left.shift();
    if (page === undefined) server.status(id, statusCode.EOF);
    else server.reply(packetType.NAME, id, page.length, ...page.flatMap(fieldsOf));
  };
}

function fieldsOf([name, longname = '', ...attributes]: Item): Field[] {
  return [Buffer.from(name as string), Buffer.from(longname), ...(attributes.length === 0 ? [0] : attributes)];
}

const listed = (items: readonly Item[]): Promise<string[]> =>
  withHostile({ READDIR: pages(items) }, async ({ remote }) => (await remote.list('/f')).map(({ name }) => name));

describe('a listing of a hostile SFTP server', () => {
  for (const [what, name] of [
    ['a slash', 'a/b'],
    ['a way out', '../../etc/passwd'],
    ['an absolute path', '/etc/passwd'],
    ['the folder itself', '.'],
    ['the folder above', '..'],
    ['nothing', ''],
    ['a NUL', 'a\0.txt'],
    ['a line break', 'a\r\nb'],
    ['100 KB', 'x'.repeat(100_000)],
    ['a MB but a little', 'x'.repeat(1_000_000)],
  ] as const) {
    it(`leaves out a name with ${what}, and shows the rest`, async () => {
      assert.deepEqual(await listed([['first'], [name], ['last']]), ['first', 'last']);
    });
  }

  it('shows every name that can be one, and asks for it by the very same bytes', async () => {
    const names = [
      ...[
        '__proto__',
        'constructor',
        'toString',
        '-rf',
        '~',
        ' ',
        'a ',
        '\t',
        '\u001b[31mred',
        '\u202egnp.exe',
        '[x](command:evil)',
        '$(trash)',
      ],
      ...['con', 'a:b', 'a\\b', '%2e%2e', '*?', '"', "'", 'x'.repeat(255), '\u{1f600}', 'é', 'e\u0301'],
    ].map((name) => Buffer.from(name));
    const broken = [Buffer.from([0xff]), Buffer.from('a\xe9b', 'latin1'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from([0xc0, 0xaf])];
    const all = [...names, ...broken];
    const asked: Buffer[] = [];
    await withHostile(
      {
        READDIR: pages(all.map((name) => [name])),
        LSTAT: ({ id, reader }, server) => {
          asked.push(Buffer.from(reader.string()));
          server.reply(packetType.ATTRS, id, 0);
        },
      },
      async ({ remote, server }) => {
        const entries = await remote.list('/f');
        assert.equal(entries.length, all.length);
        for (const { name } of entries) await remote.lstat(`/f/${name}`);
        assert.deepEqual(
          asked.map((path) => path.subarray(3).toString('hex')),
          all.map((name) => name.toString('hex')),
        );
        assert.equal(server.of(packetType.CLOSE).length, 1);
      },
    );
  });

  it('names no slash by bytes that are none', async () => {
    /* Overlong forms of `/` and `.`: a lax decoder makes a way out of them. */
    const names = await listed([[Buffer.from([0x2e, 0xc0, 0xaf, 0x2e])], [Buffer.from([0xe0, 0x80, 0xaf])]]);
    for (const name of names) assert.ok(!name.includes('/'), name);
  });

  it('shows each name once', async () => {
    assert.deepEqual(await listed([['a'], ['b'], ['a'], ['a']]), ['a', 'b']);
    await withHostile({ READDIR: pages([['a']], [['b'], ['a']]) }, async ({ remote }) => assert.equal((await remote.list('/f')).length, 2));
  });

  it('says in the log what was left out, shortly and harmlessly', async () => {
    await withHostile({ READDIR: pages(Array.from({ length: 5000 }, (_, index) => [`${bait}/${index}`])) }, async ({ remote, logged }) => {
      assert.deepEqual(await remote.list('/f'), []);
      const text = logged.join('\n');
      assert.match(text, /4999 more/);
      assert.ok(text.length < 5000, `${text.length} characters`);
      assert.doesNotMatch(text, /\u001b|\u202e|\]\(command:/);
    });
  });

  it('takes long names (of `ls -l`) for what they are', async () => {
    const items: Item[] = [
      ['garbage', '\u0000\u001b'.repeat(100)],
      ['huge', '-'.repeat(500_000)],
      ['spaces', `-rw-r--r--${' '.repeat(200_000)}x`],
      ['links', `-rw-r--r--    ${'9'.repeat(300)} root root 1 Jan 1 00:00 links`],
      ['folder', 'drwxr-xr-x    2 root root 1 Jan 1 00:00 folder'],
    ];
    await withHostile({ READDIR: pages(items) }, async ({ remote }) => {
      const kinds = (await remote.list('/f')).map(({ name, kind, links }) => [name, kind, links]);
      assert.deepEqual(kinds, [
        ['garbage', 'file', undefined],
        ['huge', 'file', undefined],
        ['spaces', 'file', undefined],
        ['links', 'file', undefined],
        ['folder', 'directory', 2],
      ]);
    });
  });

  it('takes absurd attributes for what they are', async () => {
    const items: Item[] = [
      ['endless', '', 1, 0xffffffffffffffffn],
      ['future', '', 8, 0xffffffff, 0xffffffff],
      ['all bits', '', 4, 0xffffffff],
      ['extended', '', 0x80000000, 2, Buffer.from('a'), Buffer.from(bait), Buffer.from('b'), Buffer.alloc(1000)],
      ['last'],
    ];
    await withHostile({ READDIR: pages(items) }, async ({ remote }) => {
      const entries = await remote.list('/f');
      assert.deepEqual(
        entries.map(({ name }) => name),
        ['endless', 'future', 'all bits', 'extended', 'last'],
      );
      assert.ok(entries.every(({ size, mode }) => Number.isSafeInteger(size) && (mode ?? 0) <= 0o7777));
    });
  });

  for (const [what, reply] of [
    ['4 billion names', [0xffffffff]],
    ['more names than it has', [3, Buffer.from('a'), Buffer.from(''), 0, Buffer.alloc(30)]],
    ['an extended count that it does not have', [1, Buffer.from('a'), Buffer.from(''), 0x80000000, 0xffffffff]],
    ['a name longer than itself', [1, 0x7fffffff, 0, 0, 0, 0]],
  ] as const satisfies readonly (readonly [string, readonly Field[]])[]) {
    it(`that claims ${what} ends the connection, and is no short list`, async () => {
      await withHostile({ READDIR: ({ id }, server) => server.reply(packetType.NAME, id, ...reply) }, async ({ remote }) => {
        await fails(remote.list('/f'), 'Lost');
        assert.equal((await remote.closed).code, 'Lost');
      });
    });
  }

  it('that never ends is given up at 200,000 entries, in little memory, and the connection still serves', async () => {
    let count = 0;
    const page = (): Field[] => Array.from({ length: 4000 }, () => [Buffer.from(`name ${count++}`), Buffer.from(''), 0] as Field[]).flat();
    const endless = ({ id }: ScriptedRequest, server: ScriptedSftp): void => server.reply(packetType.NAME, id, 4000, ...page());
    await withHostile({ READDIR: endless }, async ({ remote, server }) => {
      const before = process.memoryUsage().rss;
      await fails(remote.list('/f'), 'Unsupported');
      assert.ok(count < 500_000, `${count} were asked for`);
      assert.ok(process.memoryUsage().rss - before < 400e6);
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(server.of(packetType.CLOSE).length, 1);
      await remote.stat('/f');
    });
  });

  it('that never ends is given up at 64 MB', async () => {
    let bytes = 0;
    const long = Buffer.alloc(4000, 'x');
    const endless = ({ id }: ScriptedRequest, server: ScriptedSftp): void => {
      const page = Array.from(
        { length: 200 },
        (_, index) => [Buffer.concat([long, Buffer.from(`${bytes}-${index}`)]), Buffer.from(''), 0] as Field[],
      );
      bytes += 200 * 4012;
      server.reply(packetType.NAME, id, 200, ...page.flat());
    };
    await withHostile({ READDIR: endless }, async ({ remote }) => {
      await fails(remote.list('/f'), 'Unsupported');
      assert.ok(bytes < 120e6, `${bytes} bytes were asked for`);
    });
  });

  it('of empty pages without end is empty', async () => {
    await withHostile({ READDIR: ({ id }, server) => server.reply(packetType.NAME, id, 0) }, async ({ remote }) =>
      assert.deepEqual(await remote.list('/f'), []),
    );
  });

  it('of nothing but the folder itself without end does not hold the removal of a folder', async () => {
    const endless = ({ id }: ScriptedRequest, server: ScriptedSftp): void =>
      server.reply(packetType.NAME, id, 1, Buffer.from('.'), Buffer.from(''), 0);
    const folder = ({ id }: ScriptedRequest, server: ScriptedSftp): void => server.reply(packetType.ATTRS, id, 4, 0o040755);
    await withHostile(
      { READDIR: endless, LSTAT: folder, RMDIR: ({ id }, server) => server.status(id, statusCode.FAILURE, bait) },
      async ({ remote, server }) => {
        await fails(remote.rmdir('/f'), 'Unknown');
        assert.ok(server.of(packetType.READDIR).length < 10);
      },
    );
  });
});

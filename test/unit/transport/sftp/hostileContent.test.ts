import assert from 'node:assert/strict';
import { isRemoteError } from '../../../../src/core/errors.ts';
import type { Remote } from '../../../../src/core/remote.ts';
import { packetType, statusCode } from '../../../../src/transport/sftp/protocol.ts';
import { bait, fails, withHostile } from '../../../support/hostileSftp.ts';
import type { ScriptedRequest, ScriptedSftp } from '../../../support/scriptedSftp.ts';

type Answer = (request: ScriptedRequest, server: ScriptedSftp) => void;

const size =
  (bytes: bigint): Answer =>
  ({ id }, server) =>
    server.reply(packetType.ATTRS, id, 1, bytes);
/** What a READ asks for. */
function asked({ reader }: ScriptedRequest): { readonly offset: number; readonly length: number } {
  reader.string();
  return { offset: reader.uint64(), length: reader.uint32() };
}
const read = async (remote: Remote): Promise<number> => {
  let taken = 0;
  const told = await remote.read('/a', (chunk) => void (taken += chunk.length));
  assert.equal(told, taken);
  return told;
};

describe('content from a hostile SFTP server', () => {
  const lost: readonly (readonly [string, bigint, Answer])[] = [
    ['more data than asked for', 100n, ({ id }, server) => server.reply(packetType.DATA, id, Buffer.alloc(300_000))],
    ['data of no bytes for ever', 100n, ({ id }, server) => server.reply(packetType.DATA, id, Buffer.alloc(0))],
    ['the end before the first byte', 100n, ({ id }, server) => server.status(id, statusCode.EOF)],
    [
      'the end after a byte',
      100n,
      (request, server) => {
        if (asked(request).offset === 0) server.reply(packetType.DATA, request.id, Buffer.alloc(1));
        else server.status(request.id, statusCode.EOF);
      },
    ],
    [
      'half of a size of 2^64',
      0xffffffffffffffffn,
      (request, server) => {
        const { offset, length } = asked(request);
        if (offset < 1_000_000) server.reply(packetType.DATA, request.id, Buffer.alloc(length));
        else server.status(request.id, statusCode.EOF);
      },
    ],
    ['a name in place of data', 100n, ({ id }, server) => server.reply(packetType.NAME, id, 1, Buffer.from('a'), Buffer.from(''), 0)],
    ['OK in place of data', 100n, ({ id }, server) => server.status(id, statusCode.OK)],
    ['data that ends before its length', 100n, ({ id }, server) => server.reply(packetType.DATA, id, 50)],
    ['nothing', 100n, () => {}],
  ];
  for (const [what, told, answer] of lost) {
    it(`${what}: Lost, never whole`, () =>
      withHostile({ FSTAT: size(told), READ: answer }, async ({ remote }) => {
        await fails(read(remote), 'Lost');
      }));
  }

  it('in pieces that get smaller and smaller is whole', () => {
    const whole = 50_000;
    const answer: Answer = (request, server) => {
      const { offset, length } = asked(request);
      const left = Math.max(0, whole - offset);
      if (left === 0) server.status(request.id, statusCode.EOF);
      else server.reply(packetType.DATA, request.id, Buffer.alloc(Math.min(length, Math.ceil(left / 100))));
    };
    return withHostile({ FSTAT: size(BigInt(whole)), READ: answer }, async ({ remote }) => assert.equal(await read(remote), whole));
  });

  it('that grows while it is read ends where it ended when it was opened', () =>
    withHostile(
      { FSTAT: size(100n), READ: (request, server) => server.reply(packetType.DATA, request.id, Buffer.alloc(asked(request).length)) },
      async ({ remote }) => assert.equal(await read(remote), 100),
    ));

  it('without a size and without an end is read as it is asked for, no more than a window ahead', () =>
    withHostile(
      {
        FSTAT: ({ id }, server) => server.reply(packetType.ATTRS, id, 0),
        READ: (request, server) => server.reply(packetType.DATA, request.id, Buffer.alloc(asked(request).length)),
      },
      async ({ remote, server }) => {
        const enough = new AbortController();
        let taken = 0;
        const reading = remote.read(
          '/a',
          async (chunk) => {
            taken += chunk.length;
            if (taken > 20e6) enough.abort();
            await new Promise((resolve) => setImmediate(resolve));
          },
          { signal: enough.signal },
        );
        await fails(reading, 'Cancelled');
        assert.ok(server.of(packetType.READ).length * 32_768 < taken + 9e6);
      },
    ));

  it('arrives in the right order from replies in the wrong one', () => {
    const content = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 251));
    const held: (() => void)[] = [];
    return withHostile(
      {
        FSTAT: size(BigInt(content.length)),
        READ: (request, server) => {
          const { offset, length } = asked(request);
          held.unshift(() => server.reply(packetType.DATA, request.id, content.subarray(offset, offset + length)));
          setImmediate(() => held.splice(0).forEach((reply) => reply()));
        },
      },
      async ({ remote }) => {
        const chunks: Uint8Array[] = [];
        await remote.read('/a', (chunk) => void chunks.push(chunk.slice()));
        assert.ok(Buffer.concat(chunks).equals(content));
      },
    );
  });
});

describe('a hostile SFTP server', () => {
  const wordy =
    (status: number, words: string): Answer =>
    ({ id }, server) =>
      server.status(id, status, words);

  it('shows no words of its own as they are, nor many', () =>
    withHostile({ STAT: wordy(statusCode.FAILURE, bait), LSTAT: wordy(statusCode.FAILURE, bait) }, async ({ remote, logged }) => {
      const error: unknown = await remote.stat('/a').catch((caught: unknown) => caught);
      assert.ok(isRemoteError(error, 'Unknown'));
      assert.match(error.message, /forged/);
      await fails(remote.stat('/a'), 'Unknown');
      assert.doesNotMatch(logged.join('\n'), /\u001b|\u202e|\]\(command:/);
    }));

  it('may talk for a MB', () =>
    withHostile({ STAT: wordy(statusCode.FAILURE, 'x'.repeat(1_000_000)), LSTAT: wordy(9, 'y') }, async ({ remote, logged }) => {
      const error: unknown = await remote.stat('/a').catch((caught: unknown) => caught);
      assert.ok(isRemoteError(error, 'Unknown') && error.message.length < 400);
      assert.ok(logged.join('\n').length < 5000);
    }));

  it('may use status codes that nobody knows', async () => {
    for (const status of [9, 13, 99, 0x7fffffff, 0xffffffff])
      await withHostile({ SETSTAT: wordy(status, bait) }, ({ remote }) => fails(remote.chmod!('/a', 0o644), 'Unknown'));
  });

  it('may leave out the words', () =>
    withHostile({ SETSTAT: ({ id }, server) => server.reply(packetType.STATUS, id, 3) }, ({ remote }) =>
      fails(remote.chmod!('/a', 0o644), 'Denied'),
    ));

  for (const length of [0, 1, 256]) {
    it(`may give handles of ${length} bytes`, () => {
      const handle = Buffer.alloc(length, 0xff);
      return withHostile({ OPENDIR: ({ id }, server) => server.reply(packetType.HANDLE, id, handle) }, async ({ remote, server }) => {
        await remote.list('/a');
        assert.ok(server.of(packetType.READDIR).every(({ reader }) => reader.string().equals(handle)));
      });
    });
  }

  it('may not give handles of 10 KB, which would come back with every request', () =>
    withHostile({ OPENDIR: ({ id }, server) => server.reply(packetType.HANDLE, id, Buffer.alloc(10_240)) }, async ({ remote }) => {
      await fails(remote.list('/a'), 'Lost');
      assert.equal((await remote.closed).code, 'Lost');
    }));

  for (const [what, target] of [
    ['NUL', 'a\0b'],
    ['line breaks', 'a\r\nb'],
    ['nothing', ''],
    ['a MB', 'x/'.repeat(450_000)],
  ] as const) {
    it(`shows a link to ${what} as one that leads nowhere`, () =>
      withHostile(
        {
          STAT: wordy(statusCode.FAILURE, ''),
          LSTAT: ({ id }, server) => server.reply(packetType.ATTRS, id, 4, 0o120777),
          READLINK: ({ id }, server) => server.reply(packetType.NAME, id, 1, Buffer.from(target), Buffer.from(''), 0),
        },
        ({ remote }) => fails(remote.stat('/a'), 'NotFound'),
      ));
  }

  it('whose links lead in a circle is not followed round and round', () =>
    withHostile(
      {
        STAT: wordy(statusCode.FAILURE, 'Too many levels of symbolic links'),
        LSTAT: ({ id }, server) => server.reply(packetType.ATTRS, id, 4, 0o120777),
        READLINK: ({ id }, server) => server.reply(packetType.NAME, id, 1, Buffer.from('/a'), Buffer.from(''), 0),
      },
      async ({ remote, server }) => {
        await fails(remote.stat('/a'), 'Unknown');
        assert.ok(server.requests.length < 20, `${server.requests.length} requests`);
      },
    ));

  it('with two names where one is asked for ends the connection', () =>
    withHostile(
      {
        READLINK: ({ id }, server) =>
          server.reply(packetType.NAME, id, 2, ...['a', 'b'].flatMap((name) => [Buffer.from(name), Buffer.from(''), 0])),
      },
      ({ remote }) => fails(remote.readLink!('/a'), 'Lost'),
    ));

  it('that never answers is Lost in time, whatever was asked', () => {
    const silent: Answer = () => {};
    return withHostile(
      {
        OPEN: silent,
        OPENDIR: silent,
        STAT: silent,
        LSTAT: silent,
        MKDIR: silent,
        RENAME: silent,
        REMOVE: silent,
        RMDIR: silent,
        SETSTAT: silent,
        READLINK: silent,
      },
      async ({ remote }) => {
        await Promise.all(
          [
            ...[remote.stat('/a'), remote.list('/a'), read(remote), remote.mkdir('/a'), remote.unlink('/a'), remote.rmdir('/a')],
            ...[
              remote.chmod!('/a', 0o644),
              remote.rename('/a', '/b', { replace: true }),
              remote.write('/a', Buffer.alloc(9), { disposition: 'create' }),
            ],
          ].map((call) => fails(call, 'Lost')),
        );
      },
    );
  });
});

import assert from 'node:assert/strict';
import { isRemoteError } from '../../../../src/core/errors.ts';
import type { Remote } from '../../../../src/core/remote.ts';
import { readFileAttributes } from '../../../../src/transport/sftp/fileAttributes.ts';
import { encodePacket, PacketReader, PacketSplitter, ProtocolError, type Field } from '../../../../src/transport/sftp/packets.ts';
import { packetType, statusCode } from '../../../../src/transport/sftp/protocol.ts';
import { namePage, readStatus } from '../../../../src/transport/sftp/replies.ts';
import { uint32 } from '../../../../src/transport/sftp/wire.ts';
import { bait, fails, withHostile } from '../../../support/hostileSftp.ts';
import { ScriptedSftp } from '../../../support/scriptedSftp.ts';
import { openOn } from '../../../support/sftpServer.ts';
import { chosenSeed, randomFrom, type Random } from '../../../torture/random.ts';

const attributes: readonly Field[] = [1, 5n];

describe('replies of a hostile SFTP server', () => {
  for (const [what, act] of [
    ['to nothing', (server: ScriptedSftp) => server.status(999_999, statusCode.OK)],
    ['with another id', (server, id) => server.reply(packetType.ATTRS, id ^ 0x40000000, ...attributes)],
    ['of a type that nobody knows', (server, id) => server.reply(199, id, ...attributes)],
    ['that are requests', (server, id) => server.reply(packetType.OPEN, id, Buffer.from('/etc/passwd'), 1, 0)],
    ['that are a second VERSION', (server) => server.push(encodePacket(packetType.VERSION, undefined, [3]))],
    ['of no bytes', (server) => server.push(uint32(0))],
    ['of one byte', (server) => server.push(Buffer.from([0, 0, 0, 1, packetType.STATUS]))],
    ['of 4 GB', (server) => server.push(uint32(0xffffffff))],
    ['that end before their fields', (server, id) => server.reply(packetType.ATTRS, id, 0xf)],
    ['of text', (server) => server.push(bait)],
  ] as const satisfies readonly (readonly [string, (server: ScriptedSftp, id: number) => unknown])[]) {
    it(`${what} end the connection, and all that waits is told`, () =>
      withHostile({ STAT: ({ id }, server) => void act(server, id), LSTAT: () => {} }, async ({ remote }) => {
        await Promise.all([fails(remote.lstat('/b'), 'Lost'), fails(remote.stat('/a'), 'Lost')]);
        assert.equal((await remote.closed).code, 'Lost');
      }));
  }

  it('that come twice count once', () =>
    withHostile(
      {
        STAT: ({ id }, server) => {
          server.reply(packetType.ATTRS, id, ...attributes);
          server.reply(packetType.ATTRS, id, 1, 6n);
        },
      },
      async ({ remote }) => {
        assert.equal((await remote.stat('/a')).size, 5);
        assert.equal((await remote.closed).code, 'Lost');
      },
    ));

  it('that are cut off are waited for no longer than the deadline', () =>
    withHostile({ STAT: ({ id }, server) => server.push(encodePacket(packetType.ATTRS, id, attributes).subarray(0, 12)) }, ({ remote }) =>
      fails(remote.stat('/a'), 'Lost'),
    ));

  it('that come byte by byte are understood', () =>
    withHostile(
      {
        STAT: ({ id }, server) => {
          for (const byte of encodePacket(packetType.ATTRS, id, attributes)) server.push(Buffer.from([byte]));
        },
      },
      async ({ remote }) => assert.equal((await remote.stat('/a')).size, 5),
    ));
});

describe('the greeting of a hostile SFTP server', () => {
  const greeted = (...bytes: readonly Uint8Array[]): Promise<Remote> => {
    const server = Object.assign(new ScriptedSftp(), { _write: (_chunk: Buffer, _encoding: string, done: () => void) => done() });
    setImmediate(() => server.push(Buffer.concat(bytes)));
    return openOn(server, { deadlines: { metadata: 200, data: 200, flush: 200 } });
  };
  const hello = (number: number, ...fields: Field[]): Buffer => encodePacket(packetType.VERSION, undefined, [number, ...fields]);

  for (const [what, bytes, code] of [
    ['version 2', hello(2), 'Unsupported'],
    ['version 6', hello(6), 'Unsupported'],
    ['version 2^32 - 1', hello(0xffffffff), 'Unsupported'],
    ['no version', encodePacket(packetType.VERSION, undefined, []), 'Lost'],
    [
      'an extension that is cut off',
      Buffer.concat([uint32(13), hello(3, Buffer.from('x')).subarray(4), uint32(99)]).subarray(0, 17),
      'Lost',
    ],
    ['a status', encodePacket(packetType.STATUS, 0, [0]), 'Lost'],
    ['zeros', Buffer.alloc(100), 'Lost'],
    ['text with bait', Buffer.from(bait), 'Unsupported'],
    ['silence', Buffer.alloc(0), 'Lost'],
  ] as const) {
    it(`${what}: ${code}`, () => fails(greeted(bytes), code));
  }

  it('with extensions by the hundred thousand is read in little time and log', async () => {
    const lines: string[] = [];
    const note = (text: string): void => void lines.push(text);
    const server = new ScriptedSftp(Array.from({ length: 60_000 }, (_, index) => `${bait.slice(0, 3)}${index}`));
    const remote = await openOn(server, { log: { trace: note, debug: note, info: note, warn: note, error: note } });
    await remote.close();
    assert.ok(lines.join('').length < 5000, `${lines.join('').length} characters`);
    assert.ok(lines.every((line) => !line.includes('](')));
  });

  it('with a home folder that is none: the root is home', async () => {
    for (const home of ['a\0b', 'a\r\nb', '', 'x'.repeat(500_000)]) {
      const server = new ScriptedSftp();
      server.home = Buffer.from(home);
      const remote = await openOn(server);
      assert.equal(remote.facts.home, '/');
      await remote.close();
    }
  });

  for (const [limit, least, most] of [
    [0n, 32_768, 32_768],
    [1n, 1024, 1024],
    [2n ** 63n, 32_768, 255 * 1024],
    [2n ** 64n - 1n, 32_768, 255 * 1024],
  ] as const) {
    it(`with a limit of ${limit} bytes: pieces of a reasonable size`, () => {
      const sizes: number[] = [];
      return withHostile(
        {
          EXTENDED: ({ id }, server) => server.reply(packetType.EXTENDED_REPLY, id, limit, limit, limit, limit),
          FSTAT: ({ id }, server) => server.reply(packetType.ATTRS, id, 1, 100_000n),
          STAT: ({ id }, server) => server.reply(packetType.ATTRS, id, 1, 100_000n),
          READ: ({ id, reader }, server) => {
            reader.string();
            const left = 100_000 - reader.uint64();
            const length = reader.uint32();
            sizes.push(length);
            server.reply(packetType.DATA, id, Buffer.alloc(Math.max(0, Math.min(left, length))));
          },
          WRITE: ({ id, reader }, server) => {
            reader.string();
            reader.uint64();
            sizes.push(reader.string().length);
            server.status(id, statusCode.OK);
          },
        },
        async ({ remote }) => {
          assert.equal(await remote.read('/a', () => {}), 100_000);
          await remote.write('/a', Buffer.alloc(100_000), { disposition: 'truncate' });
          const largest = Math.max(...sizes);
          assert.ok(largest >= least && largest <= most, `pieces of ${largest}`);
          assert.ok(sizes.length < 300, `${sizes.length} pieces`);
        },
        ['limits@openssh.com'],
      );
    });
  }
});

describe('mutated SFTP packets', () => {
  const whole: readonly Buffer[] = [
    encodePacket(packetType.STATUS, 1, [4, Buffer.from('Failure'), Buffer.from('en')]),
    encodePacket(packetType.HANDLE, 2, [Buffer.from('handle')]),
    encodePacket(packetType.DATA, 3, [Buffer.alloc(50, 'x')]),
    encodePacket(packetType.ATTRS, 4, [0xf, 99n, 0, 0, 0o100644, 1, 2]),
    encodePacket(packetType.ATTRS, 5, [0x80000000, 2, ...['a', 'b', 'c', 'd'].map((text) => Buffer.from(text))]),
    encodePacket(packetType.NAME, 6, [
      2,
      ...['a', 'b'].flatMap((name) => [Buffer.from(name), Buffer.from(`-rw-r--r-- 1 ${name}`), 5, 7n, 0o40755]),
    ]),
    encodePacket(packetType.VERSION, undefined, [3, Buffer.from('posix-rename@openssh.com'), Buffer.from('1')]),
  ];

  function mutated(random: Random): Buffer {
    const packet = Buffer.from(whole[Math.floor(random() * whole.length)]!);
    for (let count = Math.floor(random() * 6); count >= 0; count--) {
      const at = Math.floor(random() * packet.length);
      if (random() < 0.3) packet.writeUInt32BE(Math.floor(random() * 2 ** 32), Math.min(at, packet.length - 4));
      else packet[at] = random() < 0.5 ? Math.floor(random() * 256) : random() < 0.5 ? 0 : 255;
    }
    return packet.subarray(0, random() < 0.2 ? Math.floor(random() * packet.length) : packet.length);
  }

  it('give values or ProtocolErrors to whoever parses them, in no time', () => {
    const seed = chosenSeed();
    const random = randomFrom(seed);
    const parsers = [
      (bytes: Buffer) => void readFileAttributes(new PacketReader(bytes.subarray(5))),
      (bytes: Buffer) => void readStatus(bytes[0] ?? 0, new PacketReader(bytes.subarray(1))),
      (bytes: Buffer) => {
        const page = namePage(new PacketReader(bytes.subarray(5)));
        for (let left = page.count; left > 0; left--) page.next();
      },
    ];
    const parseAll = (bytes: Buffer): number => {
      const from = performance.now();
      for (const parse of parsers) {
        try {
          parse(bytes);
        } catch (error) {
          if (!(error instanceof ProtocolError) && (error as Error).name !== 'StatusError') throw error;
        }
      }
      return performance.now() - from;
    };
    for (let round = 0; round < 50_000; round++) {
      const bytes = mutated(random).subarray(4);
      // The machine may be busy once; what is slow each time is slow.
      let attempts = 20;
      while (parseAll(bytes) > 1) assert.ok(--attempts > 0, `FERRY_SEED=${seed}, round ${round} takes over 1 ms`);
    }
  });

  it('in a stream are packets or ProtocolErrors', () => {
    const seed = chosenSeed();
    const random = randomFrom(seed);
    for (let round = 0; round < 5000; round++) {
      const splitter = new PacketSplitter();
      let taken = 0;
      try {
        for (let count = 0; count < 10; count++) splitter.push(mutated(random), (packet) => void (taken += packet.length));
      } catch (error) {
        assert.ok(error instanceof ProtocolError, `FERRY_SEED=${seed}, round ${round}: ${String(error)}`);
      }
      assert.ok(taken < 2000);
    }
  });

  it('in place of replies settle every call with a value or a RemoteError', async () => {
    const seed = chosenSeed();
    const random = randomFrom(seed);
    const aside: unknown[] = [];
    const note = (error: unknown): void => void aside.push(error);
    process.on('unhandledRejection', note).on('uncaughtException', note);
    for (let round = 0; round < 300; round++) {
      const server = new ScriptedSftp(['statvfs@openssh.com', 'limits@openssh.com']);
      server.onRequest = ({ id }) => {
        const packet = mutated(random);
        // Mostly for the right request: else the id ends it all.
        if (random() < 0.9 && packet.length >= 9) packet.writeUInt32BE(id, 5);
        server.push(packet);
      };
      const remote = await openOn(server, { deadlines: { metadata: 60, data: 60, flush: 60 } });
      const calls = await Promise.allSettled([
        remote.list('/f'),
        remote.read('/a', () => {}),
        remote.write('/b', Buffer.alloc(100), { disposition: 'update' }),
        remote.rename('/a', '/b', { replace: true }),
        remote.stat('/a'),
        remote.mkdir('/c'),
        remote.rmdir('/c'),
        remote.space!('/'),
      ]);
      for (const call of calls)
        assert.ok(
          call.status === 'fulfilled' || isRemoteError(call.reason),
          `FERRY_SEED=${seed}, round ${round}: ${String('reason' in call && call.reason)}`,
        );
      await remote.close();
    }
    process.off('unhandledRejection', note).off('uncaughtException', note);
    assert.deepEqual(aside, []);
  }).timeout(60_000);
});

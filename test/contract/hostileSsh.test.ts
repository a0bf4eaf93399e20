import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { sshString, uint32 } from '../../src/transport/sftp/wire.ts';
import { assertCode, bait, connectFailure, patience } from '../support/hostileSsh.ts';
import { startSshServer, type ScriptedSshServer } from '../support/sshServer.ts';
import { startDrip, startTcpServer, type TcpServer } from '../support/tcpServer.ts';

describe('a hostile SSH server', function () {
  this.timeout(60_000);
  let server: ScriptedSshServer | undefined;
  const listeners: TcpServer[] = [];
  afterEach(async () => {
    await Promise.all(listeners.splice(0).map((listener) => listener.stop()));
    await server?.stop();
    server = undefined;
  });

  async function listen(onSocket: (socket: Socket) => void): Promise<number> {
    const listener = await startTcpServer(onSocket);
    listeners.push(listener);
    return listener.port;
  }

  async function drip(port: number, after: number, every: number): Promise<number> {
    const listener = await startDrip(port, { after, every });
    listeners.push(listener);
    return listener.port;
  }

  /** Writes without end, as fast as the client takes it. */
  function pour(socket: Socket, chunk: Buffer): void {
    const write = (): void => {
      while (!socket.destroyed && socket.write(chunk));
    };
    socket.on('drain', write);
    write();
  }

  describe('before the key exchange', () => {
    const plain = (payload: Uint8Array): Buffer => {
      const padding = 16 - ((5 + payload.length) % 8);
      return Buffer.concat([uint32(1 + payload.length + padding), Buffer.from([padding]), payload, Buffer.alloc(padding)]);
    };
    const kexinit = Buffer.concat([
      Buffer.from([20]),
      Buffer.alloc(16),
      ...[
        'curve25519-sha256',
        'ecdsa-sha2-nistp256',
        'aes128-ctr',
        'aes128-ctr',
        'hmac-sha2-256',
        'hmac-sha2-256',
        'none',
        'none',
        '',
        '',
      ].map((list) => sshString(list)),
      Buffer.alloc(5),
    ]);
    const ident = Buffer.from('SSH-2.0-x\r\n');

    const table: readonly (readonly [string, (socket: Socket) => void])[] = [
      ['is silent', () => {}],
      ['echoes', (socket) => socket.pipe(socket)],
      ['sends lines without end', (socket) => pour(socket, Buffer.from('hello\r\n'.repeat(1000)))],
      ['sends one line without end', (socket) => pour(socket, Buffer.alloc(4096, 'x'))],
      ['sends nothing but newlines', (socket) => pour(socket, Buffer.alloc(4096, '\n'))],
      ['sends zeros', (socket) => pour(socket, Buffer.alloc(4096))],
      ['speaks SSH 1', (socket) => socket.write('SSH-1.5-x\r\n')],
      ['names itself with garbage', (socket) => socket.write('SSH-\r\n')],
      ['names itself and is silent', (socket) => socket.write(ident)],
      ['sends a packet of no bytes', (socket) => socket.write(Buffer.concat([ident, uint32(0), Buffer.alloc(64)]))],
      ['sends a packet of 4 GB', (socket) => socket.write(Buffer.concat([ident, uint32(0xffffffff), Buffer.alloc(64)]))],
      ['sends a packet with more padding than bytes', (socket) => socket.write(Buffer.concat([ident, uint32(12), Buffer.alloc(64, 255)]))],
      ['sends KEXINIT without end', (socket) => pour(socket, Buffer.concat([ident, ...Array.from({ length: 50 }, () => plain(kexinit))]))],
      ['sends a KEXINIT without lists', (socket) => socket.write(Buffer.concat([ident, plain(kexinit.subarray(0, 17))]))],
      [
        'sends a KEXINIT whose list is longer than it',
        (socket) => socket.write(Buffer.concat([ident, plain(Buffer.concat([kexinit.subarray(0, 17), uint32(0xfffffff0)]))])),
      ],
      [
        'sends IGNORE without end',
        (socket) => {
          socket.write(ident);
          pour(socket, Buffer.concat(Array.from({ length: 200 }, () => plain(Buffer.concat([Buffer.from([2]), sshString('x')])))));
        },
      ],
      ['says success before anything', (socket) => socket.write(Buffer.concat([ident, plain(Buffer.from([52])), plain(kexinit)]))],
      ['speaks HTTP', (socket) => socket.write(`HTTP/1.1 200 ${bait}\r\n\r\n`)],
      ['speaks FTP', (socket) => socket.write(`220 ${bait}\r\n`)],
      [
        'takes leave with bait',
        (socket) =>
          socket.write(Buffer.concat([ident, plain(Buffer.concat([Buffer.from([1]), uint32(2), sshString(bait), sshString('')]))])),
      ],
      ['hangs up in the middle of a packet', (socket) => socket.end(Buffer.concat([ident, plain(kexinit).subarray(0, 40)]))],
    ];
    it('another kind of server is told at once from one that is slow', async () => {
      for (const [words, hint] of [
        [`220 ${bait}\r\n`, /FTP server/],
        [`HTTP/1.1 400 ${bait}\r\n`, /web server/],
      ] as const) {
        const { error, ms } = await connectFailure(await listen((socket) => socket.write(words)));
        assert.match(error.hint ?? '', hint);
        assert.ok(ms < patience, `${ms} ms`);
      }
      const { error } = await connectFailure(await listen((socket) => socket.write(`* OK ${bait}\r\n`)));
      assert.match(error.hint ?? '', /It said: \* OK/);
    });

    for (const [name, behave] of table) {
      it(`${name}: Unreachable in bounded time, nothing asked`, async () => {
        const heap = process.memoryUsage().rss;
        const { error, ms, context } = await connectFailure(await listen(behave), { password: 'canary' });
        assertCode(error, 'Unreachable');
        assert.ok(ms < patience + 3000, `${ms} ms`);
        assert.deepEqual(context.prompts.asked, []);
        assert.ok(process.memoryUsage().rss - heap < 100e6);
      });
    }

    it('an identification in any pieces, behind lines of greeting, is understood', async () => {
      server = await startSshServer((request) => request.reject(['publickey']));
      for (const [after, every] of [
        [0, 0],
        [3, 1],
      ] as const)
        assertCode((await connectFailure(await drip(server.port, after, every))).error, 'Auth', 'Unreachable');
      for (const pieces of [['Hel', 'lo\r\nSSH', '-2.0-x', '\r\n'], ['a\n', 'b\r\n', 'S', 'SH-2.0-y\n'], ['SSH-2.0-z\r\n']]) {
        const seen: string[] = [];
        const { error } = await connectFailure(
          await listen((socket) => {
            void (async () => {
              for (const piece of pieces) {
                socket.write(piece);
                await new Promise((resolve) => setTimeout(resolve, 15));
              }
              socket.on('data', (chunk: Buffer) => seen.push(chunk.toString('latin1')));
              setTimeout(() => socket.end(), 50);
            })();
          }),
        );
        assertCode(error, 'Unreachable');
        assert.match(seen.join(''), /curve25519/, 'the client went on to the key exchange');
      }
    });
  });

  describe('that drips', () => {
    it('in any phase: the attempt ends in time', async () => {
      const { port } = (server = await startSshServer(
        (request) => (request.method === 'password' ? request.accept() : request.reject(['password'])),
        { onSubsystem: () => {} },
      ));
      /* Identification, KEXINIT, the key exchange's reply, the log-in, the channel. */
      const phases = [0, 10, 25, 400, 1000, 1300, 1500, 1700, 1900];
      const results = await Promise.all(
        phases.map(async (after) => {
          return { after, ...(await connectFailure(await drip(port, after, 40), { password: 'canary' })) };
        }),
      );
      for (const { after, error, ms } of results) {
        assertCode(error, 'Unreachable', 'Lost', 'Auth');
        assert.ok(ms < 2 * patience + 5000, `after ${after} bytes: ${ms} ms`);
      }
    });

    it('and never answers on the channel: the attempt ends in time', async () => {
      server = await startSshServer((request) => request.accept(), { onSubsystem: () => {} });
      const { error, ms } = await connectFailure(server.port);
      assertCode(error, 'Unreachable', 'Lost');
      assert.ok(ms < patience + 3000);
    });
  });
});

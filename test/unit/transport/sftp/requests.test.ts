import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { isRemoteError, RemoteError, type RemoteErrorCode } from '../../../../src/core/errors.ts';
import type { Remote } from '../../../../src/core/remote.ts';
import { packetType, statusCode } from '../../../../src/transport/sftp/protocol.ts';
import { ScriptedSftp } from '../../../support/scriptedSftp.ts';
import { openOn } from '../../../support/sftpServer.ts';

const code = (expected: RemoteErrorCode, message?: RegExp) => (error: unknown) => {
  assert.ok(isRemoteError(error), String(error));
  assert.equal(error.code, expected, error.message);
  if (message) assert.match(error.message, message);
  return true;
};
const turn = () => new Promise((resolve) => setImmediate(resolve));
/** Takes all and says nothing. */
const silent = () => Object.assign(new ScriptedSftp(), { _write: (_chunk: Buffer, _encoding: string, done: () => void) => done() });
const deadlines = { metadata: 60, data: 90, flush: 150 };
const attributes = [1, 5n] as const;

describe('SFTP requests', () => {
  let server: ScriptedSftp;
  let remote: Remote;

  async function open(extensions: readonly string[] = []): Promise<void> {
    server = new ScriptedSftp(extensions);
    remote = await openOn(server, { deadlines });
  }

  afterEach(async () => {
    await remote.close();
  });

  it('end at their deadline, and a late reply harms nobody', async () => {
    await open();
    await assert.rejects(remote.stat('/a'), code('Lost', /did not answer/));
    const [late] = server.of(packetType.STAT);
    server.reply(packetType.ATTRS, late!.id, ...attributes);
    server.onRequest = ({ id }) => server.reply(packetType.ATTRS, id, ...attributes);
    assert.equal((await remote.stat('/b')).size, 5);
  });

  it('have their clock restarted by replies to earlier ones only', async () => {
    await open();
    const calls = Array.from({ length: 4 }, (_, i) => remote.stat(`/${i}`));
    const last = assert.rejects(calls[3]!, code('Lost'));
    await turn();
    for (const request of server.of(packetType.STAT).slice(0, 3)) {
      await new Promise((resolve) => setTimeout(resolve, 40));
      server.reply(packetType.ATTRS, request.id, ...attributes);
    }
    // The third came after twice the deadline.
    assert.equal((await Promise.all(calls.slice(0, 3))).length, 3);
    await last;
  });

  it('are cancelled at once; a handle that comes late is closed', async () => {
    await open();
    const abort = new AbortController();
    const call = remote.read('/a', () => {}, { signal: abort.signal });
    await turn();
    abort.abort(new RemoteError('Busy', 'stop'));
    await assert.rejects(call, code('Busy'));
    server.reply(packetType.HANDLE, server.of(packetType.OPEN)[0]!.id, Buffer.from('late'));
    await turn();
    await turn();
    assert.equal(server.of(packetType.CLOSE)[0]?.reader.text(), 'late');
  });

  it('close their handle when a page never comes', async () => {
    await open();
    server.onRequest = ({ type, id }) => {
      if (type === packetType.OPENDIR) server.reply(packetType.HANDLE, id, Buffer.from('h'));
    };
    await assert.rejects(remote.list('/'), code('Lost'));
    await turn();
    assert.equal(server.of(packetType.CLOSE).length, 1);
  });

  it('all reject with the first reason when the channel ends', async () => {
    await open();
    const calls = [
      remote.stat('/a'),
      remote.list('/b'),
      remote.read('/c', () => {}),
      remote.write('/d', randomBytes(9), { disposition: 'create' }),
    ];
    await turn();
    server.destroy(new RemoteError('Unreachable', 'the cable'));
    for (const call of calls) await assert.rejects(call, code('Unreachable', /cable/));
    assert.equal((await remote.closed).message, 'the cable');
    await assert.rejects(remote.stat('/e'), code('Unreachable', /cable/));
  });

  it('take the reason from whoever carries the channel', async () => {
    server = new ScriptedSftp();
    let tell: (reason: RemoteError) => void = () => {};
    const reasons: string[] = [];
    remote = await openOn(server, {
      lost: new Promise((resolve) => (tell = resolve)),
      onClose: (reason) => reasons.push(reason.message),
    });
    const call = assert.rejects(remote.stat('/a'), code('Lost', /reset/));
    server.push(null);
    tell(new RemoteError('Lost', 'reset by peer'));
    await call;
    await remote.close();
    assert.deepEqual(reasons, ['reset by peer']);
  });

  it('end the connection when the server takes no more', async () => {
    await open();
    server.stalled = true;
    await assert.rejects(remote.write('/a', randomBytes(9), { disposition: 'create' }), code('Lost', /stopped taking/));
  });

  it('never throw aside of their calls, whatever the server sends', async () => {
    const failures: unknown[] = [];
    const note = (error: unknown) => failures.push(error);
    process.on('unhandledRejection', note);
    process.on('uncaughtException', note);
    for (let round = 0; round < 300; round++) {
      await open(['limits@openssh.com', 'statvfs@openssh.com']);
      const types = Object.values(packetType);
      server.onRequest = ({ id }) => {
        if (round % 3 === 0) server.push(randomBytes(40));
        else
          server.reply(
            types[Math.floor(Math.random() * types.length)]!,
            id,
            ...(round % 3 === 1 ? [randomBytes(9)] : [2, randomBytes(20), 0xffffffff]),
          );
      };
      const calls = await Promise.allSettled([
        remote.list('/'),
        remote.read('/a', () => {}),
        remote.write('/b', randomBytes(100), { disposition: 'update' }),
        remote.rename('/a', '/b', { replace: false }),
        remote.space!('/'),
      ]);
      for (const call of calls) assert.ok(call.status === 'fulfilled' || isRemoteError(call.reason));
      await remote.close();
    }
    process.off('unhandledRejection', note);
    process.off('uncaughtException', note);
    assert.deepEqual(failures, []);
  }).timeout(60_000);

  it('refuse replies to requests that were never made', async () => {
    await open();
    const call = assert.rejects(remote.stat('/a'), code('Lost', /broke the SFTP protocol/));
    server.status(999, 0);
    await call;
  });

  it('tell a log-in script that prints from SFTP', async () => {
    await open();
    const noisy = silent();
    setImmediate(() => noisy.push('Welcome to the machine!\r\n'));
    await assert.rejects(
      openOn(noisy),
      (error) =>
        code('Unsupported', /Welcome to the machine!/)(error) &&
        (error as RemoteError).dropsConnection &&
        /bashrc/.test((error as RemoteError).hint ?? ''),
    );
  });

  it('end the opening by signal and by deadline', async () => {
    await open();
    const abort = new AbortController();
    const opening = openOn(silent(), { signal: abort.signal });
    abort.abort();
    await assert.rejects(opening, code('Cancelled'));
    await assert.rejects(openOn(silent(), { deadlines }), code('Lost', /did not answer/));
  });
});

describe('SFTP content', () => {
  let server: ScriptedSftp;
  let remote: Remote;
  let content: Buffer;

  /** A server that gives at most `most` bytes at once and says that the file has `size`. */
  async function serve(most: number, size: number): Promise<void> {
    server = new ScriptedSftp();
    server.onRequest = ({ type, id, reader }) => {
      if (type === packetType.OPEN) server.reply(packetType.HANDLE, id, Buffer.from('h'));
      else if (type === packetType.FSTAT || type === packetType.STAT) server.reply(packetType.ATTRS, id, 1, BigInt(size));
      else if (type === packetType.READ) {
        reader.string();
        const at = reader.uint64();
        const data = content.subarray(at, at + Math.min(most, reader.uint32()));
        if (data.length > 0) server.reply(packetType.DATA, id, data);
        else server.status(id, statusCode.EOF);
      } else server.status(id, statusCode.OK);
    };
    remote = await openOn(server);
  }

  afterEach(() => remote.close());

  it('is whole though every reply is short', async () => {
    content = randomBytes(300_001);
    await serve(1000, content.length);
    const chunks: Uint8Array[] = [];
    assert.equal(await remote.read('/a', (chunk) => void chunks.push(chunk)), content.length);
    assert.ok(Buffer.concat(chunks).equals(content));
  });

  it('that ends before its size is Lost, and no more than its size is given', async () => {
    content = randomBytes(100_000);
    await serve(32768, 100_001);
    await assert.rejects(
      remote.read('/a', () => {}),
      code('Lost', /100000 bytes/),
    );
    await remote.close();
    await serve(32768, 50_000);
    assert.equal(await remote.read('/a', () => {}), 50_000);
  });

  it('that arrived short on the server is Lost', async () => {
    content = Buffer.alloc(0);
    await serve(1, 999);
    await assert.rejects(remote.write('/a', randomBytes(1000), { disposition: 'truncate' }), code('Lost', /999 of 1000/));
  });

  it('keeps memory bounded for a sink that waits', async () => {
    content = randomBytes(8_000_000);
    await serve(32768, content.length);
    let most = 0;
    let taken = 0;
    await remote.read('/a', async (chunk) => {
      await turn();
      taken += chunk.length;
      most = Math.max(most, server.of(packetType.READ).length * 32768 - taken);
    });
    assert.ok(most <= 2 * 1024 * 1024 + 3 * 32768, `${most} bytes ahead`);
  });

  it('of an endless folder is given up', async () => {
    content = Buffer.alloc(0);
    await serve(1, 0);
    const page = Array.from({ length: 5000 }, (_, i) => [Buffer.from(`n${i}`), Buffer.from(''), 0]).flat();
    server.onRequest = ({ type, id }) => {
      if (type === packetType.OPENDIR) server.reply(packetType.HANDLE, id, Buffer.from('h'));
      else if (type === packetType.READDIR) server.reply(packetType.NAME, id, 5000, ...page);
      else server.status(id, statusCode.OK);
    };
    await assert.rejects(remote.list('/'), code('Unsupported', /more than 200000/));
  });

  it('of a hostile folder keeps only names', async () => {
    content = Buffer.alloc(0);
    await serve(1, 0);
    let pages = 0;
    const names = ['.', '..', '', 'a/b', '../../x', '/etc', 'a\0b', 'a\nb', '__proto__', 'fine'];
    server.onRequest = ({ type, id }) => {
      if (type === packetType.OPENDIR) server.reply(packetType.HANDLE, id, Buffer.from('h'));
      else if (type === packetType.READDIR && pages++ === 0) {
        server.reply(packetType.NAME, id, names.length, ...names.flatMap((name) => [Buffer.from(name), Buffer.from(''), 0]));
      } else server.status(id, type === packetType.READDIR ? statusCode.EOF : statusCode.OK);
    };
    assert.deepEqual(
      (await remote.list('/')).map((entry) => entry.name),
      ['__proto__', 'fine'],
    );
  });
});

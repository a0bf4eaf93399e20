import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { isRemoteError, type RemoteErrorCode } from '../../../../src/core/errors.ts';
import { silentLog, type Log } from '../../../../src/core/log.ts';
import { ControlConnection } from '../../../../src/transport/ftp/controlConnection.ts';

const is =
  (...codes: RemoteErrorCode[]) =>
  (error: unknown): boolean =>
    isRemoteError(error, ...codes);

describe('FTP control connection', () => {
  let server: Server;
  let peer: Socket;
  let control: ControlConnection;
  let received = '';
  const traced: string[] = [];
  const log: Log = { ...silentLog, wantsTrace: true, trace: (message) => traced.push(message) };

  beforeEach(async () => {
    received = '';
    traced.length = 0;
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    [peer] = await accepted;
    peer.setEncoding('latin1').on('data', (text: string) => (received += text));
    peer.on('error', () => {});
    await once(socket, 'connect').catch(() => {});
    control = new ControlConnection(socket, log, 10_000);
  });

  afterEach(() => {
    control.socket.destroy();
    peer.destroy();
    server.close();
  });

  /** Until the server has seen `text`. */
  async function seen(text: string): Promise<void> {
    while (!received.includes(text)) await once(peer, 'data');
  }

  it('sends several commands at once and gives each its reply', async () => {
    const replies = Promise.all([control.request('FEAT'), control.request('PWD'), control.request('SYST')]);
    await seen('SYST\r\n');
    peer.write('211-F\r\n MLST\r\n211 End\r\n257 "/"\r\n500 No\r\n');
    assert.deepEqual(
      (await replies).map(({ code }) => code),
      [211, 257, 500],
    );
  });

  it('sends one at a time where the server wants that', async () => {
    control.sequential = true;
    const replies = Promise.all([control.request('FEAT'), control.request('PWD')]);
    await seen('FEAT\r\n');
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.equal(received, 'FEAT\r\n');
    peer.write('500 No\r\n');
    await seen('PWD\r\n');
    peer.write('257 "/"\r\n');
    assert.equal((await replies)[1].code, 257);
  });

  it('has a bounded number of commands on the way, and sends the next with each reply', async () => {
    const replies = Promise.all(Array.from({ length: 200 }, (_, index) => control.request(`DELE /${index}`)));
    await seen('DELE /127\r\n');
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.ok(!received.includes('DELE /128'));
    peer.write('250 Gone\r\n'.repeat(72));
    await seen('DELE /199\r\n');
    peer.write('250 Gone\r\n'.repeat(128));
    assert.equal((await replies).length, 200);
  });

  it('has a bounded number of bytes on the way', async () => {
    const replies = Promise.all(Array.from({ length: 10 }, (_, index) => control.request(`DELE /${index}${'x'.repeat(1000)}`)));
    await seen('DELE /2');
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.ok(!received.includes('DELE /3'));
    peer.write('250 Gone\r\n');
    await seen('DELE /3');
    peer.write('250 Gone\r\n'.repeat(9));
    assert.equal((await replies).length, 10);
  });

  it('has more on the way where the server keeps it, each line whole and in order', async () => {
    control.keepsManyCommands = true;
    const lines = Array.from({ length: 300 }, (_, index) => `DELE /${String(index).padStart(80, '0')}`);
    const replies = Promise.all(lines.map((line) => control.request(line)));
    await seen(lines[255] ?? '');
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.equal(
      received,
      lines
        .slice(0, 256)
        .map((line) => `${line}\r\n`)
        .join(''),
    );
    peer.write('250 Gone\r\n'.repeat(256));
    await seen(lines[299] ?? '');
    peer.write('250 Gone\r\n'.repeat(44));
    assert.equal((await replies).length, 300);
  });

  describe('with a server that does not take commands that are sent together', () => {
    let learned = 0;
    beforeEach(() => {
      learned = 0;
      control.mixedUp = () => (learned += 1);
    });

    it('notices that one was lost, and fails all that wait', async () => {
      const replies = Promise.allSettled([control.request('SIZE /a', 100), control.request('SIZE /b', 100)]);
      await seen('SIZE /b');
      peer.write('213 5\r\n');
      const [first, second] = await replies;
      assert.equal(first.status, 'fulfilled');
      assert.ok(second.status === 'rejected' && is('Lost')(second.reason));
      assert.equal(learned, 1);
    });

    it('notices a reply that can not be meant', async () => {
      const replies = Promise.allSettled([control.request('DELE /a'), control.request('DELE /b'), control.request('MKD /c')]);
      await seen('MKD /c');
      peer.write('250 Gone\r\n257 "/c"\r\n');
      assert.deepEqual(
        (await replies).map(({ status }) => status),
        ['fulfilled', 'rejected', 'rejected'],
      );
      assert.equal(learned, 1);
    });

    it('takes the silence of a link for what it is', async () => {
      await assert.rejects(control.request('SIZE /a', 30), is('Lost'));
      assert.equal(learned, 0);
    });
  });

  it('sends nothing behind a transfer before its end', async () => {
    const exchange = control.transfer('STOR /x');
    const size = control.request('SIZE /x');
    await seen('STOR');
    peer.write('150 Here\r\n');
    await exchange.first;
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.ok(!received.includes('SIZE'));
    peer.write('226 Done\r\n');
    await seen('SIZE');
    peer.write('213 5\r\n');
    assert.equal((await size).code, 213);
  });

  it('takes no answer to what was sent behind a transfer for the end of it', async () => {
    control.queuesBehindTransfers = true;
    const exchange = control.transfer('STOR /x');
    const size = control.request('SIZE /x');
    await seen('SIZE');
    peer.write('150 Here\r\n213 5\r\n226 Done\r\n');
    await assert.rejects(exchange.final, is('Lost'));
    await assert.rejects(size, is('Lost'));
  });

  it('sends no ABOR behind commands that wait for the end of a transfer: their replies can look like its own', async () => {
    control.queuesBehindTransfers = true;
    const exchange = control.transfer('STOR /x');
    const mode = control.request('SITE CHMOD 644 /x');
    await seen('SITE');
    peer.write('150 Here\r\n');
    await exchange.first;
    control.abort();
    peer.write('426 Broken\r\n200 Changed\r\n');
    assert.equal((await exchange.final).code, 426);
    assert.equal((await mode).code, 200);
    assert.ok(!received.includes('ABOR'));
  });

  it('tells the preliminary reply of a transfer from the final one', async () => {
    const exchange = control.transfer('RETR /x');
    await seen('RETR');
    peer.write('150 Here\r\n');
    assert.equal((await exchange.first).code, 150);
    peer.write('226 Done\r\n');
    assert.equal((await exchange.final).code, 226);
  });

  it('reads away all replies to ABOR, however many', async () => {
    for (const replies of ['426 Broken\r\n226 Aborted\r\n', '225 Nothing to abort\r\n', '426 Broken\r\n226 Done\r\n500 ABOR?\r\n']) {
      received = '';
      const exchange = control.transfer('RETR /x');
      await seen('RETR');
      peer.write('150 Here\r\n');
      await exchange.first;
      control.abort();
      await seen('NOOP\r\n');
      peer.write(`${replies}200 OK\r\n`);
      assert.equal((await exchange.final).code, 426);
      const next = control.request('PWD');
      await seen('PWD');
      peer.write('257 "/"\r\n');
      assert.equal((await next).code, 257);
    }
  });

  it('ends at a reply that nobody asked for: later ones would be taken for others', async () => {
    peer.write('226 Surprise\r\n');
    assert.ok(is('Lost')(await control.closed));
    await assert.rejects(control.request('PWD'), is('Lost'));
  });

  it('rejects all that waits with the first reason', async () => {
    const waiting = [control.request('PWD'), control.request('SYST'), control.transfer('LIST').final];
    await seen('LIST');
    peer.end('421 Timeout\r\n');
    for (const one of waiting) await assert.rejects(one, (error) => is('Lost')(error) && /421 Timeout/.test(String(error)));
    assert.match((await control.closed).message, /421 Timeout/);
  });

  it('says Busy where there are too many connections', async () => {
    const greeting = control.greeting(1000);
    peer.write('421 Too many connections from your address\r\n');
    await assert.rejects(greeting, is('Busy'));
  });

  it('gives up on a silent server', async () => {
    await assert.rejects(control.request('PWD', 30), is('Lost'));
  });

  it('bears with a list that takes longer than an answer may, as long as it comes', async () => {
    const pieces = 12;
    const list = control.requestList('STAT .', 64 * 1024, 800);
    let settled = false;
    list.then(
      () => (settled = true),
      () => (settled = true),
    );
    peer.write('212-List:\r\n');
    for (let piece = 0; piece < pieces; piece++) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      assert.ok(!settled, 'it goes on');
      peer.write(` ${'x'.repeat(300)}\r\n`);
    }
    peer.write('212 End\r\n');
    assert.equal((await list).lines.length, pieces + 2);
  });

  for (const [what, text] of [
    ['drips', '212-List:\r\n'],
    ['comes no more', `212-List:\r\n ${'x'.repeat(300)}\r\n`],
  ] as const) {
    it(`gives up on a list that ${what}`, async () => {
      const drip = setInterval(() => peer.write('x'), 50);
      try {
        peer.write(text);
        await assert.rejects(control.requestList('STAT .', 64 * 1024, 300), is('Lost'));
      } finally {
        clearInterval(drip);
      }
    });
  }

  it('takes the answer that came while this computer stood still', async () => {
    const reply = control.request('PWD', 50);
    await seen('PWD\r\n');
    peer.write('257 "/"\r\n');
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    assert.equal((await reply).code, 257);
  });

  it('refuses to encrypt after more than the reply to AUTH came: somebody in between may have put it there', async () => {
    const reply = control.request('AUTH TLS');
    await seen('AUTH');
    peer.write('234 Go\r\n230 Logged');
    await reply;
    assert.throws(() => control.detach(), is('Untrusted'));
  });

  it('refuses to encrypt after a whole reply more, too', async () => {
    const reply = control.request('AUTH TLS');
    await seen('AUTH');
    peer.write('234 Go\r\n230 Logged in\r\n');
    await reply;
    assert.throws(() => control.detach(), is('Lost'));
  });

  it('logs no password', async () => {
    const reply = control.request('PASS hunter2');
    await seen('PASS hunter2');
    peer.write('230 In\r\n');
    await reply;
    assert.ok(traced.includes('> PASS ***') && !traced.join().includes('hunter2'));
  });
});

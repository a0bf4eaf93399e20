import assert from 'node:assert/strict';
import { readBytes } from '../../../../src/core/operations/readFile.ts';
import type { Remote } from '../../../../src/core/remote.ts';
import { HandleForecast } from '../../../../src/transport/sftp/handleForecast.ts';
import { packetType, statusCode } from '../../../../src/transport/sftp/protocol.ts';
import { uint32 } from '../../../../src/transport/sftp/wire.ts';
import { ScriptedSftp, type ScriptedRequest } from '../../../support/scriptedSftp.ts';
import { openOn } from '../../../support/sftpServer.ts';

describe('the handles that OpenSSH will give', () => {
  /** As OpenSSH's sftp-server: those that were closed are given again, the last first. */
  class Numbering {
    readonly forecast = new HandleForecast(false);
    readonly #free: number[] = [];
    #count = 0;

    open(kind: 'file' | 'folder' = 'file'): Buffer {
      const change = this.forecast.asksToOpen(kind);
      const handle = uint32(this.#free.pop() ?? this.#count++);
      this.forecast.opened(change, handle);
      return handle;
    }

    close(handle: Buffer): void {
      const change = this.forecast.asksToClose(handle);
      this.#free.push(handle.readUInt32BE());
      this.forecast.closed(change);
    }
  }

  it('are known once one was seen, however many are open', () => {
    const server = new Numbering();
    assert.equal(server.forecast.next('file'), undefined);
    const open: Buffer[] = [];
    for (let step = 0; step < 500; step += 1) {
      const expected = server.forecast.next('file');
      const isOpening = open.length === 0 || (step * 7919) % 5 < 3;
      if (isOpening) {
        open.push(server.open());
        if (step > 0) assert.deepEqual(expected, open.at(-1));
      } else server.close(open.splice((step * 31) % open.length, 1)[0]!);
    }
  });

  it('take account of what is asked for and not answered', () => {
    const server = new Numbering();
    const [zero, one] = [server.open(), server.open()];
    const { forecast } = server;
    const opening = forecast.asksToOpen('file');
    assert.deepEqual(forecast.next('file'), uint32(3));
    forecast.asksToClose(one);
    const closing = forecast.asksToClose(zero);
    assert.deepEqual(forecast.next('file'), uint32(0));
    forecast.drop(closing);
    forecast.drop(opening);
    assert.deepEqual(forecast.next('file'), uint32(1));
  });

  it('are not guessed on a server that numbers otherwise', () => {
    for (const handle of [Buffer.from('0'), uint32(7), Buffer.alloc(256)]) {
      const forecast = new HandleForecast(false);
      forecast.opened(forecast.asksToOpen('file'), handle);
      forecast.closed(forecast.asksToClose(handle));
      assert.equal(forecast.next('file'), undefined);
      forecast.opened(forecast.asksToOpen('file'), uint32(0));
      assert.equal(forecast.next('file'), undefined);
    }
  });

  it('are not guessed for a folder while another is open or about to be', () => {
    const server = new Numbering();
    const folder = server.open('folder');
    assert.equal(server.forecast.next('folder'), undefined);
    assert.deepEqual(server.forecast.next('file'), uint32(1));
    const closing = server.forecast.asksToClose(folder);
    assert.deepEqual(server.forecast.next('folder'), uint32(0));
    server.forecast.drop(closing);
    server.close(folder);
    const opening = server.forecast.asksToOpen('folder');
    assert.equal(server.forecast.next('folder'), undefined);
    server.forecast.drop(opening);
    assert.deepEqual(server.forecast.next('folder'), uint32(0));
  });
});

describe('a file that is read in the flight that opens it', () => {
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  let server: ScriptedSftp;
  let remote: Remote;
  /** Given to the OPENs in turn; undefined: refused. */
  let handles: (number | undefined)[] = [];
  /** What files hold by handle. */
  const files = new Map<number, string>();

  const answer = (request: ScriptedRequest): void => {
    const { type, id, reader } = request;
    if (type === packetType.OPEN) {
      const handle = handles.shift();
      if (handle === undefined) server.status(id, statusCode.NO_SUCH_FILE);
      else server.reply(packetType.HANDLE, id, uint32(handle));
      return;
    }
    const content = files.get(reader.string().readUInt32BE());
    if (type === packetType.CLOSE) server.status(id, statusCode.OK);
    else if (content === undefined) server.status(id, statusCode.FAILURE, 'invalid handle');
    else if (type === packetType.FSTAT) server.reply(packetType.ATTRS, id, 1, BigInt(content.length));
    else {
      const from = reader.uint64();
      if (from >= content.length) server.status(id, statusCode.EOF);
      else server.reply(packetType.DATA, id, Buffer.from(content).subarray(from, from + reader.uint32()));
    }
  };
  const begin = async (serverIdent: string | undefined) => {
    server = new ScriptedSftp();
    remote = await openOn(server, { serverIdent });
    server.onRequest = answer;
    files.clear();
    for (let handle = 0; handle < 10; handle += 1) files.set(handle, `content of ${handle}`);
  };
  const text = async (path: string) => Buffer.from(await readBytes(remote, path)).toString();
  /** What goes out before anything is answered. */
  const flight = async (path: string): Promise<number[]> => {
    server.onRequest = () => {};
    const from = server.requests.length;
    const reading = text(path);
    reading.catch(() => undefined);
    await turn();
    server.onRequest = answer;
    const sent = server.requests.slice(from);
    for (const request of sent) answer(request);
    await reading.catch(() => undefined);
    return sent.map(({ type }) => type);
  };

  afterEach(() => remote.close());

  it('costs one flight from the second on', async () => {
    await begin('OpenSSH_9.2p1 Debian');
    handles = [0, 0, 0];
    assert.deepEqual(await flight('/a'), [packetType.OPEN]);
    assert.deepEqual((await flight('/a')).slice(0, 3), [packetType.OPEN, packetType.FSTAT, packetType.READ]);
    assert.equal(await text('/a'), 'content of 0');
  });

  it('is asked for again where the handle is another', async () => {
    await begin('OpenSSH_9.2p1 Debian');
    handles = [0, 5, 6, 7];
    assert.equal(await text('/a'), 'content of 0');
    assert.equal(await text('/b'), 'content of 5');
    assert.deepEqual(await flight('/c'), [packetType.OPEN], 'no guess any more');
    assert.equal(await text('/c'), 'content of 7');
  });

  it('is not there where OPEN says so, whatever the handle holds', async () => {
    await begin('OpenSSH_9.2p1 Debian');
    handles = [0, undefined, 0];
    assert.equal(await text('/a'), 'content of 0');
    await assert.rejects(text('/none'), { code: 'NotFound' });
    assert.equal(await text('/a'), 'content of 0');
  });

  it('waits for its handle on servers that may answer in any order', async () => {
    for (const ident of [undefined, 'mod_sftp', 'AsyncSSH_2.14']) {
      await begin(ident);
      handles = [0, 0];
      assert.equal(await text('/a'), 'content of 0');
      assert.deepEqual(await flight('/a'), [packetType.OPEN]);
    }
  });
});

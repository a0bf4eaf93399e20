import assert from 'node:assert/strict';
import type { AuthContext, Connection } from 'ssh2';
import type { Log } from '../../src/core/log.ts';
import { sshString, uint32 } from '../../src/transport/sftp/wire.ts';
import { assertCode, bait, connectFailure, type Failure } from '../support/hostileSsh.ts';
import { sendRaw, startSshServer, type ScriptedSshServer, type SshServerOptions } from '../support/sshServer.ts';

const message = { disconnect: 1, ignore: 2, debug: 4, extInfo: 7, banner: 53, globalRequest: 80, channelOpen: 90 };

describe('a hostile SSH server', function () {
  this.timeout(60_000);
  let server: ScriptedSshServer | undefined;
  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });

  async function start(answer: (request: AuthContext, count: number) => void, options?: SshServerOptions): Promise<number> {
    server = await startSshServer(answer, options);
    return server.port;
  }

  const refuse =
    (...listed: string[]) =>
    (request: AuthContext): void =>
      request.reject(listed as never, false);
  describe('in the log-in', () => {
    /** What a server sends on its own as soon as the log-in begins. */
    async function flooded(payload: Uint8Array, count: number, log?: Log): Promise<Failure> {
      let connection: Connection | undefined;
      const port = await start((request) => {
        connection = server?.connections.at(-1);
        for (let sent = 0; connection && sent < count; sent++) sendRaw(connection, payload);
        request.reject([]);
      });
      return connectFailure(port, {}, log);
    }
    const typed = (type: number, ...fields: Uint8Array[]): Buffer => Buffer.concat([Buffer.from([type]), ...fields]);

    it('banner after banner is cut off, and little of them is logged', async () => {
      const lines: string[] = [];
      const note = (text: string): void => void lines.push(text);
      const log = { trace: note, debug: note, info: note, warn: note, error: note };
      const { error } = await flooded(typed(message.banner, sshString(bait.repeat(300)), sshString('')), 400, log);
      assertCode(error, 'Lost');
      assert.match(error.message, /banner after banner/);
      const logged = lines.join('\n');
      assert.ok(logged.length < 100_000, `${logged.length} characters`);
      assert.doesNotMatch(logged, /\u001b|\u202e|\]\(command:/);
    });

    it('debug messages, requests and channels that nobody asked for change nothing', async () => {
      const channel = typed(message.channelOpen, sshString('session'), uint32(0), uint32(1000), uint32(1000));
      for (const payload of [
        typed(message.debug, Buffer.from([1]), sshString(bait), sshString('')),
        typed(message.ignore, sshString(Buffer.alloc(30_000))),
        typed(message.globalRequest, sshString('hostkeys-00@openssh.com'), Buffer.from([0]), sshString('not a key')),
        typed(message.globalRequest, sshString('keepalive@openssh.com'), Buffer.from([1])),
        typed(message.extInfo, uint32(1), sshString('server-sig-algs'), sshString('none-such,'.repeat(1000))),
        channel,
        typed(61, uint32(1), sshString('x')),
        typed(200, sshString('x')),
      ]) {
        const { error } = await flooded(payload, 500);
        assertCode(error, payload[0] === 61 ? 'Lost' : 'Auth');
        await server?.stop();
      }
    });

    it('partial success without end is cut off, and so the password is not sent again and again', async () => {
      const port = await start((request) => request.reject(['password'], true));
      const { error } = await connectFailure(port, { password: 'canary' });
      assertCode(error, 'Auth');
      assert.ok((server?.requests.length ?? 0) < 15, `${server?.requests.length} requests`);
    });

    it('refusals without end: three times and no more', async () => {
      const port = await start(refuse('password', 'keyboard-interactive', 'publickey'));
      const { error } = await connectFailure(port, { password: 'canary', answers: [] });
      assertCode(error, 'Auth', 'Cancelled');
      assert.ok((server?.requests.length ?? 0) < 8);
    });

    it('thousands of prompts are not shown to anybody', async () => {
      const port = await start((request) => {
        if (request.method !== 'keyboard-interactive') request.reject(['keyboard-interactive']);
        else
          request.prompt(
            Array.from({ length: 2000 }, () => ({ prompt: 'P', echo: false })),
            () => {},
          );
      });
      const { error, context } = await connectFailure(port);
      assertCode(error, 'Auth');
      assert.deepEqual(
        context.prompts.asked.filter(({ kind }) => kind === 'answers'),
        [],
      );
    });

    it('a number of prompts that the packet does not hold ends the connection', async () => {
      const port = await start((request) => {
        if (request.method !== 'keyboard-interactive') request.reject(['keyboard-interactive']);
        else sendRaw(server!.connections.at(-1)!, typed(60, sshString(''), sshString(''), sshString(''), uint32(0xffffffff)));
      });
      assertCode((await connectFailure(port)).error, 'Lost', 'Unreachable');
    });

    for (const prompts of [0, 1]) {
      it(`rounds of ${prompts} prompts without end are cut off`, async () => {
        let rounds = 0;
        const again = (request: AuthContext & { method: 'keyboard-interactive' }): void => {
          rounds++;
          request.prompt(
            Array.from({ length: prompts }, () => ({ prompt: bait, echo: true })),
            () => again(request),
          );
        };
        const port = await start((request) => {
          if (request.method === 'keyboard-interactive') again(request);
          else request.reject(['keyboard-interactive']);
        });
        const { error } = await connectFailure(port, { answers: Array.from({ length: 1000 }, () => 'x') });
        assertCode(error, 'Auth', 'Unreachable');
        assert.ok(rounds < 70, `${rounds} rounds`);
      });
    }

    it('thousands of methods with bait in their names: a short and harmless hint', async () => {
      const port = await start(refuse(...Array.from({ length: 3000 }, (_, index) => `${bait.slice(0, 6)}${index}`)));
      const { error } = await connectFailure(port);
      assertCode(error, 'Auth');
      assert.ok((error.hint ?? '').length < 2000, `${error.hint?.length} characters`);
    });

    it('bait in the farewell', async () => {
      const port = await start(() =>
        sendRaw(server!.connections.at(-1)!, typed(message.disconnect, uint32(14), sshString(bait), sshString(''))),
      );
      const { error } = await connectFailure(port);
      assertCode(error, 'Unreachable', 'Auth');
      assert.match(error.message, /forged/);
    });

    it('an answer that does not belong to the question breaks the log-in', async () => {
      for (const answer of [
        typed(60, sshString('ssh-ed25519'), sshString('x')),
        typed(60, sshString(''), sshString(''), sshString(''), uint32(0)),
      ]) {
        const port = await start((request) => {
          if (request.method === 'none') request.reject(['password']);
          else sendRaw(server!.connections.at(-1)!, answer);
        });
        assertCode((await connectFailure(port, { password: 'canary' })).error, 'Auth', 'Lost', 'Unreachable');
        await server?.stop();
      }
    });
  });

  describe('on the channel', () => {
    it('floods of its error channel don’t stop the answers nor fill memory', async () => {
      /* Twice the window of a channel. */
      const enough = 4e6;
      const init = Buffer.concat([uint32(5), Buffer.from([2]), uint32(3)]);
      let sent = 0;
      const port = await start((request) => request.accept(), {
        onSubsystem: (channel) => {
          const flood = (): void => {
            while (sent < enough && channel.stderr.write(Buffer.alloc(32_000, 'e'))) sent += 32_000;
            if (sent < enough) channel.stderr.once('drain', flood);
            else channel.write(init);
          };
          channel.on('data', () => {});
          flood();
        },
      });
      const before = process.memoryUsage().rss;
      const { error } = await connectFailure(port);
      assertCode(error, 'Lost', 'Unreachable');
      assert.ok(sent >= enough, `only ${sent} bytes were taken`);
      assert.ok(process.memoryUsage().rss - before < 150e6);
    });
  });
});

import assert from 'node:assert/strict';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { AuthContext } from 'ssh2';
import { isRemoteError, RemoteError } from '../../../../src/core/errors.ts';
import type { Host } from '../../../../src/core/host.ts';
import type { AnswersRequest } from '../../../../src/core/prompts.ts';
import { UntrustedError } from '../../../../src/core/trust.ts';
import { connectSftp } from '../../../../src/transport/sftp/sftpConnect.ts';
import { removeFolder, temporaryFolder } from '../../../servers/folder.ts';
import { makeKey, type KeyPair } from '../../../servers/keys.ts';
import { makeHost } from '../../../servers/server.ts';
import { connectContext, memoryTrust, type Script, type TestContext } from '../../../support/prompts.ts';
import { startSshServer, type ScriptedSshServer } from '../../../support/sshServer.ts';

describe('connecting over SSH', () => {
  let folder: string;
  let home: string | undefined;
  let key: KeyPair;
  let server: ScriptedSshServer | undefined;

  before(() => {
    folder = temporaryFolder('home');
    key = makeKey(folder, 'ed25519');
    home = process.env['HOME'];
    process.env['HOME'] = folder;
  });
  after(() => {
    if (home === undefined) delete process.env['HOME'];
    else process.env['HOME'] = home;
    removeFolder(folder);
  });
  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });

  const hostAt = (port: number, privateKeys: readonly string[] = []): Host =>
    makeHost({ name: 'test', protocol: 'sftp', port, user: 'somebody', sftp: { privateKeys } });

  /** How a log-in at a scripted server ended; `Unsupported` stands for success. */
  async function logIn(script: Script, answer: (request: AuthContext, count: number) => void, privateKeys: readonly string[] = []) {
    server = await startSshServer(answer);
    const context = connectContext({ admit: true, ...script });
    return { error: await failure(hostAt(server.port, privateKeys), context), context, requests: server.requests };
  }

  async function failure(host: Host, context: TestContext): Promise<RemoteError> {
    try {
      await (await connectSftp(host, context)).close();
    } catch (error) {
      assert.ok(error instanceof RemoteError, String(error));
      assert.equal(error.host, 'test');
      return error;
    }
    throw new Error('connected');
  }

  const methods = (requests: ScriptedSshServer['requests']): string[] => requests.map(({ method }) => method);
  const only =
    (...listed: string[]) =>
    (request: AuthContext): void =>
      request.reject(listed as never, false);

  describe('log-in', () => {
    it('goes on after partial success with what the server then lists', async () => {
      const { error, requests, context } = await logIn(
        { answers: ['123456'] },
        (request) => {
          if (request.method === 'publickey') request.reject(['keyboard-interactive'], true);
          else if (request.method !== 'keyboard-interactive') request.reject(['publickey']);
          else
            request.prompt([{ prompt: 'Code: ', echo: true }], 'Two steps', 'Look at your phone', ([code]) =>
              code === '123456' ? request.accept() : request.reject(),
            );
        },
        [key.file],
      );
      assert.equal(error.code, 'Unsupported', error.message);
      assert.deepEqual(methods(requests), ['none', 'publickey', 'keyboard-interactive']);
      const asked = context.prompts.asked.find((question) => question.kind === 'answers')?.request as AnswersRequest;
      assert.deepEqual(
        [asked.serverName, asked.serverInstructions, asked.prompts, asked.refused],
        ['Two steps', 'Look at your phone', [{ serverPrompt: 'Code: ', echo: true }], 0],
      );
    });

    it('answers several prompts and rounds, and a round without prompts in silence', async () => {
      const { error, context } = await logIn({ answers: ['a', 'b', 'c'] }, (request) => {
        if (request.method !== 'keyboard-interactive') {
          request.reject(['keyboard-interactive']);
          return;
        }
        const two = [
          { prompt: 'Password: ', echo: false },
          { prompt: 'Name: ', echo: true },
        ];
        request.prompt(two, (first) => {
          assert.deepEqual(first, ['a', 'b']);
          request.prompt([], () => {
            request.prompt('Last: ', (last) => {
              assert.deepEqual(last, ['c']);
              request.accept();
            });
          });
        });
      });
      assert.equal(error.code, 'Unsupported', error.message);
      assert.equal(context.prompts.asked.filter(({ kind }) => kind === 'answers').length, 2);
    });

    it('asks for a refused password again, three times in all, and never sends one twice', async () => {
      const { error, requests, context } = await logIn({ password: ['one', 'two', 'three', 'four'] }, only('password'));
      assert.equal(error.code, 'Auth');
      assert.equal(error.retryable, false);
      assert.match(error.hint ?? '', /accepts: password\..*password \(refused\), password \(refused\), password \(refused\)\. Check/);
      assert.deepEqual(
        requests.map(({ password }) => password),
        [undefined, 'one', 'two', 'three'],
      );
      const secrets = context.prompts.asked.flatMap((question) => (question.kind === 'secret' ? [question.request] : []));
      assert.deepEqual(
        secrets.map(({ refused, kind }) => [kind, refused]),
        [
          ['password', false],
          ['password', true],
          ['password', true],
        ],
      );
      assert.deepEqual(secrets[0]?.owner, { protocol: 'sftp', user: 'somebody', address: '127.0.0.1', port: server?.port });
    });

    it('lets the server ask itself after a refused password', async () => {
      const { error, requests, context } = await logIn({ password: 'wrong', answers: ['right'] }, (request) => {
        if (request.method === 'keyboard-interactive')
          request.prompt('Password: ', ([given]) => (given === 'right' ? request.accept() : request.reject()));
        else request.reject(['password', 'keyboard-interactive']);
      });
      assert.equal(error.code, 'Unsupported', error.message);
      assert.deepEqual(methods(requests), ['none', 'password', 'keyboard-interactive']);
      const asked = context.prompts.asked.find((question) => question.kind === 'answers')?.request as AnswersRequest;
      assert.equal(asked.refused, 1);
    });

    it('takes the password where the server lists questions but has none', async () => {
      const { error, requests } = await logIn({ password: ['wrong', 'right'] }, (request) => {
        if (request.method === 'password' && request.password === 'right') request.accept();
        else request.reject(['keyboard-interactive', 'password']);
      });
      assert.equal(error.code, 'Unsupported', error.message);
      assert.deepEqual(methods(requests), ['none', 'password', 'keyboard-interactive', 'password']);
    });

    it('says that an expired password must be changed', async () => {
      const { error } = await logIn({ password: 'old' }, (request) => {
        if (request.method === 'password') request.requestChange('Choose a new one', () => request.reject());
        else request.reject(['password']);
      });
      assert.equal(error.code, 'Auth');
      assert.match(error.message, /expired/);
    });

    it('is Cancelled where the person cancels a prompt, and nothing was sent', async () => {
      const { error, requests } = await logIn({}, only('password', 'keyboard-interactive'));
      assert.equal(error.code, 'Cancelled');
      assert.deepEqual(methods(requests), ['none']);
    });

    it('says what the server accepts where there is nothing to try', async () => {
      const { error } = await logIn({}, only('publickey'), [`${folder}/missing`, `${folder}/ed25519-openssh.pub`]);
      assert.equal(error.code, 'Auth');
      assert.match(
        error.hint ?? '',
        /accepts: publickey\. Tried: key ~\/missing \(the file is not there\), key .* \(the agent does not hold its private half\)\. A password is not accepted/,
      );
    });

    it('shows no text of the server as it is', async () => {
      const { error } = await logIn({}, only('[x](command:evil)', 'gssapi\u001b[31m'));
      assert.equal(error.code, 'Auth');
      assert.doesNotMatch(error.hint ?? '', /\]\(|command:|\u001b/);
    });

    it('signs at once with a key that needs no passphrase', async () => {
      const { requests, error } = await logIn(
        {},
        (request) => (request.method === 'publickey' ? request.accept() : request.reject(['publickey'])),
        [key.file],
      );
      assert.equal(error.code, 'Unsupported');
      assert.deepEqual(requests, [{ method: 'none' }, { method: 'publickey', signed: true }]);
    });

    it('does not ask for the passphrase of a key that the server does not want', async () => {
      const locked = makeKey(folder, 'ed25519', 'openssh', 'sesame');
      const { requests, context, error } = await logIn({ passphrase: 'sesame' }, only('publickey'), [locked.file]);
      assert.equal(error.code, 'Auth');
      assert.deepEqual(requests, [{ method: 'none' }, { method: 'publickey', signed: false }]);
      assert.ok(context.prompts.asked.every(({ kind }) => kind !== 'secret'));
    });

    it('asks for a wrong passphrase again', async () => {
      const locked = makeKey(folder, 'ecdsa', 'openssh', 'sesame');
      const { context, error } = await logIn(
        { passphrase: ['wrong', 'sesame'] },
        (request) => (request.method === 'publickey' ? request.accept() : request.reject(['publickey'])),
        [locked.file],
      );
      assert.equal(error.code, 'Unsupported', error.message);
      const secrets = context.prompts.asked.flatMap((question) => (question.kind === 'secret' ? [question.request] : []));
      assert.deepEqual(
        secrets.map(({ kind, file, refused }) => [kind, file, refused]),
        [
          ['passphrase', locked.file, false],
          ['passphrase', locked.file, true],
        ],
      );
    });

    it('does not try again by itself when the server hangs up on a password', async () => {
      const { error } = await logIn({ password: 'secret' }, (request) => {
        if (request.method === 'password') server?.connections.forEach((connection) => connection.end());
        else request.reject(['password']);
      });
      assert.deepEqual([error.code, error.retryable], ['Lost', false], error.message);
    });

    it('ends a question when the server hangs up meanwhile', async () => {
      server = await startSshServer(only('password'));
      const context = connectContext({ admit: true });
      let ended = false;
      context.prompts.secret = (request) => {
        request.signal.addEventListener('abort', () => (ended = true));
        setTimeout(() => server?.connections.forEach((connection) => connection.end()), 20);
        return new Promise(() => {});
      };
      const error = await failure(hostAt(server.port), context);
      assert.ok(ended);
      assert.ok(isRemoteError(error, 'Lost', 'Unreachable'), error.code);
    });

    it('asks for the user where the host has none', async () => {
      server = await startSshServer((request) => (request.username === 'asked' ? request.accept() : request.reject()));
      const context = connectContext({ admit: true, user: 'asked' });
      assert.equal((await failure({ ...hostAt(server.port), user: undefined }, context)).code, 'Unsupported');
    });
  });

  describe('host key', () => {
    it('is remembered only after the log-in succeeded', async () => {
      server = await startSshServer((request) =>
        request.method === 'password' && request.password === 'right' ? request.accept() : request.reject(['password']),
      );
      const trust = memoryTrust();
      const host = hostAt(server.port);
      assert.equal((await failure(host, connectContext({ admit: true }, { trust }))).code, 'Cancelled');
      assert.deepEqual(trust.known('hostKey', host.address, host.port), []);
      assert.equal((await failure(host, connectContext({ admit: true, password: 'right' }, { trust }))).code, 'Unsupported');
      assert.equal(trust.known('hostKey', host.address, host.port).length, 1);
      const again = connectContext({ password: 'right' }, { trust });
      assert.equal((await failure(host, again)).code, 'Unsupported');
      assert.ok(again.prompts.asked.every(({ kind }) => kind !== 'admit'));
    });

    it('that changed is refused before anything of the log-in leaves', async () => {
      const { trust, port } = await trusting();
      server = await startSshServerAt(port);
      const context = connectContext({ admit: true, password: 'secret' }, { trust });
      const error = await failure(hostAt(port, [key.file]), context);
      assert.ok(error instanceof UntrustedError);
      assert.equal(error.verdict, 'changed');
      assert.notEqual(error.presented.fingerprint, error.expected[0]?.fingerprint);
      assert.deepEqual(server.requests, []);
      assert.deepEqual(context.prompts.asked, []);
    });

    it('that the person replaced is taken', async () => {
      const { trust, port } = await trusting();
      server = await startSshServerAt(port);
      const error = await failure(hostAt(port), connectContext({ password: 'secret' }, { trust }));
      assert.ok(error instanceof UntrustedError && error.presented.kind === 'hostKey');
      await trust.remember('hostKey', '127.0.0.1', port, error.presented);
      assert.equal((await failure(hostAt(port), connectContext({ password: 'secret' }, { trust }))).code, 'Unsupported');
    });

    it('that the person declines ends the attempt before the log-in', async () => {
      server = await startSshServer((request) => request.accept());
      assert.equal((await failure(hostAt(server.port), connectContext({ admit: false, password: 'secret' }))).code, 'Cancelled');
      assert.deepEqual(server.requests, []);
    });

    /** A trust store that knows a server which has gone meanwhile. */
    async function trusting() {
      const first = await startSshServer((request) => request.accept());
      const trust = memoryTrust();
      await failure(hostAt(first.port), connectContext({ admit: true }, { trust }));
      await first.stop();
      return { trust, port: first.port };
    }

    function startSshServerAt(port: number): Promise<ScriptedSshServer> {
      return startSshServer((request) => request.accept(), { port });
    }
  });

  describe('what is not an SSH server', () => {
    let listener: Server | undefined;
    const sockets = new Set<Socket>();
    afterEach(() => {
      sockets.forEach((socket) => socket.destroy());
      listener?.close();
    });

    async function listen(onSocket: (socket: Socket) => void): Promise<number> {
      const created = createServer((socket) => {
        sockets.add(socket.on('error', () => {}));
        onSocket(socket);
      });
      listener = created;
      await new Promise<void>((resolve) => created.listen(0, '127.0.0.1', resolve));
      return (created.address() as AddressInfo).port;
    }

    const greetings: readonly (readonly [string, (socket: Socket) => void, RegExp])[] = [
      ['FTP', (socket) => socket.end('220 Welcome to FTP\r\n'), /FTP server/],
      ['HTTP', (socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')), /web server/],
      ['TLS', (socket) => socket.end(Buffer.from([0x15, 3, 1, 0, 2, 2, 70])), /TLS/],
      ['another', (socket) => socket.end('* OK [x](command:y) IMAP\r\n'), /IMAP/],
      ['one that closes', (socket) => socket.end(), /busy/],
      ['one that never ends its greeting', (socket) => socket.write('x'.repeat(100_000)), /It said/],
      ['one that greets line by line without end', (socket) => socket.write('hello\r\n'.repeat(100_000)), /It said/],
      ['one that breaks the protocol', (socket) => socket.write(`SSH-2.0-x\r\n${'y'.repeat(1000)}`), /Try again/],
    ];
    for (const [name, behave, hint] of greetings) {
      it(`${name}: Unreachable, with a hint`, async () => {
        const error = await failure(hostAt(await listen(behave)), connectContext());
        assert.equal(error.code, 'Unreachable', error.message);
        assert.match(error.hint ?? '', hint);
        assert.doesNotMatch(error.hint ?? '', /\]\(/);
      });
    }

    it('a port where nobody listens', async () => {
      const port = await listen(() => {});
      await new Promise((resolve) => listener?.close(resolve));
      const error = await failure(hostAt(port), connectContext());
      assert.deepEqual([error.code, error.retryable], ['Unreachable', true]);
      assert.match(error.message, /Nothing answers/);
    });

    it('a name that does not exist', async () => {
      const error = await failure({ ...hostAt(22), address: 'nowhere.invalid' }, connectContext());
      assert.equal(error.code, 'Unreachable');
    });

    it('is given up at once when the person cancels', async () => {
      const port = await listen(() => {});
      const controller = new AbortController();
      setTimeout(() => controller.abort(), 30);
      assert.equal((await failure(hostAt(port), connectContext({}, { signal: controller.signal }))).code, 'Cancelled');
      assert.equal((await failure(hostAt(port), connectContext({}, { signal: controller.signal }))).code, 'Cancelled');
    });
  });
});

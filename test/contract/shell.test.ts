import assert from 'node:assert/strict';
import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isRemoteError } from '../../src/core/errors.ts';
import type { Remote } from '../../src/core/remote.ts';
import type { Shell, ShellOptions } from '../../src/core/shell.ts';
import { connect } from '../../src/transport/index.ts';
import { startFaultyProxy, type FaultyProxy } from '../servers/faultyProxy.ts';
import { startOpenssh } from '../servers/openssh.ts';
import { requireServer, type TestServer } from '../servers/server.ts';
import { connectContext } from '../support/prompts.ts';

/** A terminal as somebody reads it. */
class Screen {
  readonly shell: Shell;
  #text = '';
  #changed: () => void = () => {};

  constructor(shell: Shell) {
    this.shell = shell;
    shell.onOutput((chunk) => {
      this.#text += Buffer.from(chunk).toString();
      this.#changed();
    });
  }

  get text(): string {
    return this.#text;
  }

  type(text: string): void {
    this.shell.write(Buffer.from(text));
  }

  async shows(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.#text);
      if (found !== null) return found;
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`${String(pattern)} never came: ${JSON.stringify(this.#text)}`)), 8000);
        this.#changed = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}

describe('a shell beside SFTP', () => {
  const size = { columns: 101, rows: 33 };
  let server: TestServer;
  let proxy: FaultyProxy;
  let remote: Remote;

  before(async function () {
    server = await requireServer(this, () => startOpenssh({ shell: true }));
    proxy = await startFaultyProxy({ port: server.host.port });
    remote = await connect(server.host, connectContext({ admit: true }));
  });

  after(async () => {
    await remote.close();
    await proxy.close();
    await server.stop();
  });

  const open = async (options: Partial<ShellOptions> = {}, on = remote): Promise<Screen> => {
    const shell = await on.openShell?.({ size, ...options });
    assert.ok(shell);
    return new Screen(shell);
  };

  it('answers, has the size of the terminal and follows it, and files work meanwhile', async () => {
    const screen = await open();
    screen.type('stty size; echo "$TERM-$((20+3))"\n');
    await screen.shows(/33 101\s+xterm-256color-23/);
    screen.shell.resize({ columns: 60, rows: 20 });
    screen.type('stty size\n');
    await screen.shows(/20 60/);
    assert.equal((await remote.stat(server.rootOnServer)).kind, 'directory');
    screen.type('exit 3\n');
    assert.deepEqual(await screen.shell.ended, { kind: 'exited', exitCode: 3, signal: undefined });
    await remote.ping();
  });

  it('tells the signal that ended it', async () => {
    const screen = await open();
    screen.type('kill -KILL $$\n');
    assert.deepEqual(await screen.shell.ended, { kind: 'exited', exitCode: undefined, signal: 'SIGKILL' });
  });

  const folders = [
    'plain',
    "it's; touch hurt",
    '$(touch hurt)`touch hurt`',
    '-rf "x" \\ \u0003 !! #',
    ' blank ',
    'ünï 日本語',
    '\u001b[A\t',
    '~',
    '*',
  ];
  for (const name of folders) {
    it(`begins in the folder ${JSON.stringify(name)}, whatever is in its name`, async () => {
      const folder = join(server.root, name);
      mkdirSync(folder);
      if (server.owner) chownSync(folder, server.owner.uid, server.owner.gid);
      const screen = await open({ folder: `${server.rootOnServer}/${name}` });
      assert.equal(screen.shell.inFolder, true);
      screen.type('touch here; echo do""ne; exit\n');
      await screen.shows(/done/);
      await screen.shell.ended;
      assert.deepEqual(
        (await remote.list(`${server.rootOnServer}/${name}`)).map((entry) => entry.name),
        ['here'],
      );
    });
  }

  it('begins in a folder whose name is in another charset', async () => {
    const bytes = Buffer.from(`${server.root}/l'été \\0101`, 'latin1');
    mkdirSync(bytes);
    if (server.owner) chownSync(bytes, server.owner.uid, server.owner.gid);
    const latin = await connect({ ...server.host, charset: 'windows-1252' }, connectContext({ admit: true }));
    try {
      const folder = `${server.rootOnServer}/l'été \\0101`;
      const screen = await open({ folder }, latin);
      screen.type('touch here; exit\n');
      await screen.shell.ended;
      assert.deepEqual(
        (await latin.list(folder)).map((entry) => entry.name),
        ['here'],
      );
    } finally {
      await latin.close();
    }
  });

  it('says that a folder is not there, and is there all the same', async () => {
    const screen = await open({ folder: '/nowhere/at all' });
    await screen.shows(/nowhere\/at all/);
    screen.type('echo al""ive; exit\n');
    await screen.shows(/alive/);
  });

  it('makes a server wait that writes without end', async () => {
    const screen = await open();
    screen.type('yes ferry\n');
    await screen.shows(/ferry\r\nferry/);
    screen.shell.pause();
    await new Promise((resolve) => setTimeout(resolve, 200));
    const { length } = screen.text;
    await remote.ping();
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(screen.text.length, length);
    screen.shell.close();
    assert.equal((await screen.shell.ended).kind, 'exited');
  });

  it('is told when the line breaks', async () => {
    const far = await connect({ ...server.host, address: proxy.address, port: proxy.port }, connectContext({ admit: true }));
    const screen = await open({}, far);
    screen.type('echo up""here\n');
    await screen.shows(/uphere/);
    proxy.strike('reset');
    const end = await screen.shell.ended;
    assert.ok(end.kind === 'lost' && isRemoteError(end.reason, 'Lost'));
    screen.type('nobody hears\n');
    screen.shell.resize(size);
    screen.shell.close();
    await assert.rejects(open({}, far), (error) => isRemoteError(error, 'Lost'));
    await far.close();
  });

  it('is not opened for one who does not wait', async () => {
    const controller = new AbortController();
    const opening = open({ signal: controller.signal });
    controller.abort();
    await assert.rejects(opening, (error) => isRemoteError(error, 'Cancelled'));
    await remote.ping();
  });

  it('is refused in plain words where an account may use files only, and files go on', async function () {
    const files = await requireServer(this, () => startOpenssh({ config: ['PermitTTY no'], shell: true }));
    const strict = await requireServer(this, () => startOpenssh({ config: ['MaxSessions 1'], shell: true }));
    try {
      for (const [one, code] of [
        [files, 'Unsupported'],
        [strict, 'Busy'],
      ] as const) {
        const own = await connect(one.host, connectContext({ admit: true }));
        for (const folder of [undefined, '/tmp']) await assert.rejects(open({ folder }, own), (error) => isRemoteError(error, code));
        await own.ping();
        await own.close();
      }
    } finally {
      await files.stop();
      await strict.stop();
    }
  });

  it('ends by itself where the server runs nothing but SFTP', async function () {
    const files = await requireServer(this, () => startOpenssh());
    try {
      const own = await connect(files.host, connectContext({ admit: true }));
      const end = await (await open({}, own)).shell.ended;
      assert.ok(end.kind === 'exited' && end.exitCode !== 0);
      await own.ping();
      await own.close();
    } finally {
      await files.stop();
    }
  });
});

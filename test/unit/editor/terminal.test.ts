import assert from 'node:assert/strict';
import { RemoteError } from '../../../src/core/errors.ts';
import type { Shell, ShellEnd, ShellOptions } from '../../../src/core/shell.ts';
import { MemoryRemote } from '../../support/memoryRemote.ts';
import { poolOf, testHost } from '../../support/poolOf.ts';
import { until } from '../../support/until.ts';
import './fakeVscode.ts';

const { RemoteTerminal } = await import('../../../src/editor/terminal.ts');

/** A shell that does what the test says. */
class ScriptedShell implements Shell {
  readonly options: ShellOptions;
  readonly inFolder: boolean;
  readonly ended: Promise<ShellEnd>;
  readonly end: (how: ShellEnd) => void;
  readonly input: string[] = [];
  readonly sizes: ShellOptions['size'][] = [];
  isPaused = false;
  isClosed = false;
  output: (chunk: Uint8Array) => void = () => {};

  constructor(options: ShellOptions, inFolder = true) {
    this.options = options;
    this.inFolder = inFolder;
    ({ promise: this.ended, resolve: this.end } = Promise.withResolvers<ShellEnd>());
  }

  onOutput(listener: (chunk: Uint8Array) => void): void {
    this.output = listener;
  }
  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
  }
  write(input: Uint8Array): void {
    this.input.push(Buffer.from(input).toString('latin1'));
  }
  resize(size: ShellOptions['size']): void {
    this.sizes.push(size);
  }
  close(): void {
    this.isClosed = true;
    this.end(exited(undefined));
  }
}

const exited = (exitCode: number | undefined): ShellEnd => ({ kind: 'exited', exitCode, signal: undefined });

describe('a terminal on a host', () => {
  const size = { columns: 100, rows: 30 };
  let shells: ScriptedShell[];
  let remotes: MemoryRemote[];
  let shown: string;
  let closed: number[];

  const start = async (more: { charset?: string; inFolder?: boolean; refusal?: RemoteError; files?: boolean } = {}) => {
    const host = testHost({ name: 'web', charset: more.charset ?? 'utf-8' });
    const pool = poolOf(() => {
      const remote = new MemoryRemote();
      remotes.push(remote);
      const openShell = (options: ShellOptions): Promise<Shell> => {
        if (more.refusal) return Promise.reject(more.refusal);
        const shell = new ScriptedShell(options, more.inFolder);
        shells.push(shell);
        return Promise.resolve(shell);
      };
      return Promise.resolve(more.files === true ? remote : Object.assign(remote, { openShell }));
    });
    const terminal = new RemoteTerminal({ pool, host, folder: '/www' });
    terminal.onDidWrite((text) => (shown += text));
    terminal.onDidClose((code) => closed.push(code));
    terminal.open(size);
    await until(() => shells.length > 0 || shown.includes('Press Enter'));
    return { terminal, pool, host };
  };
  const shows = (pattern: RegExp) => until(() => pattern.test(shown));

  beforeEach(() => {
    [shells, remotes, shown, closed] = [[], [], '', []];
  });

  it('says that it connects, passes on what is typed and written, and follows the size', async () => {
    const { terminal, pool } = await start();
    assert.match(shown, /\[Connecting to web…\]/);
    const shell = shells[0]!;
    assert.deepEqual([shell.options.size, shell.options.folder], [size, '/www']);
    await until(() => shell.sizes.length > 0);
    shell.output(Buffer.from('$ \u001b[31mred'));
    assert.match(shown, /\$ \u001b\[31mred$/);
    terminal.handleInput('é\u0003');
    assert.deepEqual(shell.input, ['\u00c3\u00a9\u0003']);
    terminal.setDimensions({ columns: 7, rows: 5 });
    assert.deepEqual(shell.sizes.at(-1), { columns: 7, rows: 5 });
    assert.equal(pool.state('web').busy, 1);
    shell.end(exited(0));
    await until(() => closed.length > 0);
    assert.deepEqual(closed, [0]);
    assert.equal(pool.state('web').busy, 0);
    await pool.dispose();
  });

  it('keeps characters whole, also in another charset', async () => {
    const { pool } = await start();
    const [first, second] = [Buffer.from('日').subarray(0, 1), Buffer.from('日').subarray(1)];
    shells[0]!.output(first);
    shells[0]!.output(second);
    await shows(/日/);
    await pool.dispose();
    [shells, shown] = [[], ''];
    const latin = await start({ charset: 'windows-1252' });
    latin.terminal.handleInput('é€');
    latin.terminal.handleInput('日');
    assert.deepEqual(shells[0]!.input, ['\u00e9\u0080', '\u00e6\u0097\u00a5']);
    shells[0]!.output(Buffer.from([0xe9]));
    await shows(/é/);
    await latin.pool.dispose();
  });

  it('lets a server wait that writes faster than anybody reads, and loses nothing', async () => {
    const { pool } = await start();
    const shell = shells[0]!;
    const line = 'x'.repeat(99_999);
    for (let count = 0; count < 4; count++) shell.output(Buffer.from(`${line}\n`));
    assert.equal(shell.isPaused, true);
    await until(() => !shell.isPaused && (shown.match(/x\n/g)?.length ?? 0) === 4);
    shell.output(Buffer.from('last words'));
    shell.output(Buffer.from(' before the end'));
    shell.end(exited(0));
    await shows(/last words before the end/);
    await pool.dispose();
  });

  it('says when the line breaks, and Enter opens a new shell on a new connection', async () => {
    const { terminal, pool } = await start();
    remotes[0]!.drop();
    shells[0]!.end({ kind: 'lost', reason: new RemoteError('Lost', 'The link was cut.') });
    await shows(/\[web: The link was cut\. Press Enter to open a new shell\.\]/);
    terminal.handleInput('ls');
    assert.equal(shells.length, 1);
    terminal.handleInput('\r');
    await until(() => shells.length === 2);
    assert.equal(remotes.length, 2);
    assert.deepEqual(shells[0]!.input, []);
    await pool.dispose();
  });

  it('says how the shell ended where that is news, with nothing of the server acting on the terminal', async () => {
    const { terminal, pool } = await start();
    shells[0]!.end(exited(1));
    await shows(/exit code 1\. If that is at once each time, the account may use files only\./);
    terminal.handleInput('\r');
    await until(() => shells.length === 2);
    shells[1]!.end({ kind: 'exited', exitCode: undefined, signal: 'KILL\u001b[2J' });
    await shows(/by the signal KILL\./);
    assert.deepEqual(closed, []);
    await pool.dispose();
  });

  it('gives the reason where there is no shell', async () => {
    await (await start({ refusal: new RemoteError('Unsupported', 'Files only.') })).pool.dispose();
    assert.match(shown, /\[web: Files only\. Press Enter/);
    shown = '';
    await (await start({ files: true })).pool.dispose();
    assert.match(shown, /\[web: This server gives no terminals\. Press Enter/);
  });

  it('says that it could not begin in the folder', async () => {
    const { pool } = await start({ inFolder: false });
    await shows(/lets nobody choose the folder/);
    await pool.dispose();
  });

  it('ends the shell with the terminal, and with the connection', async () => {
    const { terminal, pool } = await start();
    terminal.close();
    await until(() => shells[0]!.isClosed);
    await until(() => pool.state('web').busy === 0);
    assert.ok(!shown.includes('Press Enter'));
    await pool.dispose();
    [shells, shown] = [[], ''];
    const other = await start();
    await other.pool.disconnect('web');
    assert.equal(shells[0]!.isClosed, true);
    await shows(/The connection was ended\. Press Enter/);
    await other.pool.dispose();
  });
});

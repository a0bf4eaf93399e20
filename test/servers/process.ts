import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { claimPort } from './portClaims.ts';

/** A machine of its own, where a server is to run. */
export interface Place {
  /** Where it is for its clients. */
  readonly address: string;
  /** The command with its arguments, so that it runs there. */
  enter(command: string, args: readonly string[]): readonly [string, readonly string[]];
}

export interface ProcessOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  /** Default: this machine. */
  readonly place?: Place | undefined;
  /** Ready once it accepts connections here, or once its output matches. */
  readonly ready: { readonly port: number; readonly address?: string } | RegExp;
  /** Default a minute: a busy machine takes long to start one, and what will never be ready mostly ends. */
  readonly timeoutMs?: number;
}

/** A server's process. It ends with `stop`, and at the latest with this process; its children too. */
export interface ServerProcess {
  readonly pid: number;
  /** Standard output and error so far, at most the last 512 KB. */
  output(): string;
  stop(): Promise<void>;
  /** Kills all that it forked, as an administrator or the kernel would: it lives on itself. */
  killSessions(): void;
  /** Kills it with its sessions and starts it anew, the same way. */
  restart(): Promise<void>;
}

const outputLimit = 262_144;
const running = new Set<ChildProcess>();

process.on('exit', () => {
  for (const child of running) killTree(child.pid);
});
/* Without a handler these end the process with no 'exit' event. */
process.once('SIGTERM', () => process.exit(143));
process.once('SIGHUP', () => process.exit(129));

/** Resolves when the server is ready; throws with its output if it ends before or takes too long. */
export async function startProcess(options: ProcessOptions): Promise<ServerProcess> {
  let current = await spawnUntilReady(options);
  let earlier = '';
  return {
    get pid() {
      return current.pid;
    },
    output: () => earlier + current.output(),
    stop: async () => current.stop(),
    killSessions: () => descendants(current.pid).forEach(kill),
    async restart() {
      await current.stop();
      earlier = (earlier + current.output()).slice(-outputLimit);
      current = await spawnUntilReady(options);
    },
  };
}

async function spawnUntilReady(options: ProcessOptions): Promise<Pick<ServerProcess, 'pid' | 'output' | 'stop'>> {
  const { args, ready, timeoutMs = 60_000, place, ...rest } = options;
  const [command, given] = place?.enter(options.command, args) ?? [options.command, args];
  const child = spawn(command, given, { stdio: ['ignore', 'pipe', 'pipe'], ...rest });
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? `code ${String(code)}`}`));
  });
  let output = '';
  const isReady = (): boolean | Promise<boolean> => {
    if (ready instanceof RegExp) return ready.test(output);
    return place === undefined ? accepts(ready.port, ready.address) : listens(child.pid, ready.port);
  };
  const collect = (chunk: Buffer): void => void (output = (output + chunk.toString('latin1')).slice(-outputLimit));
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  running.add(child);
  const stop = async (): Promise<void> => {
    if (running.delete(child)) await endTree(child.pid);
    await ended;
  };
  const failure = await Promise.race([ended, waitUntilReady(isReady, timeoutMs, child)]);
  if (failure !== undefined || child.pid === undefined) {
    await stop();
    throw new Error(`${command} did not start: ${failure ?? 'no process'}\n${output}`);
  }
  return { pid: child.pid, output: () => output, stop };
}

async function waitUntilReady(
  isReady: () => boolean | Promise<boolean>,
  timeoutMs: number,
  child: ChildProcess,
): Promise<string | undefined> {
  const deadline = performance.now() + timeoutMs;
  while (performance.now() < deadline && !hasEnded(child)) {
    if (await isReady()) {
      /* A server that found its port taken ends at once: then it was another one that accepted. */
      await sleep(20);
      return hasEnded(child) ? 'it ended' : undefined;
    }
    await sleep(15);
  }
  return `it was not ready after ${timeoutMs} ms`;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function accepts(port: number, address = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: address });
    const settle = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
  });
}

/** Whether anything listens on the port in the network that the process is in (Linux). */
function listens(pid: number | undefined, port: number): boolean {
  const local = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const fields = readOrNothing(`/proc/${String(pid)}/net/tcp`)
    .split('\n')
    .map((line) => line.trim().split(/\s+/));
  return fields.some(([, address = '', , state]) => state === '0A' && address.endsWith(local));
}

/** A port that nothing listens on and no other test is given, below the range from which systems take the ports of outgoing connections. */
export async function freePort(address = '127.0.0.1'): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    if ((await claimPort(port)) && (await isFree(port, address))) return port;
  }
  throw new Error('No free port found.');
}

/** The first of `count` ports in a row that nothing listens on at any of `addresses`, and no other test is given. */
export async function freePorts(count: number, addresses: readonly string[]): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const first = 10_000 + Math.floor(Math.random() * (20_000 - count));
    const ports = Array.from({ length: count }, (_, index) => first + index);
    const claimed = await Promise.all(ports.map(claimPort));
    if (!claimed.every(Boolean)) continue;
    const free = await Promise.all(addresses.flatMap((address) => ports.map(async (port) => isFree(port, address))));
    if (free.every(Boolean)) return first;
  }
  throw new Error('No free ports found.');
}

async function isFree(port: number, address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, address, () => server.close(() => resolve(true)));
  });
}

/** `start` with a free port, again with another where the port was taken in between. */
export async function startOnFreePort<T>(start: (port: number) => Promise<T>, address = '127.0.0.1'): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort(address);
    try {
      return await start(port);
    } catch (error) {
      if (attempt === 3 || (await isFree(port, address))) throw error;
    }
  }
}

/** Sessions first, each reaped by its parent: a child that outlives its parent stays for ever where the first process reaps none. */
async function endTree(pid: number | undefined): Promise<void> {
  if (pid === undefined) return;
  for (let round = 0; round < 20; round++) {
    const below = descendants(pid);
    if (below.length === 0) break;
    below.filter((one) => below.length === 1 || descendants(one).length === 0).forEach(kill);
    await sleep(10);
  }
  killTree(pid);
}

/** Descendants are looked up before anything is killed: a session process would outlive its listener. */
function killTree(pid: number | undefined): void {
  if (pid !== undefined) [pid, ...descendants(pid)].forEach(kill);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Ended by itself in the meantime.
  }
}

/** Of all generations, this moment. */
export function descendants(pid: number): number[] {
  const parents = parentsOfProcesses();
  const found = [pid];
  for (const parent of found) {
    for (const [child, itsParent] of parents) if (itsParent === parent) found.push(child);
  }
  return found.slice(1);
}

/** Pairs of process and parent, without those that ended and only wait for their parent to look. */
function parentsOfProcesses(): [number, number][] {
  const lines =
    process.platform === 'linux'
      ? readdirSync('/proc')
          .filter((name) => /^\d+$/.test(name))
          .map(readStatus)
      : spawnSync('ps', ['-A', '-o', 'pid=,stat=,ppid='], { encoding: 'utf8' }).stdout.split('\n');
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter(([, state]) => state !== undefined && !state.startsWith('Z'))
    .map(([pid, , parent]) => [Number(pid), Number(parent)]);
}

/** `pid state parent …`, without the program's name, which may hold anything. */
function readStatus(pid: string): string {
  const status = readOrNothing(`/proc/${pid}/stat`);
  return status === '' ? '' : `${pid} ${status.slice(status.lastIndexOf(')') + 2)}`;
}

/** Of a process that may be gone. */
function readOrNothing(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

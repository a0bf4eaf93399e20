import { spawn, type ChildProcess } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isRoot } from '../servers/account.ts';
import { findProgram } from '../servers/program.ts';

/** What lies between servers and clients. */
export interface Line {
  /** `tun`: two network namespaces with a line of packets between; `proxy`: a proxy on loopback that holds bytes back. */
  readonly kind: 'tun' | 'proxy';
  /** For people: what it is made of. */
  readonly description: string;
  /** The command with its arguments, so that it runs at that end. */
  at(end: 'server' | 'client', command: string, args: readonly string[]): readonly [string, readonly string[]];
  /** Changes it for open connections too. Milliseconds one way; bytes a second each way, undefined: no bound. */
  set(delayMs: number, bytesPerSecond: number | undefined): Promise<void>;
  close(): void;
}

/** Machines that are this one, each in a network of its own: every one reaches its neighbours alone. */
export interface Row {
  /** The command with its arguments, so that it runs on that machine, counted from 0. */
  at(machine: number, command: string, args: readonly string[]): readonly [string, readonly string[]];
  /** Changes it for open connections too. Milliseconds one way; bytes a second each way, undefined: no bound. */
  set(delayMs: number, bytesPerSecond: number | undefined): Promise<void>;
  close(): void;
}

/** Where a machine of a row is for the one before it (`from`: the one after it). */
export function addressIn(machine: number, from: 'before' | 'after' = 'before'): string {
  return from === 'after' ? `10.77.${machine}.1` : `10.77.${machine - 1}.2`;
}

/** Where the server is, seen from the client, on a `tun` line. */
export const serverAddress = addressIn(0, 'after');

/** Why this machine can't have a `tun` line; undefined: it can. */
export function tunMissing(): string | undefined {
  if (process.platform !== 'linux') return 'it is no Linux';
  if (!isRoot()) return 'only root can make network namespaces';
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
    findProgram('nsenter', 'util-linux');
    findProgram('python3', 'python3');
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export async function openTunLine(mtu: number): Promise<Line> {
  const row = await openRow(2, mtu);
  return {
    kind: 'tun',
    description: `two network namespaces joined by TUN devices, MTU ${mtu}`,
    at: (end, command, args) => row.at(end === 'server' ? 0 : 1, command, args),
    set: (...given) => row.set(...given),
    close: () => row.close(),
  };
}

/** Where `tunMissing` has nothing to say. */
export async function openRow(machines: number, mtu = 1500): Promise<Row> {
  const child = spawn(findProgram('python3', 'python3'), [join(import.meta.dirname, 'line.py'), String(mtu), String(machines)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const answers = createInterface(child.stdout)[Symbol.asyncIterator]();
  const answer = async (): Promise<string> => {
    const { value, done } = await answers.next();
    if (done === true) throw new Error('The line between server and client ended.');
    return value;
  };
  const namespaces = JSON.parse(await answer()) as readonly string[];
  const nsenter = findProgram('nsenter', 'util-linux');
  return {
    at: (machine, command, args) => [nsenter, [`--net=${namespaces[machine] ?? ''}`, command, ...args]],
    async set(delayMs, bytesPerSecond) {
      child.stdin.write(`delay ${delayMs}\nrate ${bytesPerSecond ?? 0}\n`);
      await answer();
      await answer();
    },
    close: () => endProcess(child),
  };
}

/** The proxies are in the servers' process, which is told by `tell`. */
export function proxyLine(tell: (delayMs: number, bytesPerSecond: number | undefined) => Promise<void>): Line {
  return {
    kind: 'proxy',
    description: 'a proxy on loopback that holds bytes back (no slow start, no lost packets)',
    at: (_, command, args) => [command, args],
    set: tell,
    close: () => undefined,
  };
}

function endProcess(child: ChildProcess): void {
  child.stdin?.end();
  child.kill();
}

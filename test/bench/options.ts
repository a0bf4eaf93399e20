import { parseArgs } from 'node:util';
import { clients } from './clients.ts';
import { lineNames, type LineName } from './figures.ts';
import { operations } from './operations.ts';
import { serverNames, type ServerName } from './servers.ts';

/** What is measured beside the operations. */
export const extras = ['memory', 'editor'] as const;
export type Extra = (typeof extras)[number];

export interface BenchOptions {
  readonly operations: readonly string[];
  readonly extras: readonly Extra[];
  readonly servers: readonly ServerName[];
  readonly clients: readonly string[];
  readonly at: readonly LineName[];
  readonly rttMs: number;
  /** Each way; undefined: no bound. */
  readonly bytesPerSecond: number | undefined;
  readonly mtu: number;
  /** Undefined: `tun` where the machine lets us. */
  readonly line: 'tun' | 'proxy' | undefined;
  readonly runs: number;
  readonly limitMs: number;
  /** Prints the figures as JSON and nothing else to standard output. */
  readonly json: boolean;
  /** Puts the table into README. */
  readonly readme: boolean;
  /** Files with the figures of earlier runs, which are joined: nothing is measured. Empty: it is. */
  readonly from: readonly string[];
}

/** Of operations: each takes a few minutes. */
const groups: Readonly<Record<string, readonly string[]>> = {
  small: operations.filter(({ long }) => long !== true).map(({ id }) => id),
  trees: operations.filter(({ long, bytes }) => long === true && bytes === undefined).map(({ id }) => id),
  large: operations.filter(({ bytes }) => bytes !== undefined).map(({ id }) => id),
};

const usage = `npm run bench -- [--only NAME,…] [--server NAME,…] [--client NAME,…] [--at LINE,…] [--rtt MS] [--rate MBIT] [--mtu BYTES]
                 [--line tun|proxy] [--runs N] [--limit SECONDS] [--json] [--readme] [--from FILE,…]
  --only    ${[...Object.keys(groups), ...operations.map(({ id }) => id), ...extras].join(', ')}
  --server  ${serverNames.join(', ')}
  --client  ${clients.map(({ name }) => name).join(', ')}
  --at      ${lineNames.join(', ')}`;

/** Ends the process with a word about how it is used where the arguments are none. */
export function readOptions(): BenchOptions {
  try {
    return parse();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
    process.exit(2);
  }
}

function parse(): BenchOptions {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    options: {
      ...{ only: text, server: text, client: text, at: text, rate: text, line: text, from: text, json: flag, readme: flag },
      ...{ rtt: { ...text, default: '50' }, mtu: { ...text, default: '1500' } },
      ...{ runs: { ...text, default: '15' }, limit: { ...text, default: '60' } },
    },
  });
  const known = [...operations.map(({ id }) => id), ...extras];
  const only = choose('--only', values.only, [...known, ...Object.keys(groups)]).flatMap((name) => groups[name] ?? [name]);
  const rate = values.rate === undefined ? undefined : (positive('--rate', values.rate) * 1e6) / 8;
  if (values.line !== undefined && values.line !== 'tun' && values.line !== 'proxy') throw new Error('--line is tun or proxy.');
  return {
    operations: operations.map(({ id }) => id).filter((id) => only.includes(id)),
    extras: extras.filter((extra) => only.includes(extra)),
    servers: choose('--server', values.server, serverNames),
    clients: choose(
      '--client',
      values.client,
      clients.map(({ name }) => name),
    ),
    at: choose('--at', values.at, lineNames),
    ...{ rttMs: positive('--rtt', values.rtt), bytesPerSecond: rate, mtu: positive('--mtu', values.mtu) },
    ...{ line: values.line, runs: positive('--runs', values.runs), limitMs: positive('--limit', values.limit) * 1000 },
    ...{ json: values.json, readme: values.readme, from: values.from?.split(',') ?? [] },
  };
}

function choose<T extends string>(option: string, text: string | undefined, known: readonly T[]): readonly T[] {
  if (text === undefined) return known;
  return text.split(',').map((name) => {
    const found = known.find((one) => one.toLowerCase() === name.trim().toLowerCase());
    if (found === undefined) throw new Error(`${option}: there is no ${name.trim()}.`);
    return found;
  });
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`${option} is a number above 0.`);
  return value;
}

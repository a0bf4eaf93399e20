import { RemoteError, type RemoteErrorCode } from '../../src/core/errors.ts';
import { settleAside } from '../../src/core/operations/leftAside.ts';
import type { MoveOptions } from '../../src/core/operations/moveThroughPool.ts';
import { isTemporaryName, removeTemporary } from '../../src/core/operations/temporary.ts';
import { removeTree } from '../../src/core/operations/tree.ts';
import { walk } from '../../src/core/operations/walk.ts';
import { basename } from '../../src/core/path.ts';
import type { Pool } from '../../src/core/pool.ts';
import { type MemoryJournal, memoryJournal } from './memoryJournal.ts';
import { type MemoryOptions, MemoryRemote, MemoryServer } from './memoryRemote.ts';
import { poolOf, testHost } from './poolOf.ts';

export const here = testHost({ name: 'here' });
export const there = testHost({ name: 'there' });

/** What a change works with: two hosts, what it notes, and what it is asked for. */
export interface ChangeGround {
  readonly pool: Pool;
  readonly here: MemoryServer;
  readonly there: MemoryServer;
  readonly journal: MemoryJournal;
  readonly options: MoveOptions;
}

export interface Change {
  readonly name: string;
  seed(here: MemoryServer, there: MemoryServer): void;
  run(ground: ChangeGround): Promise<unknown>;
}

/** `crash`: from this step on nothing happens any more. `outage`: the same, but the window lives on, and connects again later. */
export type StepFault = RemoteErrorCode | 'crash' | 'outage';

export interface ChangeOutcome {
  /** How many steps there were. */
  readonly steps: number;
  /** Undefined: it resolved. */
  readonly error: unknown;
  /** What both servers hold, `host:path` by content, Ferry's hidden names left out. */
  readonly held: string;
  /** Ferry's hidden names on the servers and in the journal. */
  readonly left: readonly { readonly path: string; readonly noted: boolean }[];
  /** Those of the journal that the next connection takes care of. */
  readonly abandoned: ReadonlySet<string>;
  readonly kept: MemoryJournal['kept'];
}

/** Runs the change once; the steps that `fault` names fail, before or after their effect. After a crash the next session does its part. */
export async function runOnce(
  change: Change,
  server: MemoryOptions,
  fault: (step: number) => StepFault | undefined,
): Promise<ChangeOutcome> {
  const [one, two] = [new MemoryServer(), new MemoryServer()];
  change.seed(one, two);
  let steps = 0;
  let end = undefined as 'crash' | 'outage' | undefined;
  const onStep = (): void => {
    if (end !== undefined) throw new RemoteError('Lost', 'Gone.');
    const code = fault((steps += 1));
    if (code === 'crash' || code === 'outage') end = code;
    if (code !== undefined) throw new RemoteError(code === 'crash' || code === 'outage' ? 'Lost' : code, 'Injected.');
  };
  const connect = (name: string) => {
    if (end !== undefined) throw new RemoteError('Untrusted', 'Gone.');
    return new MemoryRemote(name === 'here' ? one : two, { ...server, onStep });
  };
  const pool = poolOf(({ name }) => Promise.resolve().then(() => connect(name)), { clock: hastyClock });
  const journal = memoryJournal();
  const error = await change.run({ pool, here: one, there: two, journal, options: { overwrite: true, journal } }).then(
    () => undefined,
    (reason: unknown) => reason ?? 'rejected',
  );
  await pool.dispose();
  if (end !== undefined) await connectAgain([one, two], journal, end);
  const names = [...(await pathsOn(one)), ...(await pathsOn(two))].map(([path]) => path).filter((path) => isTemporaryName(basename(path)));
  const noted = new Set([...journal.temporaries, ...journal.asides.keys()]);
  const left = [...new Set([...names, ...noted])].map((path) => ({ path, noted: noted.has(path) }));
  return { steps, error, held: await heldBy(one, two), left, abandoned: journal.abandoned, kept: journal.kept };
}

/** What a window does at a connection about what was left: first what stepped aside, then what was to come. */
async function connectAgain(servers: readonly MemoryServer[], journal: MemoryJournal, after: 'crash' | 'outage'): Promise<void> {
  const isLeft = (path: string) => after === 'crash' || journal.abandoned.has(path);
  const holder = (path: string) => servers.find((server) => server.find(path, false) !== undefined) ?? servers[0];
  for (const swap of [...journal.asides.values()].filter(({ aside }) => isLeft(aside)))
    await settleAside(new MemoryRemote(holder(swap.aside)), swap, journal, (remote, aside) => removeTree(remote, aside));
  for (const path of [...journal.temporaries].filter(isLeft)) await removeTemporary(new MemoryRemote(holder(path)), path, journal);
}

async function heldBy(one: MemoryServer, two: MemoryServer): Promise<string> {
  const lines = [
    ...(await pathsOn(one)).map(([path, text]) => `here:${path} ${text}`),
    ...(await pathsOn(two)).map(([path, text]) => `there:${path} ${text}`),
  ];
  return lines
    .filter((line) => !line.includes('/.ferry-'))
    .toSorted()
    .join('\n');
}

async function pathsOn(server: MemoryServer): Promise<[string, string][]> {
  const entries = await walk(new MemoryRemote(server), '/');
  return entries.slice(1).map(({ path, attributes: { kind, target } }) => {
    const content = kind === 'file' ? server.text(path) : kind === 'symlink' ? target : '';
    return [path, `${kind} ${content}`];
  });
}

/** Pauses take no time. */
const hastyClock = {
  now: () => Date.now(),
  after(_: number, task: () => void): () => void {
    const timer = setImmediate(task);
    return () => clearImmediate(timer);
  },
};

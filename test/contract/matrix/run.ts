import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultServer } from '../faultServers.ts';
import { makeDisk } from '../ground.ts';
import { runCell, type Cell } from './cell.ts';
import { operationNames, type OperationName } from './operations.ts';
import { isNothing, matrixRows, type MatrixRow, type Stated } from './outcomes.ts';
import type { ChangingServer, MatrixServer } from './servers.ts';

/** What became of a cell; `failure` undefined: it is as stated. */
export interface CellResult {
  readonly seconds: number;
  readonly failure: unknown;
}

/** A cell, or the reason why there is none. */
export interface CellEntry {
  readonly row: MatrixRow;
  readonly operation: OperationName;
  readonly stated: Stated;
  readonly result: Promise<CellResult> | undefined;
  /** Why it is not run here, though it could be elsewhere. */
  readonly impossible: string | undefined;
}

export interface RunningMatrix {
  readonly entries: readonly CellEntry[];
  /** Resolves when all cells and servers have ended. */
  end(): Promise<void>;
}

/** Cells of one server at once: of those that wait, and of the others. */
const [waiting, busy] = [12, 2];
/** Some servers lose connections when many come at the same moment. */
const pace = 250;

/** Only cells whose `server: fault: operation` matches; for whoever works on some. */
const wanted = new RegExp(process.env['FERRY_MATRIX'] ?? '');

/** Begins all cells of a server: those that wait at once, the others in a few lines. Throws `ServerUnavailable`. */
export async function runMatrix(server: MatrixServer): Promise<RunningMatrix> {
  const usual = await server.usual();
  const impostor = await server.impostor?.();
  const special = new Map<string, Promise<FaultServer | ChangingServer>>();
  const lines = { quick: newLine(busy), alone: newLine(1), waiting: newLine(waiting) };
  let count = 0;
  const begin = async (cell: Cell): Promise<CellResult> => {
    const { fault } = cell;
    const line =
      fault.server === 'crowded' || fault.server === 'changing' ? lines.alone : fault.waits === true ? lines.waiting : lines.quick;
    const number = ++count;
    return line(async () => {
      const start = performance.now();
      const kind = fault.server ?? 'usual';
      if (kind !== 'usual' && !special.has(kind)) special.set(kind, startSpecial(server, kind));
      const failure = await Promise.resolve(special.get(kind) ?? usual)
        .then(async (behind) => {
          const folder = `case${number}`;
          makeDisk(behind.server, behind.server.root).makeFolder(folder);
          return runCell(cell, { behind, impostor, folder, address: nextAddress() });
        })
        .then(
          () => undefined,
          (error: unknown) => error ?? new Error('It failed without a reason.'),
        );
      return { failure, seconds: (performance.now() - start) / 1000 };
    });
  };
  const entries = entriesOf(server, begin);
  return {
    entries,
    async end() {
      await Promise.all(entries.flatMap(({ result }) => result ?? []));
      const others = (await Promise.allSettled(special.values())).flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      for (const { server: one } of [usual, ...others]) await one.stop();
      await impostor?.server.stop();
    },
  };
}

function entriesOf(server: MatrixServer, begin: (cell: Cell) => Promise<CellResult>): CellEntry[] {
  return matrixRows.flatMap((row) => {
    const fault = row.how(server);
    const impossible = fault?.impossible?.();
    return operationNames
      .filter((operation) => wanted.test(`${server.name}: ${row.fault}: ${operation}`))
      .map((operation) => {
        const stated = row.row(server)[operation];
        const runs = fault !== undefined && impossible === undefined && !isNothing(stated);
        return { row, operation, stated, impossible, result: runs ? begin({ server, fault, operation, stated }) : undefined };
      });
  });
}

function startSpecial(server: MatrixServer, kind: 'crowded' | 'impatient' | 'changing'): Promise<FaultServer | ChangingServer> {
  return server[kind]?.() ?? Promise.reject(new Error(`${server.name} has no such setting.`));
}

/** At most `places` of what is given run at once; the first begin one a little after the other. */
function newLine(places: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const line: (() => void)[] = [];
  return async (work) => {
    if (running >= places) await new Promise<void>((resolve) => line.push(resolve));
    else await sleep(running++ * pace);
    try {
      return await work();
    } finally {
      const next = line.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}

let addresses = 0;

/** Of this machine, and of nobody else. */
function nextAddress(): string {
  addresses++;
  return `127.1.${addresses >> 7}.${1 + (addresses & 127)}`;
}

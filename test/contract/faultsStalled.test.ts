import { setTimeout as sleep } from 'node:timers/promises';
import { toRemoteError } from '../../src/core/errors.ts';
import type { Fault } from '../servers/faultyProxy.ts';
import { requireServer } from '../servers/server.ts';
import { makeFaultGround, outcomeOf } from './faultGround.ts';
import { clearWork, isDone, makeEntries, operations, type FaultOperation } from './faultOperations.ts';
import { toldFault } from './faultPlaces.ts';
import { faultServers, type FaultServer } from './faultServers.ts';
import { makeDisk } from './ground.ts';

interface StalledCase {
  readonly operation: FaultOperation;
  readonly fault: Fault;
}

/** In the middle of the content and of the commands. Each server takes every other case, by its `number`. */
function casesOf(isFtp: boolean, number: number): StalledCase[] {
  const all = operations.flatMap((operation) => {
    const { up, down } = operation;
    const control = isFtp ? ({ channel: 'control' } as const) : {};
    const data = isFtp ? ({ channel: 'data' } as const) : {};
    const faults: Fault[] = [
      { kind: 'stall', direction: 'toServer', afterBytes: 40, ...control },
      { kind: 'stall', direction: 'toClient', afterBytes: 30, ...control },
    ];
    if (up > 0) faults.push({ kind: 'stall', direction: 'toServer', afterBytes: Math.floor(up / 2), ...data });
    else if (down > 0) faults.push({ kind: 'stall', direction: 'toClient', afterBytes: Math.floor(down / 2), ...data });
    return faults.map((fault) => ({ operation, fault }));
  });
  return all.filter((_, index) => (index + number) % 2 === 0);
}

async function stallOnce(behind: FaultServer, address: string, folder: string, { operation, fault }: StalledCase): Promise<void> {
  const ground = await makeFaultGround(behind, { address, folder });
  const { proxy, pool, host, run, path } = ground;
  try {
    clearWork(ground);
    const deed = await operation.prepare(ground);
    if (operation.name !== 'connect') await run((remote) => remote.ping(), { repeatable: true });
    proxy.arm(fault);
    const outcome = await outcomeOf(ground, deed.run());
    proxy.disarm();
    if ('error' in outcome && !outcome.error.retryable) await pool.connect(host);
    await run((remote) => remote.list(path('work')), { repeatable: true });
    deed.verify(isDone(operation, outcome, fault, ground), 'value' in outcome ? outcome.value : undefined);
    await ground.assertClean('work');
  } finally {
    await ground.end();
  }
}

/** All cases of a server wait at the same time, each behind a proxy and in a folder of its own: the deadlines are those that people have. */
function begin(behind: FaultServer, cases: readonly StalledCase[]): Promise<unknown>[] {
  const disk = makeDisk(behind.server, behind.server.root);
  makeEntries(disk);
  return cases.map(async (one, number) => {
    disk.makeFolder(`case${number}`);
    // Some servers lose connections when many come at the same moment.
    await sleep(number * 120);
    return stallOnce(behind, `127.0.0.${2 + number}`, `case${number}`, one).then(
      () => undefined,
      (error: unknown) => error,
    );
  });
}

const suites = faultServers.map(({ name, start }, number) => ({ name, start, cases: casesOf(!/SSH|sftp/i.test(name), number) }));

interface Begun {
  readonly behind: FaultServer;
  readonly results: readonly Promise<unknown>[];
}

describe('a black hole', function () {
  this.timeout(120_000);
  let begun: Promise<Begun>[];

  before(() => {
    // All servers at the same time: most of it is waiting.
    begun = suites.map(async ({ start, cases }) => {
      const behind = await start();
      return { behind, results: begin(behind, cases) };
    });
    for (const one of begun) one.catch(() => undefined);
  });
  after(async () => {
    for (const one of await Promise.allSettled(begun)) {
      if (one.status === 'rejected') continue;
      await Promise.all(one.value.results);
      await one.value.behind.server.stop();
    }
  });

  for (const [number, { name, cases }] of suites.entries()) {
    describe(name, () => {
      let results: readonly Promise<unknown>[];

      before(async function () {
        ({ results } = await requireServer(this, () => begun[number] ?? Promise.reject(new Error('It was not started.'))));
      });

      for (const [index, { operation, fault }] of cases.entries()) {
        it(`${operation.name}, ${toldFault(fault)}: settled in time, nothing lost, and the next operation works`, async () => {
          const error = await results[index];
          if (error !== undefined) throw toRemoteError(error);
        });
      }
    });
  }
});

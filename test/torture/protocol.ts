import { makeFaultGround, type FaultGround } from '../contract/faultGround.ts';
import type { FaultServer } from '../contract/faultServers.ts';
import { runLane } from './lane.ts';
import { tortureNaive, type NaiveTally } from './naive.ts';
import { drawPlan, type BlowWeights } from './plan.ts';
import { randomFrom } from './random.ts';
import { startServerOf, type Protocol } from './servers.ts';
import { sumOf, type Tally } from './tally.ts';

export interface Order {
  readonly protocol: Protocol;
  readonly seed: number;
  /** How many lines of rounds run at once, each against a server of its own. */
  readonly lanes: number;
  /** Of all lanes together. */
  readonly rounds: number;
  readonly naiveRounds: number;
  readonly weights: BlowWeights;
}

export interface Result {
  readonly protocol: Protocol;
  readonly server: string;
  readonly seed: number;
  readonly rounds: number;
  readonly seconds: number;
  readonly tally: Tally;
  readonly naive: NaiveTally;
}

/** One protocol's torture. Throws `ServerUnavailable`. */
export async function tortureProtocol(order: Order): Promise<Result> {
  const start = performance.now();
  const places: Place[] = [];
  try {
    for (let lane = 0; lane < order.lanes; lane++) places.push(await makePlace(order.protocol));
    const [first] = places;
    if (first === undefined) throw new Error('There is no lane.');
    const { lanes, rounds, seed, naiveRounds, weights } = order;
    const tallies = await Promise.all(
      places.map(async ({ ground }, lane) => {
        const random = randomFrom(seed + lane * 7919);
        const share = Math.ceil((rounds - lane) / lanes);
        const plans = Array.from({ length: share }, () => drawPlan(random, weights));
        return runLane({ ground, name: `lane ${lane}`, plans });
      }),
    );
    const naive = await tortureNaive(first.ground, naiveRounds, randomFrom(seed));
    const { name, version } = first.behind.server;
    const seconds = Math.round((performance.now() - start) / 1000);
    return { protocol: order.protocol, server: `${name} ${version}`, seed, rounds, seconds, tally: sumOf(tallies), naive };
  } finally {
    for (const { ground, behind } of places) {
      await ground.end();
      await behind.server.stop();
    }
  }
}

interface Place {
  readonly behind: FaultServer;
  readonly ground: FaultGround;
}

async function makePlace(protocol: Protocol): Promise<Place> {
  const behind = await startServerOf(protocol);
  return { behind, ground: await makeFaultGround(behind) };
}

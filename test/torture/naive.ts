import { setTimeout as sleep } from 'node:timers/promises';
import { outcomeOf, type FaultGround } from '../contract/faultGround.ts';
import { pattern } from '../contract/ground.ts';
import { arm } from './blows.ts';
import { drawNaivePlan } from './plan.ts';
import type { Random } from './random.ts';
import { newTally, struckIn } from './tally.ts';

export interface NaiveTally {
  /** Writes that a fault struck. */
  readonly struck: number;
  /** Neither old nor new, empty ones among them. */
  readonly damaged: number;
  /** Of the damaged ones, those that were reported as saved. */
  readonly unnoticed: number;
}

const file = 'naive';
/** Bytes of the request that opens the file over SFTP; FTP's are on another connection. */
const opening = 160;

/** The same faults against a writer that writes over the file and hopes: what the torture would see of an editor without care. */
export async function tortureNaive(ground: FaultGround, rounds: number, random: Random): Promise<NaiveTally> {
  const tally = newTally();
  const isFtp = ground.host.protocol !== 'sftp';
  let [struck, damaged, unnoticed] = [0, 0, 0];
  for (let round = 0; round < rounds; round++) {
    const plan = drawNaivePlan(random, isFtp ? 0 : opening);
    const [old, content] = [pattern(plan.oldSize, round * 2 + 1), pattern(plan.sizes[0] ?? 0, round * 2 + 2)];
    ground.disk.file(file, old);
    await ground.run((remote) => remote.ping(), { repeatable: true });
    const before = struckIn(tally);
    const armed = arm(ground, plan, tally, isFtp ? 'data' : undefined);
    const writing = ground.run((remote) => remote.write(ground.path(file), content, { disposition: 'truncate' }));
    const outcome = await outcomeOf(ground, writing);
    await armed.disarm();
    if (struckIn(tally) > before) struck++;
    // The server may still be writing what it received.
    await sleep(50);
    const now = ground.disk.read(file);
    if (now.equals(old) || now.equals(content)) continue;
    damaged++;
    if ('value' in outcome) unnoticed++;
  }
  return { struck, damaged, unnoticed };
}

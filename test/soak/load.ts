import { linkSync } from 'node:fs';
import { makeFaultGround, outcomeOf, type FaultGround, type Outcome } from '../contract/faultGround.ts';
import type { FaultServer } from '../contract/faultServers.ts';
import { pattern } from '../contract/ground.ts';
import { descendants } from '../servers/process.ts';
import { isTemporaryName } from '../../src/core/operations/temporary.ts';
import type { Random } from '../torture/random.ts';

/** What has been done, and what went wrong that must not. */
export interface Deeds {
  saves: number;
  refused: number;
  listings: number;
  /** Links that were cut or reset, and connections that were ended as a person ends them. */
  cuts: number;
  reconnects: number;
  readonly wrong: string[];
}

/** What one server's users do to it, for hours. */
export interface Load {
  readonly name: string;
  readonly deeds: Deeds;
  /** Works until `until` (as `performance.now()` counts), then is quiet. */
  work(until: number): Promise<void>;
  /** Processes of its sessions. */
  sessions(): number;
  /** Of Ferry, left on the server or in the journal, after what the editor does at a connection. */
  leftovers(): Promise<number>;
  end(): Promise<void>;
}

const entries = 100_000;
const largest = 1_000_000;
/** One in so many rounds lists the big folder: it takes as long as dozens of saves. */
const listingEvery = 40;

export async function startLoad(name: string, behind: FaultServer, random: Random): Promise<Load> {
  const ground = await makeFaultGround(behind);
  ground.disk.makeFolder('work');
  fillFolder(ground);
  const deeds: Deeds = { saves: 0, refused: 0, listings: 0, cuts: 0, reconnects: 0, wrong: [] };
  let round = 0;
  return {
    name,
    deeds,
    async work(until) {
      while (performance.now() < until) {
        const number = round++;
        await playRound({ ground, deeds, random, round: number }).catch((error: unknown) => {
          deeds.wrong.push(`round ${number}: ${told(error)}`);
        });
      }
    },
    sessions: () => (behind.server.process === undefined ? 0 : descendants(behind.server.process.pid).length),
    async leftovers() {
      await ground.assertClean('work').catch((error: unknown) => deeds.wrong.push(String(error)));
      return ground.disk.names('work').filter(isTemporaryName).length + ground.journal.temporaries.size + ground.journal.kept.size;
    },
    async end() {
      await ground.end();
      await behind.server.stop();
    },
  };
}

/** Links to one file: a hundred thousand files take a second only. */
function fillFolder({ disk }: FaultGround): void {
  disk.makeFolder('big');
  for (let entry = 0; entry < entries; entry++) {
    // A file takes so many links and no more.
    const first = `big/${String(entry - (entry % 10_000)).padStart(6, '0')} a file with a name`;
    const own = `big/${String(entry).padStart(6, '0')} a file with a name`;
    if (first === own) disk.file(own, 'content');
    else linkSync(disk.pathOf(first), disk.pathOf(own));
  }
}

interface Round {
  readonly ground: FaultGround;
  readonly deeds: Deeds;
  readonly random: Random;
  readonly round: number;
}

async function playRound({ ground, deeds, random, round }: Round): Promise<void> {
  const { proxy, pool, host } = ground;
  if (random() < 0.2) {
    const direction = random() < 0.5 ? 'toServer' : 'toClient';
    proxy.arm({ kind: random() < 0.5 ? 'cut' : 'reset', direction, afterBytes: Math.floor(random() ** 3 * largest) });
  }
  const struck = proxy.counts.struck;
  await save({ ground, deeds, random, round });
  if (round % listingEvery === 0) await list({ ground, deeds, random, round });
  proxy.disarm();
  deeds.cuts += proxy.counts.struck - struck;
  if (random() < 0.03) {
    await pool.disconnect(host.name);
    deeds.reconnects++;
  }
}

async function save({ ground, deeds, random, round }: Round): Promise<void> {
  const name = `work/file${Math.floor(random() * 50)}`;
  const isNew = !ground.disk.exists(name);
  const content = pattern(Math.floor(Math.exp(random() * Math.log(largest))), round);
  const saveMode = random() < 0.15 ? 'inPlace' : 'auto';
  const saving = async (): Promise<unknown> => {
    const base = isNew ? undefined : (await ground.read(name)).version;
    return ground.save(name, content, { base, saveMode });
  };
  const outcome = await settled(ground, `saving ${content.length} bytes (${saveMode})`, saving(), 90);
  deeds.saves++;
  if ('error' in outcome) deeds.refused++;
  else if (!ground.disk.read(name).equals(content)) deeds.wrong.push(`${name} was saved and is not there`);
}

/** An hour has slow moments: longer than elsewhere, and it says what did not settle. Listings of so many entries may take long as they move. */
async function settled<T>(ground: FaultGround, what: string, work: Promise<T>, seconds: number): Promise<Outcome<T>> {
  try {
    return await outcomeOf(ground, work, seconds);
  } catch (error) {
    throw new Error(what, { cause: error });
  }
}

async function list({ ground, deeds }: Round): Promise<void> {
  const listing = ground.run(async (remote) => (await remote.list(ground.path('big'))).length, { repeatable: true });
  const outcome = await settled(ground, 'the listing', listing, 300);
  deeds.listings++;
  if ('value' in outcome && outcome.value !== entries) deeds.wrong.push(`a listing had ${outcome.value} of ${entries} entries`);
}

function told(error: unknown): string {
  return error instanceof Error ? `${error.message}${error.cause === undefined ? '' : `: ${told(error.cause)}`}` : String(error);
}

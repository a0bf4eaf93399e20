import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { outcomeOf, type FaultGround, type Outcome } from '../contract/faultGround.ts';
import { pattern } from '../contract/ground.ts';
import type { RemoteError } from '../../src/core/errors.ts';
import { PathLocks } from '../../src/core/pathLocks.ts';
import type { Version } from '../../src/core/operations/version.ts';
import { isTemporaryName } from '../../src/core/operations/temporary.ts';
import { arm } from './blows.ts';
import { toldPlan, type Plan } from './plan.ts';
import { newTally, type promises, type Tally } from './tally.ts';
import { allowedAfter, brokenPromise, isSame, type Held, type Settled } from './verdict.ts';

/** So long, in ms, a server may still work on what it received before the link broke. */
const aftermath = 2000;
/** After so many black holes the server's sessions in them are ended: theirs would be minutes. */
const holesAtOnce = 4;
/** At so many connections at most what was left is looked for. */
const connections = 3;

/** One line of rounds against a server of its own. */
export interface Lane {
  readonly ground: FaultGround;
  /** For remarks. */
  readonly name: string;
  readonly plans: readonly Plan[];
}

interface Round {
  readonly ground: FaultGround;
  readonly plan: Plan;
  readonly tally: Tally;
  /** What the file holds before. */
  readonly old: Held;
  /** Says what is wrong, and with which round. */
  readonly note: (broken: (typeof promises)[number], what: string) => void;
}

const file = 'work/file';

/** Goes through the plans and counts what the server's disk holds after each. Throws only where the tests themselves are at fault. */
export async function runLane({ ground, name, plans }: Lane): Promise<Tally> {
  const tally = newTally();
  ground.disk.makeFolder('work');
  let last: After = { held: undefined, isTold: false };
  for (const [index, plan] of plans.entries()) {
    const note: Round['note'] = (broken, what) => {
      tally[broken]++;
      tally.remarks.push(`${broken}, ${name} round ${index}: ${what}; ${toldPlan(plan)}`);
    };
    const now = held(ground);
    if (!isSame(now, last.held)) {
      if (last.isTold) tally.told++;
      else note('late', `${told(now)} instead of ${told(last.held)}`);
    }
    const round: Round = { ground, plan, tally, old: layOut(ground, plan, index), note };
    last = await runRound(round, index);
    if (tally.struck.stall > 0 && tally.struck.stall % holesAtOnce === 0) ground.server.process?.killSessions();
  }
  await cleanUp(ground, tally, name);
  return tally;
}

function held({ disk }: FaultGround): Held {
  try {
    return disk.read(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function told(content: Held): string {
  return content === undefined ? 'no file' : `${content.length} bytes`;
}

/** Puts the file in place that the plan is about. */
function layOut({ disk }: FaultGround, { kind, oldSize }: Plan, index: number): Held {
  rmSync(disk.pathOf(file), { force: true });
  if (kind === 'create') return undefined;
  const old = pattern(oldSize, index * 10 + 1);
  disk.file(file, old);
  return old;
}

/** What a round leaves behind. */
interface After {
  readonly held: Held;
  /**
   * Written over, not confirmed, said so, and both contents kept: a server may still begin the last upload that it was told, for example
   * vsftpd once its session in a black hole gives up its lock on the file.
   */
  readonly isTold: boolean;
}

async function runRound(round: Round, index: number): Promise<After> {
  const { ground, plan, tally } = round;
  const base = await baseOf(round);
  const contents = plan.sizes.map((size, number) => pattern(size, index * 10 + number + 2));
  const kept = new Set(ground.journal.kept);
  const armed = arm(ground, plan, tally);
  const outcomes = await saveAll(round, contents, base);
  await armed.disarm();
  const saves: Settled[] = outcomes.map((outcome, number) => ({
    content: contents[number] ?? Buffer.alloc(0),
    acknowledged: outcome !== undefined && 'value' in outcome,
  }));
  tally.saves += saves.length;
  for (const { acknowledged } of saves) tally[acknowledged ? 'acknowledged' : 'refused']++;
  const fresh = [...ground.journal.kept].filter((entry) => !kept.has(entry));
  const errors = outcomes.flatMap((outcome) => (outcome !== undefined && 'error' in outcome ? [outcome.error] : []));
  for (const error of errors) tally.reasons[toldError(error)] = (tally.reasons[toldError(error)] ?? 0) + 1;
  const said = errors.some(isSaid);
  if (fresh.length > 0 && !said) round.note('entries', `contents are kept, and nobody was told (${errors.map(toldError).join(', ')})`);
  const now = await settled(ground, round.old, saves);
  const isTold = plan.kind === 'inPlace' && said && fresh.some((entry) => entry.old !== undefined && round.old?.equals(entry.old));
  if (!allowedAfter(round.old, saves).some((one) => isSame(now, one))) {
    if (isTold) tally.told++;
    else round.note(brokenPromise(now, round.old, saves), `${told(now)} (${errors.map(toldError).join(', ')})`);
  }
  return { held: now, isTold };
}

function toldError({ code, message, hint = '' }: RemoteError): string {
  return `${code}: ${message} ${hint}`.trim();
}

/** Where both contents are kept on this computer. */
function isSaid({ message, hint }: RemoteError): boolean {
  return `${message} ${hint ?? ''}`.includes('/journal');
}

async function baseOf({ ground, old }: Round): Promise<Version | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      if (old !== undefined) return (await ground.read(file)).version;
      await ground.run((remote) => remote.ping(), { repeatable: true });
      return undefined;
    } catch (error) {
      if (attempt === 5) throw error;
      await sleep(500 * attempt);
    }
  }
}

/** All at the same moment, in one line, of which waiting ones give way to newer ones: as the editor saves. Undefined: it never settled. */
async function saveAll(
  { ground, plan, note }: Round,
  contents: readonly Buffer[],
  first: Version | undefined,
): Promise<(Outcome<unknown> | undefined)[]> {
  const locks = new PathLocks();
  let base = first;
  const more = plan.kind === 'inPlace' ? ({ saveMode: 'inPlace' } as const) : {};
  const save = async (content: Buffer): Promise<void> => {
    base = await ground.save(file, content, { base, ...more });
  };
  const saving = contents.map((content) =>
    outcomeOf(
      ground,
      locks.run([file], async () => save(content), 'save'),
    ),
  );
  const outcomes = await Promise.allSettled(saving);
  return outcomes.map((outcome) => {
    if (outcome.status === 'fulfilled') return outcome.value;
    const why = String(outcome.reason);
    note(why.includes('not settled') ? 'unsettled' : 'untold', why);
    return undefined;
  });
}

/** What the file holds once no session works on it any more; at once where it holds what it may. */
async function settled(ground: FaultGround, old: Held, saves: readonly Settled[]): Promise<Held> {
  const allowed = allowedAfter(old, saves);
  const sure = saves.at(-1)?.acknowledged === true;
  const deadline = performance.now() + (sure ? 0 : aftermath);
  for (;;) {
    const now = held(ground);
    if (allowed.some((one) => isSame(now, one)) || performance.now() >= deadline) return now;
    await sleep(50);
  }
}

/** What the editor does at the next connection; then nothing of Ferry is left. */
async function cleanUp(ground: FaultGround, tally: Tally, name: string): Promise<void> {
  for (let attempt = 1; attempt <= connections; attempt++) {
    try {
      // The last round may have left a connection that is dead and does not know it.
      await ground.run((remote) => remote.ping(), { repeatable: true });
      await ground.assertClean('work');
      break;
    } catch (error) {
      if (attempt === connections) tally.remarks.push(`${name}: ${String(error)}`);
      else await sleep(aftermath);
    }
  }
  tally.temporaries += ground.disk.names('work').filter(isTemporaryName).length;
  tally.entries += ground.journal.temporaries.size;
}

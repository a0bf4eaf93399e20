import type { Direction } from '../servers/faultyProxy.ts';
import { weighted, type Random } from './random.ts';

/** `cut`: FIN; `reset`: RST; `stall`: a black hole; `kill`: of the server's session; `restart`: of the whole server, which comes back. */
export type Blow = 'cut' | 'reset' | 'stall' | 'kill' | 'restart';

/** How often each is dealt, in relation to each other. */
export type BlowWeights = Readonly<Record<Blow, number>>;

/** What happens in one round, decided before it begins: a save, or a few of one file at once, and where it is struck. */
export interface Plan {
  /** `replace`: as usual; `inPlace`: written over, guarded; `create`: there is no such file before. */
  readonly kind: 'replace' | 'inPlace' | 'create';
  /** Of what the file holds before, in bytes; unused for `create`. */
  readonly oldSize: number;
  /** Of what is saved: one save each, asked for at the same moment. */
  readonly sizes: readonly number[];
  readonly blow: Blow;
  readonly direction: Direction;
  readonly afterBytes: number;
  /** How many connections are struck, one after the other. */
  readonly times: number;
}

const largest = 5_000_000;
/** What a save sends beside the content, in bytes, roughly: the commands, where the outcome is decided. */
const commands = 1500;

/** 0 B to 5 MB, each order of magnitude as often as the next. */
function drawSize(random: Random): number {
  return random() < 0.04 ? 0 : Math.round(Math.exp(random() * Math.log(largest)));
}

/** How far into the traffic of such a save: the end as well as the middle. */
function drawPlace(random: Random, bytes: number): number {
  const total = bytes + commands;
  return Math.floor(random() < 0.3 ? total - random() * commands : random() * total);
}

export function drawPlan(random: Random, weights: BlowWeights): Plan {
  const kind = weighted(random, { replace: 55, inPlace: 20, create: 25 });
  const count = weighted(random, { 1: 85, 2: 9, 3: 6 });
  const oldSize = drawSize(random);
  const sizes = Array.from({ length: Number(count) }, () => drawSize(random));
  const blow = weighted(random, weights);
  const direction = random() < 0.65 ? 'toServer' : 'toClient';
  // What comes from the server is the old content where it is looked at, and the replies.
  const bytes = direction === 'toServer' ? (sizes[0] ?? 0) : random() < 0.5 ? 0 : oldSize;
  const afterBytes = drawPlace(random, bytes);
  const times = blow === 'stall' ? 1 : Number(weighted(random, { 1: 80, 2: 15, 3: 5 }));
  return { kind, oldSize, sizes, blow, direction, afterBytes, times };
}

/** For a writer that is to be torn: an existing file, struck within the content. `before`: bytes that are sent before that. */
export function drawNaivePlan(random: Random, before: number): Plan {
  const size = 1 + drawSize(random);
  return {
    kind: 'inPlace',
    oldSize: drawSize(random),
    sizes: [size],
    blow: weighted(random, { cut: 1, reset: 1 }),
    direction: 'toServer',
    afterBytes: before + Math.floor(random() * size),
    // What FTP sends once more by itself is struck too.
    times: 2,
  };
}

export function toldPlan({ kind, oldSize, sizes, blow, direction, afterBytes, times }: Plan): string {
  const what = `${kind} ${sizes.join('+')} B${kind === 'create' ? '' : ` over ${oldSize} B`}`;
  return `${what}, ${blow}${times > 1 ? ` ×${times}` : ''} after ${afterBytes} bytes ${direction}`;
}

import type { Clock } from '../../../src/core/clock.ts';
import type { FaultGround } from '../faultGround.ts';
import type { OperationName } from './operations.ts';
import type { Impostor, MatrixServer } from './servers.ts';

/** What a cell works with. */
export interface CellGround extends FaultGround {
  readonly protocol: MatrixServer['protocol'];
  readonly operation: OperationName;
  /** Lets the computer sleep for so long, in ms. */
  readonly sleep: (ms: number) => void;
  /** Where the fault asks for one. */
  readonly impostor: Impostor | undefined;
  /** Where the fault asks for such a server. */
  readonly keys: { readonly changeKeys: () => void; readonly restoreKeys: () => void } | undefined;
}

/** A fault that is about to come. */
export interface ArmedFault {
  /** Whether it came, in the middle of the operation. */
  struck(): boolean;
  /** The trouble is over. */
  lift(): void | Promise<void>;
  /** In place of the operation's own. */
  run?(): Promise<unknown>;
  /** In place of the operation's own look at the disk. */
  verify?(done: boolean, value: unknown): void;
}

/** Something that goes wrong, for any of the operations. */
export interface MatrixFault {
  /** The server that it takes; default `usual`. */
  readonly server?: 'crowded' | 'impatient' | 'changing';
  /** Most of its time is waiting: its cells run at once. Those of a server of its own run one after the other. */
  readonly waits?: true;
  /** What it keeps from being is the connection: of no path. */
  readonly ofConnection?: true;
  /** Data connections need not pass the proxy. */
  readonly sparesData?: true;
  /** Within so many seconds the operation has settled: what is promised, and a wide margin; default 30. */
  readonly within?: number;
  /** Why this machine can't do it, if so. */
  readonly impossible?: () => string | undefined;
  /** Before the operation is prepared; what it returns is run at the very end. */
  prepare?(ground: CellGround): () => void;
  /** The connection is up and idle (for `connect`: it was lost). */
  arm(ground: CellGround): ArmedFault | Promise<ArmedFault>;
}

/** The machine's clock, which may jump. */
export function jumpingClock(): Clock & { readonly sleep: (ms: number) => void } {
  let jumped = 0;
  return {
    now: () => Date.now() + jumped,
    after(ms, task) {
      const timer = setTimeout(task, ms);
      return () => clearTimeout(timer);
    },
    sleep: (ms) => void (jumped += ms),
  };
}

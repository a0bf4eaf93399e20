import assert from 'node:assert/strict';
import { parent } from '../../../src/core/path.ts';
import { makeFaultGround, outcomeOf, type Outcome } from '../faultGround.ts';
import { clearWork } from '../faultOperations.ts';
import type { FaultServer } from '../faultServers.ts';
import { jumpingClock, type ArmedFault, type CellGround, type MatrixFault } from './fault.ts';
import { matrixOperations, type OperationName } from './operations.ts';
import type { Stated } from './outcomes.ts';
import type { ChangingServer, Impostor, MatrixServer } from './servers.ts';

/** One fault in one operation on one server. */
export interface Cell {
  readonly server: MatrixServer;
  readonly fault: MatrixFault;
  readonly operation: OperationName;
  readonly stated: Stated;
}

/** Where a cell takes place: nobody else is there. */
export interface CellPlace {
  readonly behind: FaultServer | ChangingServer;
  readonly impostor: Impostor | undefined;
  readonly address: string;
  readonly folder: string;
}

/** Brings the fault about and compares what comes of it with what is stated. */
export async function runCell({ server, fault, operation, stated }: Cell, place: CellPlace): Promise<void> {
  const ground = await makeGround(server, operation, fault, place);
  const undo = fault.prepare?.(ground);
  try {
    clearWork(ground);
    const deed = await matrixOperations[operation].prepare(ground);
    if (operation !== 'connect') await ground.run((remote) => remote.ping(), { repeatable: true });
    const armed = await fault.arm(ground);
    const outcome = await settled(ground, armed, fault, armed.run?.() ?? deed.run());
    assertStated(ground, fault, stated, outcome);
    const done = 'value' in outcome;
    const value = done ? outcome.value : undefined;
    await ground.pool.connect(ground.host);
    await ground.run((remote) => remote.list(parent(ground.path('work'))), { repeatable: true });
    if (armed.verify) armed.verify(done, value);
    else deed.verify(done, value);
    if (ground.disk.exists('work')) await ground.assertClean('work');
  } finally {
    await ground.end();
    undo?.();
  }
}

async function makeGround(server: MatrixServer, operation: OperationName, fault: MatrixFault, place: CellPlace): Promise<CellGround> {
  const { behind, impostor, address, folder } = place;
  const { sleep, ...clock } = jumpingClock();
  const passes = fault.sparesData === true || behind.dataPorts.length === 0;
  const ground = await makeFaultGround(behind, {
    ...(passes ? { proxiesData: false } : { address }),
    // So that it is the connection that copies which the fault strikes.
    ...(operation === 'copy' && server.protocol === 'sftp' ? { host: { connections: 1 } } : {}),
    ...{ folder, clock },
  });
  const keys = 'changeKeys' in behind ? behind : undefined;
  return { ...ground, protocol: server.protocol, operation, sleep, impostor, keys };
}

async function settled(
  ground: CellGround,
  armed: ArmedFault,
  { within = 30 }: MatrixFault,
  work: Promise<unknown>,
): Promise<Outcome<unknown>> {
  try {
    const outcome = await outcomeOf(ground, work, within);
    assert.ok(armed.struck(), 'the fault did not come to pass');
    return outcome;
  } finally {
    await armed.lift();
  }
}

function assertStated({ path, operation }: CellGround, { ofConnection }: MatrixFault, stated: Stated, outcome: Outcome<unknown>): void {
  const expected: readonly unknown[] = [stated].flat();
  if ('value' in outcome) {
    assert.ok(expected.includes('done') || expected.includes('repeated'), 'it was done');
    return;
  }
  const { error } = outcome;
  assert.ok(expected.includes(error.code), `${error.code}: ${error.message} ${error.hint ?? ''} (${String(error.path)})`);
  if (error.path === undefined) assert.ok(ofConnection === true || operation === 'connect', `the path is named: ${error.message}`);
  else assert.ok(error.path.startsWith(path('work')), `the path is the person's: ${error.path}`);
}

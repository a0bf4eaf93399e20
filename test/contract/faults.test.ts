import assert from 'node:assert/strict';
import type { Fault } from '../servers/faultyProxy.ts';
import { requireServer } from '../servers/server.ts';
import { makeFaultGround, outcomeOf, type FaultGround } from './faultGround.ts';
import { clearWork, isDone, makeEntries, operations, type FaultOperation } from './faultOperations.ts';
import { placesOf, toldFault } from './faultPlaces.ts';
import { faultServers, type FaultServer } from './faultServers.ts';

/** One fault in one operation: it settles, nothing is lost, and the next operation works. */
async function breakOnce(ground: FaultGround, operation: FaultOperation, fault: Fault): Promise<void> {
  const { proxy, pool, host, run, path } = ground;
  clearWork(ground);
  const deed = await operation.prepare(ground);
  if (operation.name !== 'connect') await run((remote) => remote.ping(), { repeatable: true });
  proxy.arm(fault);
  const outcome = await outcomeOf(ground, deed.run());
  proxy.disarm();
  // A log-in whose answer was lost is not repeated by itself: the person's next click does it.
  if ('error' in outcome && !outcome.error.retryable) await pool.connect(host);
  await run((remote) => remote.list(path('work')), { repeatable: true });
  deed.verify(isDone(operation, outcome, fault, ground), 'value' in outcome ? outcome.value : undefined);
  await ground.assertClean('work');
}

for (const [index, { name, start }] of faultServers.entries()) {
  describe(`faults: ${name}`, function () {
    this.timeout(90_000);
    let behind: FaultServer | undefined;
    let ground: FaultGround;

    before(async function () {
      behind = await requireServer(this, start);
      ground = await makeFaultGround(behind);
      makeEntries(ground.disk);
    });
    after(async () => {
      await ground.end();
      await behind?.server.stop();
    });

    for (const operation of operations) {
      it(`${operation.name}: nothing lost, settled, and the next operation works`, async () => {
        const isFtp = ground.host.protocol !== 'sftp';
        const before = ground.proxy.counts.struck;
        for (const fault of placesOf(operation, isFtp, index)) {
          try {
            await breakOnce(ground, operation, fault);
          } catch (error) {
            throw new Error(`${toldFault(fault)}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
          }
        }
        assert.ok(ground.proxy.counts.struck > before, 'no fault struck');
      });
    }
  });
}

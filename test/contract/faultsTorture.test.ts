import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fault } from '../servers/faultyProxy.ts';
import { requireServer } from '../servers/server.ts';
import { makeFaultGround, outcomeOf, type FaultGround } from './faultGround.ts';
import { clearWork } from './faultOperations.ts';
import { faultServers, type FaultServer } from './faultServers.ts';
import { pattern } from './ground.ts';

const size = 300_000;
const saves = 100;
const naiveWrites = 24;

interface Tally {
  acknowledged: number;
  refused: number;
  struck: number;
  torn: number;
  empty: number;
  /** Acknowledged, and not there. */
  absent: number;
}

/** The same numbers for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Writes over one file again and again, with a fault in each, and counts what the server's disk holds afterwards. */
async function torture(
  ground: FaultGround,
  count: number,
  fault: () => Fault,
  write: (content: Buffer) => Promise<unknown>,
): Promise<Tally> {
  const { proxy, disk, run } = ground;
  const tally: Tally = { acknowledged: 0, refused: 0, struck: 0, torn: 0, empty: 0, absent: 0 };
  const before = proxy.counts.struck;
  clearWork(ground);
  let old = pattern(size, 1);
  disk.file('work/file', old);
  for (let round = 0; round < count; round++) {
    const content = pattern(size + round, round + 2);
    await run((remote) => remote.ping(), { repeatable: true });
    proxy.arm(fault());
    const outcome = await outcomeOf(ground, write(content));
    proxy.disarm();
    tally['value' in outcome ? 'acknowledged' : 'refused']++;
    const now = disk.read('work/file');
    if (now.equals(content)) old = content;
    else {
      if ('value' in outcome) tally.absent++;
      if (now.length === 0) tally.empty++;
      else if (!now.equals(old)) tally.torn++;
      disk.file('work/file', old);
    }
  }
  tally.struck = proxy.counts.struck - before;
  return tally;
}

describe('random faults in saves', function () {
  this.timeout(150_000);
  const seed = Number(process.env['FERRY_SEED'] ?? Date.now() % 1_000_000);

  for (const name of ['OpenSSH', 'vsftpd', 'vsftpd, TLS session reuse required']) {
    describe(name, () => {
      let behind: FaultServer | undefined;
      let ground: FaultGround;

      before(async function () {
        const listed = faultServers.find((server) => server.name === name);
        assert.ok(listed);
        behind = await requireServer(this, listed.start);
        ground = await makeFaultGround(behind);
      });
      after(async () => {
        await ground.end();
        await behind?.server.stop();
      });

      it(`${saves} saves with a cut or reset at a random byte: none torn, empty, or acknowledged and not there (FERRY_SEED=${seed})`, async () => {
        const random = randomFrom(seed);
        const anywhere = (): Fault => ({
          kind: random() < 0.5 ? 'cut' : 'reset',
          direction: random() < 0.6 ? 'toServer' : 'toClient',
          // Often among the few bytes of the commands, where the outcome is decided.
          afterBytes: Math.floor(random() * (random() < 0.4 ? 1500 : size * 1.05)),
        });
        const tally = await torture(ground, saves, anywhere, async (content) => {
          const { version: base } = await ground.read('work/file');
          return ground.save('work/file', content, { base });
        });
        process.stderr.write(`      ${JSON.stringify(tally)}\n`);
        const { torn, empty, absent, struck, acknowledged } = tally;
        assert.deepEqual({ torn, empty, absent }, { torn: 0, empty: 0, absent: 0 });
        assert.ok(struck > saves / 2, `${struck} faults struck`);
        assert.ok(acknowledged > saves * 0.9, `a new connection saves what the lost one did not: ${acknowledged}`);
        await ground.assertClean('work');
      });

      it(`the same against a writer that writes over the file: most are torn`, async () => {
        const random = randomFrom(seed);
        const isFtp = ground.host.protocol !== 'sftp';
        const inContent = (): Fault => ({
          kind: random() < 0.5 ? 'cut' : 'reset',
          direction: 'toServer',
          afterBytes: Math.floor(random() * size),
          ...(isFtp ? { channel: 'data' } : {}),
        });
        const { torn, empty } = await torture(ground, naiveWrites, inContent, async (content) => {
          try {
            await ground.run((remote) => remote.write(ground.path('work/file'), content, { disposition: 'truncate' }));
          } finally {
            // The server may still be writing what it received.
            await sleep(50);
          }
        });
        assert.ok(torn + empty > naiveWrites / 2, `${torn} torn, ${empty} empty of ${naiveWrites}`);
      });
    });
  }
});

import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseListing } from '../../../../src/transport/ftp/listing.ts';
import { insideHostile } from '../../../support/hostile.ts';

const count = 100_000;
const formats = {
  MLSD: (index: number) =>
    `type=file;size=${index};modify=20240101120000;perm=adfrw;unique=801U${index};UNIX.mode=0644;UNIX.owner=1000; file ${index}.txt\r\n`,
  LIST: (index: number) => `-rw-r--r--   1 owner    group    ${String(index).padStart(8)} Jan 29 03:26 file ${index}.txt\r\n`,
  'LIST, names that are no UTF-8': (index: number) => `-rw-r--r--   1 owner    group    5 Jan 29 03:26 f\xefle \xff\xfe${index}.txt\r\n`,
};

/** The longest time in ms that nothing else could run while `task` did. */
async function longestBlock(task: () => Promise<void>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await sleep(20);
  delay.reset();
  await task();
  await sleep(5);
  delay.disable();
  return delay.max / 1e6;
}

describe(`FTP listings of ${count.toLocaleString('en')} entries`, function () {
  this.timeout(60_000);

  for (const [format, line] of Object.entries(formats)) {
    const listing = Buffer.from(Array.from({ length: count }, (_, index) => line(index)).join(''), 'latin1');
    const isMlsd = format === 'MLSD';

    it(`${format}: the window stays quick while one is received and read`, () =>
      insideHostile(
        { listing, ...(!isMlsd && { on: { FEAT: '502 No' } }) },
        async (remote) => {
          let longest = Infinity;
          // What other programs of a busy machine hold up differs from time to time; what reading holds up does not.
          for (let round = 0; round < 5 && longest > 100; round++) {
            const took = await longestBlock(async () => assert.equal((await remote.list('/')).length, count));
            longest = Math.min(longest, took);
          }
          process.stderr.write(`      at most ${Math.round(longest)} ms at a time\n`);
          assert.ok(longest < 250, `${longest} ms`);
        },
        { deadlines: { data: 20_000, confirmation: 20_000, reply: 20_000 } },
      ));

    it(`${format}: reading gives way to others again and again`, async () => {
      let turns = 0;
      const turn = (): void => {
        turns++;
        next = setImmediate(turn);
      };
      let next = setImmediate(turn);
      const started = performance.now();
      await parseListing(listing, { format: isMlsd ? 'mlsd' : 'list', decode: (name) => Buffer.from(name).toString() });
      clearImmediate(next);
      const spent = performance.now() - started;
      assert.ok(turns >= spent / 100, `${turns} turns in ${spent} ms`);
    });
  }
});

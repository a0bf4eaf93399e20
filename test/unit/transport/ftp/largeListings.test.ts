import assert from 'node:assert/strict';
import { parseListing } from '../../../../src/transport/ftp/listing.ts';
import { insideHostile } from '../../../support/hostile.ts';
import { watchTurns } from '../../../support/ownWork.ts';

const count = 100_000;
const formats = {
  MLSD: (index: number) =>
    `type=file;size=${index};modify=20240101120000;perm=adfrw;unique=801U${index};UNIX.mode=0644;UNIX.owner=1000; file ${index}.txt\r\n`,
  LIST: (index: number) => `-rw-r--r--   1 owner    group    ${String(index).padStart(8)} Jan 29 03:26 file ${index}.txt\r\n`,
  'LIST, names that are no UTF-8': (index: number) => `-rw-r--r--   1 owner    group    5 Jan 29 03:26 f\xefle \xff\xfe${index}.txt\r\n`,
};

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
          // Garbage of others is collected now and then; what reading holds up it holds up each time.
          for (let round = 0; round < 5 && longest > 100; round++) {
            const watched = await watchTurns(async () => remote.list('/'));
            assert.equal(watched.result.length, count);
            longest = Math.min(longest, watched.longest);
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

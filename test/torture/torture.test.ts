import assert from 'node:assert/strict';
import { requireServer } from '../servers/server.ts';
import type { Result } from './protocol.ts';
import { chosenSeed } from './random.ts';
import { protocols } from './servers.ts';
import { promises, struckIn } from './tally.ts';
import { toldResult, torture, writeResults } from './torture.ts';

/** Of each protocol, in each run of the tests; `npm run torture` does ten times as many. */
const rounds = 300;
const naiveRounds = 40;
/** Each black hole takes as long as Ferry's deadlines. */
const weights = { cut: 38, reset: 38, stall: 3, kill: 20, restart: 0 };

describe('saves over links that break at a random byte', function () {
  this.timeout(300_000);
  const seed = chosenSeed();
  const results: Result[] = [];
  const started = new Map<string, Promise<Result>>();

  before(() => {
    // All at once; what one throws is its own test's.
    for (const protocol of protocols) {
      const result = torture({ protocol, seed, lanes: 6, rounds, naiveRounds, weights });
      result.catch(() => undefined);
      started.set(protocol, result);
    }
  });
  after(() => writeResults(results));

  for (const protocol of protocols) {
    describe(protocol, () => {
      let result: Result;

      before(async function () {
        result = await requireServer(this, async () => started.get(protocol) as Promise<Result>);
        results.push(result);
        process.stderr.write(`${toldResult(result).replace(/^/gm, '      ')}\n`);
      });

      it(`${rounds} saves: none torn, empty, acknowledged and absent, unsettled; nothing is left (FERRY_SEED=${seed})`, () => {
        const { tally } = result;
        const broken = Object.fromEntries(promises.map((promise) => [promise, tally[promise]]));
        assert.deepEqual(broken, Object.fromEntries(promises.map((promise) => [promise, 0])), tally.remarks.join('\n'));
        assert.ok(tally.saves >= rounds);
        assert.ok(struckIn(tally) > rounds / 2, `only ${struckIn(tally)} faults struck`);
        assert.ok(
          tally.acknowledged > tally.saves * 0.8,
          `a new connection saves what a lost one did not: ${tally.acknowledged} of ${tally.saves}`,
        );
      });

      it('a writer that writes over the file is torn by the same faults', () => {
        const { damaged, struck } = result.naive;
        assert.ok(struck > naiveRounds / 2 && damaged > struck / 2, `${damaged} of ${struck} damaged`);
      });
    });
  }
});

import { parseArgs } from 'node:util';
import { chosenSeed } from './random.ts';
import { protocols } from './servers.ts';
import { promises, struckIn } from './tally.ts';
import { toldResult, torture, writeResults } from './torture.ts';

/* npm run torture [-- --saves N --lanes N --protocol SFTP]: the long run. FERRY_SEED repeats one. */
const { values } = parseArgs({
  options: {
    saves: { type: 'string', default: '3000' },
    lanes: { type: 'string', default: '8' },
    protocol: { type: 'string', multiple: true },
  },
});
const weights = { cut: 34, reset: 34, stall: 8, kill: 20, restart: 4 };
const seed = chosenSeed();
const chosen = protocols.filter((protocol) => values.protocol?.includes(protocol) ?? true);
const [rounds, lanes] = [Number(values.saves), Number(values.lanes)];

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));
const running = chosen.map(async (protocol) => {
  const result = await torture({ protocol, seed, lanes, rounds, naiveRounds: Math.ceil(10 + rounds / 20), weights });
  console.log(toldResult(result));
  return result;
});
const results = await Promise.all(running);
writeResults(results);
const kept = results.every(
  ({ tally, naive }) =>
    promises.every((promise) => tally[promise] === 0) && struckIn(tally) > rounds / 2 && naive.damaged > naive.struck / 2,
);
console.log(kept ? 'PASS' : 'FAIL');
process.exit(kept ? 0 : 1);

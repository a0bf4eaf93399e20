import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { faultServers } from '../contract/faultServers.ts';
import { distFolder } from '../host/places.ts';
import { chosenSeed, randomFrom } from '../torture/random.ts';
import { startLoad, type Load } from './load.ts';
import { judge, takeSample, type Sample } from './sample.ts';

/* npm run soak [-- --minutes N]: saves, listings of 100,000 entries and broken links for an hour; nothing may grow. Ctrl+C ends it with what it has. */
const { values } = parseArgs({ options: { minutes: { type: 'string', default: '60' } } });
const minutes = Number(values.minutes);
/** A short run has shorter steps, so that there is a trend to see. */
const step = Math.min(1, minutes / 12);
const names = ['OpenSSH', 'vsftpd, TLS session reuse required', 'ProFTPD, TLS'];
const seed = chosenSeed();

let warnings = 0;
process.on('warning', (warning) => {
  console.log(warning.stack ?? warning.message);
  if (warning.name === 'MaxListenersExceededWarning') warnings++;
});

const loads: Load[] = [];
const samples: Sample[] = [];
let ended = false;

/** The last line says whether all was flat and nothing went wrong. */
function conclude(): boolean {
  const verdicts = judge(samples);
  console.table(
    Object.fromEntries(verdicts.map(({ metric, mean, rise, flat }) => [metric, { mean: round(mean), rise: round(rise), flat }])),
  );
  console.table(Object.fromEntries(loads.map(({ name, deeds: { wrong, ...deeds } }) => [name, { ...deeds, wrong: wrong.length }])));
  for (const { name, deeds } of loads) for (const wrong of deeds.wrong) console.log(`${name}: ${wrong}`);
  const passed = samples.length > 4 && verdicts.every(({ flat }) => flat) && loads.every(({ deeds }) => deeds.wrong.length === 0);
  const folder = join(distFolder, 'contract');
  mkdirSync(folder, { recursive: true });
  const deeds = loads.map(({ name, deeds: done }) => ({ name, ...done }));
  writeFileSync(
    join(folder, 'soak.json'),
    `${JSON.stringify({ time: new Date().toISOString(), seed, passed, verdicts, deeds, samples }, undefined, 2)}\n`,
  );
  console.log(passed ? 'PASS' : 'FAIL');
  return passed;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

async function soak(): Promise<void> {
  for (const [index, name] of names.entries()) {
    const listed = faultServers.find((server) => server.name === name);
    if (listed === undefined) throw new Error(`There is no server ${name}.`);
    loads.push(await startLoad(name, await listed.start(), randomFrom(seed + index)));
  }
  const start = performance.now();
  for (let minute = step; minute <= minutes + step / 2 && !ended; minute += step) {
    const until = start + minute * 60_000;
    await Promise.all(loads.map(async (load) => load.work(until)));
    const sample = await takeSample(round(minute), loads, warnings);
    samples.push(sample);
    console.log(
      Object.entries(sample)
        .map(([name, value]) => `${name} ${value}`)
        .join(', '),
    );
  }
}

process.on('SIGINT', () => {
  if (ended) process.exit(130);
  ended = true;
  process.exit(conclude() ? 0 : 1);
});
console.log(`FERRY_SEED=${seed}, ${minutes} minutes`);
if (globalThis.gc === undefined) console.log('Without --expose-gc the heap is measured with its garbage.');
await soak();
for (const load of loads) await load.end();
process.exit(conclude() ? 0 : 1);

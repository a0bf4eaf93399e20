import { readFile } from 'node:fs/promises';
import type { Result } from '../torture/protocol.ts';
import { struckIn, type Tally } from '../torture/tally.ts';
import { inRepository } from './commands.ts';

const file = inRepository('dist', 'contract', 'torture.json');

const columns: readonly (readonly [string, (tally: Tally) => number])[] = [
  ['saves', ({ saves }) => saves],
  ['faults that struck', struckIn],
  ['saved', ({ acknowledged }) => acknowledged],
  ['failed with an error', ({ refused }) => refused],
  ['torn', ({ torn }) => torn],
  ['empty', ({ empty }) => empty],
  ['acknowledged and absent', ({ absent }) => absent],
  ['unsettled', ({ unsettled }) => unsettled],
  ['left behind', ({ temporaries, entries }) => temporaries + entries],
  ['damaged in place, said so, both contents kept', ({ told }) => told],
];

/** README's table of the last torture, in Markdown. */
export async function tortureTable(): Promise<string> {
  const { results } = JSON.parse(await readFile(file, 'utf8')) as { results: Result[] };
  const rows = results.map(({ protocol, server, tally, naive }) => {
    const counts = columns.map(([, count]) => String(count(tally)));
    return `| ${[`${protocol}, ${server}`, ...counts, `${String(naive.damaged)} of ${String(naive.struck)}`].join(' | ')} |`;
  });
  const names = ['server', ...columns.map(([name]) => name), 'damaged by a writer that just writes'];
  return [`| ${names.join(' | ')} |`, `|${' --- |'.repeat(names.length)}`, ...rows].join('\n');
}

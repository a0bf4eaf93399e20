import { readFile } from 'node:fs/promises';
import type { MatrixCell } from '../contract/matrix/report.ts';
import { inRepository } from './commands.ts';

const file = inRepository('dist', 'contract', 'matrix.json');

/** README's table of faults × operations, in Markdown, from what the last run of the matrix saw. */
export async function matrixTable(): Promise<string> {
  const cells = JSON.parse(await readFile(file, 'utf8')) as MatrixCell[];
  const operations = [...new Set(cells.map(({ operation }) => operation))];
  const servers = [...new Set(cells.map(({ server }) => server))];
  const rows = [...Map.groupBy(cells, ({ fault }) => fault)].map(([fault, ofFault]) => {
    const told = operations.map((operation) => outcomes(ofFault.filter((cell) => cell.operation === operation)));
    return `| ${[fault, ...told].join(' | ')} |`;
  });
  const count = (result: MatrixCell['result']): string => String(cells.filter((cell) => cell.result === result).length);
  return [
    `| fault | ${operations.join(' | ')} |`,
    `| --- |${' --- |'.repeat(operations.length)}`,
    ...rows,
    '',
    `On ${servers.join('; ')}: ${count('passed')} cells passed, ${count('failed')} failed, ${count('skipped')} skipped; ${count('none')} can not be.`,
  ].join('\n');
}

/** One outcome where all servers have the same; else those that differ from most are named. */
function outcomes(cells: readonly MatrixCell[]): string {
  const real = cells.filter(({ result }) => result !== 'none');
  const groups = [...Map.groupBy(real, told)].sort(([, one], [, other]) => other.length - one.length);
  const [first, ...others] = groups;
  if (first === undefined) return '–';
  return [first[0], ...others.map(([outcome, some]) => `${outcome} (${some.map(({ server }) => server).join(', ')})`)].join('; ');
}

function told({ stated, result }: MatrixCell): string {
  const word = stated ?? '–';
  return result === 'failed' ? `**not ${word}**` : result === 'skipped' ? `${word} (not run)` : word;
}

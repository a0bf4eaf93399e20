import assert from 'node:assert/strict';
import { requireServer } from '../../servers/server.ts';
import { isNothing, matrixRows } from './outcomes.ts';
import { writeMatrixReport, type MatrixCell } from './report.ts';
import { runMatrix, type CellEntry, type RunningMatrix } from './run.ts';
import { matrixServers } from './servers.ts';

/*
 * Every fault in every operation on every server, with the outcome that is stated in `outcomes.ts`. All cells are begun before the first
 * test: most of it is waiting. FERRY_MATRIX='vsftpd: RST' runs some of them.
 */
describe('faults × operations', function () {
  this.timeout(240_000);
  let running: Promise<RunningMatrix>[];
  const cells: MatrixCell[] = [];

  before(() => {
    running = matrixServers.map(async (server) => runMatrix(server));
    for (const one of running) one.catch(() => undefined);
  });
  after(async () => {
    for (const one of await Promise.allSettled(running)) if (one.status === 'fulfilled') await one.value.end();
    if (process.env['FERRY_MATRIX'] === undefined) writeMatrixReport(cells);
  });

  for (const [number, { name }] of matrixServers.entries()) {
    describe(name, () => {
      let entries: readonly CellEntry[];

      before(async function () {
        ({ entries } = await requireServer(this, async () => running[number] ?? Promise.reject(new Error('It was not started.'))));
      });

      for (const row of matrixRows) {
        it(row.fault, async function () {
          const results = await Promise.all(entries.filter((entry) => entry.row === row).map(async (entry) => cellOf(name, entry)));
          cells.push(...results.map(({ cell }) => cell));
          const failures = results.flatMap(({ cell, failure }) => (failure === undefined ? [] : [`${cell.operation}: ${told(failure)}`]));
          assert.deepEqual(failures, []);
          if (results.every(({ cell }) => cell.result === 'none' || cell.result === 'skipped')) this.skip();
        });
      }
    });
  }
});

async function cellOf(server: string, entry: CellEntry): Promise<{ readonly cell: MatrixCell; readonly failure: unknown }> {
  const { row, operation, stated, impossible } = entry;
  const result = await entry.result;
  const facts = { server, fault: row.fault, operation, seconds: result?.seconds };
  if (isNothing(stated)) return { cell: { ...facts, stated: undefined, reason: stated.reason, result: 'none' }, failure: undefined };
  const outcome = result === undefined ? 'skipped' : result.failure === undefined ? 'passed' : 'failed';
  return { cell: { ...facts, stated: [stated].flat().join(' or '), reason: impossible, result: outcome }, failure: result?.failure };
}

function told(failure: unknown): string {
  return failure instanceof Error ? failure.message : String(failure);
}

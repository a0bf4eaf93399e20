import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OperationName } from './operations.ts';

/** One cell of the last run; README's table is made of these. */
export interface MatrixCell {
  readonly server: string;
  readonly fault: string;
  readonly operation: OperationName;
  /** `done`, `repeated`, one or more codes, or undefined where there is no such cell. */
  readonly stated: string | undefined;
  /** Why there is none, or why it was not run. */
  readonly reason: string | undefined;
  readonly result: 'passed' | 'failed' | 'skipped' | 'none';
  readonly seconds: number | undefined;
}

const file = join(import.meta.dirname, '../../../dist/contract/matrix.json');

export function writeMatrixReport(cells: readonly MatrixCell[]): void {
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, `${JSON.stringify(cells, undefined, 1)}\n`);
}

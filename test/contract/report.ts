import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestServer } from '../servers/server.ts';

export type CheckResult = 'passed' | 'failed' | 'skipped';

/** What one run of the contract saw; README's table is made of these. */
export interface ContractReport {
  readonly server: string;
  readonly version: string;
  readonly protocol: string;
  /** By title, in the contract's order. */
  readonly checks: Record<string, CheckResult>;
  /** Why a check was skipped, by title. */
  readonly reasons: Record<string, string>;
}

const reportFolder = join(import.meta.dirname, '../../dist/contract');

export function newReport({ name, version, host }: TestServer): ContractReport {
  return { server: name, version, protocol: host.protocol, checks: {}, reasons: {} };
}

export function writeReport(report: ContractReport): void {
  mkdirSync(reportFolder, { recursive: true });
  const name = report.server.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  writeFileSync(join(reportFolder, `${name}.json`), `${JSON.stringify(report, undefined, 2)}\n`);
}

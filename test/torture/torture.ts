import { fork } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { distFolder } from '../host/places.ts';
import { ServerUnavailable } from '../servers/server.ts';
import type { Order, Result } from './protocol.ts';
import type { Answer } from './worker.ts';

/** Runs one protocol's torture in a process of its own. Throws `ServerUnavailable`. */
export async function torture(order: Order): Promise<Result> {
  const child = fork(join(import.meta.dirname, 'worker.ts'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const stop = (): void => void child.kill('SIGTERM');
  process.once('exit', stop);
  try {
    const answer = await new Promise<Answer>((resolve) => {
      child.once('message', (said) => resolve(said as Answer));
      child.once('error', (error) => resolve({ failure: error.message }));
      child.once('exit', (code, signal) => resolve({ failure: `It ended with ${signal ?? `code ${String(code)}`}.` }));
      child.send(order);
    });
    if ('result' in answer) return answer.result;
    if ('unavailable' in answer) throw new ServerUnavailable(answer.unavailable);
    throw new Error(`The torture of ${order.protocol} (FERRY_SEED=${order.seed}) failed: ${answer.failure}`);
  } finally {
    process.off('exit', stop);
  }
}

/** Where the last run's figures are. */
export function writeResults(results: readonly Result[]): void {
  const folder = join(distFolder, 'contract');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'torture.json'), `${JSON.stringify({ time: new Date().toISOString(), results }, undefined, 2)}\n`);
}

/** The figures as lines for a person. */
export function toldResult({ protocol, server, seed, rounds, seconds, tally, naive }: Result): string {
  const { saves, acknowledged, refused, struck, told, reasons, remarks, ...broken } = tally;
  const counts = (of: object): string =>
    Object.entries(of)
      .map(([name, count]) => `${String(count)} ${name}`)
      .join(', ');
  return [
    `${protocol} (${server}), ${rounds} rounds in ${seconds} s, FERRY_SEED=${seed}`,
    `  ${saves} saves: ${acknowledged} acknowledged, ${refused} refused; struck: ${counts(struck)}`,
    `  ${counts(broken)}; ${told} damaged in place, told, and both contents kept`,
    ...Object.entries(reasons).map(([reason, count]) => `  refused ${count} ×: ${reason}`),
    `  a naive writer: ${naive.damaged} of ${naive.struck} damaged, ${naive.unnoticed} of them reported as saved`,
    ...remarks.map((remark) => `  ! ${remark}`),
  ].join('\n');
}

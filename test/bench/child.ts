import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { environment } from '../host/places.ts';
import type { Line } from './line.ts';

/** A process of the bench, that sends `Report`s and takes `Word`s. */
export interface Child<Word extends object, Report extends object> {
  send(word: Word): void;
  /** The next report; rejects when the process has ended without one. */
  next(): Promise<Report>;
  end(): void;
}

/** A module, named from this folder, in a process of its own, at one end of the line. It ends with this process (`endWithParent`). */
export function startAt<Word extends object, Report extends object>(
  line: Pick<Line, 'at'>,
  end: 'server' | 'client',
  module: string,
  flags: readonly string[] = [],
): Child<Word, Report> {
  const [command, args] = line.at(end, process.execPath, [...flags, join(import.meta.dirname, module)]);
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env: environment() });
  const reports: Report[] = [];
  let gone = false;
  let look: () => void = () => {};
  child.on('message', (report: Report) => {
    reports.push(report);
    look();
  });
  child.once('exit', () => {
    gone = true;
    look();
  });
  return {
    send: (word) => void child.send(word),
    async next() {
      for (;;) {
        const report = reports.shift();
        if (report !== undefined) return report;
        if (gone) throw new Error(`${module} of the bench ended.`);
        await new Promise<void>((resolve) => (look = resolve));
      }
    },
    // It ends by itself when nobody listens, and ends what it started.
    end: () => child.disconnect(),
  };
}

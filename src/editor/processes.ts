import { uptime } from 'node:os';

/** Leeway, in ms, for comparing a time with the start of the machine. */
const clockSlack = 10_000;

/** Whether the process that had this number at that time still runs: numbers are used again, at the latest after a start of the machine. */
export function isRunning(id: number, at: number): boolean {
  if (at < Date.now() - uptime() * 1000 - clockSlack) return false;
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

import { toRemoteError, isRemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import type { Remote } from '../../core/remote.ts';
import { within } from '../ftp/deadlines.ts';
import type { Course, Notes } from './course.ts';

const pings = 3;

/** Where a server says how long it bears silence. */
interface IdlePlace {
  /** Seconds; undefined where it does not say. */
  idleTime(): Promise<number | undefined>;
}

/** Round trips, and how long the server bears silence. */
export async function lookAtKeepAlive(course: Course, remote: Remote, place: IdlePlace | undefined): Promise<void> {
  const { host, signal } = course;
  await course.step('keepAlive', async (notes) => {
    const times: number[] = [];
    for (let count = 0; count < pings; count++) {
      const began = performance.now();
      await remote.ping({ signal });
      times.push(performance.now() - began);
    }
    const [, middle = 0] = times.sort((one, other) => one - other);
    const what = host.protocol === 'sftp' ? 'SFTP' : 'NOOP';
    notes.add(t('{0}: an answer takes {1} ms.', what, Math.round(middle)));
    const idleTime = await place?.idleTime();
    if (idleTime !== undefined)
      notes.add(t('The server ends connections that are idle for {0} seconds; Ferry comes back by itself.', idleTime));
    return 'works';
  });
}

/** More connections than these are not tried, whatever the setting. */
const mostConnections = 4;

/** How many connections the server takes, up to what Ferry would use. Each is a log-in of its own, without a question to the person. */
export async function countConnections(course: Course, another: () => Promise<Remote>): Promise<void> {
  const { host, signal, context } = course;
  const wanted = Math.min(host.connections, mostConnections);
  if (wanted < 2) {
    course.skip('connections', t('The host is set to one connection.'));
    return;
  }
  const open: Remote[] = [];
  await course.step('connections', async (notes) => {
    try {
      while (open.length + 1 < wanted) open.push(await another());
      notes.add(t('{0} connections at once are taken.', wanted));
      return 'works';
    } catch (error) {
      if (signal.aborted) throw error;
      return refused(error, open.length + 1, notes);
    } finally {
      await Promise.all(open.map((remote) => remote.close()));
    }
  });

  function refused(error: unknown, count: number, notes: Notes): 'attention' | 'skipped' {
    const reason = toRemoteError(error);
    if (reason.code === 'Cancelled') {
      notes.add(t('Not tried: each log-in to this server needs a person.'));
      return 'skipped';
    }
    notes.add(t('{0} at once are taken; the next one was refused: {1}', count, reason.message));
    notes.find({ kind: 'connectionLimit', count });
    if (isRemoteError(reason, 'Busy')) context.learn({ connectionLimit: { count, learnedAt: Date.now(), wanted: host.connections } });
    return 'attention';
  }
}

const shellPatience = 5000;
/** A login without a shell is told so and thrown out at once. */
const shellLife = 700;

/** Whether the login has a shell, which only terminals need. Nothing is typed into it. */
export async function tryShell(course: Course, remote: Remote): Promise<void> {
  if (!remote.openShell) return;
  await course.step('shell', async (notes) => {
    const lost = (said: string): 'attention' => {
      notes.find({ kind: 'noShell', said });
      return 'attention';
    };
    try {
      const signal = AbortSignal.any([course.signal, AbortSignal.timeout(shellPatience)]);
      const shell = await remote.openShell?.({ size: { columns: 80, rows: 24 }, signal });
      if (!shell) return 'skipped';
      let said = '';
      shell.onOutput((chunk) => (said = `${said}${Buffer.from(chunk).toString('utf8')}`.slice(0, 300)));
      const ended = await within(shell.ended, shellLife);
      shell.close();
      if (ended !== undefined) return lost(said.trim() === '' ? t('it ended at once') : said.trim());
      notes.add(t('There is a shell.'));
      return 'works';
    } catch (error) {
      if (course.signal.aborted) throw error;
      return lost(toRemoteError(error).message);
    }
  });
}

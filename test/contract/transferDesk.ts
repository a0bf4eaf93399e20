import { join } from 'node:path';
import { systemClock } from '../../src/core/clock.ts';
import { createBandwidth } from '../../src/core/transfers/bandwidth.ts';
import { createBringItem } from '../../src/core/transfers/bringItem.ts';
import type { GroupOutcome, OnExists } from '../../src/core/transfers/item.ts';
import type { AskAboutMeeting } from '../../src/core/transfers/meeting.ts';
import { planTransfer } from '../../src/core/transfers/plan.ts';
import { createQueue, type TransferQueue } from '../../src/core/transfers/queue.ts';
import { thisComputer, withThisComputer } from '../../src/core/transfers/thisComputer.ts';
import { createLocalRemote } from '../../src/transport/local/localRemote.ts';
import type { FaultGround } from './faultGround.ts';
import { inTime } from './ground.ts';

/** The queue of transfers below the editor. */
export interface Desk {
  readonly queue: TransferQueue;
  send(name: string, direction: 'upload' | 'download', onExists?: OnExists): Promise<GroupOutcome>;
  /** When so many bytes of it have gone. */
  reached(bytes: number): Promise<void>;
}

export interface DeskOptions {
  /** Times and permissions; default false. */
  readonly keeps?: boolean;
  /** Default: that fails the test. */
  readonly ask?: AskAboutMeeting;
}

const nobody: AskAboutMeeting = () => Promise.reject(new Error('nobody is to be asked'));

/** A queue between `local` and the ground's server. */
export function deskOf(ground: FaultGround, local: string, { keeps = false, ask = nobody }: DeskOptions = {}): Desk {
  const here = thisComputer();
  const disk = createLocalRemote();
  const pool = withThisComputer(ground.pool, () => Promise.resolve(disk));
  const items = createBringItem({
    pool,
    hostOf: (key) => (key === '' ? here : ground.host),
    journal: (host) => (host === here ? undefined : ground.journal),
    discard: () => undefined,
    bandwidth: createBandwidth(systemClock, () => 0),
    keeps: () => keeps,
    ask,
    placing: (_, act) => act(),
    leaving: (_from, _to, act) => act(),
  });
  const queue = createQueue({ items, budget: () => 3, clock: systemClock });
  return {
    queue,
    async send(name, direction, onExists = 'skip') {
      const [near, far] = [
        { host: here, path: join(local, name) },
        { host: ground.host, path: ground.path(name) },
      ];
      const [from, to] = direction === 'upload' ? [near, far] : [far, near];
      const tasks = await planTransfer(pool, [{ from, to, onExists }], new AbortController().signal);
      const into = { host: to.host === here ? '' : 'x', path: to.path.slice(0, to.path.lastIndexOf('/')) };
      return inTime(queue.add({ direction, title: name, into }, tasks).settled, 45);
    },
    reached: (bytes) =>
      new Promise((resolve) => {
        const listening = queue.onDidChange(() => {
          if (!queue.groups.some(({ items: all }) => all.some((item) => item.state === 'running' && item.bytes >= bytes))) return;
          listening.dispose();
          resolve();
        });
      }),
  };
}

import type { FaultGround } from '../contract/faultGround.ts';
import type { Plan } from './plan.ts';
import type { Tally } from './tally.ts';

/** A fault that waits for its byte. */
export interface Armed {
  /** Takes it back where it has not struck, and resolves once what it began is over: a server that restarts is back. Counts what struck. */
  disarm(): Promise<void>;
}

/** `channel`: of FTP, where only one kind of connection is to be struck. */
export function arm(ground: FaultGround, plan: Plan, tally: Tally, channel?: 'control' | 'data'): Armed {
  return plan.blow === 'kill' || plan.blow === 'restart'
    ? armServer(ground, plan, plan.blow, tally)
    : armLink(ground, plan, plan.blow, tally, channel);
}

function armLink({ proxy }: FaultGround, plan: Plan, kind: 'cut' | 'reset' | 'stall', tally: Tally, channel?: 'control' | 'data'): Armed {
  const { direction, afterBytes, times } = plan;
  const before = proxy.counts.struck;
  proxy.arm({ kind, direction, afterBytes, times, ...(channel && { channel }) });
  return {
    disarm() {
      proxy.disarm();
      tally.struck[kind] += proxy.counts.struck - before;
      return Promise.resolve();
    },
  };
}

function armServer({ proxy, server }: FaultGround, { direction, afterBytes, times }: Plan, blow: 'kill' | 'restart', tally: Tally): Armed {
  const { process } = server;
  if (process === undefined) throw new Error(`${server.name} is no process of its own.`);
  let armed = true;
  let restarting = Promise.resolve();
  const wait = async (left: number): Promise<void> => {
    await proxy.until(direction, afterBytes);
    if (!armed) return;
    tally.struck[blow]++;
    if (blow === 'kill') process.killSessions();
    else restarting = process.restart();
    if (left > 1) await wait(left - 1);
    else await restarting;
  };
  // Bytes that never pass are waited for in vain; what a restart fails with is thrown by `disarm`.
  wait(blow === 'restart' ? 1 : times).catch(() => undefined);
  return {
    async disarm() {
      armed = false;
      await restarting;
    },
  };
}

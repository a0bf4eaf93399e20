import type { ConnectContext } from './connect.ts';
import type { Host, HostProfile } from './host.ts';
import type { PoolContext } from './pool.ts';
import type { Remote } from './remote.ts';

/** One attempt for the pool, unless there must be none now. */
export async function connectFor(
  host: Host,
  context: PoolContext,
  own: Pick<ConnectContext, 'prompts' | 'lender' | 'signal'>,
): Promise<Remote> {
  const { connect, profiles, trust, reach } = context;
  const refusal = context.mayConnect(host);
  if (refusal !== undefined) throw refusal;
  const learn = (facts: HostProfile) => profiles.learn(host.name, facts);
  return connect(host, { ...own, trust, log: context.log(host.name), profile: profiles.get(host.name), learn, reach });
}

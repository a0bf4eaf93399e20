import { matchesPatternList } from './patterns.ts';
import { expandTokens, type Tokens } from './tokens.ts';
import { nextWord, type Rest } from './words.ts';
import type { SshConfigWorld } from './world.ts';

/** What is known when a `Match` line comes up. */
export interface MatchState {
  /** As it was asked for. */
  readonly original: string;
  /** By the `HostName` so far. */
  readonly host: string;
  readonly user: string;
  readonly port: string;
  readonly alias: string | undefined;
  readonly jump: string;
  /** In the second reading. */
  readonly final: boolean;
  /** The line can't count: nothing is executed for it. */
  readonly never: boolean;
}

interface Judgement {
  readonly matches: boolean;
  /** The line asks for a second reading. */
  readonly wantsFinal: boolean;
}

/** Judges the criteria of a `Match` line (ssh_config(5)). A line that OpenSSH would refuse matches nothing. */
export async function judgeMatch(text: string, state: MatchState, world: SshConfigWorld): Promise<Judgement> {
  const rest: Rest = { text };
  let [matches, wantsFinal, count] = [true, false, 0];
  const refused = () => ({ matches: false, wantsFinal });
  for (;;) {
    const word = nextWord(rest);
    if (word === undefined || word === '' || word.startsWith('#')) return count === 0 ? refused() : { matches, wantsFinal };
    const negated = word.startsWith('!');
    const criterion = (negated ? word.slice(1) : word).toLowerCase();
    if (criterion === 'all') {
      const next = nextWord(rest);
      if (count > 1 || !(next === undefined || next === '' || next.startsWith('#'))) return refused();
      return { matches: matches && !negated, wantsFinal };
    }
    count++;
    if (criterion === 'final' || criterion === 'canonical') {
      wantsFinal ||= criterion === 'final';
      matches &&= state.final !== negated;
      continue;
    }
    const argument = nextWord(rest);
    if (argument === undefined || argument === '' || argument.startsWith('#')) return refused();
    const holds = await judge(criterion, argument, state, world, matches);
    if (holds === undefined) return refused();
    matches &&= holds !== negated;
  }
}

/** Undefined for a criterion that there is not. A command that may not be run is as if neither it nor its negation held. */
async function judge(
  criterion: string,
  argument: string,
  state: MatchState,
  world: SshConfigWorld,
  matches: boolean,
): Promise<boolean | undefined> {
  switch (criterion) {
    case 'host':
      return matchesPatternList(state.host.toLowerCase(), argument, true);
    case 'originalhost':
      return matchesPatternList(state.original.toLowerCase(), argument, true);
    case 'user':
      return matchesPatternList(state.user, argument);
    case 'localuser':
      return matchesPatternList(world.localUser, argument);
    case 'exec': {
      const command = expandTokens(argument, tokensOf(state, world));
      if (command === undefined || world.execute === undefined) return undefined;
      return matches && !state.never && (await world.execute(command));
    }
    default:
      return undefined;
  }
}

/** The values of tokens for a host, as far as it is known. */
export function tokensOf(state: Omit<MatchState, 'final' | 'never'>, world: SshConfigWorld): Tokens {
  const { original, host, user, port, alias, jump } = state;
  return {
    h: host,
    n: original,
    p: port,
    r: user,
    u: world.localUser,
    d: world.home,
    i: world.uid,
    j: jump,
    k: alias ?? original,
    l: world.localHost,
    L: world.localHost.split('.')[0] ?? '',
    C: world.hash(`${world.localHost}${host}${port}${user}${jump}`),
  };
}

import { t } from '../l10n.ts';
import { type JumpSpec, parseJumps } from './jumpSpec.ts';
import type { Keyword } from './keywords.ts';
import { tokensOf } from './match.ts';
import type { SshAnswers } from './resolution.ts';
import { expandAll, expandTokens, type Tokens } from './tokens.ts';
import type { SshConfigWorld } from './world.ts';

/** What a configuration of SSH says about a host, ready for use: tokens, variables and `~` are filled in. */
export interface SshSettings {
  readonly hostname: string;
  readonly user: string;
  readonly port: number;
  /** The name that its host key is known under (`HostKeyAlias`). */
  readonly alias: string | undefined;
  /** Undefined: the usual ones. */
  readonly identityFiles: readonly string[] | undefined;
  readonly certificateFiles: readonly string[];
  /** Only the keys of `identityFiles`, also from the agent. */
  readonly identitiesOnly: boolean;
  /** As in `SftpOptions`. */
  readonly agent: boolean | string;
  /** The hops before the host, in their order; undefined: none. At most one of `jumps` and `command` is there. */
  readonly jumps: readonly JumpSpec[] | undefined;
  /** A command for the shell whose input and output are the connection (`ProxyCommand`). */
  readonly command: string | undefined;
  /** Undefined: the usual files. */
  readonly userKnownHosts: readonly string[] | undefined;
  readonly systemKnownHosts: readonly string[] | undefined;
  /** What becomes of a host key that is not known. `no` of StrictHostKeyChecking asks: a secret never goes to whoever answers. */
  readonly unknownKeys: 'ask' | 'refuse' | 'accept';
  /** Seconds (`ServerAliveInterval`); undefined: not said. */
  readonly silence: number | undefined;
  /** How often the server may leave that unanswered (`ServerAliveCountMax`); undefined: not said. */
  readonly silenceCount: number | undefined;
  /** How often a password is asked for (`NumberOfPasswordPrompts`); undefined: not said. */
  readonly passwordPrompts: number | undefined;
  /** Seconds (`ConnectTimeout`); undefined: not said. */
  readonly patience: number | undefined;
  /** Lists as they stand in the configuration, perhaps with `+`, `-` or `^`. */
  readonly algorithms: Readonly<Partial<Record<AlgorithmKind, string>>>;
  /** Of RFC 4252, in the order of preference; undefined: all. */
  readonly methods: readonly string[] | undefined;
  readonly family: 4 | 6 | undefined;
  readonly localAddress: string | undefined;
  /** What can't be done as it is written, in plain words. */
  readonly problems: readonly string[];
}

export type AlgorithmKind = 'ciphers' | 'macs' | 'kexalgorithms' | 'hostkeyalgorithms' | 'pubkeyacceptedalgorithms';

const algorithmKinds = ['ciphers', 'macs', 'kexalgorithms', 'hostkeyalgorithms', 'pubkeyacceptedalgorithms'] as const;

/** `original`: the host as it was asked for. */
export function settingsFrom(answers: SshAnswers, original: string, world: SshConfigWorld): SshSettings {
  return new Interpretation(answers, original, world).settings();
}

class Interpretation {
  readonly #answers: SshAnswers;
  readonly #world: SshConfigWorld;
  readonly #original: string;
  readonly #tokens: Tokens;
  readonly #problems: string[] = [];

  constructor(answers: SshAnswers, original: string, world: SshConfigWorld) {
    this.#answers = answers;
    this.#world = world;
    this.#original = original;
    this.#tokens = tokensFor(answers, original, world);
  }

  settings(): SshSettings {
    const [hostname, user] = [this.#one('hostname') ?? this.#original, this.#one('user') ?? this.#world.localUser];
    return {
      ...{ hostname, user, port: this.#port() },
      alias: this.#one('hostkeyalias'),
      ...this.#keys(),
      ...{ jumps: this.#jumps(), command: this.#command(user, hostname) },
      userKnownHosts: this.#files('userknownhostsfile'),
      systemKnownHosts: this.#files('globalknownhostsfile'),
      unknownKeys: this.#unknownKeys(),
      silence: this.#positive('serveraliveinterval'),
      silenceCount: this.#positive('serveralivecountmax'),
      passwordPrompts: this.#positive('numberofpasswordprompts'),
      patience: this.#positive('connecttimeout'),
      algorithms: Object.fromEntries(algorithmKinds.flatMap((kind) => (this.#one(kind) === undefined ? [] : [[kind, this.#one(kind)]]))),
      methods: this.#one('preferredauthentications')
        ?.split(',')
        .map((method) => method.trim()),
      family: { inet: 4, inet6: 6 }[this.#one('addressfamily') ?? ''] as 4 | 6 | undefined,
      localAddress: this.#one('bindaddress'),
      problems: this.#problems,
    };
  }

  #one(keyword: Keyword): string | undefined {
    return this.#answers.get(keyword)?.[0];
  }

  #port(): number {
    const port = Number(this.#one('port') ?? 22);
    if (port >= 1 && port <= 65_535) return port;
    this.#problems.push(t('“Port” is none.'));
    return 22;
  }

  #keys(): Pick<SshSettings, 'identityFiles' | 'certificateFiles' | 'identitiesOnly' | 'agent'> {
    const files = this.#files('identityfile');
    return {
      identityFiles: files,
      certificateFiles: this.#files('certificatefile') ?? [],
      identitiesOnly: this.#one('identitiesonly') === 'yes',
      agent: this.#agent(),
    };
  }

  #agent(): boolean | string {
    const value = this.#one('identityagent');
    if (value === undefined || value === 'SSH_AUTH_SOCK') return true;
    if (value.toLowerCase() === 'none') return false;
    if (/^[$](?![{])/.test(value)) return this.#world.variable(value.slice(1)) ?? false;
    return this.#expand('identityagent', value) ?? false;
  }

  /** Undefined where nothing is said; `none` is no file. */
  #files(keyword: Keyword): readonly string[] | undefined {
    const values = this.#answers.get(keyword);
    if (values === undefined) return undefined;
    return values.filter((value) => value.toLowerCase() !== 'none').flatMap((value) => this.#expand(keyword, value) ?? []);
  }

  #expand(keyword: Keyword, value: string): string | undefined {
    const expanded = expandPath(value, this.#tokens, this.#world);
    if (expanded === undefined) this.#problems.push(t('“{0}” of “{1}” names something that there is not.', value, keyword));
    return expanded;
  }

  #jumps(): readonly JumpSpec[] | undefined {
    const list = this.#one('proxyjump');
    if (list === undefined || list.toLowerCase() === 'none') return undefined;
    const jumps = parseJumps(expandAll(list, this.#tokens, this.#world.variable.bind(this.#world)) ?? list);
    if (jumps === undefined) this.#problems.push(t('“ProxyJump” can not be read: {0}', list));
    return jumps ?? [];
  }

  /** What comes from an address that somebody wrote may hold nothing that a shell would take for more than a name. */
  #command(user: string, hostname: string): string | undefined {
    const command = this.#one('proxycommand');
    if (command === undefined || command.toLowerCase() === 'none') return undefined;
    const unsafe = [this.#original, hostname, user].find((value) => !/^[\p{L}\p{N}_.:@%+=,][\p{L}\p{N}_.:@%+=,\\-]*$/u.test(value));
    if (unsafe !== undefined) {
      this.#problems.push(t('“{0}” holds characters that are not safe in “ProxyCommand”.', unsafe));
      return '';
    }
    const expanded = expandTokens(command, this.#tokens);
    if (expanded === undefined) this.#problems.push(t('“ProxyCommand” holds a token that Ferry does not know: {0}', command));
    return expanded ?? '';
  }

  #unknownKeys(): SshSettings['unknownKeys'] {
    const value = this.#one('stricthostkeychecking');
    if (value === 'true') return 'refuse';
    return value === 'accept-new' ? 'accept' : 'ask';
  }

  #positive(keyword: Keyword): number | undefined {
    const value = Number(this.#one(keyword));
    return Number.isInteger(value) && value > 0 ? value : undefined;
  }
}

export function tokensFor(answers: SshAnswers, original: string, world: SshConfigWorld): Tokens {
  const one = (keyword: Keyword) => answers.get(keyword)?.[0];
  return tokensOf(
    {
      original,
      host: one('hostname') ?? original,
      user: one('user') ?? world.localUser,
      port: one('port') ?? '22',
      alias: one('hostkeyalias'),
      jump: one('proxyjump') ?? '',
    },
    world,
  );
}

/** A file of the configuration, with `~` in front; undefined where it names a token or variable that there is not. */
export function expandPath(value: string, tokens: Tokens, world: Pick<SshConfigWorld, 'home' | 'variable'>): string | undefined {
  const path = /^~(?=[/\\]|$)/.test(value) ? world.home.replaceAll('%', '%%') + value.slice(1) : value;
  return expandAll(path, tokens, (name) => world.variable(name));
}

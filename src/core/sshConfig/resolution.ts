import { type ConfigLine, parseLines } from './lines.ts';
import { includedFiles } from './includes.ts';
import { formatJump, parseJumps } from './jumpSpec.ts';
import { type Keyword, keywordOf, keywords, readValues } from './keywords.ts';
import { judgeMatch, type MatchState } from './match.ts';
import { matchesHostLine } from './patterns.ts';
import { expandTokens } from './tokens.ts';
import type { ConfigSource, SshConfigWorld } from './world.ts';

/** What is asked for, as on the command line of `ssh`: what it names wins over every file. */
export interface SshConfigRequest {
  readonly host: string;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
}

/**
 * What the files say, in the words of `ssh -G`: without the defaults of OpenSSH but for `hostname`, `user` and `port`; tokens and `~` not filled
 * in but in `hostname`. A list of algorithms is as it stands in its line (`+name`).
 */
export type SshAnswers = ReadonlyMap<Keyword, readonly string[]>;

/** As OpenSSH's READCONF_MAX_DEPTH. */
const deepest = 16;
/** Files in one reading, those counted twice that are included twice: what an endless nest of them comes to. */
const mostFiles = 1000;
/** As OpenSSH's SSH_MAX_IDENTITY_FILES. */
const mostOfEach = 100;

/** What the person's and the system's files say about a host, by the rules of OpenSSH: the first value of each keyword wins. */
export async function resolveSshConfig(
  request: SshConfigRequest,
  world: SshConfigWorld,
  parsed: ParsedFiles = new Map(),
): Promise<SshAnswers> {
  const reading = new Reading(request, world, parsed);
  await reading.read(false);
  const [name] = reading.values.get('hostname') ?? [];
  const hostname = ((name === undefined ? undefined : expandTokens(name, { h: request.host })) ?? request.host).toLowerCase();
  const [canonicalize = 'false'] = reading.values.get('canonicalizehostname') ?? [];
  reading.values.set('hostname', [hostname]);
  if (reading.wantsFinal || canonicalize !== 'false') {
    reading.host = hostname;
    await reading.read(true);
  }
  return reading.answers();
}

/** The lines of files by their paths, kept where many hosts are asked for in a row. */
export type ParsedFiles = Map<string, readonly ConfigLine[]>;

interface Place {
  readonly source: ConfigSource;
  readonly depth: number;
  /** Of an `Include` that does not hold: its lines are looked at, and none of them counts. */
  readonly never: boolean;
}

class Reading {
  readonly values = new Map<Keyword, readonly string[]>();
  wantsFinal = false;
  /** What `Host` lines are compared with. */
  host: string;
  readonly #request: SshConfigRequest;
  readonly #world: SshConfigWorld;
  readonly #parsed: ParsedFiles;
  #final = false;
  #files = 0;

  constructor(request: SshConfigRequest, world: SshConfigWorld, parsed: ParsedFiles) {
    this.#parsed = parsed;
    this.#request = request;
    this.#world = world;
    this.host = request.host;
    if (request.user !== undefined) this.values.set('user', [request.user]);
    if (request.port !== undefined) this.values.set('port', [String(request.port)]);
  }

  async read(final: boolean): Promise<void> {
    this.#final = final;
    this.#files = 0;
    for (const source of this.#world.sources) await this.#file(source.file, { source, depth: 0, never: false });
  }

  answers(): SshAnswers {
    const filled = new Map(this.values);
    if (!filled.has('user')) filled.set('user', [this.#world.localUser]);
    if (!filled.has('port')) filled.set('port', ['22']);
    const [alias] = filled.get('hostkeyalias') ?? [];
    if (alias !== undefined) filled.set('hostkeyalias', [alias.toLowerCase()]);
    return filled;
  }

  async #file(file: string, place: Place): Promise<void> {
    if (place.depth > deepest || ++this.#files > mostFiles) return;
    const lines = await this.#lines(file);
    let active = !place.never;
    for (const line of lines) {
      if (line.keyword === 'host') active = !place.never && matchesHostLine(this.host, line.words);
      else if (line.keyword === 'match') active = await this.#match(line, place);
      else if (line.keyword === 'include') await this.#include(line, place, active);
      else if (active) this.#take(line);
    }
  }

  async #lines(file: string): Promise<readonly ConfigLine[]> {
    const known = this.#parsed.get(file);
    if (known !== undefined) return known;
    const lines = parseLines((await this.#world.read(file)) ?? '');
    this.#parsed.set(file, lines);
    return lines;
  }

  async #match(line: ConfigLine, { never }: Place): Promise<boolean> {
    const { matches, wantsFinal } = await judgeMatch(line.text, this.#matchState(never), this.#world);
    this.wantsFinal ||= wantsFinal;
    return matches && !never;
  }

  #matchState(never: boolean): MatchState {
    const value = (keyword: Keyword) => this.values.get(keyword)?.[0];
    const original = this.#request.host;
    const name = value('hostname');
    const host = this.#final || name === undefined ? name : expandTokens(name, { h: original });
    return {
      ...{ original, final: this.#final, never },
      host: host ?? original,
      user: value('user') ?? this.#world.localUser,
      port: value('port') ?? '22',
      alias: value('hostkeyalias'),
      jump: value('proxyjump') ?? '',
    };
  }

  async #include(line: ConfigLine, { source, depth, never }: Place, active: boolean): Promise<void> {
    const place = { source, depth: depth + 1, never: never || !active };
    for (const file of await includedFiles(line.words, source, this.#world)) await this.#file(file, place);
  }

  #take(line: ConfigLine): void {
    if (line.keyword === 'proxycommand' || line.keyword === 'proxyjump') this.#takeProxy(line.keyword, line.text);
    const keyword = keywordOf(line.keyword);
    if (keyword === undefined) return;
    const values = readValues(keyword, line.words);
    if (values === undefined) return;
    const before = this.values.get(keyword);
    if (before === undefined) this.values.set(keyword, values);
    else if (keywords[keyword] === 'every' && before.length < mostOfEach && !before.includes(values[0] ?? ''))
      this.values.set(keyword, [...before, ...values]);
  }

  /** The two exclude each other: whichever comes first. After `ProxyJump none` a command still counts. */
  #takeProxy(keyword: 'proxycommand' | 'proxyjump', text: string): void {
    const [jump] = this.values.get('proxyjump') ?? [];
    if (this.values.has('proxycommand') || (jump !== undefined && (keyword === 'proxyjump' || jump.toLowerCase() !== 'none'))) return;
    const value = text.replace(/^[ \t\r\n=]+/, '');
    if (keyword === 'proxycommand') {
      this.values.set(keyword, [value]);
      return;
    }
    const list = (value.split('#')[0] ?? '').trim();
    const jumps = /^none$/i.test(list) ? undefined : parseJumps(list);
    const last = jumps?.at(-1);
    // `ssh -G` shows all hops but the last as they were written.
    this.values.set(keyword, [last === undefined ? list : list.slice(0, list.lastIndexOf(',') + 1) + formatJump(last)]);
  }
}

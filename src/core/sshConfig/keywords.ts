/** How the value of a keyword is taken. */
type Kind =
  /** One word; the first wins. */
  | 'word'
  | 'number'
  /** Seconds, or `1h30m`. */
  | 'time'
  | 'flag'
  /** All words of the first line. */
  | 'list'
  /** One word of each line, all of them. */
  | 'every'
  | 'algorithms'
  | readonly string[];

/** The keywords that mean something for Ferry (ssh_config(5)); `hostname`, `match` and others with rules of their own are not among them. */
export const keywords = {
  hostname: 'word',
  user: 'word',
  port: 'number',
  hostkeyalias: 'word',
  identityagent: 'word',
  bindaddress: 'word',
  preferredauthentications: 'word',
  canonicalizehostname: ['yes', 'no', 'true', 'false', 'always'],
  addressfamily: ['any', 'inet', 'inet6'],
  stricthostkeychecking: ['yes', 'no', 'true', 'false', 'ask', 'off', 'accept-new'],
  identitiesonly: 'flag',
  proxyusefdpass: 'flag',
  connecttimeout: 'time',
  serveraliveinterval: 'time',
  serveralivecountmax: 'number',
  numberofpasswordprompts: 'number',
  userknownhostsfile: 'list',
  globalknownhostsfile: 'list',
  identityfile: 'every',
  certificatefile: 'every',
  ciphers: 'algorithms',
  macs: 'algorithms',
  kexalgorithms: 'algorithms',
  hostkeyalgorithms: 'algorithms',
  pubkeyacceptedalgorithms: 'algorithms',
} as const satisfies Record<string, Kind>;

export type Keyword = keyof typeof keywords | 'proxycommand' | 'proxyjump';

/** Other names of the same. */
const aliases: Readonly<Record<string, keyof typeof keywords>> = {
  pubkeyacceptedkeytypes: 'pubkeyacceptedalgorithms',
};

export function keywordOf(name: string): keyof typeof keywords | undefined {
  if (Object.hasOwn(keywords, name)) return name as keyof typeof keywords;
  return Object.hasOwn(aliases, name) ? aliases[name] : undefined;
}

/** As `ssh -G` prints it: `true` and `false` in place of `yes` and `no` where there are more than the two. */
const printed: Readonly<Record<string, string>> = { yes: 'true', no: 'false', off: 'false', always: 'always' };

/** The values of a line, as `ssh -G` prints them; undefined for what OpenSSH would refuse. */
export function readValues(keyword: keyof typeof keywords, words: readonly string[]): readonly string[] | undefined {
  const kind: Kind = keywords[keyword];
  const [word = ''] = words;
  if (word === '') return undefined;
  if (kind === 'list') return words.includes('') ? undefined : words;
  const value = readValue(kind, word);
  return value === undefined ? undefined : [value];
}

function readValue(kind: Exclude<Kind, 'list'>, word: string): string | undefined {
  switch (kind) {
    case 'word':
    case 'every':
    case 'algorithms':
      return word;
    case 'number':
      return /^\d{1,9}$/.test(word) ? String(Number(word)) : undefined;
    case 'time':
      return seconds(word);
    case 'flag':
      return { yes: 'yes', true: 'yes', no: 'no', false: 'no' }[word.toLowerCase()];
    default: {
      const known = kind.find((value) => value === word.toLowerCase());
      return known === undefined ? undefined : (printed[known] ?? known);
    }
  }
}

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/** sshd_config(5), TIME FORMATS. `none` is as if nothing were said. */
function seconds(word: string): string | undefined {
  if (!/^(?:\d{1,9}[smhdw]?)+$/i.test(word)) return undefined;
  const total = [...word.matchAll(/(\d+)([smhdw]?)/gi)].reduce(
    (sum, [, count, unit = '']) => sum + Number(count) * (units[unit.toLowerCase()] ?? 1),
    0,
  );
  return String(total);
}

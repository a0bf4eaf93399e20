import type { Reply } from './reply.ts';

/** What this server offers, found out once after the log-in. */
export interface Features {
  /** Names of FEAT (RFC 2389) in upper case, with their parameters. */
  readonly offered: ReadonlyMap<string, string>;
  /** MLST and MLSD (RFC 3659 §7). */
  readonly mlst: boolean;
  /** SITE CHMOD. */
  readonly siteChmod: boolean;
  /** How times are set: MFMT, or MDTM with two arguments (vsftpd). */
  readonly setTime: 'MFMT' | 'MDTM' | undefined;
  /** The byte 255 in a path has to be sent twice: the server reads the control connection as TELNET (RFC 959 §3.1), as few do. */
  readonly doublesIac: boolean;
  /** SYST says Windows. */
  readonly windows: boolean;
  /** STAT of a file is its line as in LIST, a link's as a link: seen on vsftpd and ProFTPD. */
  readonly showsFilesByStatus: boolean;
  /** Known to keep the beginning of TLS on a data connection until it has handled the command. */
  readonly takesEarlyHandshake: boolean;
  /** Known to send on to a reader that ended TLS on its side, and to read that end. */
  readonly readsEnd: boolean;
  /** Known to read nothing from the control connection while it works on a transfer, so that commands behind one just wait: vsftpd. */
  readonly queuesBehindTransfers: boolean;
  /** Known to read nothing from the control connection between the end of a download's data and its final reply. */
  readonly queuesBehindData: boolean;
  /** Known to keep some 24 KB of commands while it works on one. */
  readonly keepsManyCommands: boolean;
  /** What the server says of itself; raw. */
  readonly software: string;
  /** Links, broken ones too, are known to show as links in MLSD and MLST. Where not, LIST is asked too: ProFTPD's MLST follows them, its MLSD hides broken ones. */
  readonly tellsLinks: boolean;
}

/** RFC 2389 §3.2: one feature a line, each after a blank. */
export function parseFeatures(reply: Reply): Map<string, string> {
  const offered = new Map<string, string>();
  if (reply.code < 200 || reply.code >= 300) return offered;
  for (const line of reply.lines.slice(1)) {
    const match = /^\s*(\S{1,40})(?:\s(.*))?$/.exec(line);
    if (match?.[1] !== undefined) offered.set(match[1].toUpperCase(), match[2] ?? '');
  }
  return offered;
}

/** Facts that Ferry reads, by their lower-case names (RFC 3659 §7.5, and the UNIX facts that servers agree on). */
const wanted = [
  'type',
  'size',
  'modify',
  'perm',
  'unix.mode',
  'unix.owner',
  'unix.ownername',
  'unix.uid',
  'unix.group',
  'unix.groupname',
  'unix.gid',
  'unix.nlink',
];

/** Numbers, which nobody reads where the server tells the names. */
const numbers: ReadonlyMap<string, string> = new Map([
  ['unix.owner', 'unix.ownername'],
  ['unix.group', 'unix.groupname'],
]);

/**
 * The OPTS MLST command (RFC 3659 §7.9) that switches on what we read; undefined where it is on already, or nothing more is offered.
 * `sparing`: it switches off all else as well.
 */
export function factOptions(parameters: string, sparing = false): string | undefined {
  const told = parameters.split(';').flatMap((text) => text.trim() || []);
  const facts = told.map((text) => ({ name: text.replace('*', ''), isOn: text.endsWith('*') }));
  const names = facts.map(({ name }) => name.toLowerCase());
  const isRead = ({ name }: { readonly name: string }): boolean => {
    const fact = name.toLowerCase();
    return wanted.includes(fact) && !(sparing && names.includes(numbers.get(fact) ?? ''));
  };
  const read = facts.filter(isRead);
  const isRight = read.every(({ isOn }) => isOn) && !(sparing && facts.some((fact) => fact.isOn && !isRead(fact)));
  return read.length === 0 || isRight ? undefined : `OPTS MLST ${read.map(({ name }) => `${name};`).join('')}`;
}

/** RFC 3659 §2.3: YYYYMMDDHHMMSS[.sss] in UTC as milliseconds; undefined for anything else. */
export function parseTime(text: string): number | undefined {
  const match = /\b(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d{1,9}))?\b/.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as [number, number, number, number, number, number];
  const time = Date.UTC(year, month - 1, day, hour, minute, second) + Math.floor(Number(`0.${match[7] ?? '0'}`) * 1000);
  return month >= 1 && month <= 12 && day >= 1 && day <= 31 ? time : undefined;
}

export function formatTime(time: number): string {
  return new Date(time).toISOString().slice(0, 19).replace(/[-:T]/g, '');
}

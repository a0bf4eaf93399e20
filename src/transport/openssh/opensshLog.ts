/**
 * What `ssh` wrote at LogLevel DEBUG1 into a file of its own, where neither a server's banner nor a jump host's `ssh` writes. A server's words
 * can stand there from the log-in on, and may look like other lines: nothing that a secret hangs on is read from them alone.
 */
export interface OpensshLog {
  /** Of the program, such as 9.2; undefined before it says so. */
  readonly version: number | undefined;
  /** All keys that the server is said to have shown; a second one means that one of the two is not true. */
  readonly hostKeys: readonly { readonly algorithm: string; readonly fingerprint: string }[];
  /** `known_hosts` has the server's key. */
  readonly isKnown: boolean;
  /** What the server offered, one list for each time that it did not let the person in. */
  readonly offered: readonly (readonly string[])[];
  /** So many of those came after a step that was right. */
  readonly partialSteps: number;
  readonly asksByKeyboard: boolean;
  readonly software: string | undefined;
  readonly exchange: string | undefined;
  readonly cipher: string | undefined;
  /** Lines that are for the person. */
  readonly messages: readonly string[];
}

export function readOpensshLog(text: string): OpensshLog {
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  const all = (pattern: RegExp) => lines.map((line) => pattern.exec(line)).filter((match) => match !== null);
  const first = (pattern: RegExp) => all(pattern)[0]?.[1];
  const keys = all(/^debug1: Server host (?:key|certificate): (\S+) (SHA256:[\w+/]+)/);
  const version = first(/^debug1: Local version string SSH-2\.0-OpenSSH_(?:[a-z_]+)?(\d+\.\d+)/i);
  return {
    version: version === undefined ? undefined : Number(version),
    hostKeys: [...new Map(keys.map(([, algorithm = '', fingerprint = '']) => [fingerprint, { algorithm, fingerprint }])).values()],
    isKnown: all(/^debug1: Host '.*' is known and matches the /).length > 0,
    offered: all(/^debug1: Authentications that can continue: (.*)$/).map(([, list = '']) => list.split(',').filter((one) => one !== '')),
    partialSteps: all(/^Authenticated .*using ".*" with partial success\.$/).length,
    asksByKeyboard: all(/^debug1: Next authentication method: keyboard-interactive$/).length > 0,
    software: first(/^debug1: Remote protocol version [\d.]+, remote software version (.*)$/),
    exchange: first(/^debug1: kex: algorithm: (\S+)/),
    cipher: first(/^debug1: kex: server->client cipher: (\S+)/),
    messages: lines.filter((line) => !/^debug\d: |^@{10}/.test(line)),
  };
}

/** The versions before put a server's question as it is; from this one on `(user@host) ` stands before it. */
const marksQuestions = 8.5;

/** Whether no question of the server can look like one of `ssh` itself. 10.0 is newer than 9.9, and 9.10 never was. */
export function tellsQuestionsApart({ version, asksByKeyboard }: OpensshLog): boolean {
  return !asksByKeyboard || (version !== undefined && version >= marksQuestions);
}

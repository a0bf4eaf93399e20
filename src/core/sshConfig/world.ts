/** What the reading of a configuration needs from the computer that it is read on. */
export interface SshConfigWorld {
  /** The person's own name here. */
  readonly localUser: string;
  readonly uid: string;
  readonly home: string;
  /** The computer's name, with its domain if it has one. */
  readonly localHost: string;
  /** The configurations in their order: what the person's own says wins. */
  readonly sources: readonly ConfigSource[];
  /** The text of a file; undefined where there is none that may be read. */
  read(file: string): Promise<string | undefined>;
  /** The files that a pattern names, sorted; `~` in front is the home of the person. */
  find(pattern: string): Promise<readonly string[]>;
  /** A variable of the environment. */
  variable(name: string): string | undefined;
  /** Whether a command of `Match exec` succeeds; undefined: nothing may be executed, and no such line matches. */
  readonly execute?: ((command: string) => Promise<boolean>) | undefined;
  /** SHA-1 in hex, for `%C`. */
  hash(text: string): string;
}

export interface ConfigSource {
  readonly file: string;
  /** Where relative names of `Include` are looked for. */
  readonly folder: string;
  /** Of the person rather than of the system. */
  readonly own: boolean;
}

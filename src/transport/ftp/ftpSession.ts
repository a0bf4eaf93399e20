import type { Charset } from '../../core/charset.ts';
import { abortError, RemoteError, toRemoteError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import type { Log } from '../../core/log.ts';
import { contains } from '../../core/path.ts';
import type { ControlConnection } from './controlConnection.ts';
import type { DataConnections } from './dataConnections.ts';
import { untilAborted, type Deadlines } from './deadlines.ts';
import type { Features } from './features.ts';
import { SeenPaths } from './fileStatus.ts';
import type { Reply } from './reply.ts';
import { serverTimes, type ServerTimes } from './serverTimes.ts';
import { iac } from './survey.ts';

/** What was learned about the server while working with it. */
export interface Habits {
  /** `LIST -a`, or `LIST` where that yields nothing. */
  list: 'LIST -a' | 'LIST';
  /** MLSD works as FEAT promised. */
  mlsd: boolean;
  size: boolean;
  mdtm: boolean;
  /** Its listings lack the last line end, or with TLS the orderly end. */
  endsAbruptly: boolean;
  /** In a row, replies to STAT of a file that did not show it. */
  statusMisses: number;
  /** In a row, replies to STAT of a folder that did not list it. */
  listMisses: number;
  /** No RNTO failed yet: after one, a server may remember its RNFR and take it for that of the next. */
  renamesAtOnce: boolean;
}

export interface SessionParts {
  readonly host: Host;
  readonly control: ControlConnection;
  readonly data: DataConnections;
  readonly charset: Charset;
  readonly features: Features;
  readonly habits: Habits;
  readonly log: Log;
  readonly deadlines: Deadlines;
}

/** What the first flight of a call led to: its result, or what there is left to do when the connection is its own. */
export type FirstFlight<T> = { readonly value: T } | { readonly rest: (signal: AbortSignal) => Promise<T> };

/** A control connection that is logged in. */
export interface FtpSession extends SessionParts {
  /** One task at a time, in the order of the calls; errors leave as RemoteErrors with `path`. An abort settles the call at once, the next waits. */
  exclusive<T>(path: string | undefined, signal: AbortSignal | undefined, task: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /**
   * As `exclusive`, but calls that are made one right after the other send their first flights together. `begin` sends commands without
   * data connections only, and sends them at once.
   */
  together<T>(
    path: string,
    signal: AbortSignal | undefined,
    begin: (signal: AbortSignal) => FirstFlight<T> | Promise<FirstFlight<T>>,
  ): Promise<T>;
  /**
   * As `together`, for a task that moves data: it ends the flight that calls before it began, so that those that come after it wait. What
   * those have left to do waits for it too.
   */
  joined<T>(path: string, signal: AbortSignal | undefined, task: (signal: AbortSignal) => Promise<T>): Promise<T>;
  readonly seen: SeenPaths;
  readonly times: ServerTimes;
  /** `verb` with the path in the server's bytes, one character a byte. Throws `BadPath`. */
  line(verb: string, path: string): string;
  request(verb: string, path: string): Promise<Reply>;
  /** CWD; the folder is remembered for `leave`. */
  enter(path: string): Promise<Reply>;
  /** Goes elsewhere where the working folder is `path` or in it: Windows servers can't remove or rename a folder in use. */
  leave(path: string): void;
}

const never = new AbortController().signal;

export function createSession(parts: SessionParts): FtpSession {
  const { control, charset, features, host } = parts;
  let last: Promise<unknown> = Promise.resolve();
  let folder: string | undefined;

  let gathering: Member[] | undefined;

  const line = (verb: string, path: string): string => {
    if (/[\r\n\0]/.test(path))
      throw new RemoteError('BadPath', t('A name with a line break or NUL in it can’t be used with FTP.'), { path });
    const bytes = Buffer.from(charset.encode(path)).toString('latin1');
    return `${verb} ${features.doublesIac ? bytes.replaceAll(iac, iac + iac) : bytes}`;
  };
  const request = async (verb: string, path: string): Promise<Reply> => control.request(line(verb, path));

  const queue = <T>(work: () => Promise<T>): Promise<T> => {
    const next = last.then(work);
    // Not `catch`: that would keep what the task yielded, a whole listing, until the next one.
    last = next.then(ignore, ignore);
    return next;
  };
  const run = async <T>(signal: AbortSignal, task: (signal: AbortSignal) => T | Promise<T>): Promise<T> => {
    if (signal.aborted) throw abortError(signal);
    if (control.reason) throw asLost(control.reason);
    return task(signal);
  };
  const settled = async <T>(work: Promise<T>, path: string | undefined, signal: AbortSignal): Promise<T> => {
    try {
      return await untilAborted(work, signal);
    } catch (error) {
      throw toRemoteError(error).with({ path, host: host.name });
    }
  };

  const join = <T>(
    signal: AbortSignal,
    begin: (signal: AbortSignal) => FirstFlight<T> | Promise<FirstFlight<T>>,
    isLast = false,
  ): Promise<T> => {
    const { member, result } = memberOf(
      () => run(signal, begin),
      (rest) => run(signal, rest),
    );
    if (gathering) gathering.push(member);
    else {
      const members = (gathering = [member]);
      void queue(() => {
        if (gathering === members) gathering = undefined;
        return runTogether(members);
      });
    }
    if (isLast) gathering = undefined;
    return result;
  };

  return {
    ...parts,
    line,
    request,
    seen: new SeenPaths(),
    times: serverTimes(host.ftp),
    exclusive(path, signal = never, task) {
      gathering = undefined;
      return settled(
        queue(() => run(signal, task)),
        path,
        signal,
      );
    },
    together: (path, signal = never, begin) => settled(join(signal, begin), path, signal),
    joined(path, signal = never, task) {
      const result = join(
        signal,
        (aborting) => {
          const running = task(aborting);
          running.catch(ignore);
          return { rest: () => running };
        },
        true,
      );
      return settled(result, path, signal);
    },
    async enter(path) {
      folder = path;
      return request('CWD', path);
    },
    leave(path) {
      if (folder === undefined || !contains(path, folder)) return;
      folder = undefined;
      control.request('CWD /').catch(() => {});
    },
  };
}

/** One of several calls whose first flights go together; resolves with its rest. Never rejects. */
type Member = () => Promise<(() => Promise<void>) | undefined>;

function memberOf<T>(
  begin: () => Promise<FirstFlight<T>>,
  goOn: (rest: (signal: AbortSignal) => Promise<T>) => Promise<T>,
): { readonly member: Member; readonly result: Promise<T> } {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const member: Member = async () => {
    try {
      const first = await begin();
      if ('rest' in first) return () => goOn(first.rest).then(resolve, reject);
      resolve(first.value);
    } catch (error) {
      reject(error);
    }
    return undefined;
  };
  return { member, result: promise };
}

/** What is left to do comes last first: data may be on the way for the last one. */
async function runTogether(members: readonly Member[]): Promise<void> {
  const rests = await Promise.all(members.map((member) => member()));
  for (const rest of [rests.pop(), ...rests]) await rest?.();
}

/** Why a call made after the end fails: the connection is gone, whatever ended it. */
function asLost(reason: RemoteError): RemoteError {
  return reason.dropsConnection ? reason : new RemoteError('Lost', reason.message, { cause: reason });
}

function ignore(): void {}

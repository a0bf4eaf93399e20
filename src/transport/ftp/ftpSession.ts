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
import type { Reply } from './reply.ts';
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

/** A control connection that is logged in. */
export interface FtpSession extends SessionParts {
  /** One task at a time, in the order of the calls; errors leave as RemoteErrors with `path`. An abort settles the call at once, the next waits. */
  exclusive<T>(path: string | undefined, signal: AbortSignal | undefined, task: (signal: AbortSignal) => Promise<T>): Promise<T>;
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

  const line = (verb: string, path: string): string => {
    if (/[\r\n\0]/.test(path))
      throw new RemoteError('BadPath', t('A name with a line break or NUL in it can’t be used with FTP.'), { path });
    const bytes = Buffer.from(charset.encode(path)).toString('latin1');
    return `${verb} ${features.doublesIac ? bytes.replaceAll(iac, iac + iac) : bytes}`;
  };
  const request = async (verb: string, path: string): Promise<Reply> => control.request(line(verb, path));

  return {
    ...parts,
    line,
    request,
    async exclusive(path, signal = never, task) {
      const work = last.then(() => {
        if (signal.aborted) throw abortError(signal);
        if (control.reason) throw asLost(control.reason);
        return task(signal);
      });
      // Not `catch`: that would keep what the task yielded, a whole listing, until the next one.
      last = work.then(ignore, ignore);
      try {
        return await untilAborted(work, signal);
      } catch (error) {
        throw toRemoteError(error).with({ path, host: host.name });
      }
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

/** Why a call made after the end fails: the connection is gone, whatever ended it. */
function asLost(reason: RemoteError): RemoteError {
  return reason.dropsConnection ? reason : new RemoteError('Lost', reason.message, { cause: reason });
}

function ignore(): void {}

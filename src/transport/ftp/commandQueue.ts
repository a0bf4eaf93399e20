import type { RemoteError } from '../../core/errors.ts';
import { redacted } from '../../core/log.ts';
import type { Reply } from './reply.ts';

/** A command that may have a preliminary reply (RFC 959 §6): a transfer. */
export interface Exchange {
  /** The preliminary reply, or the final one where none came before it. Rejects when the connection is lost. */
  readonly first: Promise<Reply>;
  /** The final reply. Rejects when the connection is lost. */
  readonly final: Promise<Reply>;
}

/** An exchange that holds up what comes after it. */
export interface Transfer extends Exchange {
  /** All its data came: the server has nothing left to do but to say so, and commands behind it are sent where it keeps those. */
  dataEnded(): void;
}

/** A command that waits for its replies. */
export interface Command {
  /** Empty for the greeting, which nobody sends for. */
  readonly line: string;
  /** A preliminary reply stops its deadline. */
  readonly transfers: boolean;
  /** In ms. */
  readonly deadline: number;
  readonly started: (reply: Reply) => void;
  readonly done: (reply: Reply) => void;
  readonly failed: (error: RemoteError) => void;
  /** Its reply is a list: while that comes, its deadline begins anew. */
  lists: boolean;
  sent: boolean;
  /** It was sent before another one had its reply. */
  followed: boolean;
  /** Its preliminary reply came. */
  running: boolean;
  /** Its final reply is all that the server has yet to give. */
  ending: boolean;
  /** Its replies are read away until that of NOOP. */
  draining: boolean;
}

export function newCommand(line: string, deadline: number, transfers: boolean): { readonly command: Command; readonly exchange: Exchange } {
  const first = Promise.withResolvers<Reply>();
  const final = Promise.withResolvers<Reply>();
  // Callers look at one of the two; the other must not count as unhandled.
  first.promise.catch(ignore);
  final.promise.catch(ignore);
  const command: Command = {
    ...{ line, transfers, deadline, lists: false, sent: false, followed: false, running: false, ending: false, draining: false },
    started: (reply) => first.resolve(reply),
    done: (reply) => {
      first.resolve(reply);
      final.resolve(reply);
    },
    failed: (error) => {
      first.reject(error);
      final.reject(error);
    },
  };
  return { command, exchange: { first: first.promise, final: final.promise } };
}

/** So many commands, and so many bytes of them, are on the way at once: what waits in front of a server that works on one has room there. */
const mostCommands = 128;
const mostBytes = 3 * 1024;
/** The same, where the server is known to keep them: the looks at some 80 files at once. */
const manyCommands = 256;
const manyBytes = 24 * 1024;

/** What a server takes while it works on a command; `untilTransfer`: more, but nothing behind a transfer that goes on, which some answer in the middle of it. */
export type Patience = 'nothing' | 'untilTransfer' | 'all';

/** Those that may be sent now, marked as sent. */
export function* takeSendable(queue: readonly Command[], patience: Patience, keepsMany: boolean): Generator<Command, void> {
  const [commands, most] = keepsMany ? [manyCommands, manyBytes] : [mostCommands, mostBytes];
  let bytes = 0;
  for (const [index, command] of queue.entries()) {
    bytes += command.line.length + 2;
    if (index > 0 && (patience === 'nothing' || index >= commands || bytes > most)) return;
    if (patience === 'untilTransfer' && holdsUp(queue[index - 1])) return;
    if (command.sent) continue;
    command.sent = true;
    command.followed = index > 0;
    yield command;
  }
}

function holdsUp(command: Command | undefined): boolean {
  return command?.transfers === true && !command.ending;
}

/** What these replies can belong to, on any server. */
const meant: ReadonlyMap<number, RegExp> = new Map([
  [227, /^PASV$/i],
  [229, /^EPSV\b/i],
  [257, /^X?(?:MKD|PWD)\b/i],
]);

/**
 * Whether a reply to commands that were sent together can't be that of the first that waits: then none of the others can be told from each
 * other either. A transfer ends with 226 or 250 or fails.
 */
export function isMisplaced(queue: readonly Command[], { code }: Reply): boolean {
  const [first, second] = queue;
  if (first?.followed === true && meant.get(code)?.test(first.line) === false) return true;
  return first?.transfers === true && second?.sent === true && code >= 200 && code < 400 && code !== 226 && code !== 250;
}

/** A line of the dialogue as the log may have it. */
export function shown(line: string): string {
  const secret = /^(PASS|ACCT) /i.exec(line);
  return secret ? `${secret[1] ?? ''} ${redacted}` : Buffer.from(line, 'latin1').toString('utf8');
}

function ignore(): void {}

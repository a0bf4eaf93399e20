import { isSameContent } from '../../core/bytes.ts';
import { borrow, worthConnections } from './fellows.ts';
import type { FileWriter, Flow } from './fileWriter.ts';
import type { FileAttributes } from './fileAttributes.ts';
import type { Handle } from './handles.ts';
import { openFlag } from './protocol.ts';
import { outcome, type Scope } from './scope.ts';
import type { Session } from './session.ts';

interface Spread {
  readonly session: Session;
  readonly scope: Scope;
  readonly path: string;
}

/** Content from so many bytes on is worth further channels: OpenSSH takes in 2 MB a channel for each answer, which no short line fills. */
const worthChannels = 8 * 1024 * 1024;

/** Lets content of `expected` bytes, as far as that is known, to a file that this call has made go over further channels and connections. Where that can't be, it goes on without. */
export function widen(writer: FileWriter, spread: Spread, expected = 0): void {
  const { session, scope } = spread;
  writer.mayWiden(expected, [
    {
      worth: worthChannels,
      open(head, join) {
        void session.sides
          ?.lend(scope)
          .then((sides) => Promise.all(sides.map((side) => openBeside(spread, { session: side }, head, join))));
      },
    },
    {
      worth: worthConnections,
      open: (head, join) => borrow(session, scope, (other) => openBeside(spread, { session: other, isElsewhere: true }, head, join)),
    },
  ]);
}

interface Beginning {
  readonly start: number;
  /** What was read at `start`. */
  readonly head: Uint8Array;
}

/** Opens a file that is read, and is what `attributes` say, on other connections too, and calls `join` with each handle. */
export function openElsewhere(
  { session, scope, path }: Spread,
  attributes: FileAttributes,
  { start, head }: Beginning,
  join: (flow: Flow) => void,
): void {
  borrow(session, scope, async (other) => {
    const opened = await outcome(openUnchanged(other, scope, path, attributes, { start, head }));
    if ('value' in opened) join({ session: other, handle: opened.value, isElsewhere: true });
    else session.log.debug(`SFTP: the file comes over fewer connections: ${String(opened.error)}`);
  });
}

/** Another file may have taken the place of the one that is read. */
async function openUnchanged(
  other: Session,
  scope: Scope,
  path: string,
  { size, mtime, uid, gid, permissions }: FileAttributes,
  { start, head }: Beginning,
): Promise<Handle> {
  const { handle: opening } = other.openFile(scope, path);
  const handle = await opening;
  const [looked, found] = await Promise.all([outcome(other.fstat(scope, handle)), outcome(other.read(scope, handle, start, head.length))]);
  const now = 'value' in looked ? looked.value : undefined;
  const isSame = now?.size === size && now?.mtime === mtime && now?.uid === uid && now?.gid === gid && now?.permissions === permissions;
  if (isSame && head.length > 0 && 'value' in found && found.value && isSameContent(found.value, head)) return handle;
  other.closeQuietly(handle);
  throw new Error('another file is there');
}

/** Never rejects. */
async function openBeside(
  { session, scope, path }: Spread,
  side: Omit<Flow, 'handle'>,
  head: Uint8Array,
  join: (flow: Flow) => void,
): Promise<void> {
  const opened = await outcome(openSame(side.session, scope, path, head));
  if ('value' in opened) join({ ...side, handle: opened.value });
  else session.log.debug(`SFTP: the file stays on fewer channels: ${String(opened.error)}`);
}

/** Nothing may be written to what someone has put in the place of our file since: a link, say. Its content tells. */
async function openSame(side: Session, scope: Scope, path: string, head: Uint8Array): Promise<Handle> {
  const handle = await side.open(scope, path, openFlag.READ | openFlag.WRITE);
  const found = await outcome(side.read(scope, handle, 0, head.length));
  if ('value' in found && found.value && isSameContent(found.value, head)) return handle;
  side.closeQuietly(handle);
  throw new Error('another file is there');
}

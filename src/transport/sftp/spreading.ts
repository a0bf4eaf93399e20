import { isSameContent } from '../../core/bytes.ts';
import type { Widen } from './fileWriter.ts';
import type { Handle } from './handles.ts';
import { openFlag } from './protocol.ts';
import { outcome, type Scope } from './scope.ts';
import type { Session } from './session.ts';

interface Spread {
  readonly session: Session;
  readonly scope: Scope;
  /** A file that this call has made. */
  readonly path: string;
  /** What is written at its beginning. */
  readonly head: Uint8Array;
}

/** Opens a file that is being written on the further channels of its connection. Where that can't be, it goes on without. Never rejects. */
export async function openBeside({ session, scope, path, head }: Spread, join: Parameters<Widen>[1]): Promise<void> {
  const lent = (await session.sides?.lend(scope)) ?? [];
  await Promise.all(
    lent.map(async (side) => {
      const opened = await outcome(openSame(side, scope, path, head));
      if ('value' in opened) join({ session: side, handle: opened.value });
      else session.log.debug(`SFTP: the file stays on fewer channels: ${String(opened.error)}`);
    }),
  );
}

/** Nothing may be written to what someone has put in the place of our file since: a link, say. Its content tells. */
async function openSame(side: Session, scope: Scope, path: string, head: Uint8Array): Promise<Handle> {
  const handle = await side.open(scope, path, openFlag.READ | openFlag.WRITE);
  const found = await outcome(side.read(scope, handle, 0, head.length));
  if ('value' in found && found.value && isSameContent(found.value, head)) return handle;
  side.closeQuietly(handle);
  throw new Error('another file is there');
}

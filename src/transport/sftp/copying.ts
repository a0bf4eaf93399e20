import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import type { Call } from '../../core/remote.ts';
import { toAttributes } from './fileAttributes.ts';
import { explained, explainOpen, explainRead, explainStorage, lookAtDisk } from './failures.ts';
import { openFlag } from './protocol.ts';
import type { Scope } from './scope.ts';
import type { Session } from './session.ts';
import { failure } from './sftpErrors.ts';

/** OpenSSH serves nothing else while it copies: pieces let others in between, and each has its deadline. */
const piece = 16 * 1024 * 1024;

/** copy-data between two files, the second a new one; what was begun is removed if it fails. */
export async function copyFile(session: Session, scope: Scope, from: string, to: string, call: Call): Promise<void> {
  const [source, attributes] = await explained(session, scope, from, explainRead, () =>
    Promise.all([session.open(scope, from, openFlag.READ), session.stat(scope, from)]),
  );
  const { kind, size, mode } = toAttributes(attributes);
  if (kind === 'directory') throw failure('IsADirectory', from);
  const target = await explained(session, scope, to, explainOpen('create'), () =>
    session.open(scope, to, openFlag.WRITE | openFlag.CREAT | openFlag.EXCL, mode),
  );
  const keep = scope.defer(() => session.discard(to));
  await explained(session, scope, to, explainStorage, async () => {
    for (let at = 0; at < size; at += piece) {
      await session.copyData(scope, source, target, at, Math.min(piece, size - at));
      call.onProgress?.(Math.min(size, at + piece));
    }
    const copied = session.fstat(scope, target);
    const closed = session.close(scope, target, { patience: 'flush' });
    const [{ size: found }] = await Promise.all([copied, closed]);
    if (found !== size && (await lookAtDisk(session, scope, to)) === 'full') throw failure('NoSpace', to);
    if (found !== size)
      throw new RemoteError('Lost', t('The server copied {0} of {1} bytes.', found ?? 0, size), { dropsConnection: false });
  });
  keep();
}

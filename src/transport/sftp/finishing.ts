import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import type { FileAttributes } from './fileAttributes.ts';
import { type FileWriter, type Flow, isLossElsewhere } from './fileWriter.ts';
import type { Handle } from './handles.ts';
import { statusCode } from './protocol.ts';
import { outcome, type Outcome, type Scope } from './scope.ts';
import type { Session } from './session.ts';
import { isStatus } from './sftpErrors.ts';

interface Finish {
  readonly session: Session;
  readonly scope: Scope;
  readonly handle: Handle;
  readonly path: string;
  readonly writer: FileWriter;
  readonly cut: boolean;
  /** Given to the file, where the server lets this login. */
  readonly given: FileAttributes | undefined;
  /** Makes requests that are to follow in the same flight. */
  readonly alongside: (() => void) | undefined;
}

/** The last WRITEs, the cut, fsync, the look at the size and CLOSE go out in one flight: servers keep the order for one handle. */
export async function finish({ session, scope, handle, path, writer, cut, given, alongside }: Finish): Promise<FileAttributes> {
  const size = writer.length;
  const bulk = { lane: 'bulk' } as const;
  const cutting = cut ? outcome(session.cut(scope, handle, size, bulk)) : undefined;
  const giving = given && outcome(session.setOpenAttributes(scope, handle, given, bulk));
  const syncing = session.offers('fsync@openssh.com') ? outcome(session.fsync(scope, handle)) : undefined;
  const looking = outcome(session.fstat(scope, handle, bulk));
  const closing = outcome(session.close(scope, handle, { ...bulk, patience: 'flush' }));
  alongside?.();
  await writer.confirmed();
  if (cutting) throwError(await cutting);
  if (giving) throwError(await giving, isStatus);
  if (syncing) throwError(await syncing, refusesFsync);
  const looked = await looking;
  throwError(await closing);
  return checkSize(session, scope, path, size, looked);
}

/** The same for a handle that had a part of the content: to be called when all parts are confirmed, so that the size is that of the whole. */
export async function finishBeside(flow: Flow, scope: Scope, size: number): Promise<void> {
  const { session, handle } = flow;
  const bulk = { lane: 'bulk' } as const;
  const syncing = session.offers('fsync@openssh.com') ? outcome(session.fsync(scope, handle)) : undefined;
  const looking = outcome(session.fstat(scope, handle, bulk));
  const closing = outcome(session.close(scope, handle, { ...bulk, patience: 'flush' }));
  // Of what a lost connection brought all is confirmed, and what is open here sees to the rest.
  const isLost = (error: unknown) => isLossElsewhere(flow, error);
  if (syncing) throwError(await syncing, (error) => refusesFsync(error) || isLost(error));
  const looked = await looking;
  throwError(looked, isLost);
  throwError(await closing, isLost);
  if ('value' in looked && looked.value.size !== size) throw cutOff(looked.value.size ?? 0, size);
}

function refusesFsync(error: unknown): boolean {
  return isStatus(error, statusCode.OP_UNSUPPORTED, statusCode.BAD_MESSAGE, statusCode.PERMISSION_DENIED);
}

export function throwError(result: Outcome<unknown>, ignore?: (error: unknown) => boolean): void {
  if ('error' in result && !ignore?.(result.error)) throw result.error;
}

/** A server with several workers may have looked before it wrote: then the closed file tells. */
async function checkSize(
  session: Session,
  scope: Scope,
  path: string,
  size: number,
  looked: Outcome<FileAttributes>,
): Promise<FileAttributes> {
  if ('error' in looked && !isStatus(looked.error)) throw looked.error;
  if ('value' in looked && looked.value.size === size) return looked.value;
  const closed = await session.stat(scope, path);
  const { size: found } = closed;
  if (found === undefined || found === size) return closed;
  throw cutOff(found, size);
}

function cutOff(found: number, size: number): RemoteError {
  return new RemoteError('Lost', t('The server has {0} of {1} bytes after the upload.', found, size), {
    hint: t('Its disk may be full, or someone else writes this file too.'),
    dropsConnection: false,
  });
}

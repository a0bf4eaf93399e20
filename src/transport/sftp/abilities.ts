import { statusCode } from './protocol.ts';
import { outcome, type Outcome, type Scope } from './scope.ts';
import type { Session } from './session.ts';
import { isStatus } from './sftpErrors.ts';

/** Requests of version 3 that a server may refuse altogether. */
export interface Abilities {
  readonly setAttributes: boolean;
  readonly readLink: boolean;
  readonly symlink: boolean;
}

/** A folder that is nowhere: what is asked for in it changes nothing on any server. */
const nowhere = '/.ferry-looks-what-this-server-can-do';

/**
 * Asks for things that can't be done in a folder that does not exist: a server that has the request says so of the folder, one
 * that hasn't says so of the request. In one flight with INIT it costs no time.
 */
export async function probe(session: Session, scope: Scope): Promise<Abilities> {
  const [setAttributes, readLink, symlink] = await Promise.all([
    outcome(session.setAttributes(scope, `${nowhere}/file`, {})),
    outcome(session.readLink(scope, `${nowhere}/link`)),
    outcome(session.symlink(scope, `${nowhere}/target`, `${nowhere}/link`)),
  ]);
  return { setAttributes: isKnown(setAttributes), readLink: isKnown(readLink), symlink: isKnown(symlink) };
}

function isKnown(result: Outcome<unknown>): boolean {
  return 'value' in result || !isStatus(result.error, statusCode.PERMISSION_DENIED, statusCode.OP_UNSUPPORTED);
}

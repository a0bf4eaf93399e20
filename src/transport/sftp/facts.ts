import type { RemoteFacts } from '../../core/remote.ts';
import { mostInFlight } from './fileWriter.ts';
import type { Greeted } from './greeting.ts';
import { isOpenSsh } from './ownEntry.ts';
import { extension, version } from './protocol.ts';
import type { SftpSessionOptions } from './sftpRemote.ts';

/** What is known of a server once it greeted. Those that serve several requests at once may write a later part before an earlier one. */
export function factsOf({ session, home, abilities, extensions }: Greeted, { serverIdent, link }: SftpSessionOptions): RemoteFacts {
  return {
    atomicReplace: session.offers(extension.posixRename),
    exclusiveCreate: true,
    update: abilities.setAttributes,
    mtimeResolution: 1000,
    mayHaveGaps: isOpenSsh(session) ? 0 : mostInFlight,
    get parallel() {
      return session.limits.calls;
    },
    copiesAttributes: abilities.setAttributes && isOpenSsh(session),
    caseSensitive: !/windows/i.test(serverIdent ?? ''),
    home,
    extensions: [...extensions],
    description: [serverIdent?.replace(/^SSH-2\.0-/, ''), `SFTP ${version}`, link].filter((part) => part).join(' · '),
  };
}

/** ProFTPD's SFTP server. */
export function isModSftp({ description }: RemoteFacts): boolean {
  return description.startsWith('mod_sftp');
}

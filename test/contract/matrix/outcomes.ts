import type { RemoteErrorCode } from '../../../src/core/errors.ts';
import * as disk from './diskFaults.ts';
import type { MatrixFault } from './fault.ts';
import * as link from './linkFaults.ts';
import type { OperationName } from './operations.ts';
import * as peer from './peerFaults.ts';
import * as reply from './replyFaults.ts';
import type { MatrixServer } from './servers.ts';

type Outcome = 'done' | 'repeated' | RemoteErrorCode;

/**
 * What a person meets. `done`: the fault is nobody's business. `repeated`: Ferry does it by itself all the same, in full, on a new connection or
 * at a second attempt. A code: an error that names host, path and cause; nothing is lost. Several: two limits of time are near each other, and
 * either may come first. `reason`: there is no such thing.
 */
export type Stated = Outcome | readonly Outcome[] | { readonly reason: string };

export function isNothing(stated: Stated): stated is { readonly reason: string } {
  return typeof stated === 'object' && 'reason' in stated;
}

type Row = Readonly<Record<OperationName, Stated>>;

export interface MatrixRow {
  /** As README names it. */
  readonly fault: string;
  /** The fault as this server can have it; undefined: what `row` says is a reason. */
  readonly how: (server: MatrixServer) => MatrixFault | undefined;
  readonly row: (server: MatrixServer) => Row;
}

function all(stated: Stated, more: Partial<Row> = {}): Row {
  return { ...{ connect: stated, list: stated, read: stated, save: stated, move: stated, delete: stated, copy: stated }, ...more };
}

function na(reason: string): { readonly reason: string } {
  return { reason };
}

function always(fault: string, how: MatrixFault, row: Row): MatrixRow {
  return { fault, how: () => how, row: () => row };
}

/** vsftpd has one reply for all that can go wrong with a disk; a hint says what it may be. */
const vsftpdFailed = 'Unknown';
const sshHasNoReplies = na('SSH has no such replies');
const notOnConnect = na('connecting needs nothing of the kind');
const comparesNothing = na('it looks at no file');

export const matrixRows: readonly MatrixRow[] = [
  always('the session is killed', link.killed, all('repeated')),
  always('RST', link.reset, all('repeated')),
  always('FIN', link.ended, all('repeated')),
  {
    fault: '421',
    how: ({ protocol }) => ({ ftp: reply.goodbye, ftps: reply.goodbyeWhileIdle, sftp: undefined })[protocol],
    row: ({ protocol }) =>
      ({
        ftp: all('repeated'),
        ftps: all('repeated', { connect: na('an idle time-out needs a connection') }),
        sftp: all(sshHasNoReplies),
      })[protocol],
  },
  {
    fault: 'black hole',
    how: () => link.blackHole,
    // 20 s is as long as a save waits: a new TLS connection may take longer than what is left when the loss was noticed.
    row: ({ protocol }) => ({
      ...all('repeated'),
      connect: 'Unreachable',
      save: protocol === 'ftps' ? ['repeated', 'Lost'] : 'repeated',
    }),
  },
  {
    fault: 'the session hangs, TCP lives',
    how: () => link.hung,
    // Of the 20 s that a save waits, 15 go by until a data connection without a byte counts as dead; the rest may not do for a new log-in.
    row: ({ protocol }) => ({
      ...all('repeated'),
      connect: protocol === 'ftps' ? 'Lost' : 'Unreachable',
      save: protocol === 'sftp' ? 'repeated' : ['repeated', 'Lost'],
    }),
  },
  {
    fault: 'the data connection ends early, with 226',
    how: ({ protocol }) => (protocol === 'sftp' ? undefined : link.dataEnded),
    row: ({ protocol }) =>
      protocol === 'sftp'
        ? all(na('SFTP has no data connections'))
        : all(na('it moves no content'), { list: 'repeated', read: 'repeated', save: 'repeated', copy: 'repeated' }),
  },
  always('1 KB a second', link.slow, all('done')),
  {
    fault: 'silence after the agreement on TLS or SSH',
    how: ({ protocol }) => (protocol === 'ftp' ? undefined : reply.silent),
    row: ({ protocol }) =>
      protocol === 'ftp' ? all(na('plain FTP agrees on nothing')) : all('Unreachable', { save: ['Unreachable', 'Lost'] }),
  },
  {
    fault: 'endless banner',
    how: () => reply.endlessBanner,
    row: ({ protocol }) => all(protocol === 'sftp' ? 'Unreachable' : 'Lost'),
  },
  {
    fault: 'disk full',
    how: () => disk.diskFull,
    row: ({ name }) => {
      const full = name.startsWith('vsftpd') ? vsftpdFailed : 'NoSpace';
      return all('done', { save: full, copy: full });
    },
  },
  always('permission denied', disk.denied, all('Denied', { connect: notOnConnect })),
  always('read-only file system', disk.readOnly, all('Denied', { connect: 'done', list: 'done', read: 'done' })),
  always('all places of the server are taken', peer.crowded, all('repeated')),
  {
    fault: 'refused for a moment (4xx)',
    how: ({ protocol }) => (protocol === 'ftp' ? reply.transient : undefined),
    row: ({ protocol }) =>
      ({
        ftp: all('repeated', { move: 'Busy', delete: 'Busy', copy: 'Busy' }),
        ftps: all(na('under TLS nobody can change a reply; vsftpd without it has the same')),
        sftp: all(sshHasNoReplies),
      })[protocol],
  },
  {
    fault: 'credentials changed',
    how: ({ changing }) => (changing === undefined ? peer.otherPassword : peer.otherKeys),
    row: () => all('Auth'),
  },
  {
    fault: 'host key or certificate changed',
    how: ({ impostor }) => (impostor === undefined ? undefined : peer.otherIdentity),
    row: ({ impostor }) => all(impostor === undefined ? na('plain FTP shows no identity') : 'Untrusted'),
  },
  always('sleep', link.sleep, all('repeated', { connect: na('what sleeps is a connection') })),
  always('short read', disk.shortRead, all(na('it reads no content'), { read: 'repeated' })),
  always('changed outside: bigger', disk.bigger, all('done', { connect: comparesNothing, save: 'Conflict' })),
  always('changed outside: same size and time', disk.sameSize, all('done', { connect: comparesNothing, save: 'Conflict' })),
  always('changed outside: older', disk.older, all('done', { connect: comparesNothing, save: 'Conflict' })),
  always(
    'changed outside: deleted',
    disk.deleted,
    all('done', { connect: comparesNothing, read: 'NotFound', save: 'Conflict', move: 'NotFound', delete: 'NotFound' }),
  ),
  {
    fault: 'a name that the server does not take',
    how: () => disk.badName,
    row: ({ name, protocol }) =>
      protocol === 'sftp'
        ? all(name === 'OpenSSH' ? 'BadPath' : 'Unknown', { connect: notOnConnect })
        : all('NotFound', { connect: notOnConnect, save: 'Denied', move: 'Denied', copy: 'Denied' }),
  },
  always('the folder vanishes', disk.vanished, all('NotFound')),
];

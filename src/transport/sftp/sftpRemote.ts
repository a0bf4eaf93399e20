import type { Duplex } from 'node:stream';
import { RemoteError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import type { Log } from '../../core/log.ts';
import type { Remote } from '../../core/remote.ts';
import type { Deadlines } from './requests.ts';

/** What `openSftp` needs besides a channel on which an SFTP server speaks. */
export interface SftpSessionOptions {
  readonly host: Host;
  readonly log: Log;
  /** Ends the opening (INIT, REALPATH), not the session. */
  readonly signal?: AbortSignal | undefined;
  /** The server's SSH identification string, raw; undefined where it is not known. */
  readonly serverIdent?: string | undefined;
  /** Plain words about the link (cipher, key exchange) for `facts.description`; raw. */
  readonly link?: string | undefined;
  /** Resolves with why the connection below is gone; it becomes the session's reason if it comes before or with the channel's end. Never rejects. */
  readonly lost?: Promise<RemoteError> | undefined;
  /** Called once when the session is over, however it ended (also after `close` and after a failed opening): ends what carries the channel. */
  readonly onClose?: ((reason: RemoteError) => void) | undefined;
  /** Other deadlines than the product's, for tests. */
  readonly deadlines?: Partial<Deadlines> | undefined;
}

/** Speaks SFTP version 3 on `channel` and gives the Remote. Throws only RemoteErrors. Owns the channel from the call on. */
export function openSftp(channel: Duplex, options: SftpSessionOptions): Promise<Remote> {
  channel.destroy();
  return Promise.reject(new RemoteError('Unsupported', 'SFTP is not built yet.', { host: options.host.name }));
}

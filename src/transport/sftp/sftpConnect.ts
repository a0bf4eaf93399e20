import type { Duplex } from 'node:stream';
import type { Connect, ConnectContext } from '../../core/connect.ts';
import { RemoteError, toRemoteError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import type { Log } from '../../core/log.ts';
import type { Remote } from '../../core/remote.ts';
import { safeText } from '../../core/text.ts';
import { promised } from '../deadline.ts';
import { widenWindow } from './channelWindow.ts';
import { openSftp } from './sftpRemote.ts';
import { openShell } from './shell.ts';
import type { SshLink } from './sshLink.ts';
import { SshLogin } from './sshLogin.ts';
import { describeTarget } from './sshTarget.ts';
import { openWay, type Route } from './way.ts';

/** Connects over SSH, checks the host key, logs in and opens the SFTP subsystem. No shell is needed. */
export const connectSftp: Connect = connectSftpWithin(promised.login);

/** `patience`: milliseconds for connecting to each server on the way and logging in, without the time that a person thinks. */
export function connectSftpWithin(patience: number): Connect {
  return async (host, context) => {
    try {
      return await connect(host, context, patience);
    } catch (error) {
      throw toRemoteError(error).with({ host: host.name });
    }
  };
}

async function connect(host: Host, context: ConnectContext, patience: number): Promise<Remote> {
  const target = await describeTarget(host, context, false);
  const route: Route = { hostName: host.name, context, patience, before: [] };
  const way = await openWay(target, route);
  try {
    const login = new SshLogin({
      ...{ target, hostName: host.name, station: undefined, context },
      ...{ patience: target.patience ?? patience, connect: way.connect },
    });
    return await login.run(async (link) => {
      void link.lost.then(way.release);
      return await openRemote(link, target.host, context.log, login.signal);
    });
  } catch (error) {
    way.release();
    throw error;
  }
}

async function openRemote(link: SshLink, host: Host, log: Log, signal: AbortSignal): Promise<Remote> {
  const channel = await openSubsystem(link, log);
  return await openSftp(channel, {
    ...{ host, log, signal },
    ...{ serverIdent: link.ident, link: described(link), lost: link.lost },
    openShell: (options) => openShell(link, host, options),
    onClose: (reason) => link.close(reason),
  });
}
function openSubsystem(link: SshLink, log: Log): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const lost = (): void => reject(link.signal.reason as RemoteError);
    link.signal.addEventListener('abort', lost, { once: true });
    if (link.signal.aborted) throw link.signal.reason as RemoteError;
    link.client.subsys('sftp', (error, channel) => {
      link.signal.removeEventListener('abort', lost);
      if (error !== undefined) {
        reject(noSubsystem(error));
        return;
      }
      /* What nobody reads fills the window that it shares with the answers, and the memory of a server's choice. */
      channel.stderr.once('data', (chunk: Buffer) => log.debug(`The server’s SFTP program says: ${safeText(chunk.toString(), 500)}`));
      channel.stderr.resume();
      widenWindow(link.client, channel);
      resolve(channel);
    });
  });
}

function noSubsystem(error: Error & { readonly reason?: unknown }): RemoteError {
  const hint = t('Ask the administrator of the server to allow SFTP for this login.');
  /* SSH_OPEN_RESOURCE_SHORTAGE, RFC 4254 §5.1 */
  if (error.reason === 4)
    return new RemoteError('Busy', t('The server has no room for another session.'), { cause: error, dropsConnection: true });
  return new RemoteError('Unsupported', t('The log-in succeeded, but the server offers no SFTP to it.'), {
    hint,
    cause: error,
    dropsConnection: true,
  });
}

function described({ negotiated }: SshLink): string {
  return negotiated === undefined ? '' : [negotiated.kex, negotiated.serverHostKey, negotiated.sc.cipher].join(', ');
}

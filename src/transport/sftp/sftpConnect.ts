import type { Duplex } from 'node:stream';
import type { Connect, ConnectContext } from '../../core/connect.ts';
import { abortError, RemoteError, toRemoteError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import type { Log } from '../../core/log.ts';
import type { Remote } from '../../core/remote.ts';
import { safeText } from '../../core/text.ts';
import { promised } from '../deadline.ts';
import { widenWindow } from './channelWindow.ts';
import { openSftp, type SftpSessionOptions } from './sftpRemote.ts';
import { openShell } from './shell.ts';
import type { SshLink } from './sshLink.ts';
import { SshLogin } from './sshLogin.ts';
import { describeTarget } from './sshTarget.ts';
import { openWay, type Route } from './way.ts';

/** Ms after which it is tried again whether a server opens further sessions. */
const keptTime = 7 * 24 * 60 * 60_000;

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
      return await openRemote(link, target.host, context, login.signal);
    });
  } catch (error) {
    way.release();
    throw error;
  }
}

async function openRemote(link: SshLink, host: Host, context: ConnectContext, signal: AbortSignal): Promise<Remote> {
  const { log } = context;
  const channel = await openSubsystem(link, log, link.signal);
  return await openSftp(channel, {
    ...{ host, log, signal },
    ...{ serverIdent: link.ident, link: described(link), lost: link.lost },
    beside: besideOf(link, context),
    openShell: (options) => openShell(link, host, options),
    onClose: (reason) => link.close(reason),
  });
}

/** Further channels, unless the server refused them not long ago. */
function besideOf(link: SshLink, context: ConnectContext): SftpSessionOptions['beside'] {
  const { singleSession } = context.profile;
  if (singleSession !== undefined && Math.abs(Date.now() - singleSession.learnedAt) < keptTime) return undefined;
  return {
    open: (signal) => openSubsystem(link, context.log, AbortSignal.any([link.signal, signal])),
    onRefused: () => context.learn({ singleSession: { learnedAt: Date.now() } }),
  };
}

/** A channel that comes after the signal aborted is closed. */
function openSubsystem(link: SshLink, log: Log, signal: AbortSignal): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const lost = (): void => reject(abortError(signal));
    signal.addEventListener('abort', lost, { once: true });
    if (signal.aborted) throw abortError(signal);
    link.client.subsys('sftp', (error, channel) => {
      signal.removeEventListener('abort', lost);
      if (error !== undefined) {
        reject(noSubsystem(error));
        return;
      }
      if (signal.aborted) {
        channel.close();
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

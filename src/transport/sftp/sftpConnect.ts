import type { Duplex } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import type { Connect, ConnectContext } from '../../core/connect.ts';
import { abortError, isRemoteError, RemoteError, toRemoteError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import type { Log } from '../../core/log.ts';
import type { Remote } from '../../core/remote.ts';
import { safeText } from '../../core/text.ts';
import { promised } from '../deadline.ts';
import { widenWindow } from './channelWindow.ts';
import { openFirstChannel, type Refusal } from './firstChannel.ts';
import { lost } from './requests.ts';
import { openSftp, type SftpSessionOptions } from './sftpRemote.ts';
import { commandRunner } from './remoteCommand.ts';
import { openShell } from './shell.ts';
import type { SshLink } from './sshLink.ts';
import { SshLogin } from './sshLogin.ts';
import { describeTarget } from './sshTarget.ts';
import { openWay, type Route } from './way.ts';

/** Ms after which it is tried again what a server did not like. */
const keptTime = 7 * 24 * 60 * 60_000;

/** Connects over SSH, checks the host key, logs in and opens the SFTP subsystem. No shell is needed. */
export const connectSftp: Connect = connectSftpWithin(promised.login);

/** `patience`: milliseconds for connecting to each server on the way and logging in, without the time that a person thinks. */
export function connectSftpWithin(patience: number): Connect {
  return async (host, context) => {
    const haste: Haste = { failed: false };
    try {
      return await connect(host, context, patience, haste);
    } catch (error) {
      if (haste.failed && !context.signal.aborted) return await connectSteadily(host, context, patience);
      throw toRemoteError(error).with({ host: host.name });
    }
  };
}

/** Set where the connection ended after it was spoken to without waiting, and before SFTP began. */
interface Haste {
  failed: boolean;
}

/** The server may not be the one that it calls itself: it is given the time to answer from now on. */
async function connectSteadily(host: Host, context: ConnectContext, patience: number): Promise<Remote> {
  const stepwise = { learnedAt: Date.now() };
  context.log.warn('The connection ended when SFTP was asked for at once; it is tried again step by step.');
  try {
    const remote = await connect(host, { ...context, profile: { ...context.profile, stepwise } }, patience, { failed: false });
    context.learn({ stepwise });
    return remote;
  } catch (error) {
    throw toRemoteError(error).with({ host: host.name });
  }
}

async function connect(host: Host, context: ConnectContext, patience: number, haste: Haste): Promise<Remote> {
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
      return await openRemote(link, { host: target.host, context, signal: login.signal, haste });
    });
  } catch (error) {
    way.release();
    throw error;
  }
}

interface Opening {
  readonly host: Host;
  readonly context: ConnectContext;
  /** Aborted when the attempt to connect is over. */
  readonly signal: AbortSignal;
  readonly haste: Haste;
}

async function openRemote(link: SshLink, { host, context, signal, haste }: Opening): Promise<Remote> {
  const { log } = context;
  const isHasty = link.takesFlights && !isRecent(context.profile.stepwise);
  const channel = isHasty ? openSubsystemAtOnce(link, log) : await openSubsystem(link, log, link.signal);
  try {
    return await openSftp(channel, {
      ...{ host, log, signal },
      ...{ serverIdent: link.ident, link: described(link), lost: link.lost },
      beside: besideOf(link, context),
      lender: context.lender,
      ...(!/windows/i.test(link.ident ?? '') && { run: commandRunner(link) }),
      openShell: (options) => openShell(link, host, options),
      onClose: (reason) => link.close(reason),
    });
  } catch (error) {
    haste.failed = isHasty && isRemoteError(error, 'Lost');
    throw error;
  }
}

/** Further channels, unless the server refused them not long ago. */
function besideOf(link: SshLink, context: ConnectContext): SftpSessionOptions['beside'] {
  if (isRecent(context.profile.singleSession)) return undefined;
  return {
    open: (signal) => openSubsystem(link, context.log, AbortSignal.any([link.signal, signal])),
    onRefused: () => context.learn({ singleSession: { learnedAt: Date.now() } }),
  };
}

function isRecent(learned: { readonly learnedAt: number } | undefined): boolean {
  return learned !== undefined && Math.abs(Date.now() - learned.learnedAt) < keptTime;
}

/** The first channel of the connection, which is written to before the server has confirmed it. */
function openSubsystemAtOnce(link: SshLink, log: Log): Duplex {
  const channel = openFirstChannel(link.client, 'sftp', {
    refused: (reason) => void channel.emit('error', noSubsystem(reason)),
    foul: () => link.fail(lost(t('The server opened the channel for SFTP in an unusual way.'))),
  });
  takeChannel(link, log, channel);
  return channel;
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
      takeChannel(link, log, channel);
      resolve(channel);
    });
  });
}

function takeChannel(link: SshLink, log: Log, channel: Pick<ClientChannel, 'stderr'> & Duplex): void {
  /* What nobody reads fills the window that it shares with the answers, and the memory of a server's choice. */
  channel.stderr.once('data', (chunk: Buffer) => log.debug(`The server’s SFTP program says: ${safeText(chunk.toString(), 500)}`));
  channel.stderr.resume();
  widenWindow(link.client, channel);
}

function noSubsystem(error: Refusal): RemoteError {
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

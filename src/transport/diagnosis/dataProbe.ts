import type { Socket } from 'node:net';
import { abortError, isRemoteError, toRemoteError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import { said } from '../ftp/controlConnection.ts';
import { DataConnections } from '../ftp/dataConnections.ts';
import { isActive, type DataMode, type Opening } from '../ftp/dataOpening.ts';
import type { FtpSession } from '../ftp/ftpSession.ts';
import { pasvAddress, plainAddress } from '../ftp/passive.ts';
import { transfer } from '../ftp/transfer.ts';
import { proxyDialer } from '../proxy/proxyDialer.ts';
import type { DiagnoseContext } from '../../core/diagnosis/diagnosis.ts';

/** What a listing over one kind of data connection came to. */
export interface DataTrial {
  readonly mode: DataMode;
  readonly works: boolean;
  /** In plain words; raw server text may be in it. */
  readonly note: string;
  /** The bytes of the listing, the first of them. */
  readonly listing: Uint8Array;
  /** The address that the server named for itself, where it is not its own. */
  readonly wrongAddress: string | undefined;
}

/** Of a listing that is looked at for its dates. */
const mostBytes = 64 * 1024;

/** The kinds of data connections that can be made over this control connection. */
export function modesOver(session: FtpSession, passive: boolean): readonly DataMode[] {
  const v4 = !plainAddress(session.control.socket.remoteAddress ?? '').includes(':');
  if (passive) return v4 ? ['EPSV', 'PASV'] : ['EPSV'];
  return v4 ? ['EPRT', 'PORT'] : ['EPRT'];
}

export interface TrialOptions {
  readonly host: Host;
  readonly context: DiagnoseContext;
  /** Ms for the data connection to come up. */
  readonly patience: number;
}

/** Lists `folder` over one kind of data connection. Only a cancellation is thrown; the control connection may be gone afterwards. */
export async function tryMode(session: FtpSession, mode: DataMode, folder: string, options: TrialOptions): Promise<DataTrial> {
  const { signal } = options.context;
  await dropAgreed(session);
  const data = new OneWay(session, mode, options);
  const wrongAddress = mode === 'PASV' && options.host.proxy === undefined ? await namedAddress(session).catch(() => undefined) : undefined;
  const trial = (works: boolean, note: string, listing: Uint8Array = new Uint8Array()): DataTrial => {
    const seen = data.seen === '' ? '' : `, ${data.seen}`;
    return { mode, works, note: `${mode}: ${note}${seen}`, listing, wrongAddress };
  };
  const began = performance.now();
  try {
    await session.enter(folder);
    const chunks: Uint8Array[] = [];
    let size = 0;
    const outcome = await transfer(
      { control: session.control, data, deadlines: { ...session.deadlines, dataConnect: options.patience } },
      {
        line: 'LIST',
        signal,
        unsized: true,
        use: async (stream) => {
          for await (const chunk of stream.chunks()) {
            if (size < mostBytes) chunks.push(chunk);
            size += chunk.byteLength;
          }
        },
      },
    );
    if ('refused' in outcome) return trial(false, t('the server answered {0}', said(outcome.refused)));
    return trial(true, t('works, {0} ms', Math.round(performance.now() - began)), Buffer.concat(chunks));
  } catch (error) {
    if (signal.aborted) throw abortError(signal);
    const { message } = toRemoteError(error);
    return trial(false, isRemoteError(error, 'Cancelled') ? t('cancelled') : message);
  }
}

/** The session's own next data connection: the server forgets it with the next agreement. */
async function dropAgreed({ data }: FtpSession): Promise<void> {
  for (const mode of ['EPSV', 'PASV'] as const) {
    const opening = await data.take(mode)?.catch(() => undefined);
    opening?.cancel();
  }
}

/** Behind a router many servers name an address of their own network. */
async function namedAddress({ control }: FtpSession): Promise<string | undefined> {
  const named = pasvAddress(await control.request('PASV'))?.address;
  return named === plainAddress(control.socket.remoteAddress ?? '') ? undefined : named;
}

/** Data connections of one kind only, none ahead of its command; it keeps the addresses that both sides had. */
class OneWay extends DataConnections {
  seen = '';
  readonly #mode: DataMode;

  constructor(session: FtpSession, mode: DataMode, { host, context, patience }: TrialOptions) {
    const { profile, log } = context;
    super(session.control, session.data.secure, {
      host,
      profile,
      log,
      connectDeadline: patience,
      learn: () => {},
      proxy: proxyDialer(host, host.name, context),
    });
    this.#mode = mode;
  }

  override modes(): readonly DataMode[] {
    return [this.#mode];
  }

  override agreeAhead(): void {}

  override async prepare(mode: DataMode): Promise<Opening> {
    const opening = await super.prepare(mode);
    const connect = async (signal: AbortSignal): Promise<Socket> => {
      const socket = await opening.connect(signal);
      const [here, there] = [shown(socket.localAddress, socket.localPort), shown(socket.remoteAddress, socket.remotePort)];
      this.seen = isActive(mode) ? t('the server came from {0} to {1}', there, here) : t('from {0} to {1}', here, there);
      return socket;
    };
    return { ...opening, connect };
  }
}

function shown(address: string | undefined, port: number | undefined): string {
  const plain = plainAddress(address ?? '?');
  return plain.includes(':') ? `[${plain}]:${port ?? 0}` : `${plain}:${port ?? 0}`;
}

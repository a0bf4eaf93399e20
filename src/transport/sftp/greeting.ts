import { charsetOf } from '../../core/charset.ts';
import { isRemoteError, RemoteError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import type { Log } from '../../core/log.ts';
import { isPath, normalize } from '../../core/path.ts';
import { safeText } from '../../core/text.ts';
import { probe, type Abilities } from './abilities.ts';
import type { PacketReader } from './packets.ts';
import { extension, version } from './protocol.ts';
import type { Requests } from './requests.ts';
import { outcome, type Scope } from './scope.ts';
import { Session } from './session.ts';
import { isStatus } from './sftpErrors.ts';

export interface Greeted {
  readonly session: Session;
  readonly home: string;
  readonly abilities: Abilities;
  /** That the server named; raw. */
  readonly extensions: ReadonlySet<string>;
}

/** INIT and the questions for the home folder and the abilities go out together; no server minds. */
export async function greet(requests: Requests, scope: Scope, host: Host, log: Log, isSent: boolean): Promise<Greeted> {
  const charset = charsetOf(host.charset);
  const extensions = new Set<string>();
  const session = new Session(requests, charset, extensions, log);
  const greeting = requests.greet((reply) => readVersion(reply, extensions), scope, isSent);
  const asking = outcome(session.realPath(scope, '.'));
  const probing = probe(session, scope);
  await greeting;
  log.debug(`SFTP version ${version}; extensions: ${safeText([...extensions].slice(0, 40).join(', '), 1000)}`);
  if (session.offers(extension.limits)) session.askLimits().catch((error: unknown) => log.debug(`SFTP: no limits: ${String(error)}`));
  const home = await asking;
  if ('error' in home && !isStatus(home.error) && !isRemoteError(home.error, 'BadPath')) throw home.error;
  const folder = 'value' in home && isPath(home.value) ? normalize(home.value) : '/';
  return { session, home: folder, abilities: await probing, extensions };
}

/** INIT on a further channel of the same server and login. */
export async function greetBeside(requests: Requests, scope: Scope, host: Host, main: Session): Promise<Session> {
  const extensions = new Set<string>();
  const session = new Session(requests, charsetOf(host.charset), extensions, main.log);
  await requests.greet((reply) => readVersion(reply, extensions), scope);
  session.limits = main.limits;
  return session;
}

/** OpenSSH has eleven. */
const mostExtensions = 1000;

function readVersion(reply: PacketReader, extensions: Set<string>): void {
  const spoken = reply.uint32();
  if (spoken !== version) {
    throw new RemoteError('Unsupported', t('The server speaks SFTP version {0} only; Ferry needs version 3.', spoken), {
      dropsConnection: true,
    });
  }
  for (let count = 0; reply.remaining > 0 && count < mostExtensions; count++) {
    extensions.add(reply.text());
    reply.string();
  }
}

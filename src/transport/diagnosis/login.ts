import type { ConnectFact } from '../../core/connect.ts';
import type { Finding } from '../../core/diagnosis/finding.ts';
import { isRemoteError, toRemoteError, type RemoteError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import { UntrustedError } from '../../core/trust.ts';
import { hear, openSocket, openTls } from './sockets.ts';
import type { Course, Notes } from './course.ts';

/** Encryption and log-in exactly as Ferry does it, with what it showed. Undefined where nobody got in. */
export async function logIn<T>(course: Course, connect: () => Promise<T>): Promise<T | undefined> {
  let connected: T | undefined;
  await course.step('login', async (notes) => {
    try {
      connected = await connect();
      course.loggedIn();
      tell(course.facts, notes);
      return 'works';
    } catch (error) {
      const reason = toRemoteError(error);
      if (course.signal.aborted) throw reason;
      tell(course.facts, notes);
      notes.add(reason.message);
      if (reason.code === 'Cancelled') return 'skipped';
      notes.find(await explain(course, reason));
      return 'fails';
    }
  });
  return connected;
}

function tell(facts: readonly ConnectFact[], notes: Notes): void {
  for (const fact of facts) tellOne(fact, notes);
}

function tellOne(fact: ConnectFact, notes: Notes): void {
  switch (fact.kind) {
    case 'ssh':
      notes.add(t('SSH server: {0}', fact.software));
      notes.add(t('Key exchange {0}, host key {1}, cipher {2}', fact.exchange, fact.hostKey, fact.cipher));
      break;
    case 'tls':
      notes.add(t('{0}, cipher {1}', fact.version, fact.cipher));
      tellCertificate(fact, notes);
      break;
    case 'methods':
      notes.add(t('The server accepts: {0}', fact.offered.join(', ')));
      break;
    case 'tried':
      notes.add(t('Tried {0}: {1}', fact.what, fact.outcome));
      break;
    case 'loggedIn':
      notes.add(t('Logged in.'));
  }
}

function tellCertificate({ certificate, vouched, isForOtherName }: Extract<ConnectFact, { kind: 'tls' }>, notes: Notes): void {
  const { subject, names, issuer, validFrom, validTo, fingerprint, problem } = certificate;
  notes.add(t('Certificate of {0}, names: {1}', subject, names.slice(0, 20).join(', ')));
  notes.add(t('issued by {0}, valid {1} to {2}', issuer, validFrom, validTo));
  notes.add(t('SHA-256: {0}', fingerprint));
  if (isForOtherName) notes.find({ kind: 'certificateName', names });
  else if (!vouched) notes.find({ kind: 'certificateProblem', problem });
}

async function explain(course: Course, reason: RemoteError): Promise<Finding> {
  const { host, facts } = course;
  const { message: said, hint } = reason;
  const isIn = facts.some(({ kind }) => kind === 'loggedIn');
  if (reason instanceof UntrustedError) return { kind: 'identityChanged', said };
  if (reason.code === 'Busy') return { kind: 'crowded', said };
  if (host.protocol === 'sftp') {
    if (isIn) return { kind: 'noSftp', said };
    if (reason.code === 'Unsupported') return { kind: 'noCommonAlgorithm', said };
    if (reason.code === 'Auth') return refusedKeys(facts) ?? { kind: 'loginRefused', said, hint };
    return { kind: 'connectFailed', said, hint };
  }
  if (reason.code === 'Auth')
    return /\b(?:TLS|SSL|encrypt)/i.test(hint ?? '') ? { kind: 'loginWantsTls', said } : { kind: 'loginRefused', said, hint };
  const isEncrypted = facts.some(({ kind }) => kind === 'tls');
  if (reason.code === 'Unsupported' && !isEncrypted && host.ftp.tls === 'explicit') return { kind: 'noExplicitTls', said };
  if (host.protocol === 'ftps' && !isEncrypted && isRemoteError(reason, 'Unreachable') && /TLS/.test(said))
    return { kind: 'tlsVersion', version: await versionOf(course), said };
  return { kind: 'connectFailed', said, hint };
}

/** Only keys are taken, and none of those that were offered. */
function refusedKeys(facts: readonly ConnectFact[]): Finding | undefined {
  const methods = facts.findLast((fact) => fact.kind === 'methods')?.offered ?? [];
  if (!methods.includes('publickey') || methods.includes('password') || methods.includes('keyboard-interactive')) return undefined;
  return { kind: 'keyRefused', methods, tried: facts.flatMap((fact) => (fact.kind === 'tried' ? [fact.what] : [])) };
}

/** What TLS the server comes down to where nothing is refused; undefined where that can't be told either. */
async function versionOf({ host, limits, signal }: Course): Promise<string | undefined> {
  try {
    if (host.ftp.tls !== 'implicit') return await versionAfterAuth(host, limits.connect, signal);
    const secure = await openTls(await openSocket(host, limits.connect, signal), host.address, limits.connect, signal);
    secure.destroy();
    return secure.getProtocol() ?? undefined;
  } catch {
    return undefined;
  }
}

async function versionAfterAuth(host: Host, ms: number, signal: AbortSignal): Promise<string | undefined> {
  const socket = await openSocket(host, ms, signal);
  try {
    const said = (start: RegExp) => (text: string) => start.test(text);
    await hear(socket, ms, signal, said(/^220 [^\n]*\n/m));
    socket.write('AUTH TLS\r\n');
    const { text } = await hear(socket, ms, signal, said(/^[2-5]\d\d [^\n]*\n/m));
    if (!text.startsWith('234')) return undefined;
    return (await openTls(socket, host.address, ms, signal)).getProtocol() ?? undefined;
  } finally {
    socket.destroy();
  }
}

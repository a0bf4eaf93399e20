import { setTimeout as sleep } from 'node:timers/promises';
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
      recordStations(course);
      tell(course.facts, notes);
      return 'works';
    } catch (error) {
      const reason = toRemoteError(error);
      if (course.signal.aborted) throw reason;
      await lastWords(course);
      recordStations(course);
      tell(course.facts, notes);
      notes.add(reason.message);
      if (reason.code === 'Cancelled') return 'skipped';
      const finding = await explain(course, reason);
      notes.find(finding);
      return finding.kind === 'stationFailed' ? 'skipped' : 'fails';
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
      if (fact.fingerprint !== undefined) notes.add(t('Fingerprint of the host key: {0}', fact.fingerprint));
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
    case 'proxyCommand':
      if (fact.said !== '') notes.add(t('ProxyCommand: {0}', fact.said));
      break;
    case 'loggedIn':
      notes.add(t('Logged in.'));
      break;
    case 'station':
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
  const station = failedStation(facts, said);
  if (station !== undefined) return station;
  if (reason.code === 'Busy') return { kind: 'crowded', said };
  if (host.protocol === 'sftp') {
    if (isIn) return { kind: 'noSftp', said };
    if (reason.code === 'Unsupported') return { kind: 'noCommonAlgorithm', said };
    if (reason.remedy === 'openssh') return { kind: 'needsOpenssh', said, hint };
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

/** Ms that a `ProxyCommand` may take to say why, after its connection has ended. */
const lastWordsPatience = 500;

async function lastWords({ facts }: Course): Promise<void> {
  const began = performance.now();
  const said = facts.filter((fact) => fact.kind === 'proxyCommand').map((fact) => fact.said);
  if (said.length === 0 || facts.some(({ kind }) => kind === 'ssh')) return;
  const isOver = (): boolean => facts.filter((fact) => fact.kind === 'proxyCommand').length > Math.max(1, said.length);
  while (!isOver() && performance.now() - began < lastWordsPatience) await sleep(20);
}

/** Each of what is on the way as a step of its own, once; data connections go through a proxy again. */
function recordStations(course: Course): void {
  const recorded = new Set<string>();
  for (const fact of course.facts) {
    if (fact.kind !== 'station') continue;
    const { what, name, ms, works, said } = fact;
    const key = `${what} ${name} ${String(works)}`;
    if (recorded.has(key)) continue;
    recorded.add(key);
    course.mention(name);
    const subject = what === 'proxy' ? t('the proxy {0}', name) : t('the jump host {0}', name);
    course.record({ id: 'station', subject, ms, result: works ? 'works' : 'fails', notes: said === '' ? [] : [said] });
  }
}

/** What on the way did not let us through; a failure of the server itself is none. */
function failedStation(facts: readonly ConnectFact[], said: string): Finding | undefined {
  const isReached = facts.some(({ kind }) => kind === 'ssh' || kind === 'tls' || kind === 'loggedIn');
  if (isReached) return undefined;
  const failed = facts.findLast((fact) => fact.kind === 'station' && !fact.works);
  if (failed?.kind === 'station') {
    const { what, name, hint } = failed;
    return { kind: 'stationFailed', what, name, said: failed.said, hint };
  }
  const words = facts.flatMap((fact) => (fact.kind === 'proxyCommand' && fact.said !== '' ? [fact.said.trim()] : []));
  if (words.length === 0) return undefined;
  return { kind: 'stationFailed', what: 'proxyCommand', name: '', said: `${words.join(' ')} ${said}`, hint: undefined };
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

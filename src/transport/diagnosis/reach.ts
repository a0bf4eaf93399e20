import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Finding, Service } from '../../core/diagnosis/finding.ts';
import { nameOf } from '../../core/diagnosis/services.ts';
import type { Host } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import { untilAborted } from '../ftp/deadlines.ts';
import type { Course, Notes } from './course.ts';
import { askWhoAnswers } from './greeting.ts';
import { openSocket, type Place } from './sockets.ts';

interface Address {
  readonly address: string;
  readonly family: number;
}

/** More addresses of one name are not tried. */
const mostAddresses = 8;

/** The way to a server without jump hosts or proxies. Whether the right kind of server answers, so that one can go on to log in. */
export async function reach(course: Course, target: Place, only: 4 | 6 | undefined): Promise<boolean> {
  let addresses: readonly Address[] = [];
  const named = await course.step('names', async (notes) => {
    addresses = await resolve(course, target.address, only, notes);
    return addresses.length > 0 ? 'works' : 'fails';
  });
  if (!named) return false;
  let reached: Address | undefined;
  const open = await course.step('tcp', async (notes) => {
    reached = await tryAddresses(course, addresses, target.port, notes);
    return reached === undefined ? 'fails' : 'works';
  });
  const answers = open && reached !== undefined ? await greet(course, { address: reached.address, port: target.port }) : 'nothing';
  if (answers === 'nothing') await lookElsewhere(course, addresses, target.port);
  return answers === 'right';
}

async function resolve({ signal }: Course, address: string, only: 4 | 6 | undefined, notes: Notes): Promise<readonly Address[]> {
  const family = isIP(address.replace(/%.*$/, ''));
  if (family !== 0) {
    notes.add(t('{0} is an IPv{1} address itself.', address, family));
    return [{ address, family }];
  }
  try {
    const found = await untilAborted(lookup(address, { all: true, order: 'verbatim' }), signal);
    for (const one of found.slice(0, mostAddresses)) notes.add(t('IPv{0}: {1}', one.family, one.address));
    const used = found.filter((one) => only === undefined || one.family === only);
    if (used.length < found.length) notes.add(t('By “addressFamily” only IPv{0} is used.', String(only)));
    if (used.length === 0) notes.find({ kind: 'nameUnknown', said: t('no IPv{0} address', String(only)) });
    return used.slice(0, mostAddresses);
  } catch (error) {
    if (signal.aborted) throw error;
    const said = (error as NodeJS.ErrnoException).code ?? String(error);
    notes.find({ kind: 'nameUnknown', said });
    return [];
  }
}

async function tryAddresses(course: Course, addresses: readonly Address[], port: number, notes: Notes): Promise<Address | undefined> {
  const { signal, limits } = course;
  const results = await Promise.all(
    addresses.map(async (one) => {
      const began = performance.now();
      try {
        (await openSocket({ ...one, port }, limits.connect, signal)).destroy();
        notes.add(t('{0}, port {1}: connected in {2} ms', one.address, port, Math.round(performance.now() - began)));
        return { ...one, error: undefined };
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        notes.add(t('{0}, port {1}: {2}', one.address, port, code === 'ECONNREFUSED' ? t('refused, nothing listens there') : message));
        return { ...one, error: code === 'ECONNREFUSED' ? ('refused' as const) : ('silent' as const) };
      }
    }),
  );
  const good = results.filter(({ error }) => error === undefined);
  course.reached = good.map(({ address }) => address);
  if (good.length === 0) notes.find({ kind: results.some(({ error }) => error === 'refused') ? 'portClosed' : 'noAnswer' });
  else for (const family of [4, 6] as const) noteBroken(family, results, notes);
  return good[0];
}

function noteBroken(family: 4 | 6, results: readonly (Address & { readonly error: string | undefined })[], notes: Notes): void {
  const [first, ...others] = results.filter((one) => one.family === family);
  if (first === undefined || [first, ...others].some(({ error }) => error === undefined)) return;
  notes.find({ kind: 'familyBroken', family, address: first.address });
}

/** `right`: what answers may be what the host is set to, as far as one can tell yet; `other`: another server that Ferry could use. */
async function greet(course: Course, place: Place): Promise<'right' | 'other' | 'nothing'> {
  const { host, log, limits, signal } = course;
  let heard: Service = 'silent';
  const isRight = await course.step('greeting', async (notes) => {
    const { service, said } = await askWhoAnswers(place, { log, signal, ...limits });
    notes.add(said === '' ? nameOf(service) : t('{0}: {1}', nameOf(service), said));
    heard = service;
    const finding = judge(host, service, said);
    if (finding === undefined) return service === 'silent' || service === 'closed' ? 'attention' : 'works';
    notes.find(finding);
    return finding.kind === 'tlsOffered' ? 'attention' : 'fails';
  });
  if (isRight) return 'right';
  return usable.includes(heard) ? 'other' : 'nothing';
}

const usable: readonly Service[] = ['ssh', 'ftp', 'ftpWithTls', 'ftpImplicit'];

function judge(host: Host, service: Service, said: string): Finding | undefined {
  // Slow servers greet after everybody's patience: the log-in shows.
  if (service === 'silent' || service === 'closed') return undefined;
  if (host.protocol === 'ftp' && service === 'ftpWithTls') return { kind: 'tlsOffered' };
  return fits(host, service) ? undefined : { kind: 'otherService', service, said };
}

function fits({ protocol, ftp }: Host, service: Service): boolean {
  if (protocol === 'sftp') return service === 'ssh';
  if (protocol === 'ftps' && ftp.tls === 'implicit') return service === 'ftpImplicit' || service === 'tls';
  // Some servers tell what they can do only after the log-in: AUTH TLS shows.
  return service === 'ftp' || service === 'ftpWithTls';
}

/** Where the host's port is not that of a server which Ferry could use: a look at the usual ones, each once. */
async function lookElsewhere(course: Course, addresses: readonly Address[], port: number): Promise<void> {
  const { log, limits, signal } = course;
  const ports = limits.usualPorts.filter((usual) => usual !== port);
  const [first] = addresses;
  if (first === undefined || ports.length === 0) return;
  await course.step('elsewhere', async (notes) => {
    await Promise.all(
      ports.map(async (usual) => {
        const answering = await askWhoAnswers({ address: first.address, port: usual }, { log, signal, ...limits }).catch(() => undefined);
        notes.add(t('Port {0}: {1}', usual, answering === undefined ? t('no answer') : nameOf(answering.service)));
        if (answering !== undefined && usable.includes(answering.service))
          notes.find({ kind: 'serviceElsewhere', service: answering.service, port: usual });
      }),
    );
    return 'works';
  });
}

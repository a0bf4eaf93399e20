import type { Diagnose } from '../../core/diagnosis/diagnosis.ts';
import { toRemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import type { Remote } from '../../core/remote.ts';
import type { SshTarget } from '../sftp/sshTarget.ts';
import { proxyDialer } from '../proxy/proxyDialer.ts';
import { Course, type Notes } from './course.ts';
import { lookAtClock, type Written } from './clockStep.ts';
import { lookAtFolder, lookAtListing, tryWriting } from './fileSteps.ts';
import { FtpPlace } from './ftpSteps.ts';
import { countConnections, lookAtKeepAlive, tryShell } from './lineSteps.ts';
import { logIn } from './login.ts';
import { reach } from './reach.ts';

/** Step after step, as far as the server lets one come. Secrets go out only in a log-in, which is Ferry's usual one with all its checks. */
export const diagnose: Diagnose = async (host, context) => {
  const course = new Course(host, context);
  if (typeof host.proxy === 'object') course.mention(host.proxy.address, host.proxy.user);
  try {
    await (host.protocol === 'sftp' ? diagnoseSftp(course) : diagnoseFtp(course));
  } catch (error) {
    throw toRemoteError(error).with({ host: host.name });
  }
  return course.diagnosis();
};

async function diagnoseFtp(course: Course): Promise<void> {
  if (!(await reachFtp(course))) return;
  const place = await FtpPlace.enter(course);
  if (place === undefined) return;
  try {
    await place.offers();
    await place.tryData();
    await lookAtFiles(course, await place.remote(), place);
    await countConnections(course, () => place.another());
  } finally {
    await place.close();
  }
}

async function reachFtp(course: Course): Promise<boolean> {
  const { host } = course;
  if (host.proxy === undefined) return reach(course, host, host.family);
  const found = { isProxied: false };
  const isKnown = await course.step('way', (notes) => {
    found.isProxied = notesProxy(course, notes);
    return Promise.resolve('works');
  });
  return isKnown && (found.isProxied || reach(course, host, host.family));
}

/** Whether the host is reached through a proxy: then it is the proxy that answers, and what is behind it shows at the log-in. */
function notesProxy(course: Course, notes: Notes): boolean {
  const { host } = course;
  if (host.proxy === undefined) return false;
  const isProxied = proxyDialer(host, host.name, course.connecting(false)) !== undefined;
  if (!isProxied) notes.add(t('VS Code has no proxy set; the server is reached directly.'));
  else notes.add(t('The server is reached through a proxy, which looks up its name: what answers shows only at the log-in.'));
  return isProxied;
}

async function diagnoseSftp(course: Course): Promise<void> {
  const { host } = course;
  const byProgram = host.sftp.client === 'openssh';
  if (!(await (byProgram ? tellProgram(course) : reachSsh(course)))) return;
  const connect = byProgram
    ? (await import('../openssh/opensshConnect.ts')).connectOpenssh
    : (await import('../sftp/sftpConnect.ts')).connectSftp;
  const remote = await logIn(course, () => connect(host, course.connecting(false)));
  if (remote === undefined) return;
  try {
    await course.step('features', (notes) => {
      notes.add(remote.facts.description);
      const { extensions = [] } = remote.facts;
      notes.add(extensions.length === 0 ? t('It names no extensions of SFTP.') : t('Extensions of SFTP: {0}', extensions.join(', ')));
      notes.add(t('It can: {0}', abilities(remote).join(', ')));
      return Promise.resolve('works');
    });
    await lookAtFiles(course, remote);
    await tryShell(course, remote);
    await countConnections(course, () => connect(host, course.connecting(true)));
  } finally {
    await remote.close();
  }
}

/** How the person's own `ssh` comes to the server is its own affair: what it says of that shows at the log-in. */
async function tellProgram(course: Course): Promise<boolean> {
  const { host, context } = course;
  const { describeProgram } = await import('../openssh/program.ts');
  return await course.step('way', async (notes) => {
    for (const note of await describeProgram(host, context.reach)) notes.add(note);
    return 'works';
  });
}

async function reachSsh(course: Course): Promise<boolean> {
  const way = await describeWay(course);
  return way !== undefined && (!way.isDirect || (await reach(course, way.target.host, way.target.family)));
}

/** `isDirect`: the server itself answers at its address. */
async function describeWay(course: Course): Promise<{ readonly target: SshTarget; readonly isDirect: boolean } | undefined> {
  const { host, context } = course;
  const { describeTarget } = await import('../sftp/sshTarget.ts');
  let found: { readonly target: SshTarget; readonly isDirect: boolean } | undefined;
  await course.step('way', async (notes) => {
    const target = await describeTarget(host, { log: course.log, reach: context.reach }, false);
    const { way } = target;
    notes.add(t('{0}, port {1}', target.host.address, target.host.port));
    if (way.kind === 'jumps') {
      for (const { name, address, user } of way.hops) course.mention(name, address, user);
      notes.add(t('through {0}', way.hops.map(({ name }) => name).join(', ')));
    }
    if (way.kind === 'command') notes.add(t('through the “ProxyCommand” of your ssh config'));
    const isProxied = notesProxy(course, notes);
    if (way.kind !== 'direct')
      notes.add(t('The server is not reached directly: what its name leads to and what answers shows only at the log-in.'));
    found = { target, isDirect: way.kind === 'direct' && !isProxied };
    return 'works';
  });
  return found;
}

async function lookAtFiles(course: Course, remote: Remote, place?: FtpPlace): Promise<void> {
  const folder = await lookAtFolder(course, remote);
  await lookAtListing(course, remote, folder, place);
  let written: Written | undefined;
  if (course.context.mayWrite) written = await tryWriting(course, remote, folder, place && ((path) => place.timesOf(path)));
  else course.skip('writing', t('Not asked for.'));
  await lookAtClock(course, remote, { written, listed: place?.listed ?? [], folder: remote.facts.home });
  await lookAtKeepAlive(course, remote, place);
}

/** What a connection has beyond the least. */
function abilities(remote: Remote): string[] {
  const { facts } = remote;
  const named: readonly (readonly [boolean, string])[] = [
    [facts.atomicReplace, t('replace files in one step')],
    ['chmod' in remote, t('change permissions')],
    ['setMtime' in remote, t('set times')],
    ['readLink' in remote, t('read links')],
    ['symlink' in remote, t('make links')],
    ['copyOnServer' in remote, t('copy on the server')],
    ['space' in remote, t('tell the free space')],
  ];
  return named.filter(([has]) => has).map(([, words]) => words);
}

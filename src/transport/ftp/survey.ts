import type { Charset } from '../../core/charset.ts';
import { RemoteError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import { normalize } from '../../core/path.ts';
import { said, type ControlConnection } from './controlConnection.ts';
import { factOptions, parseFeatures, type Features } from './features.ts';
import { isCompletion, isFailure, quotedPath, type Reply } from './reply.ts';

/** Interpret As Command of TELNET (RFC 854); in a name it is the byte 255. */
export const iac = '\xff';

/** Servers that lose commands which come while they work on another (the list that lftp gathered). */
export function wantsOneAtATime(greeting: Reply): boolean {
  return /icrosoft FTP Service|MadGoat|MikroTik/i.test(greeting.lines.join(' '));
}

/** Servers that are known to keep what comes with the password until they have judged it. */
export function takesAllAtOnce(greeting: Reply): boolean {
  return softwareOf(greeting.lines.join('\n')) !== undefined;
}

/** PBSZ and PROT (RFC 2228 §3, RFC 4217 §9). Data in the clear is refused, never accepted. */
export async function protectData(control: ControlConnection): Promise<void> {
  const [, reply] = await Promise.all([control.request('PBSZ 0'), control.request('PROT P')]);
  if (isCompletion(reply)) return;
  throw new RemoteError('Unsupported', t('The server does not encrypt files and listings: {0}', said(reply)), {
    hint: t('Ferry does not go on without encryption. Ask the administrator.'),
    dropsConnection: true,
  });
}

export interface Survey {
  readonly features: Features;
  readonly home: string;
}

/** Asks what the server can do, in one flight. What it does not know, it refuses; that is no failure. */
export async function survey(control: ControlConnection, greeting: Reply, host: Host, charset: Charset): Promise<Survey> {
  const isUtf8 = /^utf-?8$/i.test(host.charset);
  const [type, features, system, folder, site, setsTime, echo] = await Promise.all([
    control.request('TYPE I'),
    control.request('FEAT'),
    control.request('SYST'),
    control.request('PWD'),
    control.request('SITE HELP'),
    control.request('MDTM 20000101000000 /.ferry-no-such-file'),
    control.request(`SIZE /.ferry-${iac}${iac}`),
    // Before any name is sent; a server that does not offer it refuses it or speaks UTF-8 anyway.
    isUtf8 ? control.request('OPTS UTF8 ON') : undefined,
  ]);
  if (isFailure(type)) throw new RemoteError('Unsupported', t('The server can’t move files as they are (TYPE I): {0}', said(type)));
  const offered = parseFeatures(features);
  const isWindows = /windows/i.test(system.lines.join(' '));
  const software = softwareOf([greeting, system, site, features].map((reply) => reply.lines.join('\n')).join('\n'));
  // What others make of facts that are switched off is not known, and this one tells the longest.
  chooseFacts(control, offered.get('MLST'), software === 'ProFTPD');
  return {
    home: homeOf(folder, charset),
    features: {
      offered,
      mlst: offered.has('MLST'),
      siteChmod: /\bCHMOD\b/i.test(site.lines.join(' ')) && site.code < 400,
      setTime: timeCommand(offered, setsTime),
      doublesIac: echo.lines.some((line) => line.includes(iac) && !line.includes(iac + iac)),
      windows: isWindows,
      tellsLinks: isWindows || software === 'Pure-FTPd',
      showsFilesByStatus: software === 'vsftpd' || software === 'ProFTPD',
      takesEarlyHandshake: software !== undefined,
      readsEnd: software === 'vsftpd',
      queuesBehindTransfers: software === 'vsftpd',
      queuesBehindData: software !== undefined,
      keepsManyCommands: software !== undefined,
      software: describe(greeting, system),
    },
  };
}

/** Servers whose ways are known; undefined for any other, and for one that keeps its name to itself. */
function softwareOf(words: string): 'vsftpd' | 'ProFTPD' | 'Pure-FTPd' | undefined {
  if (/Pure-?FTPd/i.test(words)) return 'Pure-FTPd';
  if (/ProFTPD/i.test(words)) return 'ProFTPD';
  return /vsftpd|^ ?CHMOD UMASK HELP$/im.test(words) ? 'vsftpd' : undefined;
}

/** vsftpd with mdtm_write understands a time in MDTM, and says so; without, it takes all for a name. */
function timeCommand(offered: ReadonlyMap<string, string>, setsTime: Reply): Features['setTime'] {
  if (offered.has('MFMT')) return 'MFMT';
  return offered.has('MDTM') && /set file modification time/i.test(setsTime.lines.join(' ')) ? 'MDTM' : undefined;
}

/** Whatever the reply is: what comes of it shows in the facts. */
function chooseFacts(control: ControlConnection, parameters: string | undefined, sparing: boolean): void {
  const line = parameters === undefined ? undefined : factOptions(parameters, sparing);
  if (line !== undefined) control.request(line).catch(() => {});
}

function homeOf(reply: Reply, charset: Charset): string {
  const quoted = reply.code === 257 ? quotedPath(reply) : undefined;
  if (quoted === undefined) return '/';
  const path = charset.decode(Buffer.from(quoted, 'latin1'));
  if (!path.startsWith('/') || /[\r\n\0]/.test(path)) return '/';
  return normalize(path);
}

function describe(greeting: Reply, system: Reply): string {
  const parts = [greeting.lines.at(-1) ?? '', system.code === 215 ? system.lines.join(' ') : ''].filter((part) => part !== '');
  return parts.map((part) => Buffer.from(part, 'latin1').toString('utf8')).join(' · ');
}

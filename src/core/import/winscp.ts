import { t } from '../l10n.ts';
import { HostSketch, quoted } from './hostSketch.ts';
import { ImportError, type Imported, type ImportedHost, type SecretPlace } from './imported.ts';
import { readPuttyProxy } from './puttyProxy.ts';
import { parseIni, parseRegistry, percentDecoded, placeIn, type Section } from './ini.ts';

/** WinSCP's numbers for protocols that Ferry has; 0 is SCP, 1 SFTP with SCP in need. */
const protocols: Readonly<Record<string, string>> = { '0': 'sftp', '1': 'sftp', '2': 'sftp', '5': 'ftp' };
const encryption = { implicit: '1', none: '0' } as const;

/** What of a session Ferry has nothing for, by the value that stands for nothing. */
const leftOut: readonly (readonly [key: string, nothing: string, sentence: () => string])[] = [
  ['FtpProxyLogonType', '0', () => t('Its FTP proxy is left out: Ferry goes through SOCKS and HTTP proxies.')],
  ['TimeDifference', '0', () => t('The time offset is left out: “timeZone” is for that.')],
  ['PostLoginCommands', '', () => t('The commands after the log-in are left out.')],
  ['FtpAccount', '', () => t('The FTP account is left out: Ferry logs in without one.')],
  ['SftpServer', '', () => t('Its own SFTP server program is left out: Ferry uses the one that the server offers.')],
  ['Shell', '', () => t('Its shell is left out: Ferry needs none.')],
];

const section = /^(?:HKEY_CURRENT_USER\\Software\\Martin Prikryl\\WinSCP 2\\)?Sessions\\(.+)$/i;

/** The sessions of `WinSCP.ini`, also as the registry editor exports them. */
export function parseWinScp(text: string): Imported {
  const sections = /^\ufeff?(?:Windows Registry Editor|REGEDIT4)/.test(text) ? parseRegistry(text) : parseIni(text);
  const sessions = sections.flatMap((each) => {
    const name = section.exec(each.name)?.[1];
    return name === undefined ? [] : [{ path: percentDecoded(name).replace(/^\ufeff/, ''), each }];
  });
  if (sessions.length === 0) throw new ImportError(t('There are no sessions of WinSCP in the file.'));
  const hosts: ImportedHost[] = [];
  const problems: string[] = [];
  for (const { path, each } of sessions) {
    const session = new Session(each);
    if (path === 'Default Settings' || session.of('IsWorkspace') === '1' || session.of('HostName') === '') continue;
    const host = readSession(path, session);
    if (typeof host === 'string') problems.push(host);
    else hosts.push(host);
  }
  return { hosts, problems };
}

class Session {
  readonly #section: Section;

  constructor(section: Section) {
    this.#section = section;
  }

  /** Unescaped; empty where there is none. */
  of(key: string): string {
    return percentDecoded(this.#section.values.get(key)?.trim() ?? '').replace(/^\ufeff/, '');
  }

  number(key: string): number | undefined {
    const value = this.of(key);
    return /^-?\d{1,9}$/.test(value) ? Number(value) : undefined;
  }

  /** What stands there in the clear, else what is hidden with user and host as the `salt`. */
  secret(plain: string, hidden: string, salt: string): StoredSecret | 'locked' | undefined {
    const text = this.of(plain);
    if (text !== '') return { text, place: placeIn(this.#section, plain) };
    const found = unscrambled(this.of(hidden), salt);
    return typeof found === 'object' ? { ...found, place: placeIn(this.#section, hidden) } : found;
  }
}

interface StoredSecret {
  readonly text: string;
  readonly place: SecretPlace | undefined;
}

function readSession(path: string, session: Session): ImportedHost | string {
  const names = path.split('/');
  const label = names.at(-1) ?? path;
  const number = session.of('FSProtocol') || '1';
  const base = Object.hasOwn(protocols, number) ? protocols[number] : undefined;
  if (base === undefined) return t('{0}: Ferry does not speak its protocol.', quoted(label));
  const sketch = new HostSketch(label, names.slice(0, -1));
  const ftps = session.of('Ftps') || encryption.none;
  const isEncrypted = base === 'ftp' && ftps !== encryption.none;
  sketch.set('protocol', isEncrypted ? 'ftps' : base);
  if (isEncrypted && ftps === encryption.implicit) sketch.set('tls', 'implicit');
  sketch.set('address', session.of('HostName').replace(/^\[(.*)\]$/, '$1'));
  sketch.set('port', session.number('PortNumber'));
  sketch.family(session.number('AddressFamily'));
  sketch.user(session.of('UserName'));
  readSecrets(sketch, session);
  readOptions(sketch, session);
  if (number === '0') sketch.note(t('WinSCP uses SCP here; Ferry uses SFTP, which the server has to offer.'));
  return sketch.finish();
}

function readSecrets(sketch: HostSketch, session: Session): void {
  const file = sketch.key(session.of('PublicKeyFile'));
  const key = `${session.of('UserName')}${session.of('HostName')}`;
  const locked = () => sketch.note(t('Its password is locked with WinSCP’s master password: Ferry asks for it.'));
  const read = (name: string, salt: string): StoredSecret | undefined => {
    const found = session.secret(`${name}Plain`, name, salt);
    if (found === 'locked') locked();
    return found === 'locked' ? undefined : found;
  };
  const password = read('Password', key);
  sketch.password(password?.text, password?.place);
  const passphrase = read('Passphrase', session.of('PublicKeyFile'));
  sketch.passphrase(passphrase?.text, file, passphrase?.place);
}

function readOptions(sketch: HostSketch, session: Session): void {
  sketch.root(session.of('RemoteDirectory'));
  if (session.of('FtpPasvMode') === '0') sketch.set('mode', 'active');
  if (session.of('TryAgent') === '0') sketch.agent(false);
  const versions: ReadonlyMap<number | undefined, string> = new Map([
    [12, 'TLSv1.2'],
    [13, 'TLSv1.3'],
  ]);
  sketch.set('minTlsVersion', versions.get(session.number('MinTlsVersion')));
  sketch.set('maxTlsVersion', session.number('MaxTlsVersion') === 12 ? 'TLSv1.2' : undefined);
  const certificate = session.of('TlsCertificateFile');
  if (certificate !== '') sketch.set('clientCertificate', { certificate });
  if (session.of('Tunnel') === '1') readTunnel(sketch, session);
  if (['', '0'].includes(session.of('FtpProxyLogonType'))) {
    const found = session.secret('ProxyPassword', 'ProxyPasswordEnc', `${session.of('ProxyUsername')}${session.of('ProxyHost')}`);
    const { text: password, place } = typeof found === 'object' ? found : { text: undefined, place: undefined };
    readPuttyProxy(sketch, (key) => session.of(key), { password, place });
  }
  for (const [key, nothing, sentence] of leftOut) {
    const value = session.of(key);
    if (value !== '' && value !== nothing) sketch.note(sentence());
  }
}

function readTunnel(sketch: HostSketch, session: Session): void {
  const host = session.of('TunnelHostName');
  const at = host.lastIndexOf('@');
  const user = at < 0 ? session.of('TunnelUserName') : host.slice(0, at);
  const found = session.secret('TunnelPasswordPlain', 'TunnelPassword', `${session.of('TunnelUserName')}${host}`);
  sketch.jump([
    {
      ...{ user, address: host.slice(at + 1), port: session.number('TunnelPortNumber') },
      ...(typeof found === 'object' && { password: found.text, place: found.place }),
      hasKey: session.of('TunnelPublicKeyFile') !== '',
    },
  ]);
}

const magic = 0xa3;
const flag = 0xff;
const byMasterPassword = 0x01;

/**
 * A password as WinSCP hides it: pairs of hexadecimal digits, each byte inverted and mixed with one number; a flag, a kind, a length, the
 * number of bytes to pass over, then user and host (`key`) before the password. `locked`: a master password is needed.
 */
function unscrambled(text: string, key: string): { readonly text: string } | 'locked' | undefined {
  if (!/^(?:[0-9a-f]{2}){3,}$/i.test(text)) return undefined;
  const bytes = Uint8Array.from(text.match(/../g) ?? [], (pair) => ~(Number.parseInt(pair, 16) ^ magic) & 0xff);
  const isFlagged = bytes[0] === flag;
  if (isFlagged && bytes[1] === byMasterPassword) return 'locked';
  const head = isFlagged ? 3 : 1;
  const length = bytes[head - 1] ?? 0;
  const start = head + 1 + (bytes[head] ?? 0);
  if (start + length > bytes.length) return undefined;
  const whole = new TextDecoder().decode(bytes.subarray(start, start + length));
  if (!isFlagged) return { text: whole };
  return whole.startsWith(key) ? { text: whole.slice(key.length) } : undefined;
}

import { t } from '../l10n.ts';
import { formatOffset } from '../timeZone.ts';
import { HostSketch, quoted } from './hostSketch.ts';
import { ImportError, type Imported, type ImportedHost, type SecretPlace } from './imported.ts';
import { cut, cutAway } from './textCut.ts';
import { childOf, parseXml, textIn, type XmlElement } from './xml.ts';

/** FileZilla's numbers for protocols that Ferry has. 0: TLS where the server offers it. */
const protocols: ReadonlyMap<string, { readonly protocol: string; readonly tls?: string }> = new Map([
  ['0', { protocol: 'ftps' }],
  ['1', { protocol: 'sftp' }],
  ['3', { protocol: 'ftps', tls: 'implicit' }],
  ['4', { protocol: 'ftps' }],
  ['6', { protocol: 'ftp' }],
]);

const logon = { anonymous: '0', normal: '1', ask: '2', account: '4', key: '5' } as const;

/** The hosts of FileZilla 3's `sitemanager.xml`, of its `recentservers.xml` and of what it exports. */
export function parseFileZilla(text: string): Imported {
  const root = parseXml(text);
  const lists = ['Servers', 'RecentServers'].map((name) => childOf(root, name)).filter((list) => list !== undefined);
  if (root.name !== 'FileZilla3' || lists.length === 0) throw new ImportError(t('This is no list of sites of FileZilla 3.'));
  const hosts: ImportedHost[] = [];
  const problems: string[] = [];
  const gather = (folder: XmlElement, folders: readonly string[]) => {
    for (const child of folder.children) {
      if (child.name === 'Folder') gather(child, [...folders, child.text]);
      if (child.name !== 'Server') continue;
      const host = readSite(child, folders, text);
      if (typeof host === 'string') problems.push(host);
      else hosts.push(host);
    }
  };
  for (const list of lists) gather(list, []);
  return { hosts, problems };
}

function readSite(site: XmlElement, folders: readonly string[], text: string): ImportedHost | string {
  const of = (name: string) => textIn(site, name);
  const label = of('Name') || site.text || of('Host');
  const kind = protocols.get(of('Protocol') || '0');
  if (kind === undefined) return t('{0}: Ferry does not speak its protocol.', quoted(label));
  const sketch = new HostSketch(label, folders);
  sketch.set('protocol', kind.protocol);
  sketch.set('tls', kind.tls);
  sketch.set('address', of('Host').replace(/^\[(.*)\]$/, '$1'));
  sketch.set('port', Number(of('Port')) || undefined);
  readLogin(sketch, site, kind.protocol === 'sftp', text);
  readOptions(sketch, site, kind.protocol === 'sftp');
  if ((of('Protocol') || '0') === '0')
    sketch.note(t('FileZilla goes on without encryption if there is none; Ferry does not. For such a server set “protocol” to “ftp”.'));
  return sketch.finish();
}

function readLogin(sketch: HostSketch, site: XmlElement, isSftp: boolean, text: string): void {
  const type = textIn(site, 'Logontype') || logon.anonymous;
  if (type === logon.anonymous) return;
  sketch.user(textIn(site, 'User'));
  if (isSftp && type === logon.key) sketch.key(textIn(site, 'Keyfile'));
  if (type === logon.account && textIn(site, 'Account') !== '') sketch.note(t('The FTP account is left out: Ferry logs in without one.'));
  if (type !== logon.normal && type !== logon.account) return;
  const pass = childOf(site, 'Pass');
  if (pass === undefined || pass.text === '') return;
  const encoding = pass.attributes.get('encoding');
  const place = type === logon.normal ? placeOf(pass, site, text) : undefined;
  if (encoding === undefined) sketch.password(pass.text, place);
  else if (encoding === 'base64') sketch.password(fromBase64(pass.text), place);
  else sketch.note(t('Its password is locked with FileZilla’s master password: Ferry asks for it.'));
}

/** Without a password a site is one whose password is asked for, as FileZilla itself writes it. */
function placeOf(pass: XmlElement, site: XmlElement, text: string): SecretPlace | undefined {
  const type = childOf(site, 'Logontype');
  if (type === undefined || site.children.filter(({ name }) => name === 'Pass').length > 1) return undefined;
  return { cuts: [cutAway(text, pass.start, pass.end), cut(text, type.start, type.end, `<Logontype>${logon.ask}</Logontype>`)] };
}

/** FileZilla adds the minutes to every time that the server tells; SFTP's times have no zone that could be wrong. */
function readTimeZone(sketch: HostSketch, minutes: number, isSftp: boolean): void {
  if (!Number.isInteger(minutes) || minutes === 0) return;
  if (isSftp || Math.abs(minutes) > 14 * 60) {
    sketch.note(t('The time offset is left out.'));
    return;
  }
  sketch.set('timeZone', formatOffset(-minutes));
  sketch.set('localTimes', true);
}

function readOptions(sketch: HostSketch, site: XmlElement, isSftp: boolean): void {
  const of = (name: string) => textIn(site, name);
  const modes: Readonly<Record<string, string>> = { MODE_ACTIVE: 'active', MODE_PASSIVE: 'passive' };
  sketch.set('mode', Object.hasOwn(modes, of('PasvMode')) ? modes[of('PasvMode')] : undefined);
  sketch.set('connections', Number(of('MaximumMultipleConnections')) || undefined);
  if (of('EncodingType') === 'Custom') sketch.set('charset', of('CustomEncoding'));
  readFolder(sketch, of('RemoteDir'));
  readTimeZone(sketch, Number(of('TimezoneOffset')), isSftp);
  if (childOf(site, 'Bookmark') !== undefined) sketch.note(t('Its bookmarks are left out.'));
  if (childOf(site, 'PostLoginCommands') !== undefined) sketch.note(t('The commands after the log-in are left out.'));
}

/** FileZilla writes a folder as its type (0 and 1: as on Unix), the length of a prefix and the prefix, then each name after its length. */
function readFolder(sketch: HostSketch, text: string): void {
  if (text === '') return;
  const names = namesIn(text);
  if (names === undefined) sketch.note(t('The folder on the server is left out: it is of another kind than Ferry’s.'));
  else sketch.root(`/${names.join('/')}`);
}

function namesIn(text: string): readonly string[] | undefined {
  const [head = '', type = '', prefix = ''] = /^(\d{1,2}) (\d{1,4})(?: |$)/.exec(text) ?? [];
  if (head === '' || !['0', '1'].includes(type) || prefix !== '0') return undefined;
  const names: string[] = [];
  for (let rest = text.slice(head.length); rest !== '';) {
    const [start = '', length = ''] = /^(\d{1,5}) /.exec(rest) ?? [];
    const end = start.length + Number(length);
    if (start === '' || end > rest.length || (end < rest.length && rest[end] !== ' ')) return undefined;
    names.push(rest.slice(start.length, end));
    rest = rest.slice(end + 1);
  }
  return names;
}

function fromBase64(text: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(text.replace(/\s/g, '')), (character) => character.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

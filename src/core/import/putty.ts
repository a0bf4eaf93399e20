import { t } from '../l10n.ts';
import { HostSketch, quoted } from './hostSketch.ts';
import { ImportError, type Imported, type ImportedHost } from './imported.ts';
import { parseIni, parseRegistry, percentDecoded, placeIn, type Section } from './ini.ts';
import { readPuttyProxy } from './puttyProxy.ts';

const key = /^HKEY_CURRENT_USER\\Software\\SimonTatham\\PuTTY\\Sessions\\([^\\]+)$/i;

/** PuTTY's sessions as the registry editor exports them. */
export function parsePuttyRegistry(text: string): Imported {
  const sessions = parseRegistry(text).flatMap((section) => {
    const session = key.exec(section.name)?.[1];
    return session === undefined ? [] : [{ name: percentDecoded(session), section }];
  });
  if (sessions.length === 0) throw new ImportError(t('There are no sessions of PuTTY in the file.'));
  return gathered(sessions.map(({ name, section }) => readSession(name, section)));
}

/** One session of PuTTY on Unix: a file of its own, with the session's name. */
export function parsePuttyFile(text: string, fileName: string): Imported {
  const [section] = parseIni(text);
  if (!section?.values.has('HostName') || !section.values.has('Protocol')) throw new ImportError(t('This is no session of PuTTY.'));
  return gathered([readSession(percentDecoded(fileName), section)]);
}

function gathered(read: readonly (ImportedHost | string | undefined)[]): Imported {
  return {
    hosts: read.filter((host) => typeof host === 'object'),
    problems: read.filter((problem) => typeof problem === 'string'),
  };
}

/** Undefined for what is no session but a collection of settings. */
function readSession(name: string, section: Section): ImportedHost | string | undefined {
  const of = (field: string) => section.values.get(field)?.trim() ?? '';
  const host = of('HostName');
  if (host === '' || name === 'Default Settings') return undefined;
  if (of('Protocol') !== 'ssh' && of('Protocol') !== '') return t('{0}: this session does not use SSH.', quoted(name));
  const at = host.lastIndexOf('@');
  const sketch = new HostSketch(name);
  sketch.set('protocol', 'sftp');
  sketch.set('address', host.slice(at + 1).replace(/^\[(.*)\]$/, '$1'));
  sketch.set('port', Number(of('PortNumber')) || undefined);
  sketch.family(Number(of('AddressFamily')));
  sketch.user(at < 0 ? of('UserName') : host.slice(0, at));
  sketch.key(of('PublicKeyFile'));
  if (of('TryAgent') === '0') sketch.agent(false);
  readPuttyProxy(sketch, of, { password: of('ProxyPassword'), place: placeIn(section, 'ProxyPassword') });
  return sketch.finish();
}

import { t } from '../l10n.ts';
import { ConfigFields } from './configFields.ts';
import { HostSketch, quoted } from './hostSketch.ts';
import { ImportError, type Imported, type ImportedHost } from './imported.ts';
import { parseJson } from './json.ts';

/** What FTP-Simple hides its file with; the same for everybody, in its published source. */
const hidingKey = '14bc637ef4fb46f234f6848542b36e4c';
const hidingStart = 'd64c5368357c6327c322c62c9a4b3e6c';

/** Whether a text is FTP-Simple's hidden form: hexadecimal digits of whole blocks and nothing else. */
export function isHidden(text: string): boolean {
  const digits = text.trim();
  return digits.length > 0 && digits.length % 32 === 0 && /^[0-9a-f]+$/i.test(digits);
}

/** The hosts of FTP-Simple's `ftp-simple.json`, hidden or plain. */
export async function parseFtpSimple(text: string): Promise<Imported> {
  const plain = isHidden(text) ? await shown(text.trim()) : text;
  const root = parseJson(plain);
  if (root.kind !== 'list') throw new ImportError(t('This is no list of hosts of FTP-Simple.'));
  const read = root.items.map((node, index) => ftpSimpleHost(new ConfigFields([{ node, path: [index] }]), plain === text));
  return {
    hosts: read.filter((host) => typeof host === 'object'),
    problems: read.filter((problem) => typeof problem === 'string'),
  };
}

async function shown(digits: string): Promise<string> {
  try {
    const key = await globalThis.crypto.subtle.importKey('raw', bytesOf(hidingKey), 'AES-CBC', false, ['decrypt']);
    const bytes = await globalThis.crypto.subtle.decrypt({ name: 'AES-CBC', iv: bytesOf(hidingStart) }, key, bytesOf(digits));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ImportError(t('The file can not be read: FTP-Simple hides it in another way than the known one.'));
  }
}

function bytesOf(digits: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

const ownWork = ['name', 'autosave', 'backup', 'confirm', 'project', 'ignore', 'localPath'];

function ftpSimpleHost(fields: ConfigFields, isPlain: boolean): ImportedHost | string {
  const label = fields.text('name') ?? fields.text('host') ?? '';
  const sketch = new HostSketch(label);
  const type = fields.text('type') ?? 'ftp';
  if (type !== 'ftp' && type !== 'sftp') return t('{0}: Ferry does not speak its protocol.', quoted(label));
  sketch.set('protocol', type);
  sketch.set('address', fields.text('host')?.trim());
  sketch.set('port', fields.number('port'));
  const names = { user: 'username', password: 'password', passphrase: 'passphrase', key: 'privateKey', agent: 'agent', root: 'path' };
  fields.logIn(sketch, { ...names, asks: 'nothing' });
  fields.sayTheRest(sketch, ownWork);
  const host = sketch.finish();
  if (typeof host === 'string' || isPlain) return host;
  // Its text is none that anything could be cut out of.
  return { ...host, secrets: host.secrets.map((secret) => ({ ...secret, place: undefined })) };
}

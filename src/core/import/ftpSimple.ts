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
  const plain = isHidden(text) ? await shown(text) : text;
  const root = parseJson(plain);
  if (root.kind !== 'list') throw new ImportError(t('This is no list of hosts of FTP-Simple.'));
  const read = root.items.map((node, index) => ftpSimpleHost(new ConfigFields([{ node, path: [index] }])));
  return {
    hosts: read.filter((host) => typeof host === 'object'),
    problems: read.filter((problem) => typeof problem === 'string'),
  };
}

/** What a hidden text says; throws `ImportError` where it is hidden in another way. */
export async function shown(digits: string): Promise<string> {
  try {
    const bytes = await globalThis.crypto.subtle.decrypt(hidingMethod, await hidingKeyFor('decrypt'), bytesOf(digits.trim()));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ImportError(t('The file can not be read: FTP-Simple hides it in another way than the known one.'));
  }
}

/** As FTP-Simple hides a text. */
export async function hide(text: string): Promise<string> {
  const bytes = await globalThis.crypto.subtle.encrypt(hidingMethod, await hidingKeyFor('encrypt'), new TextEncoder().encode(text));
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const hidingMethod = { name: 'AES-CBC', iv: bytesOf(hidingStart) };

function hidingKeyFor(use: 'encrypt' | 'decrypt') {
  return globalThis.crypto.subtle.importKey('raw', bytesOf(hidingKey), 'AES-CBC', false, [use]);
}

function bytesOf(digits: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

const ownWork = ['name', 'autosave', 'backup', 'confirm', 'project', 'ignore', 'localPath'];

function ftpSimpleHost(fields: ConfigFields): ImportedHost | string {
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
  return sketch.finish();
}

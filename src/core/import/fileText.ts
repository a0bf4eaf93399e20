import { t } from '../l10n.ts';
import { ImportError } from './imported.ts';

/** No list of hosts is larger. */
const largest = 8 * 1024 * 1024;

/** The text of a file of settings, whichever way it is written: by its byte order mark, else UTF-8, else Windows' Western characters. */
export function textOf(bytes: Uint8Array): string {
  if (bytes.length > largest) throw new ImportError(t('The file is larger than a list of hosts can be.'));
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';

/* What means something else than a character of a name to Windows: another folder, a stream, a device; or is dropped from the end. */
const strange = /[\\:*?"<>|\p{Cc}]|[. ]$/u;
const device = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/**
 * The path of a Remote as this computer names it: on Windows `/c:/Users/me` is `c:\Users\me`. Throws `BadPath` for a name that would be
 * another file there than its characters say; names come from servers.
 */
export function diskPath(path: string, platform: NodeJS.Platform = process.platform): string {
  if (platform !== 'win32') return path;
  const [drive, ...names] = path.split('/').filter((name) => name !== '');
  if (drive === undefined || !/^[a-z]:$/i.test(drive))
    throw new RemoteError('BadPath', t('This is no place on a disk of this computer.'), { path });
  const bad = names.find((name) => strange.test(name) || device.test(name));
  if (bad !== undefined) throw new RemoteError('BadPath', t('Windows can not have a file of this name.'), { path });
  return [drive, ...names].join('\\') + (names.length === 0 ? '\\' : '');
}

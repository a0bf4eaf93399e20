import { t } from '../l10n.ts';
import { parseFileZilla } from './filezilla.ts';
import { textOf } from './fileText.ts';
import { isHidden, parseFtpSimple } from './ftpSimple.ts';
import { parseHostList } from './hostList.ts';
import { ImportError, type Imported } from './imported.ts';
import { type JsonNode, memberOf, parseJson } from './json.ts';
import { parsePuttyFile, parsePuttyRegistry } from './putty.ts';
import { parseFtpKr, parseRemoteFs, parseSshFs, parseVscodeSftp } from './vscodeConfigs.ts';
import { parseWinScp } from './winscp.ts';

/** Whose hosts they are, as its people call it. */
export type ImportSource =
  'FileZilla' | 'WinSCP' | 'PuTTY' | 'SFTP (.vscode/sftp.json)' | 'ftp-kr' | 'Remote FS' | 'SSH FS' | 'FTP-Simple' | 'Ferry';

/** What one tool has in a file. */
export interface ImportedFrom extends Imported {
  readonly source: ImportSource;
}

/**
 * What a file holds, told by its name and content. A file of VS Code's settings may hold the hosts of several extensions. Throws
 * `ImportError` for a file of none of the tools, or a broken one.
 */
export async function readHosts(bytes: Uint8Array, fileName: string): Promise<readonly ImportedFrom[]> {
  const text = textOf(bytes);
  const start = text.slice(0, 4000);
  if (/^\s*</.test(start)) return [{ source: 'FileZilla', ...parseFileZilla(text) }];
  if (/^\s*(?:Windows Registry Editor|REGEDIT4)/.test(start)) return readRegistry(text);
  if (/^[ \t]*\[(?:Sessions|Configuration)\\/m.test(text)) return [{ source: 'WinSCP', ...parseWinScp(text) }];
  if (isHidden(text)) return [{ source: 'FTP-Simple', ...(await parseFtpSimple(text)) }];
  if (/^\s*(?:[[{]|\/[/*])/.test(start)) return await readJson(text, fileName);
  if (/^HostName=/m.test(text)) return [{ source: 'PuTTY', ...parsePuttyFile(text, fileName) }];
  throw unknown();
}

function readRegistry(text: string): readonly ImportedFrom[] {
  const found: ImportedFrom[] = [];
  if (/\\PuTTY\\Sessions\\/i.test(text)) found.push({ source: 'PuTTY', ...parsePuttyRegistry(text) });
  if (/\\WinSCP 2\\Sessions\\/i.test(text)) found.push({ source: 'WinSCP', ...parseWinScp(text) });
  if (found.length === 0) throw unknown();
  return found;
}

async function readJson(text: string, fileName: string): Promise<readonly ImportedFrom[]> {
  const root = parseJson(text);
  const settings = settingsIn(root);
  if (settings.length > 0) return settings;
  const has = (node: JsonNode, ...keys: string[]) => keys.every((key) => memberOf(node, key) !== undefined);
  if (/^ftp-kr.*\.json$/i.test(fileName) || has(root, 'altServer')) return [{ source: 'ftp-kr', ...parseFtpKr(root) }];
  const isSimple = root.kind === 'list' && root.items.some((item) => has(item, 'type', 'path'));
  if (isSimple || /^ftp-simple.*\.json$/i.test(fileName)) return [{ source: 'FTP-Simple', ...(await parseFtpSimple(text)) }];
  if (/^settings\.json$|\.code-workspace$/i.test(fileName)) return [];
  return [{ source: 'SFTP (.vscode/sftp.json)', ...parseVscodeSftp(root) }];
}

/** What VS Code's settings hold of extensions, in a file of settings or of a workspace. */
function settingsIn(root: JsonNode): readonly ImportedFrom[] {
  const found: ImportedFrom[] = [];
  const inWorkspace = memberOf(root, 'settings')?.node;
  for (const [settings, path] of [[root, []] as const, [inWorkspace, ['settings']] as const]) {
    const of = (key: string) => memberOf(settings, key)?.node;
    const remoteFs = of('remotefs.remote');
    const sshFs = of('sshfs.configs');
    const ferry = of('ferry.hosts');
    if (remoteFs !== undefined) found.push({ source: 'Remote FS', ...parseRemoteFs(remoteFs, [...path, 'remotefs.remote']) });
    if (sshFs !== undefined) found.push({ source: 'SSH FS', ...parseSshFs(sshFs, [...path, 'sshfs.configs']) });
    if (ferry !== undefined) found.push({ source: 'Ferry', ...parseHostList(ferry) });
  }
  return found;
}

function unknown(): ImportError {
  return new ImportError(t('Ferry does not know this kind of file.'));
}

import { homedir } from 'node:os';
import { join } from 'node:path';
import { FileType, Uri, workspace } from 'vscode';
import { isRemote } from './uri.ts';

/** A file that may hold hosts of another tool. */
export interface ImportPlace {
  readonly uri: Uri;
  /** It belongs to what is open, so that its author need not be the person. */
  readonly isOfWorkspace: boolean;
}

/**
 * Where other tools keep their hosts on this computer, and in what is open if that is trusted; most of the files are not there.
 * `ownStorage` is where VS Code keeps what is Ferry's, which tells where it keeps everything else.
 */
export async function knownPlaces(ownStorage: Uri): Promise<readonly ImportPlace[]> {
  const userFolder = Uri.joinPath(ownStorage, '..', '..');
  const own = [
    ...fileZillaFolders().map((folder) => Uri.file(join(folder, 'sitemanager.xml'))),
    ...winScpFiles().map((path) => Uri.file(path)),
    ...(await puttySessions()),
    Uri.joinPath(userFolder, 'settings.json'),
    Uri.joinPath(userFolder, 'ftp-simple.json'),
    Uri.joinPath(userFolder, 'globalStorage', 'humy2833.ftp-simple', 'ftp-simple.json'),
  ];
  const unique = new Map(
    [...own.map((uri) => ({ uri, isOfWorkspace: false })), ...workspacePlaces()].map((place) => [place.uri.toString(), place]),
  );
  return [...unique.values()];
}

/** None while the window is in Restricted Mode, and none on servers. */
export function workspacePlaces(): readonly ImportPlace[] {
  if (!workspace.isTrusted) return [];
  const folders = (workspace.workspaceFolders ?? []).filter(({ uri }) => !isRemote(uri));
  const inFolders = folders.flatMap(({ uri }) =>
    ['sftp.json', 'ftp-kr.json', 'ftp-simple.json', 'settings.json'].map((name) => Uri.joinPath(uri, '.vscode', name)),
  );
  const { workspaceFile } = workspace;
  const all = workspaceFile?.scheme === 'file' ? [...inFolders, workspaceFile] : inFolders;
  return all.map((uri) => ({ uri, isOfWorkspace: true }));
}

function environment(name: string): string[] {
  const value = process.env[name];
  return value === undefined || value === '' ? [] : [value];
}

function fileZillaFolders(): readonly string[] {
  const home = homedir();
  return [
    ...environment('XDG_CONFIG_HOME').map((folder) => join(folder, 'filezilla')),
    join(home, '.config', 'filezilla'),
    join(home, '.filezilla'),
    join(home, '.var', 'app', 'org.filezillaproject.Filezilla', 'config', 'filezilla'),
    ...environment('APPDATA').map((folder) => join(folder, 'FileZilla')),
  ];
}

function winScpFiles(): readonly string[] {
  return [
    ...environment('APPDATA').map((folder) => join(folder, 'WinSCP.ini')),
    ...environment('LOCALAPPDATA').map((folder) => join(folder, 'Programs', 'WinSCP', 'WinSCP.ini')),
    ...['ProgramFiles', 'ProgramFiles(x86)'].flatMap(environment).map((folder) => join(folder, 'WinSCP', 'WinSCP.ini')),
  ];
}

const mostSessions = 500;

async function puttySessions(): Promise<readonly Uri[]> {
  const home = homedir();
  const folders = [
    join(home, '.putty', 'sessions'),
    ...environment('XDG_CONFIG_HOME').map((folder) => join(folder, 'putty', 'sessions')),
    join(home, '.config', 'putty', 'sessions'),
  ];
  const found = await Promise.all(
    [...new Set(folders)].map(async (folder) => {
      const uri = Uri.file(folder);
      const entries = await Promise.resolve(workspace.fs.readDirectory(uri)).catch(() => []);
      return entries.filter(([, type]) => (type & FileType.File) !== 0).map(([name]) => Uri.joinPath(uri, name));
    }),
  );
  return found.flat().slice(0, mostSessions);
}

import { writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { expandHome } from '../sftp/environment.ts';

/**
 * On Windows a question reaches askpass through `cmd.exe`, which runs what stands between quotation marks of a server's making. So no
 * question of a server is put there: this configuration, which holds for jump hosts as well, has `ssh` never take any.
 * `file`: as in `Reach.sshConfig`.
 */
export async function writeWindowsConfig(folder: string, file: string | undefined): Promise<string> {
  const system = join(process.env['ProgramData'] ?? 'C:\\ProgramData', 'ssh', 'ssh_config');
  const usual = [join(homedir(), '.ssh', 'config'), system];
  const files = file === undefined ? usual : file === 'off' ? [] : [expandHome(file, homedir())];
  const includes = files.flatMap((each) => ['Host *', `Include "${each.replaceAll('\\', '/')}"`]);
  const path = join(folder, 'config');
  await writeFile(path, ['KbdInteractiveAuthentication no', ...includes, ''].join('\n'), { mode: 0o600 });
  return path;
}

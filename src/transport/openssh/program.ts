import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute } from 'node:path';
import type { Reach } from '../../core/connect.ts';
import { RemoteError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import { opensshCommand } from '../../core/opensshCommand.ts';
import { safeText } from '../../core/text.ts';
import { expandHome } from '../sftp/environment.ts';
import { findOpenssh } from '../sshConfig/opensshProgram.ts';

/** The `ssh` to run: the person's choice, else the one that is found. Rejects with `Unsupported` where there is none. */
export async function programOf(reach: Reach | undefined): Promise<string> {
  const chosen = reach?.openssh?.program;
  if (chosen === undefined) {
    const found = await findOpenssh();
    if (found === undefined) throw noProgram(undefined);
    return found;
  }
  const path = expandHome(chosen, homedir());
  const isThere =
    isAbsolute(path) &&
    (await access(path, constants.X_OK).then(
      () => true,
      () => false,
    ));
  if (!isThere) throw noProgram(path);
  return path;
}

export function noProgram(path: string | undefined): RemoteError {
  const message =
    path === undefined ? t('There is no “ssh” program on this computer.') : t('There is no program at {0}.', safeText(path, 200));
  return new RemoteError('Unsupported', message, {
    hint: t('Install OpenSSH, name its place in “ferry.opensshPath”, or take “client” out of this host’s settings.'),
    dropsConnection: true,
  });
}

/** `sshConfig`: as in `Reach`. */
export function commandFor(host: Host, reach: Reach | undefined, sshConfig: string | undefined): ReturnType<typeof opensshCommand> {
  const file = sshConfig === undefined ? undefined : expandHome(sshConfig, homedir());
  return opensshCommand({ host, sshConfig: file, findHost: (name) => reach?.findHost(name) });
}

const patience = 5000;

/** What carries the connection, in plain words, line by line. */
export async function describeProgram(host: Host, reach: Reach | undefined): Promise<readonly string[]> {
  const program = await programOf(reach);
  const { options, destination } = commandFor(host, reach, reach?.sshConfig);
  return [
    t('The connection is carried by {0}: {1}.', program, await versionOf(program)),
    t('It is run as: {0}', ['ssh', ...options, '--', destination].join(' ')),
    t('What its name leads to and what answers there shows at the log-in: “ssh” and your ssh config decide it.'),
  ];
}

function versionOf(program: string): Promise<string> {
  return new Promise((resolve) => {
    execFile(program, ['-V'], { timeout: patience, windowsHide: true }, (error, stdout, stderr) => {
      const said = safeText(`${stdout}${stderr}`, 120);
      resolve(said === '' ? safeText(String(error?.message), 120) : said);
    });
  });
}

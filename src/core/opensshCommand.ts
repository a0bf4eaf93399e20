import { RemoteError } from './errors.ts';
import type { Host } from './host.ts';
import { t } from './l10n.ts';
import { formatJump, parseJump } from './sshConfig/jumpSpec.ts';

export interface OpensshOptions {
  readonly host: Host;
  /** As in `Reach`. */
  readonly sshConfig: string | undefined;
  readonly findHost: (name: string) => Host | undefined;
}

/** Jump hosts of jump hosts beyond these are a circle. */
const mostHops = 16;

/**
 * The options of `ssh` (ssh(1)) that say what a host's settings say, and the name to give it. All else is for the person's own ssh config.
 * Throws `BadPath` for what a command line or a shell on the way could take for something else.
 */
export function opensshCommand({ host, sshConfig, findHost }: OpensshOptions): { options: readonly string[]; destination: string } {
  const { sftp, address, user, port, family } = host;
  const followed = sftp.sshConfig;
  const destination = plainWord(followed?.host ?? address);
  const named = followed === undefined ? (port === 22 ? undefined : port) : followed.port;
  const options = [
    ...(sshConfig === undefined ? [] : ['-F', sshConfig === 'off' ? 'none' : sshConfig]),
    ...(followed?.address === undefined ? [] : ['-o', `HostName=${plainWord(followed.address).replaceAll('%', '%%')}`]),
    ...(family === undefined ? [] : [`-${family}`]),
    ...(user === undefined ? [] : ['-l', plainWord(user)]),
    ...(named === undefined ? [] : ['-p', String(named)]),
    ...keyOptions(sftp.privateKeys),
    ...agentOptions(sftp.agent),
    ...jumpOptions(host, findHost),
  ];
  return { options, destination };
}

function keyOptions(files: readonly string[] | undefined): string[] {
  if (files === undefined) return [];
  return files.length === 0 ? ['-o', 'IdentityFile=none'] : files.flatMap((file) => ['-i', file]);
}

function agentOptions(agent: boolean | string): string[] {
  if (agent === true) return [];
  return ['-o', `IdentityAgent=${agent === false ? 'none' : quoted(agent)}`];
}

function jumpOptions(host: Host, findHost: OpensshOptions['findHost']): string[] {
  const { jump } = host.sftp;
  if (jump === undefined) return [];
  if (jump.length === 0) return ['-o', 'ProxyJump=none', '-o', 'ProxyCommand=none'];
  return ['-J', hopsTo(host, findHost, 0).join(',')];
}

/** Saved hosts as `ssh` can be told of them: their own keys are for the ssh config. */
function hopsTo(host: Host, findHost: OpensshOptions['findHost'], depth: number): string[] {
  if (depth > mostHops) throw refused(t('There are more than {0} jump hosts one after another.', mostHops));
  return (host.sftp.jump ?? []).flatMap((name, index) => {
    const saved = findHost(name);
    if (saved?.protocol !== 'sftp') return hop(name);
    // How the first of them is reached is its own affair.
    const before = index === 0 ? hopsTo(saved, findHost, depth + 1) : [];
    const { sshConfig } = saved.sftp;
    const port = sshConfig === undefined ? saved.port : sshConfig.port;
    const address = sshConfig === undefined ? saved.address : sshConfig.host;
    return [...before, ...hop(formatJump({ user: saved.user, host: address, port }))];
  });
}

function hop(text: string): string[] {
  const spec = parseJump(text);
  if (spec === undefined) throw refused(t('“{0}” is no jump host.', text));
  [spec.user ?? 'user', spec.host].forEach(plainWord);
  return [formatJump(spec)];
}

/** Older versions of OpenSSH hand names to a shell, in `ProxyCommand` and `ProxyJump`. */
function plainWord(word: string): string {
  if (/^[\p{L}\p{N}_.:@%+=,][\p{L}\p{N}_.:@%+=,\\-]*$/u.test(word)) return word;
  throw refused(t('“{0}” holds characters that are not safe on the command line of “ssh”.', word));
}

function quoted(path: string): string {
  return path.includes('"') ? path : `"${path}"`;
}

function refused(message: string): RemoteError {
  return new RemoteError('BadPath', message, { retryable: false, dropsConnection: true });
}

import { join } from 'node:path';
import type { Random } from '../torture/random.ts';

/** A made-up configuration of OpenSSH: its files by name, and what to ask about it. */
export interface MadeConfig {
  readonly files: Readonly<Record<string, string>>;
  readonly host: string;
  readonly user: string | undefined;
  readonly port: number | undefined;
}

const hosts = ['web', 'Web', 'web1', 'db.example.org', 'gw', '10.0.0.7', 'a-b_c'];
const patterns = [
  '*',
  'web',
  'web*',
  'we?',
  '!web',
  '!*1',
  '*.example.org',
  'db.*',
  'gw',
  '10.0.0.?',
  'GW',
  '?*',
  'a-b_c',
  '"web"',
  'nobody',
];
const users = ['anna', 'root', 'deploy'];
const ciphers = 'aes128-ctr aes256-ctr aes128-gcm@openssh.com aes256-gcm@openssh.com aes256-cbc chacha20-poly1305@openssh.com'.split(' ');
const macs = ['hmac-sha2-256', 'hmac-sha2-512', 'hmac-sha1', 'hmac-sha2-256-etm@openssh.com'];
const exchanges = ['curve25519-sha256', 'ecdh-sha2-nistp256', 'diffie-hellman-group14-sha256', 'diffie-hellman-group14-sha1'];
const keyTypes = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'rsa-sha2-512', 'ssh-rsa'];

/** `folder`: where the files will be, as included ones are named in full. */
export function makeConfig(random: Random, folder: string): MadeConfig {
  const below = (limit: number): number => Math.floor(random() * limit);
  const pick = <T>(from: readonly T[]): T => from[below(from.length)]!;
  const some = <T>(from: readonly T[], most: number): T[] => Array.from({ length: 1 + below(most) }, () => pick(from));
  const once = (names: readonly string[]): string => [...new Set(some(names, 3))].join(',');
  const sign = (): string => pick(['', '', '+', '-', '^']);
  const quoted = (text: string): string => pick([text, text, `"${text}"`]);

  const option = (): string => {
    const make: (() => string)[] = [
      () => `HostName ${pick(['%h.internal', '192.0.2.1', 'Real.Example.org', '%h', 'x%%y'])}`,
      () => `User ${quoted(pick(users))}`,
      () => `Port ${pick(['22', '2222', '0022'])}`,
      () => `IdentityFile ${quoted(pick(['~/.ssh/a', '~/.ssh/%h_%r', '/keys/with blank'.replace(' ', '-'), '~/.ssh/id_rsa']))}`,
      () => 'IdentityFile "/keys/with blank"',
      () => `CertificateFile ${pick(['~/c', '/keys/%u-cert.pub'])}`,
      () => `IdentitiesOnly ${pick(['yes', 'no', 'YES', 'true'])}`,
      () => `IdentityAgent ${pick(['none', '~/agent', 'SSH_AUTH_SOCK', '/run/%u'])}`,
      () =>
        `ProxyJump ${pick(['none', 'gw2', 'u@gw2', 'u@gw2:2200', 'ssh://u@gw2:22', 'a,b@c:9,d', '[::1]:24', '10.1.1.1', 'gw2 # the one'])}`,
      () => `ProxyCommand ${pick(['none', 'nc %h %p', '"quoted" arg \\"x', "= sh -c 'nc %h %p' # kept"])}`,
      () => `HostKeyAlias ${pick(['alias', 'Alias.Two'])}`,
      () => `UserKnownHostsFile ${pick(['/dev/null', '~/.ssh/k1 ~/.ssh/k2', '~/.ssh/%h'])}`,
      () => `GlobalKnownHostsFile ${pick(['/etc/k', '/etc/k /etc/l'])}`,
      () => `StrictHostKeyChecking ${pick(['yes', 'no', 'ask', 'accept-new', 'off', 'true', 'No'])}`,
      () => `ServerAliveInterval ${pick(['0', '15', '1m', '1h30m', '90s'])}`,
      () => `ServerAliveCountMax ${pick(['1', '5'])}`,
      () => `NumberOfPasswordPrompts ${pick(['1', '5'])}`,
      () => `ConnectTimeout ${pick(['5', '1m', 'none'])}`,
      () => `Ciphers ${sign()}${once(ciphers)}`,
      () => `MACs ${sign()}${once(macs)}`,
      () => `KexAlgorithms ${sign()}${once(exchanges)}`,
      () => `HostKeyAlgorithms ${pick([`${sign()}${once(keyTypes)}`, '-ecdsa*', '+ssh-r*'])}`,
      () => `PubkeyAcceptedAlgorithms ${pick(['+ssh-rsa', '-*cert*'])}`,
      () => `PreferredAuthentications ${pick(['publickey', 'password,publickey'])}`,
      () => `AddressFamily ${pick(['inet', 'inet6', 'any', 'INET'])}`,
      () => `BindAddress ${pick(['127.0.0.1', '::1'])}`,
      () => 'ForwardAgent no',
    ];
    const line = pick(make)();
    const blank = line.indexOf(' ');
    const raw = /^Proxy/.test(line);
    const [keyword, value] = [line.slice(0, blank), line.slice(blank + 1)];
    const name = pick([keyword, keyword, keyword.toLowerCase(), keyword.toUpperCase()]);
    const glue = pick([' ', ' ', '\t', ' = ', '=', '  ']);
    const end = raw ? '' : pick(['', '', '', ' # a remark', '  ', '\r']);
    return `${pick(['', '  ', '\t'])}${name}${raw && value.startsWith('=') ? ' ' : glue}${value}${end}`;
  };

  const criterion = (): string =>
    pick([
      () => `${pick(['', '!'])}host ${quoted(once(['web*', '*.internal', '192.0.2.1', '!web1', 'REAL*', 'gw']))}`,
      () => `${pick(['', '!'])}originalhost ${once(['web', 'WEB*', 'db.*', '*'])}`,
      () => `${pick(['', '!'])}user ${once(['anna', 'r*', '!deploy'])}`,
      () => `${pick(['', '!'])}localuser ${once(['root', '*', 'nobody'])}`,
      () => pick(['final', '!final', 'canonical', '!canonical']),
      () => `${pick(['', '!'])}exec "${pick(['true', 'false', 'test %h = web', "test '%n %r' = 'web root'", 'test %p -gt 22'])}"`,
      () => `host=${quoted('web*')}`,
    ])();

  const file = (name: string, depth: number): string => {
    const lines: string[] = [];
    for (let count = 2 + below(14); count > 0; count--) {
      const kind = below(10);
      if (kind < 2) lines.push(`Host ${some(patterns, 3).join(pick([' ', '  ', '\t']))}${pick(['', '', ' # them'])}`);
      else if (kind < 4)
        lines.push(`Match ${pick(['all', 'final all', 'canonical all', '!all', criterion(), `${criterion()} ${criterion()}`])}`);
      else if (kind === 4 && depth < 3) {
        const included = join(folder, `${name}-${count}.conf`);
        files[`${name}-${count}.conf`] = file(`${name}-${count}`, depth + 1);
        lines.push(
          `Include ${pick([included, `${included} /nowhere/*`, join(folder, `${name}-${count}*.c?nf`), join(folder, `${name}-[0-9]*.conf`)])}`,
        );
      } else if (kind === 5) lines.push(pick(['', '# a remark', '   # indented']));
      else lines.push(option());
    }
    return `${lines.join('\n')}\n`;
  };

  const files: Record<string, string> = {};
  files['config'] = file('part', 0);
  return {
    files,
    host: pick(hosts),
    user: pick([undefined, undefined, 'anna']),
    port: pick([undefined, undefined, 2022]),
  };
}

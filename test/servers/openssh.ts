import { chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRoot, loginAccount, passwordAccount, type Account } from './account.ts';
import { removeFolder, temporaryFolder } from './folder.ts';
import { fingerprintOf, makeKey, type KeyPair, type KeyType } from './keys.ts';
import { startOnFreePort, startProcess, type Place, type ServerProcess } from './process.ts';
import { findProgram, printedBy } from './program.ts';
import { makeHost, ServerUnavailable, type ServerQuirks, type ServerSecrets, type TestServer } from './server.ts';

export interface OpensshOptions {
  /** After `OpenSSH`, in the server's name. */
  readonly name?: string;
  /** What logs in; `publickey,password` wants both, one after the other. Default `publickey` with an Ed25519 key. */
  readonly authentication?: 'publickey' | 'password' | 'keyboard-interactive' | 'publickey,password';
  /** Keys of the login. Default: one Ed25519 key made for it. */
  readonly keys?: (folder: string) => readonly KeyPair[];
  readonly hostKeys?: readonly KeyType[];
  /** `noExtensions`: SFTP 3 as the draft has it; `bare`: neither setstat, symlink nor readlink as well; `readOnly`: `sftp-server -R`. */
  readonly sftp?: 'full' | 'noExtensions' | 'bare' | 'readOnly';
  /** Sessions see a folder of their own as `/`; what they may write to is in `/data`. */
  readonly chroot?: boolean;
  /** Sessions may have a shell too. Default: files only. */
  readonly shell?: boolean;
  readonly address?: '127.0.0.1' | '::1';
  /** Default: this machine, at `address`. */
  readonly place?: Place;
  /** Who logs in, with a key. Default: the account of the tests, whose the files are. */
  readonly user?: string;
  readonly charset?: string;
  /** More lines for `sshd_config`; they win over the usual ones. */
  readonly config?: readonly string[];
}

const extensions = 'posix-rename,hardlink,fsync,statvfs,fstatvfs,lsetstat,limits,expand-path,copy-data,users-groups-by-id';
const sftpOptions = {
  full: [],
  noExtensions: ['-P', extensions],
  bare: ['-P', `${extensions},setstat,fsetstat,symlink,readlink`],
  readOnly: ['-R'],
};

const extended: ServerQuirks = {
  atomicReplace: true,
  exclusiveCreate: true,
  optional: { chmod: true, setMtime: true, readLink: true, symlink: true, copyOnServer: true, space: true },
};
const quirks: Record<keyof typeof sftpOptions, ServerQuirks> = {
  full: extended,
  noExtensions: { atomicReplace: false, exclusiveCreate: true, optional: { copyOnServer: false, space: false } },
  bare: {
    ...{ atomicReplace: false, exclusiveCreate: true },
    optional: { chmod: false, chgrp: false, setMtime: false, readLink: false, symlink: false, copyOnServer: false, space: false },
  },
  readOnly: { readOnly: true },
};

interface Setting {
  readonly account: Account;
  /** Of this server alone: configuration, keys. */
  readonly folder: string;
  readonly root: string;
  readonly rootOnServer: string;
  readonly keys: readonly KeyPair[];
  readonly hostKeys: readonly KeyPair[];
  readonly folders: readonly string[];
}

/** A real sshd on loopback. With keys it runs as anybody; passwords and chroots need root. */
export async function startOpenssh(options: OpensshOptions = {}): Promise<TestServer> {
  const sshd = findProgram('sshd', 'openssh-server');
  const setting = await prepare(options);
  try {
    const { port, process } = await startOnFreePort(async (port) => ({ port, process: await startSshd(sshd, port, setting, options) }));
    return describe(options, setting, port, process, printedBy(sshd, ['-V']));
  } catch (error) {
    setting.folders.forEach(removeFolder);
    throw error;
  }
}

async function prepare({ authentication = 'publickey', chroot = false, keys, hostKeys = ['ed25519'] }: OpensshOptions): Promise<Setting> {
  const account = authentication === 'publickey' ? await loginAccount() : await passwordAccount();
  if (chroot && !isRoot()) throw new ServerUnavailable('OpenSSH can confine a session to a folder only when root runs it.');
  const folder = temporaryFolder('sshd');
  /* sshd wants every folder above a chroot closed to others, which the one for temporary files is not. */
  const base = chroot ? temporaryFolder('chroot', { within: '/run' }) : temporaryFolder('files', { owner: account });
  const root = chroot ? join(base, 'data') : base;
  if (chroot) {
    mkdirSync(root);
    chownSync(root, account.uid, account.gid);
  }
  return {
    ...{ account, folder, root, rootOnServer: chroot ? '/data' : root, folders: [folder, base] },
    keys: authentication.startsWith('publickey') ? (keys?.(folder) ?? [makeKey(folder, 'ed25519')]) : [],
    hostKeys: hostKeys.map((type) => makeKey(temporaryFolderWithin(folder, 'host'), type)),
  };
}

function temporaryFolderWithin(folder: string, name: string): string {
  const made = join(folder, name);
  mkdirSync(made, { recursive: true });
  return made;
}

async function startSshd(sshd: string, port: number, setting: Setting, options: OpensshOptions): Promise<ServerProcess> {
  const config = join(setting.folder, 'sshd_config');
  const authorized = join(setting.folder, 'authorized_keys');
  writeFileSync(authorized, setting.keys.map((key) => `${key.publicLine}\n`).join(''), { mode: 0o644 });
  writeFileSync(config, configuration(port, authorized, setting, options).join('\n'));
  if (isRoot()) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  const ready = { port, address: addressOf(options) };
  return startProcess({ command: sshd, args: ['-D', '-e', '-f', config], place: options.place, ready });
}

function addressOf({ address = '127.0.0.1', place }: OpensshOptions): string {
  return place?.address ?? address;
}

function configuration(port: number, authorized: string, setting: Setting, options: OpensshOptions): string[] {
  const { authentication = 'publickey', sftp = 'full', chroot = false, shell = false, config = [] } = options;
  const command = ['internal-sftp', '-d', setting.rootOnServer, ...sftpOptions[sftp]].join(' ');
  const allow = (method: string): string => (authentication.split(',').includes(method) ? 'yes' : 'no');
  return [
    ...config,
    ...[`ListenAddress ${addressOf(options)}`, `Port ${port}`, 'PidFile none', 'UseDNS no', 'StrictModes no', 'LogLevel VERBOSE'],
    ...setting.hostKeys.map((key) => `HostKey ${key.file}`),
    ...[`AuthorizedKeysFile ${authorized}`, `AuthenticationMethods ${authentication}`],
    ...[`PubkeyAuthentication ${allow('publickey')}`, `PasswordAuthentication ${allow('password')}`],
    ...[`KbdInteractiveAuthentication ${allow('keyboard-interactive')}`, `UsePAM ${allow('keyboard-interactive')}`],
    // Of most settings the first counts, of this one the last.
    ...(config.some((line) => line.startsWith('MaxStartups')) ? [] : ['MaxStartups 100']),
    ...['MaxSessions 100', 'PrintMotd no', 'PrintLastLog no'],
    `Subsystem sftp ${command}`,
    ...(shell ? [] : [`ForceCommand ${command}`]),
    ...(chroot ? [`ChrootDirectory ${join(setting.root, '..')}`] : []),
    '',
  ];
}

function describe(options: OpensshOptions, setting: Setting, port: number, process: ServerProcess, printed: string): TestServer {
  const { account, root, rootOnServer, keys } = setting;
  const { authentication = 'publickey', charset = 'utf-8', sftp = 'full', name, user = account.user } = options;
  const address = addressOf(options);
  const passphrase = keys.find((key) => key.passphrase !== undefined)?.passphrase;
  const privateKeys = keys.map((key) => key.file);
  return {
    name: name === undefined ? 'OpenSSH' : `OpenSSH, ${name}`,
    version: /OpenSSH_([\w.]+)/.exec(printed)?.[1] ?? 'unknown',
    host: makeHost({ name: 'openssh', protocol: 'sftp', address, port, user, charset, sftp: { privateKeys } }),
    secrets: { ...secretsFor(authentication, account), ...(passphrase === undefined ? {} : { passphrase }), ...fingerprint(setting) },
    ...{ root, rootOnServer, quirks: quirks[sftp] },
    owner: isRoot() ? { uid: account.uid, gid: account.gid } : undefined,
    output: () => process.output(),
    process,
    async stop() {
      await process.stop();
      setting.folders.forEach(removeFolder);
    },
  };
}

function secretsFor(authentication: string, { password }: Account): ServerSecrets {
  if (password === undefined) return {};
  if (authentication === 'keyboard-interactive') return { answers: [password] };
  return authentication.endsWith('password') ? { password } : {};
}

function fingerprint({ hostKeys }: Setting): ServerSecrets {
  const [only, another] = hostKeys;
  return only === undefined || another !== undefined ? {} : { fingerprint: fingerprintOf(only.publicLine) };
}

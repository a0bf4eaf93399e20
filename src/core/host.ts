import type { HostLook, Protection } from './hostLook.ts';
import type { ProxySetting } from './proxy.ts';

export type Protocol = 'sftp' | 'ftp' | 'ftps';

/**
 * A server as the person describes it: one item of the `ferry.hosts` setting after `parseHosts` checked it and filled in defaults,
 * or an unsaved one made from a URI's authority. Holds no secret, ever.
 */
export interface Host {
  /** Unique, case-insensitive; letters, digits, `.`, `_`, `-`: it is the authority of the host's URIs. */
  readonly name: string;
  readonly protocol: Protocol;
  /** DNS name or IP literal without brackets. Never starts with `-`. */
  readonly address: string;
  /** 1 to 65535. */
  readonly port: number;
  /** The version of IP that alone is used where `address` is a name; undefined: whichever answers, or as the ssh config says. */
  readonly family: 4 | 6 | undefined;
  /** Undefined: asked at the first connection (SFTP) or anonymous (FTP). */
  readonly user: string | undefined;
  /** Absolute folder that opens; undefined: where the login starts. */
  readonly root: string | undefined;
  /** Charset of names on the server, a WHATWG label; default `utf-8`. */
  readonly charset: string;
  /** Upper bound of connections at once. */
  readonly connections: number;
  readonly saveMode: SaveMode;
  readonly verify: Verify;
  /** Folder on the server that deleted things are moved to, absolute or relative to where the login starts; undefined: they are deleted. */
  readonly trash: string | undefined;
  /** Days after which what is in the trash is removed, 0 to 3650; 0: never. */
  readonly trashDays: number;
  /** What connections go through first; undefined: nothing, whatever VS Code's own settings say. */
  readonly proxy: ProxySetting | undefined;
  readonly look: HostLook;
  readonly protect: Protection | undefined;
  readonly sftp: SftpOptions;
  readonly ftp: FtpOptions;
}

/**
 * How a file that exists is saved. `replace`: a new file is renamed over it, always. `inPlace`: its bytes are written over, guarded by a
 * local copy. `auto`: replaced, but in place where replacing would change its owner, group or hard links or the folder takes no new file.
 */
export type SaveMode = 'auto' | 'replace' | 'inPlace';

/**
 * What an upload is compared by before it counts. `size`: its size, always. `checksum`: a checksum, too, where the server tells one.
 * `command`: the same, and where the protocol has none a program of the server's (`sha256sum`) is run over SSH.
 */
export type Verify = 'size' | 'checksum' | 'command';

export interface SftpOptions {
  /** `builtIn`: Ferry's own SSH; `openssh`: the person's own `ssh` program carries the connection. */
  readonly client: 'builtIn' | 'openssh';
  /** Files of private keys, `~` allowed, tried in this order; undefined: the usual ones of `~/.ssh`. */
  readonly privateKeys: readonly string[] | undefined;
  /** false: none; true: SSH_AUTH_SOCK, the Windows agent's pipe or Pageant; a string: that socket or pipe. */
  readonly agent: boolean | string;
  /** Offers SHA-1 signatures, DH group 1/14-SHA1, CBC and hmac-sha1 to old servers, with a warning. */
  readonly legacyAlgorithms: boolean;
  /** Whose settings of the person's ssh config count where this host says nothing itself; undefined: that config does not count. */
  readonly sshConfig: FollowedSshHost | undefined;
  /**
   * The hosts to go through, in this order: names of saved SFTP hosts, else `[user@]host[:port]` by the ssh config. Undefined: as the ssh
   * config says; empty: none.
   */
  readonly jump: readonly string[] | undefined;
}

/** A host of the person's ssh config, as it is named there or as a pattern there takes it. */
export interface FollowedSshHost {
  readonly host: string;
  /** What counts more than the config; undefined: the config decides. */
  readonly address: string | undefined;
  readonly port: number | undefined;
}

export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

export interface FtpOptions {
  /** Only for `ftps`. */
  readonly tls: 'explicit' | 'implicit';
  readonly minTlsVersion: TlsVersion;
  /** Upper bound, for servers whose newer TLS is broken; undefined: what Node has. */
  readonly maxTlsVersion: TlsVersion | undefined;
  /** Files; `key` undefined where `certificate` is a PFX or holds both. The passphrase is a secret. */
  readonly clientCertificate: { readonly certificate: string; readonly key: string | undefined } | undefined;
  /** `auto`: passive, and active where no passive data connection can be made. */
  readonly mode: 'auto' | 'passive' | 'active';
  /** Local ports for active mode, inclusive; undefined: any. */
  readonly activePorts: readonly [number, number] | undefined;
  /** IP address told to the server in EPRT/PORT; undefined: the control connection's local one. */
  readonly activeAddress: string | undefined;
  /** Local IP address that active mode listens on; undefined: the control connection's local one. */
  readonly activeBind: string | undefined;
  /** What folders are listed with, and that MLST is not trusted either; undefined: MLSD where the server has it, else `LIST -a`, else `LIST`. */
  readonly listing: 'LIST' | 'LIST -a' | undefined;
  /** Of the server's clock, as `parseTimeZone` reads it: the times in its LIST lines are of that zone. Undefined: not known. */
  readonly timeZone: string | undefined;
  /** Its MDTM, MLSD and MFMT tell and take times of `timeZone` too, where RFC 3659 §2.3 wants UTC. */
  readonly localTimes: boolean;
}

/** What Ferry learned about a host by itself; kept between sessions, never needed for correctness. */
export interface HostProfile {
  /** The data connections that worked in `auto` mode. */
  readonly dataMode?: 'passive' | 'active';
  /** The server refused more than `count` connections, at `learnedAt` (ms since the epoch), while the setting `connections` was `wanted`. */
  readonly connectionLimit?: { readonly count: number; readonly learnedAt: number; readonly wanted: number };
  /** RNTO refuses an existing target. */
  readonly renameRefusesExisting?: boolean;
  /** It lost or mixed up FTP commands that were sent together, at `learnedAt` (ms since the epoch). */
  readonly oneAtATime?: { readonly learnedAt: number };
  /** The list of a folder in one of its replies did not end where it seemed to, at `learnedAt` (ms since the epoch): a name there may hold a line break. */
  readonly brokenLists?: { readonly learnedAt: number };
  /** It refused a second session on one SSH connection, at `learnedAt` (ms since the epoch). */
  readonly singleSession?: { readonly learnedAt: number };
  /** Connections to it broke, at `learnedAt` (ms since the epoch), where SFTP was asked for in one go. */
  readonly stepwise?: { readonly learnedAt: number };
  /** The group of key exchange that TLS came down to: a key for it goes out with the first message. */
  readonly keyGroup?: 'prime256v1' | 'secp384r1' | 'secp521r1';
  /** Milliseconds that its clock is ahead of this computer's, seen when a file was made; negative where it is behind. */
  readonly clockAhead?: number;
}

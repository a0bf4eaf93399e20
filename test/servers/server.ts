import type { Context } from 'mocha';
import type { Reach } from '../../src/core/connect.ts';
import type { Host } from '../../src/core/host.ts';
import { ftpDefaults, hostDefaults, sftpDefaults } from '../../src/core/hostDefaults.ts';
import type { ServerProcess } from './process.ts';

/**
 * The shape that every real server of the tests has once it runs. A module of this folder exports functions like
 * `startOpenssh(options): Promise<TestServer>`; they throw `ServerUnavailable` where the machine can't run the server.
 * Parts to build one from: `process.ts` (free port, process with its children), `folder.ts` (temporary folders that go away),
 * `account.ts` (a system user for servers that insist on one).
 */
export interface TestServer {
  /** Software and mode as README's table shows it: `OpenSSH, without extensions`. Unique. */
  readonly name: string;
  /** Version of the software as it names itself. */
  readonly version: string;
  /** How Ferry reaches it. */
  readonly host: Host;
  readonly secrets: ServerSecrets;
  /** What connecting needs beside the host, where it needs something. */
  readonly reach?: Reach;
  /** Folder on the local disk that the server shows: the tests look and tamper here. */
  readonly root: string;
  /** That folder as a client sees it; `/` in a chroot. */
  readonly rootOnServer: string;
  /** Who the server acts as on the disk, where that is not this process's user: what tests put there is given to them. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
  readonly quirks: ServerQuirks;
  /** What the server printed so far (for failures). */
  output(): string;
  /** Where it is a process of its own, which tests may kill. */
  readonly process?: Pick<ServerProcess, 'pid' | 'killSessions' | 'restart'>;
  /** Ends the server, its sessions, and removes its folders. May be called twice. */
  stop(): Promise<void>;
}

/** What a person would know or keep. */
export interface ServerSecrets {
  readonly password?: string;
  /** Of the host's private keys. */
  readonly passphrase?: string;
  /** Keyboard-interactive: one for each prompt, all rounds together. */
  readonly answers?: readonly string[];
  /** The SHA256 fingerprint of the host key or certificate: what a careful person compares with. */
  readonly fingerprint?: string;
}

/** Facts about one server that decide what the contract may expect of it. Left out = the ordinary case. */
export interface ServerQuirks {
  /** Every change is refused. */
  readonly readOnly?: boolean;
  /** How links on its disk are shown; ordinary: `links`. `followed`: as what they lead to; `hidden`: not listed. */
  readonly links?: 'links' | 'followed' | 'hidden';
  /** `stat` tells no time of known zone (FTP without MDTM and MLSD). */
  readonly noMtime?: boolean;
  /** Neither `stat` nor `list` gives permission bits. */
  readonly noMode?: boolean;
  /** A listing gives no time of known zone (FTP LIST). */
  readonly noListMtime?: boolean;
  /** It acts as root, so permissions refuse it nothing. */
  readonly ignoresModes?: boolean;
  /** FTP: FEAT names MLST. */
  readonly hasMlsd?: boolean;
  /** Asserted against the connection's facts, where given. */
  readonly atomicReplace?: boolean;
  readonly exclusiveCreate?: boolean;
  /** Asserted: which optional methods the connection has. */
  readonly optional?: Partial<Record<OptionalVerb, boolean>>;
  /** Why this name can't be stored or shown by it (a reason), or undefined if it can. */
  readonly cannotHold?: (name: string) => string | undefined;
  /** Contract checks it can't pass by its own nature: title of the check → plain reason. They are shown in README's table. */
  readonly exceptions?: Readonly<Record<string, string>>;
}

export type OptionalVerb = 'resume' | 'chmod' | 'chgrp' | 'setMtime' | 'readLink' | 'symlink' | 'copyOnServer' | 'space';

/** The machine can't run the server; `message` says what is missing, in plain words. */
export class ServerUnavailable extends Error {
  override readonly name = 'ServerUnavailable';
}

/** Whether a server that can't run fails the run instead of being skipped. */
export function serversAreRequired(environment: NodeJS.ProcessEnv = process.env): boolean {
  const set = (value: string | undefined): boolean => value !== undefined && value !== '' && value !== '0' && value !== 'false';
  return set(environment['CI']) || set(environment['FERRY_REQUIRE_SERVERS']);
}

/** `start`s the server in a `before` hook. Where it can't run: skips the suite and says why, or fails if servers are required. */
export async function requireServer<T>(context: Context, start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof ServerUnavailable) || serversAreRequired()) throw error;
    process.stderr.write(`    skipped: ${error.message}\n`);
    return context.skip();
  }
}

type HostSettings = Pick<Host, 'name' | 'protocol' | 'port'> &
  Partial<Omit<Host, 'sftp' | 'ftp'>> & { readonly sftp?: Partial<Host['sftp']>; readonly ftp?: Partial<Host['ftp']> };

/** A Host as `parseHosts` would make it, for a server on loopback: no agent and none of the person's own keys. */
export function makeHost(settings: HostSettings): Host {
  const { sftp, ftp, ...rest } = settings;
  return {
    ...hostDefaults(settings.protocol),
    address: '127.0.0.1',
    connections: 4,
    ...rest,
    sftp: { ...sftpDefaults, privateKeys: [], agent: false, ...sftp },
    ftp: { ...ftpDefaults, ...ftp },
  };
}

import { readdir } from 'node:fs/promises';
import { userInfo } from 'node:os';
import ssh2, { type BaseAgent, type ParsedKey, type SigningRequestOptions } from 'ssh2';
import type { SftpOptions } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import type { Log } from '../../core/log.ts';
import { heldKeys, signWith } from './agentDialogue.ts';
import { certifiedKey } from './certificates.ts';
import { expandHome } from './environment.ts';
import { publicKey } from './opensshKey.ts';

/** A key that an SSH agent holds and signs with. */
export interface AgentKey {
  /** The public half. */
  readonly key: ParsedKey;
  /** `hash` for RSA (`sha256`, `sha512`, `sha1`). May wait for the person's consent. Rejects where the agent refuses. */
  sign(data: Buffer, hash: string | undefined): Promise<Buffer>;
  /** The same with the name of the signature before it (RFC 4253 §6.6). */
  readonly signNamed: SignNamed;
}

/** The signature has its name before it (RFC 4253 §6.6). May wait for the person. Rejects where the agent refuses. */
export type SignNamed = (data: Buffer, hash: string | undefined) => Promise<Buffer>;

/** A certificate, or a key of a FIDO device, that an agent holds and signs with. */
export interface AgentBlob {
  readonly blob: Buffer;
  readonly comment: string;
  readonly signNamed: SignNamed;
}

export interface AgentKeys {
  readonly keys: readonly AgentKey[];
  readonly blobs: readonly AgentBlob[];
  /** Why an agent that the host names gave no keys, in plain words. */
  readonly problem: string | undefined;
}

const identitiesDeadline = 4000;

/** The keys of the agents that a host may use, in their order. Never rejects: an agent that does not answer has none. */
export async function agentKeys(agent: SftpOptions['agent'], home: string, log: Log): Promise<AgentKeys> {
  const sockets = await agentSockets(agent, home);
  const found = await Promise.all(sockets.map((socket) => keysOf(socket, log)));
  const named = typeof agent === 'string' && found.every((keys) => keys === undefined);
  return {
    keys: found.flatMap((keys) => keys ?? []),
    blobs: (await Promise.all(sockets.map(blobsOf))).flat(),
    problem: named ? t('the agent {0} does not answer', agent) : undefined,
  };
}

/** Where agents listen: a socket on Unix; the OpenSSH service and Pageant have named pipes on Windows. */
async function agentSockets(agent: SftpOptions['agent'], home: string): Promise<string[]> {
  if (agent === false) return [];
  const windows = process.platform === 'win32';
  if (agent === 'pageant' && windows) return pageantPipes();
  if (typeof agent === 'string') return [expandHome(agent, home)];
  const socket = process.env['SSH_AUTH_SOCK'];
  const named = socket === undefined || socket === '' ? [] : [socket];
  return windows ? [...new Set([...named, String.raw`\\.\pipe\openssh-ssh-agent`, ...(await pageantPipes())])] : named;
}

/** Pageant's pipe has a hash at its end that only Windows can compute; the user's name in front of it tells whose it is. */
async function pageantPipes(): Promise<string[]> {
  const folder = String.raw`\\.\pipe` + '\\';
  const prefix = `pageant.${userInfo().username}.`.toLowerCase();
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => name.toLowerCase().startsWith(prefix)).map((name) => folder + name);
}

async function keysOf(socket: string, log: Log): Promise<AgentKey[] | undefined> {
  const agent = ssh2.createAgent(socket);
  try {
    const keys = await identities(agent);
    log.debug(`The agent at ${socket} holds ${keys.length} usable keys.`);
    return keys.map((key) => ({
      key,
      sign: (data, hash) => sign(agent, key, data, hash),
      signNamed: (data, hash) => signWith(socket, key.getPublicSSH(), data, hash),
    }));
  } catch (error) {
    log.debug(`The agent at ${socket} does not answer: ${String(error)}`);
    return undefined;
  }
}

/** Those that `ssh2` has no type for. */
async function blobsOf(socket: string): Promise<AgentBlob[]> {
  const held = await heldKeys(socket, identitiesDeadline).catch(() => []);
  return held
    .filter(({ blob }) => publicKey(blob) === undefined || certifiedKey(blob) !== undefined)
    .map(({ blob, comment }) => ({ blob, comment, signNamed: (data, hash) => signWith(socket, blob, data, hash) }));
}

function identities(agent: BaseAgent): Promise<ParsedKey[]> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no answer in time')), identitiesDeadline);
    agent.getIdentities((error, keys) => {
      clearTimeout(timer);
      if (error) reject(error);
      // A certificate is taken for the key in it by some of its types, which it is not.
      else resolve(((keys ?? []) as ParsedKey[]).filter((key) => !key.type.includes('-cert-')));
    });
  });
}

function sign(agent: BaseAgent, key: ParsedKey, data: Buffer, hash: string | undefined): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = (hash === undefined ? {} : { hash }) as SigningRequestOptions;
    agent.sign(key, data, options, (error, signature) => {
      if (signature === undefined) reject(error ?? new Error('no signature'));
      else resolve(signature);
    });
  });
}

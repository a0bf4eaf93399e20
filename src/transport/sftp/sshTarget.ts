import { userInfo } from 'node:os';
import type { ConnectContext } from '../../core/connect.ts';
import { RemoteError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import { hostDefaults } from '../../core/hostDefaults.ts';
import { t } from '../../core/l10n.ts';
import { assembleAlgorithms } from '../../core/sshConfig/algorithmList.ts';
import { formatJump, type JumpSpec, parseJump } from '../../core/sshConfig/jumpSpec.ts';
import type { AlgorithmKind, SshSettings } from '../../core/sshConfig/settings.ts';
import { type SshConfigEntry, lookUpSshConfig } from '../sshConfig/lookup.ts';
import { sshEnvironment } from './environment.ts';

/** A server to log in to over SSH, all that the person's settings and ssh config say about it brought together. */
export interface SshTarget {
  /** With the address, port, user and keys that hold. */
  readonly host: Host;
  /** What its host key is looked up and kept under. */
  readonly place: { readonly address: string; readonly port: number };
  /** Files, in their order. */
  readonly knownHosts: readonly string[];
  readonly unknownKeys: SshSettings['unknownKeys'];
  readonly identitiesOnly: boolean;
  readonly certificateFiles: readonly string[];
  readonly algorithms: Readonly<Partial<Record<AlgorithmKind, string>>>;
  readonly methods: readonly string[] | undefined;
  readonly family: 4 | 6 | undefined;
  readonly localAddress: string | undefined;
  /** Ms for connecting and logging in; undefined: the usual. */
  readonly patience: number | undefined;
  /** Ms of silence after which the link is asked; undefined: the usual. */
  readonly silence: number | undefined;
  /** How often that may stay unanswered before the link counts as dead; undefined: the usual. */
  readonly silenceCount: number | undefined;
  /** How often a password is asked for; undefined: the usual. */
  readonly passwordPrompts: number | undefined;
  readonly way: WayTo;
}

/** How the connection to a server comes about. */
export type WayTo =
  | { readonly kind: 'direct' }
  /** Through these hosts, in this order. */
  | { readonly kind: 'jumps'; readonly hops: readonly Host[] }
  /** The person's own `ProxyCommand`, tokens filled in, for their shell. */
  | { readonly kind: 'command'; readonly command: string };

/** RSA signatures with SHA-1, which servers of long ago want. */
export function allowsSha1({ host, algorithms }: SshTarget): boolean {
  const spec = algorithms.pubkeyacceptedalgorithms;
  return host.sftp.legacyAlgorithms || (spec !== undefined && assembleAlgorithms(spec, [], ['ssh-rsa']).length > 0);
}

export type TargetContext = Pick<ConnectContext, 'log' | 'reach'>;

/** `isHop`: as with `ssh`, a user that nobody names is the person's own here; a destination's is asked for. Throws what can't be done. */
export async function describeTarget(host: Host, context: TargetContext, isHop: boolean): Promise<SshTarget> {
  const followed = host.sftp.sshConfig;
  const request = followed && { host: followed.host, user: host.user, port: followed.port };
  const entry = request && (await lookUpSshConfig(request, context.reach?.sshConfig, context.log));
  const target = entry === undefined ? plainTarget(host, context) : configuredTarget(host, entry, context);
  if (target.host.user !== undefined || !isHop) return target;
  return { ...target, host: { ...target.host, user: userInfo().username } };
}

function plainTarget(host: Host, context: TargetContext): SshTarget {
  return {
    ...{ host, place: host, knownHosts: sshEnvironment().knownHosts, unknownKeys: 'ask' },
    ...{ identitiesOnly: false, certificateFiles: [], algorithms: {}, methods: undefined },
    ...{ family: host.family, localAddress: undefined, patience: undefined, silence: undefined },
    ...{ silenceCount: undefined, passwordPrompts: undefined },
    way: jumpsOf(host, context) ?? { kind: 'direct' },
  };
}

function configuredTarget(host: Host, entry: SshConfigEntry, context: TargetContext): SshTarget {
  const { settings } = entry;
  const address = host.sftp.sshConfig?.address ?? settings.hostname;
  const user = host.user ?? (entry.isNamed || entry.hasUser ? settings.user : undefined);
  const { user: ownKnown, system: systemKnown } = sshEnvironment().knownHostsBy;
  const seconds = (value: number | undefined) => (value === undefined ? undefined : value * 1000);
  const sftp = {
    ...host.sftp,
    privateKeys: host.sftp.privateKeys ?? settings.identityFiles,
    agent: host.sftp.agent === true ? settings.agent : host.sftp.agent,
  };
  const resolved = { ...host, address, port: settings.port, user, sftp };
  return {
    host: resolved,
    place: settings.alias === undefined ? resolved : { address: settings.alias, port: 22 },
    knownHosts: [...(settings.userKnownHosts ?? ownKnown), ...(settings.systemKnownHosts ?? systemKnown)],
    ...{ unknownKeys: settings.unknownKeys, identitiesOnly: settings.identitiesOnly, certificateFiles: settings.certificateFiles },
    ...{
      algorithms: settings.algorithms,
      methods: settings.methods,
      family: host.family ?? settings.family,
      localAddress: settings.localAddress,
    },
    ...{ patience: seconds(settings.patience), silence: seconds(settings.silence) },
    ...{ silenceCount: settings.silenceCount, passwordPrompts: settings.passwordPrompts },
    way: jumpsOf(host, context) ?? wayOf(settings, resolved),
  };
}

/** Undefined where the host says nothing about it. */
function jumpsOf({ sftp: { jump } }: Host, context: TargetContext): WayTo | undefined {
  if (jump === undefined) return undefined;
  return jump.length === 0 ? { kind: 'direct' } : { kind: 'jumps', hops: jump.map((name) => hopFrom(name, context)) };
}

function hopFrom(name: string, { reach }: TargetContext): Host {
  const saved = reach?.findHost(name);
  if (saved?.protocol === 'sftp') return saved;
  const spec = parseJump(name);
  if (spec === undefined) throw new RemoteError('Unreachable', t('“{0}” is no jump host.', name), { retryable: false });
  return unsavedHop(spec);
}

function unsavedHop(spec: JumpSpec): Host {
  const defaults = hostDefaults('sftp');
  const { host: address, user, port } = spec;
  const sshConfig = { host: address, address: undefined, port };
  return { ...defaults, name: formatJump(spec), address, user, port: port ?? 22, sftp: { ...defaults.sftp, sshConfig } };
}

function wayOf({ jumps, command, problems }: SshSettings, { name, proxy }: Host): WayTo {
  // A proxy that the host itself names takes the place of a command.
  if (proxy !== undefined && jumps === undefined) return { kind: 'direct' };
  if (command === '' || jumps?.length === 0) {
    const hint = t('Check “ProxyCommand” and “ProxyJump” of your ssh config.');
    throw new RemoteError('Unreachable', problems.join(' '), { host: name, hint, retryable: false });
  }
  if (command !== undefined) return { kind: 'command', command };
  return jumps === undefined ? { kind: 'direct' } : { kind: 'jumps', hops: jumps.map(unsavedHop) };
}

import * as tls from 'node:tls';
import { isIP } from 'node:net';
import type { FtpOptions, HostProfile, TlsVersion } from '../../core/host.ts';

export interface ClientCertificate {
  /** PEM (may hold the key too) or PFX/PKCS#12. */
  readonly certificate: Buffer;
  readonly key: Buffer | undefined;
  readonly passphrase: string | undefined;
}

const old: readonly TlsVersion[] = ['TLSv1', 'TLSv1.1'];

/** Whether the host lets TLS below 1.2 in. */
export function allowsOldTls(options: Pick<FtpOptions, 'minTlsVersion'>): boolean {
  return old.includes(options.minTlsVersion);
}

/** A DER-encoded PKCS#12 file begins with an ASN.1 SEQUENCE; PEM with text. */
export function isPfx(file: Uint8Array): boolean {
  return file[0] === 0x30;
}

/** What `tls.createSecureContext` gets for this host. */
export function contextOptions(
  options: Pick<FtpOptions, 'minTlsVersion' | 'maxTlsVersion'>,
  client: ClientCertificate | undefined,
  ca: string[],
): tls.SecureContextOptions {
  return {
    ca,
    minVersion: options.minTlsVersion,
    ...(options.maxTlsVersion && { maxVersion: options.maxTlsVersion }),
    // OpenSSL 3 has the signatures and keys of TLS 1.0 and 1.1 switched off above security level 0.
    ...(allowsOldTls(options) && { ciphers: 'DEFAULT@SECLEVEL=0' }),
    ...(client && clientOptions(client)),
  };
}

function clientOptions({ certificate, key, passphrase }: ClientCertificate): tls.SecureContextOptions {
  const opened = passphrase === undefined ? {} : { passphrase };
  return isPfx(certificate) ? { pfx: certificate, ...opened } : { cert: certificate, key: key ?? certificate, ...opened };
}

/** Groups of key exchange (RFC 8446 §4.2.7) that are worth naming first; for others the runtime offers a key anyway. */
export type KeyGroup = NonNullable<HostProfile['keyGroup']>;

const keyGroups: readonly string[] = ['prime256v1', 'secp384r1', 'secp521r1'] satisfies KeyGroup[];
const offeredFirst = ['X25519MLKEM768', 'X25519'];

/** The group that a TLS 1.3 handshake used, where a client that had offered a key for it at once would have had a round trip less. */
export function slowGroup(secure: tls.TLSSocket): KeyGroup | undefined {
  if (secure.getProtocol() !== 'TLSv1.3') return undefined;
  const info = secure.getEphemeralKeyInfo() as Partial<tls.EphemeralKeyInfo> | null;
  return isKeyGroup(info?.name) ? info.name : undefined;
}

function isKeyGroup(name: string | undefined): name is KeyGroup {
  return name !== undefined && keyGroups.includes(name);
}

/** Contexts of one host, by the group that its server is known to use. */
export type Contexts = (group: KeyGroup | undefined) => tls.SecureContext;

/** To read all authorities takes long enough to be noticed: without a client certificate of its own, hosts share contexts. */
const shared = new Map<string, tls.SecureContext>();

export function contextsOf(options: Pick<FtpOptions, 'minTlsVersion' | 'maxTlsVersion'>, client: ClientCertificate | undefined): Contexts {
  const known = client ? new Map<string, tls.SecureContext>() : shared;
  return (group) => {
    const key = [options.minTlsVersion, options.maxTlsVersion, group].join(' ');
    const context = known.get(key) ?? contextWith(contextOptions(options, client, certificateAuthorities()), group);
    known.set(key, context);
    return context;
  };
}

/** With a key of `group` in the first message, where the runtime has it, and all others that are good still allowed. */
function contextWith(options: tls.SecureContextOptions, group: KeyGroup | undefined): tls.SecureContext {
  if (group === undefined) return secureContext(options);
  const groups = [group, ...offeredFirst, ...keyGroups.filter((other) => other !== group)];
  try {
    return secureContext({ ...options, ecdhCurve: groups.join(':') });
  } catch {
    return secureContext(options);
  }
}

/** As `tls.createSecureContext`, also where the runtime (Electron's BoringSSL) knows no security levels. */
export function secureContext(options: tls.SecureContextOptions): tls.SecureContext {
  try {
    return tls.createSecureContext(options);
  } catch (error) {
    const { ciphers, ...rest } = options;
    if (ciphers === undefined || !/CIPHER|NO_CIPHER_MATCH|INVALID_COMMAND/i.test(String((error as NodeJS.ErrnoException).code)))
      throw error;
    return tls.createSecureContext(rest);
  }
}

let authorities: string[] | undefined;

/** The certificate authorities that Node brings and those of the system, where Node can tell (22.15 and later). */
export function certificateAuthorities(): string[] {
  authorities ??= [...new Set([...tls.rootCertificates, ...systemAuthorities()])];
  return authorities;
}

function systemAuthorities(): readonly string[] {
  const { getCACertificates } = tls as Partial<typeof tls>;
  try {
    return getCACertificates?.('system') ?? [];
  } catch {
    return [];
  }
}

/** RFC 6066 §3: a server name is a DNS name, never an address. The empty string keeps Node from making one up. */
export function serverName(address: string): string {
  return isIP(address) === 0 ? address : '';
}

import { readFile } from 'node:fs/promises';
import { sshInteger, sshString, WireReader } from './wire.ts';

/** A user certificate of OpenSSH (PROTOCOL.certkeys), as far as a log-in has to know it. */
export interface Certificate {
  readonly file: string;
  /** Such as `ssh-ed25519-cert-v01@openssh.com`. */
  readonly type: string;
  readonly blob: Buffer;
  /** The public key that it is for, whose private half signs. */
  readonly keyBlob: Buffer;
}

const suffix = '-cert-v01@openssh.com';
/** How many fields the public key has, behind its type. */
const keyFields: Readonly<Record<string, number>> = {
  'ssh-ed25519': 1,
  'ssh-rsa': 2,
  'ecdsa-sha2-nistp256': 2,
  'ecdsa-sha2-nistp384': 2,
  'ecdsa-sha2-nistp521': 2,
  'sk-ssh-ed25519@openssh.com': 2,
  'sk-ecdsa-sha2-nistp256@openssh.com': 3,
};

/** The type of the key that a certificate is for, or the type itself for a plain one. */
export function plainType(type: string): string {
  if (!type.endsWith(suffix)) return type;
  const plain = type.slice(0, -suffix.length);
  return plain.startsWith('sk-') ? `${plain}@openssh.com` : plain;
}

/** The name of a signature algorithm where a certificate goes with it; `plain`: that of its key. */
export function certifiedAlgorithm(type: string, plain: string): string {
  if (!type.endsWith(suffix)) return plain;
  return plain.startsWith('rsa-') ? plain + suffix : type;
}

/** The key that a certificate is for; undefined for what is none. */
export function certifiedKey(blob: Buffer): Buffer | undefined {
  try {
    const reader = new WireReader(blob);
    const type = plainType(reader.text());
    const count = keyFields[type];
    if (count === undefined || plainType(new WireReader(blob).text()) === new WireReader(blob).text()) return undefined;
    // A number that nobody can foresee stands before the key.
    reader.string();
    return Buffer.concat([type, ...Array.from({ length: count }, () => reader.string())].map(sshString));
  } catch {
    return undefined;
  }
}

/** The certificate of a file like `id_ed25519-cert.pub`; undefined where there is none. */
export async function readCertificate(file: string): Promise<Certificate | undefined> {
  const line = await readFile(file, 'latin1').catch(() => '');
  const blob = Buffer.from(line.trim().split(/\s+/)[1] ?? '', 'base64');
  const keyBlob = certifiedKey(blob);
  return keyBlob === undefined ? undefined : { file, blob, keyBlob, type: new WireReader(blob).text() };
}

/** A signature with the name of its algorithm before it (RFC 4253 §6.6). `raw`: as `node:crypto` makes it; that of ECDSA is in DER. */
export function namedSignature(algorithm: string, raw: Buffer): Buffer {
  return Buffer.concat([sshString(algorithm), sshString(algorithm.startsWith('ecdsa-') ? pairOf(raw) : raw)]);
}

/** DER: SEQUENCE { INTEGER r, INTEGER s }, to RFC 5656 §3.1.2. */
function pairOf(der: Buffer): Buffer {
  let at = der[1] === 0x81 ? 3 : 2;
  const integer = (): Buffer => {
    const length = der[at + 1] ?? 0;
    const value = der.subarray(at + 2, at + 2 + length);
    at += 2 + length;
    return sshInteger(value);
  };
  return Buffer.concat([integer(), integer()]);
}

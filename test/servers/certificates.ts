import { X509Certificate } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './folder.ts';
import { findProgram, runProgram } from './program.ts';

/** PEM files of one certificate and its key. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
  /** Key and certificate in one file, as some servers want them. */
  readonly both: string;
  /** As in `Identity`: colon-separated upper-case hex of SHA-256. */
  readonly fingerprint: string;
}

export type CertificateKind =
  /** For localhost and its addresses, signed by itself. */
  | 'selfSigned'
  /** The same names and another key: a server whose identity changed. */
  | 'anotherSelfSigned'
  /** For localhost and its addresses, signed by `testAuthority()`. */
  | 'signed'
  | 'expired'
  /** For another machine's name. */
  | 'wrongName'
  /** A person's, signed by `testAuthority()`. */
  | 'client';

const localNames = 'DNS:localhost,IP:127.0.0.1,IP:::1';
const made = new Map<string, Certificate>();
let folder: string | undefined;

/** Made when first asked for, the same one ever after in this process. */
export function testCertificate(kind: CertificateKind): Certificate {
  return remembered(kind, (base) => {
    const [name, authority] = [
      kind === 'client' ? 'tester' : 'localhost',
      kind === 'selfSigned' || kind === 'anotherSelfSigned' ? undefined : testAuthority(),
    ];
    const names = kind === 'wrongName' ? 'DNS:elsewhere.example' : kind === 'client' ? 'email:tester@example.org' : localNames;
    if (authority === undefined) selfSign(base, name, [`subjectAltName=${names}`]);
    else sign(base, name, names, authority, kind === 'expired' ? -1 : 2);
  });
}

/** The authority that signs the tests' certificates; nobody trusts it by itself. */
export function testAuthority(): Certificate {
  return remembered('authority', (base) => {
    selfSign(base, 'Ferry test authority', ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign']);
  });
}

/** The client's certificate and key as PKCS#12. */
export function clientPfx(passphrase: string): string {
  const { certificate, key } = testCertificate('client');
  const file = `${certificate}.p12`;
  runProgram(openssl(), ['pkcs12', '-export', '-in', certificate, '-inkey', key, '-out', file, '-passout', 'stdin'], `${passphrase}\n`);
  return file;
}

/** The client's key, encrypted. */
export function clientKeyWithPassphrase(passphrase: string): string {
  const { key } = testCertificate('client');
  const file = `${key}.encrypted`;
  runProgram(openssl(), ['pkcs8', '-topk8', '-in', key, '-out', file, '-passout', 'stdin'], `${passphrase}\n`);
  return file;
}

function remembered(kind: string, make: (base: string) => void): Certificate {
  const known = made.get(kind);
  if (known !== undefined) return known;
  folder ??= temporaryFolder('certificates');
  const base = join(folder, kind);
  make(base);
  const [certificate, key, both] = [`${base}.pem`, `${base}.key`, `${base}.both.pem`];
  const pem = readFileSync(certificate, 'latin1');
  writeFileSync(both, readFileSync(key, 'latin1') + pem, { mode: 0o600 });
  const result = { certificate, key, both, fingerprint: new X509Certificate(pem).fingerprint256 };
  made.set(kind, result);
  return result;
}

const newKey = ['-newkey', 'rsa:2048', '-nodes'];

function selfSign(base: string, name: string, extensions: readonly string[]): void {
  const added = extensions.flatMap((extension) => ['-addext', extension]);
  runProgram(openssl(), [
    'req',
    '-x509',
    ...newKey,
    '-days',
    '2',
    '-subj',
    `/O=Ferry/CN=${name}`,
    ...added,
    '-keyout',
    `${base}.key`,
    '-out',
    `${base}.pem`,
  ]);
}

function sign(base: string, name: string, names: string, authority: Certificate, days: number): void {
  runProgram(openssl(), ['req', ...newKey, '-subj', `/O=Ferry/CN=${name}`, '-keyout', `${base}.key`, '-out', `${base}.csr`]);
  writeFileSync(`${base}.ext`, `subjectAltName=${names}\n`);
  const by = ['-CA', authority.certificate, '-CAkey', authority.key, '-CAserial', `${base}.srl`, '-CAcreateserial'];
  runProgram(openssl(), [
    'x509',
    '-req',
    '-in',
    `${base}.csr`,
    ...by,
    '-days',
    String(days),
    '-extfile',
    `${base}.ext`,
    '-out',
    `${base}.pem`,
  ]);
}

function openssl(): string {
  return findProgram('openssl', 'openssl');
}

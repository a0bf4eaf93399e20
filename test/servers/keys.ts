import { createHash, generateKeyPairSync } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, runProgram } from './program.ts';

export type KeyType = 'ed25519' | 'rsa' | 'ecdsa';
export type KeyFormat = 'openssh' | 'pem' | 'pkcs8' | 'ppk2' | 'ppk3';

export interface KeyPair {
  /** The private key, mode 0600. */
  readonly file: string;
  readonly passphrase: string | undefined;
  /** The public key as a line of `authorized_keys`. */
  readonly publicLine: string;
}

/** A new key pair made by the programs that people make theirs with; Ed25519 has no PEM form other than PKCS#8. */
export function makeKey(folder: string, type: KeyType, format: KeyFormat = 'openssh', passphrase?: string): KeyPair {
  const file = join(folder, `${type}-${format}${passphrase === undefined ? '' : '-passphrase'}`);
  if (format === 'ppk2' || format === 'ppk3') return makePuttyKey(file, makeKey(folder, type), format, passphrase);
  if (format === 'pkcs8' && type === 'ed25519') return makeEd25519Pkcs8(file, passphrase);
  const form = { openssh: [], pem: ['-m', 'PEM'], pkcs8: ['-m', 'PKCS8'] }[format];
  const bits = { ed25519: [], rsa: ['-b', '2048'], ecdsa: ['-b', '256'] }[type];
  runProgram(sshKeygen(), ['-q', '-t', type, ...bits, ...form, '-N', passphrase ?? '', '-C', 'ferry-test', '-f', file], 'y\n');
  return { file, passphrase, publicLine: readFileSync(`${file}.pub`, 'utf8').trim() };
}

function makePuttyKey(file: string, from: KeyPair, format: 'ppk2' | 'ppk3', passphrase: string | undefined): KeyPair {
  const secret = `${file}.passphrase`;
  writeFileSync(secret, passphrase ?? '', { mode: 0o600 });
  const version = `version=${format === 'ppk2' ? 2 : 3}`;
  runProgram(findProgram('puttygen', 'putty-tools'), [
    ...[from.file, '-O', 'private', '-o', file],
    ...['--ppk-param', version, '--new-passphrase', secret],
  ]);
  return { file, passphrase, publicLine: from.publicLine };
}

function makeEd25519Pkcs8(file: string, passphrase: string | undefined): KeyPair {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const form = { type: 'pkcs8', format: 'pem' } as const;
  const pem = privateKey.export(passphrase === undefined ? form : { ...form, cipher: 'aes-256-cbc', passphrase });
  writeFileSync(file, pem, { mode: 0o600 });
  const blob = Buffer.concat(['ssh-ed25519', Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url')].map(sshString));
  return { file, passphrase, publicLine: `ssh-ed25519 ${blob.toString('base64')} ferry-test` };
}

/** RFC 4251 §5. */
function sshString(value: string | Buffer): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** A certificate for `user` beside the key's file (ssh-keygen(1), CERTIFICATES), signed by another key; its path. */
export function makeCertificate(authority: KeyPair, key: KeyPair, user: string): string {
  runProgram(sshKeygen(), ['-q', '-s', authority.file, '-I', 'ferry-test', '-n', user, '-V', '-1h:+1h', `${key.file}.pub`]);
  return `${key.file}-cert.pub`;
}

/** `SHA256:…` as OpenSSH prints it. */
export function fingerprintOf(publicLine: string): string {
  const blob = Buffer.from(publicLine.split(' ')[1] ?? '', 'base64');
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/** The public key in the form of RFC 4716, which ProFTPD's mod_sftp wants. */
export function publicKeyRfc4716(folder: string, publicLine: string): string {
  const file = join(folder, 'to-rfc4716.pub');
  writeFileSync(file, `${publicLine}\n`);
  return runProgram(sshKeygen(), ['-e', '-m', 'RFC4716', '-f', file]);
}

function sshKeygen(): string {
  return findProgram('ssh-keygen', 'openssh-client');
}

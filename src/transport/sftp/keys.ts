import { createPrivateKey } from 'node:crypto';
import ssh2, { type ParsedKey } from 'ssh2';
import { t } from '../../core/l10n.ts';
import { keyFromJwk, opensshContainer, publicKey } from './opensshKey.ts';
import { canUnlock, unlockKey } from './opensshUnlocking.ts';
import { openPuttyKey, parsePuttyKey, type PuttyKey } from './ppk.ts';

/** What the content of a private key file turned out to be. */
export type KeyReading =
  | { readonly kind: 'key'; readonly key: ParsedKey }
  /** A passphrase is needed. `publicKey`: the public half, where the file shows it without. */
  | { readonly kind: 'locked'; readonly publicKey: ParsedKey | undefined }
  /** The passphrase is not the right one. */
  | { readonly kind: 'wrongPassphrase' }
  /** `reason`: plain words, a part of a sentence. `needsOpenssh`: the person's own `ssh` may be able to use it. */
  | { readonly kind: 'unusable'; readonly reason: string; readonly needsOpenssh?: true };

/**
 * Reads a private key in any of the usual formats: OpenSSH, PEM (PKCS#1, SEC 1, also encrypted), PKCS#8, PuTTY 2 and 3;
 * RSA, ECDSA and Ed25519. Never throws.
 */
export async function readPrivateKey(content: Buffer, passphrase?: string): Promise<KeyReading> {
  /* Latin-1 keeps every byte: PuTTY's comment is signed as it stands. */
  const text = content
    .toString('latin1')
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .trim();
  try {
    if (text.includes('BEGIN OPENSSH PRIVATE KEY')) return await readOpenssh(text, passphrase);
    if (/^PuTTY-User-Key-File-\d/.test(text)) return await readPutty(parsePuttyKey(text), passphrase);
    if (/-----BEGIN (?:RSA |EC |DSA |ENCRYPTED )?PRIVATE KEY-----/.test(text)) return readPem(text, passphrase);
  } catch {
    return unusable(t('it is damaged'));
  }
  if (/^---- BEGIN SSH2 .*PRIVATE KEY/.test(text)) return unusable(t('it has the format of ssh.com; “puttygen” converts it'));
  if (/^(?:ssh-|ecdsa-|sk-|---- BEGIN SSH2 PUBLIC)|BEGIN (?:RSA )?PUBLIC KEY/.test(text))
    return unusable(t('it holds a public key, not the private one'));
  return unusable(t('it is not a private key'));
}

async function readOpenssh(text: string, passphrase: string | undefined): Promise<KeyReading> {
  const container = opensshContainer(text);
  if (container === undefined) return unusable(t('it is damaged'));
  const half = publicKey(container.publicBlob);
  if (half === undefined) return ofOtherType();
  if (container.cipher === 'none') return usableOrDamaged(ssh2.utils.parseKey(text));
  if (container.cipher.includes('poly1305'))
    return unusable(t('it is encrypted with ChaCha20; “ssh-keygen -p -Z aes256-ctr -f FILE” changes that'));
  if (!canUnlock(container)) return unusable(t('it is encrypted in a way that is not supported'));
  if (passphrase === undefined) return { kind: 'locked', publicKey: half };
  const key = await unlockKey(container, passphrase);
  return key === undefined ? { kind: 'wrongPassphrase' } : usableOrDamaged(key);
}

function usableOrDamaged(key: ParsedKey | Error): KeyReading {
  return key instanceof Error ? unusable(t('it is damaged')) : usable(key);
}

async function readPutty(file: PuttyKey | undefined, passphrase: string | undefined): Promise<KeyReading> {
  if (file === undefined) return unusable(t('it is damaged or a PuTTY format that is not supported; “puttygen” converts it'));
  const half = publicKey(file.publicBlob);
  if (half === undefined) return ofOtherType();
  const locked = file.encryption !== 'none';
  if (locked && passphrase === undefined) return { kind: 'locked', publicKey: half };
  const key = await openPuttyKey(file, passphrase ?? '');
  if (key === undefined) return locked ? { kind: 'wrongPassphrase' } : unusable(t('it is damaged'));
  return usable(key);
}

function readPem(text: string, passphrase: string | undefined): KeyReading {
  const locked = /BEGIN ENCRYPTED PRIVATE KEY|^Proc-Type: *4, *ENCRYPTED/m.test(text);
  if (locked && passphrase === undefined) return { kind: 'locked', publicKey: undefined };
  if (text.includes('BEGIN DSA')) return unusable(t('DSA keys are no longer safe and not supported'));
  let exported;
  try {
    exported = createPrivateKey({ key: text, format: 'pem', ...(locked ? { passphrase: passphrase ?? '' } : {}) }).export({
      format: 'jwk',
    });
  } catch {
    return locked ? { kind: 'wrongPassphrase' } : unusable(t('it is damaged or of a type that is not supported'));
  }
  return usable(keyFromJwk(exported));
}

function usable(key: ParsedKey | Error): KeyReading {
  if (key instanceof Error) return ofOtherType();
  return { kind: 'key', key };
}

/** Such as those of FIDO devices, whose files hold but a handle. */
function ofOtherType(): KeyReading {
  const reason = t(
    'its type needs “client”: “openssh” for this host, or an agent that holds it; by itself Ferry uses RSA, ECDSA and Ed25519',
  );
  return { kind: 'unusable', reason, needsOpenssh: true };
}

function unusable(reason: string): KeyReading {
  return { kind: 'unusable', reason };
}

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPrivateKey, type KeyReading } from '../../../../src/transport/sftp/keys.ts';
import { removeFolder, temporaryFolder } from '../../../servers/folder.ts';
import { makeKey, type KeyFormat, type KeyType } from '../../../servers/keys.ts';
import { runProgram } from '../../../servers/program.ts';

describe('private keys', () => {
  let folder: string;
  before(() => (folder = temporaryFolder('keys')));
  after(() => removeFolder(folder));

  const types: readonly KeyType[] = ['ed25519', 'ecdsa', 'rsa'];
  const formats: readonly KeyFormat[] = ['openssh', 'pem', 'pkcs8', 'ppk2', 'ppk3'];
  const hash = { ed25519: undefined, ecdsa: undefined, rsa: 'sha256' };

  for (const type of types) {
    for (const format of formats.filter((name) => name !== 'pem' || type !== 'ed25519')) {
      it(`${type} as ${format}`, async () => {
        const pair = makeKey(folder, type, format);
        assertOpens(await readPrivateKey(readFileSync(pair.file)), pair.publicLine, type);
      });

      it(`${type} as ${format} with a passphrase`, async () => {
        const pair = makeKey(folder, type, format, 'sesame');
        const content = readFileSync(pair.file);
        const locked = await readPrivateKey(content);
        assert.ok(locked.kind === 'locked');
        if (locked.publicKey !== undefined) {
          assert.equal(locked.publicKey.getPublicSSH().toString('base64'), pair.publicLine.split(' ')[1]);
        }
        assert.equal((await readPrivateKey(content, 'wrong')).kind, 'wrongPassphrase');
        assert.equal((await readPrivateKey(content, '')).kind, 'wrongPassphrase');
        assertOpens(await readPrivateKey(content, 'sesame'), pair.publicLine, type);
      });
    }
  }

  const ciphers = ['aes128-ctr', 'aes192-ctr', 'aes256-ctr', 'aes128-cbc', 'aes192-cbc', 'aes256-cbc', '3des-cbc'];
  for (const cipher of [...ciphers, 'aes128-gcm@openssh.com', 'aes256-gcm@openssh.com']) {
    it(`encrypted with ${cipher}, whatever the rounds`, async () => {
      const { file, publicLine } = makeKey(folder, 'ecdsa');
      for (const rounds of ['1', '3']) {
        runProgram('ssh-keygen', [
          '-q',
          '-p',
          '-P',
          rounds === '1' ? '' : 'sesame',
          '-N',
          'sesame',
          '-Z',
          cipher,
          '-a',
          rounds,
          '-f',
          file,
        ]);
        const content = readFileSync(file);
        assertOpens(await readPrivateKey(content, 'sesame'), publicLine, 'ecdsa');
        assert.equal((await readPrivateKey(content, 'Sesame')).kind, 'wrongPassphrase');
      }
    });
  }

  it('encrypted with ChaCha20 says what to do', async () => {
    const { file } = makeKey(folder, 'ecdsa');
    runProgram('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'sesame', '-Z', 'chacha20-poly1305@openssh.com', '-f', file]);
    const reading = await readPrivateKey(readFileSync(file), 'sesame');
    assert.match(reading.kind === 'unusable' ? reading.reason : '', /ssh-keygen -p -Z/);
  });

  it('that would take minutes to open is unusable at once', async () => {
    const { file } = makeKey(folder, 'ecdsa', 'openssh', 'sesame');
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    const bytes = Buffer.from(lines.slice(1, -1).join(''), 'base64');
    const at = bytes.indexOf('bcrypt') + 6 + 4 + 4 + 16;
    assert.equal(bytes.readUInt32BE(at), 16);
    bytes.writeUInt32BE(0xffffffff, at);
    const reading = await readPrivateKey(Buffer.from([lines[0], bytes.toString('base64'), lines.at(-1)].join('\n')), 'sesame');
    assert.equal(reading.kind, 'unusable');
  });

  function assertOpens(reading: KeyReading, publicLine: string, type: KeyType): void {
    assert.ok(reading.kind === 'key', JSON.stringify(reading));
    assert.equal(reading.key.getPublicSSH().toString('base64'), publicLine.split(' ')[1]);
    const data = Buffer.from('signed');
    const signature = reading.key.sign(data, hash[type]);
    assert.ok(reading.key.verify(data, signature, hash[type]));
  }

  it('curves P-384 and P-521 of every format', async () => {
    for (const [bits, namedCurve] of [
      [384, 'secp384r1'],
      [521, 'secp521r1'],
    ] as const) {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve });
      for (const form of ['sec1', 'pkcs8'] as const) {
        const reading = await readPrivateKey(Buffer.from(privateKey.export({ type: form, format: 'pem' })));
        assert.ok(reading.kind === 'key' && reading.key.type === `ecdsa-sha2-nistp${bits}`);
        assert.ok(reading.key.verify(Buffer.from('x'), reading.key.sign(Buffer.from('x'))));
      }
    }
  });

  it('many RSA and ECDSA keys through PKCS#8, whatever their leading zeros', async () => {
    for (let count = 0; count < 40; count++) {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
      const reading = await readPrivateKey(Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' })));
      assert.ok(reading.kind === 'key' && reading.key.verify(Buffer.from('x'), reading.key.sign(Buffer.from('x'))));
    }
  });

  it('line ends of Windows, a byte order mark and blank lines around', async () => {
    for (const format of formats.filter((name) => name !== 'pem')) {
      const pair = makeKey(folder, 'ed25519', format);
      const text = readFileSync(pair.file, 'latin1').replace(/\n/g, '\r\n');
      assertOpens(await readPrivateKey(Buffer.from(`\u00ef\u00bb\u00bf\r\n${text}\r\n\r\n`, 'latin1')), pair.publicLine, 'ed25519');
    }
  });

  it('a PuTTY comment with bytes of any charset', async () => {
    const pair = makeKey(folder, 'ed25519');
    const file = join(folder, 'comment.ppk');
    execFileSync('puttygen', [pair.file, '-O', 'private', '-o', file, '-C', 'Schlüssel für zuhause'], { stdio: 'ignore' });
    assertOpens(await readPrivateKey(readFileSync(file)), pair.publicLine, 'ed25519');
  });

  it('a changed PuTTY file is refused', async () => {
    const text = readFileSync(makeKey(folder, 'ed25519', 'ppk3').file, 'latin1').replace(/^Comment: .*$/m, 'Comment: other');
    assert.deepEqual(await readPrivateKey(Buffer.from(text)), { kind: 'unusable', reason: 'it is damaged' });
  });

  const reasons: readonly (readonly [string, string, RegExp])[] = [
    ['a public key', 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ2F9ytxDSWWDqIRW6A8VHSt4WHs3QSy7amv2j8zhqox', /public key/],
    ['a public key in PEM', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----', /public key/],
    ['ssh.com', '---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nAAAA\n---- END SSH2 ENCRYPTED PRIVATE KEY ----', /puttygen/],
    ['nothing', '', /not a private key/],
    ['prose', 'hello', /not a private key/],
    ['half an OpenSSH key', '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----', /damaged/],
    ['half a PEM', '-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----', /damaged/],
    ['half a PuTTY key', 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n', /damaged/],
    ['PuTTY 1', 'PuTTY-User-Key-File-1: ssh-rsa\nEncryption: none\n', /puttygen/],
  ];
  for (const [name, text, reason] of reasons) {
    it(`${name} says why it can't be used`, async () => {
      const reading = await readPrivateKey(Buffer.from(text));
      assert.ok(reading.kind === 'unusable', reading.kind);
      assert.match(reading.reason, reason);
    });
  }

  it('random damage never throws', async () => {
    const originals = (['openssh', 'ppk2', 'ppk3', 'pkcs8'] as const).map((format) =>
      readFileSync(makeKey(folder, 'ed25519', format).file),
    );
    for (const original of originals) {
      for (let count = 0; count < 60; count++) {
        const damaged = Buffer.from(original);
        damaged[Math.floor(Math.random() * damaged.length)] = Math.floor(Math.random() * 128);
        await readPrivateKey(damaged);
        await readPrivateKey(damaged.subarray(0, Math.floor(Math.random() * damaged.length)));
      }
    }
  });
});

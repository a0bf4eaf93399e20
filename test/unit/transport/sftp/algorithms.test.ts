import assert from 'node:assert/strict';
import ssh2 from 'ssh2';
import { offeredAlgorithms, outdated, userSignature } from '../../../../src/transport/sftp/algorithms.ts';

describe('algorithms', () => {
  const flat = (legacy: boolean, known: string[] = []): string[] => Object.values(offeredAlgorithms(known, legacy)).flat() as string[];

  it('nothing with SHA-1, CBC or small groups unless the host allows it', () => {
    assert.deepEqual(
      flat(false).filter((name) => /sha1|cbc|^ssh-rsa$|ssh-dss|md5|arcfour|group1-/.test(name)),
      [],
    );
    for (const old of ['diffie-hellman-group14-sha1', 'diffie-hellman-group1-sha1', 'ssh-rsa', 'aes128-cbc', 'hmac-sha1']) {
      assert.ok(flat(true).includes(old), old);
    }
  });

  it('offers the old behind the new', () => {
    const { kex, cipher, hmac } = offeredAlgorithms([], true) as Record<'kex' | 'cipher' | 'hmac', string[]>;
    assert.equal(kex[0], 'curve25519-sha256');
    assert.equal(cipher[0], 'aes128-gcm@openssh.com');
    assert.match(hmac.at(-1) ?? '', /sha1/);
  });

  it('puts the host key types on record first, and RSA never with SHA-1', () => {
    const types = (known: string[]): string[] => (offeredAlgorithms(known, false) as { serverHostKey: string[] }).serverHostKey;
    assert.deepEqual(types(['ssh-rsa']).slice(0, 3), ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-ed25519']);
    assert.equal(types(['ecdsa-sha2-nistp384'])[0], 'ecdsa-sha2-nistp384');
    assert.equal(types([])[0], 'ssh-ed25519');
    assert.deepEqual([...types(['ssh-dss'])].sort(), [...types([])].sort());
  });

  it('are all known to the library', () => {
    for (const legacy of [false, true]) {
      const client = new ssh2.Client();
      client.on('error', () => {});
      client.connect({ host: '127.0.0.1', port: 1, username: 'x', algorithms: offeredAlgorithms([], legacy) });
      client.destroy();
    }
  });

  it('that are outdated are named', () => {
    const side = { cipher: 'aes128-gcm@openssh.com', mac: '' };
    const negotiated = { kex: 'curve25519-sha256', serverHostKey: 'ssh-ed25519', cs: side, sc: side };
    assert.deepEqual(outdated(negotiated), []);
    const old = { cipher: 'aes128-cbc', mac: 'hmac-sha1' };
    assert.deepEqual(outdated({ ...negotiated, serverHostKey: 'ssh-rsa', cs: old, sc: old }), ['ssh-rsa', 'aes128-cbc', 'hmac-sha1']);
  });

  const signatures: readonly (readonly [string, string[] | undefined, boolean, string | undefined])[] = [
    ['ssh-ed25519', undefined, false, 'ssh-ed25519'],
    ['ssh-rsa', ['rsa-sha2-256', 'rsa-sha2-512', 'ssh-rsa'], false, 'rsa-sha2-512'],
    ['ssh-rsa', ['rsa-sha2-256'], true, 'rsa-sha2-256'],
    ['ssh-rsa', ['ssh-rsa'], false, undefined],
    ['ssh-rsa', ['ssh-rsa'], true, 'ssh-rsa'],
    ['ssh-rsa', undefined, false, 'rsa-sha2-256'],
    ['ssh-rsa', undefined, true, 'ssh-rsa'],
  ];
  for (const [type, accepted, legacy, expected] of signatures) {
    it(`${type} signs with ${expected ?? 'nothing'} where the server takes ${accepted?.join(', ') ?? 'nobody knows what'}${legacy ? ' (legacy)' : ''}`, () =>
      assert.equal(userSignature(type, accepted, legacy)?.algorithm, expected));
  }
});

import assert from 'node:assert/strict';
import { createDiffieHellmanGroup, randomBytes } from 'node:crypto';
import { takeOverGroupExchange } from '../../../../src/transport/sftp/groupExchange.ts';
import type { KeyExchange, Ssh2Protocol } from '../../../../src/transport/sftp/ssh2Protocol.ts';

describe('group exchange', () => {
  /** What `ssh2` does with the group that a server chose. */
  function exchange(prime: Buffer, generator = Buffer.from([2])): KeyExchange {
    const protocol = { _kex: undefined } as unknown as Ssh2Protocol;
    takeOverGroupExchange(protocol);
    const unexpected = (): never => assert.fail('the runtime was asked');
    protocol._kex = { type: 'groupex', _prime: prime, _generator: generator, _dh: null, _public: null, generateKeys: unexpected };
    protocol._kex.generateKeys();
    return protocol._kex;
  }

  for (const group of ['modp14', 'modp16', 'modp18']) {
    it(`agrees with the runtime on a secret in ${group}`, () => {
      const other = createDiffieHellmanGroup(group);
      other.generateKeys();
      const { _dh: keys, _public: publicKey } = exchange(Buffer.concat([Buffer.alloc(1), other.getPrime()]));
      assert.ok(keys !== null && publicKey !== null);
      assert.deepEqual(keys.getPrime(), other.getPrime());
      assert.deepEqual(keys.getGenerator(), Buffer.from([2]));
      const theirs = other.computeSecret(publicKey);
      assert.equal(BigInt(`0x${keys.computeSecret(other.getPublicKey()).toString('hex')}`), BigInt(`0x${theirs.toString('hex')}`));
    });
  }

  it('uses another secret each time', () => {
    const prime = createDiffieHellmanGroup('modp14').getPrime();
    assert.notDeepEqual(exchange(prime)._public, exchange(prime)._public);
  });

  it('refuses groups that were not asked for', () => {
    const large = randomBytes(4096);
    large[0] = 0xff;
    for (const prime of [Buffer.alloc(0), Buffer.alloc(300), Buffer.from([7]), createDiffieHellmanGroup('modp5').getPrime(), large])
      assert.throws(() => exchange(prime), /a group of/);
    const even = createDiffieHellmanGroup('modp14').getPrime();
    even[even.length - 1] = 2;
    assert.throws(() => exchange(even), /a group of/);
  });

  it('refuses values that give the secret away', () => {
    const prime = createDiffieHellmanGroup('modp14').getPrime();
    const last = Buffer.from(prime);
    last[last.length - 1]! -= 1;
    const { _dh: keys } = exchange(prime);
    for (const value of [Buffer.alloc(0), Buffer.alloc(1), Buffer.from([1]), last, prime, Buffer.concat([Buffer.from([1]), prime])])
      assert.throws(() => keys?.computeSecret(value), /outside of the group/);
    for (const generator of [Buffer.alloc(1), Buffer.from([1]), last, prime])
      assert.throws(() => exchange(prime, generator), /outside of the group/);
  });

  it('leaves other exchanges to ssh2', () => {
    const protocol = { _kex: undefined } as unknown as Ssh2Protocol;
    takeOverGroupExchange(protocol);
    const generateKeys = (): void => {};
    protocol._kex = { type: '25519', _dh: null, _public: null, generateKeys };
    assert.equal(protocol._kex.generateKeys, generateKeys);
  });
});

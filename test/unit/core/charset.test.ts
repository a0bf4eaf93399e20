import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { charsetOf } from '../../../src/core/charset.ts';
import { isRemoteError } from '../../../src/core/errors.ts';

const labels = [
  'utf-8',
  'latin1',
  'iso-8859-15',
  'windows-1251',
  'koi8-r',
  'macintosh',
  'shift_jis',
  'euc-jp',
  'euc-kr',
  'big5',
  'gbk',
  'gb18030',
];
const bytes = (...values: number[]) => Uint8Array.from(values);

describe('charset', () => {
  for (const label of labels) {
    it(`${label}: every byte sequence comes back`, () => {
      const charset = charsetOf(label);
      const seen = new Map<string, string>();
      for (let round = 0; round < 3000; round++) {
        const name = randomName();
        const text = charset.decode(name);
        assert.ok(!/\p{Surrogate}/u.test(text), 'no lone surrogate');
        assert.deepEqual([...charset.encode(text)], [...name]);
        const hex = Buffer.from(name).toString('hex');
        assert.equal(seen.get(text) ?? hex, hex, 'two byte sequences share a string');
        seen.set(text, hex);
      }
    });
  }

  it('reads and writes ordinary text', () => {
    for (const [label, text, hex] of [
      ['utf-8', 'Grüße 🦀', '4772c3bcc39f6520f09fa680'],
      ['latin1', 'Grüße', '4772fcdf65'],
      ['koi8-r', 'Привет', 'f0d2c9d7c5d4'],
      ['shift_jis', 'テスト表.txt', '836583588367955c2e747874'],
      ['euc-jp', '日本', 'c6fccbdc'],
      ['gb18030', '中🦀', 'd6d09530d832'],
      ['big5', '中文', 'a4a4a4e5'],
    ] as const) {
      assert.equal(Buffer.from(charsetOf(label).encode(text)).toString('hex'), hex, label);
      assert.equal(charsetOf(label).decode(Buffer.from(hex, 'hex')), text, label);
    }
  });

  it('maps broken UTF-8 byte by byte', () => {
    const decode = (name: Uint8Array) => charsetOf('utf-8').decode(name);
    assert.equal(decode(bytes(0x61, 0xe9, 0x62)), 'a\uefe9b');
    assert.equal(decode(bytes(0xed, 0xa0, 0x80)), '\uefed\uefa0\uef80', 'an encoded surrogate');
    assert.equal(decode(bytes(0xc0, 0xaf)), '\uefc0\uefaf', 'an overlong slash is no slash');
    assert.equal(decode(bytes(0xee, 0xbe, 0x80)), '\uefee\uefbe\uef80', 'a real U+EF80');
    assert.equal(decode(bytes(0xef, 0xbb, 0xbf, 0x61)), '\ufeffa', 'a byte order mark is part of the name');
  });

  it('refuses what the charset lacks and what is no name of anything', () => {
    const badPath = (error: unknown) => isRemoteError(error, 'BadPath');
    assert.throws(() => charsetOf('latin1').encode('日'), badPath);
    assert.throws(() => charsetOf('utf-8').encode('a\ud800'), badPath);
    assert.throws(() => charsetOf('utf-8').encode('\uefc3\uefa9'), badPath, 'placeholders that spell é');
    assert.throws(() => charsetOf('shift_jis').encode('\uef83e'), badPath);
  });

  it('refuses unknown labels and charsets without ASCII', () => {
    for (const label of ['nonsense', '', 'utf-16le', 'iso-2022-jp', 'hz-gb-2312']) {
      assert.throws(
        () => charsetOf(label),
        (error) => isRemoteError(error, 'Unsupported'),
        label,
      );
    }
    assert.equal(charsetOf('UTF8'), charsetOf('utf-8'));
  });
});

/** Random, with a leaning to bytes that make multi-byte sequences and placeholders. */
function randomName(): Uint8Array {
  const name = randomBytes(1 + Math.floor(Math.random() * 12));
  if (Math.random() < 0.3) for (let i = 0; i < name.length; i++) name[i] = (name[i]! & 0x3f) | 0x80;
  if (Math.random() < 0.2) name.set([0xee, 0xbe, 0x80 | (name[0]! & 0x3f)].slice(0, name.length));
  return name;
}

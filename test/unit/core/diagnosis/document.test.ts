import assert from 'node:assert/strict';
import { guessCharset } from '../../../../src/core/diagnosis/charsetGuess.ts';
import type { Diagnosis } from '../../../../src/core/diagnosis/diagnosis.ts';
import { documentOf, shareableLog } from '../../../../src/core/diagnosis/document.ts';
import { exactlyShown, zoneBetween } from '../../../../src/core/diagnosis/zoneGuess.ts';
import { charsetOf } from '../../../../src/core/charset.ts';
import { makeHost } from '../../../servers/server.ts';

const hostile = '220 [x](command:evil) $(zap) <b>\u202e\u001b[31m https://evil.example \n\n# Heading';

const diagnosis: Diagnosis = {
  host: makeHost({ name: 'bureau-7', protocol: 'ftp', port: 21, address: 'ftp.example.org', user: 'annabel', root: '/home/annabel/www' }),
  startedAt: 0,
  steps: [
    { id: 'station', subject: `the jump host ann@bastion.example.org:2222`, ms: 3, result: 'works', notes: [] },
    { id: 'greeting', ms: 12.4, result: 'fails', notes: [hostile] },
  ],
  findings: [{ kind: 'otherService', service: 'other', said: hostile }],
  log: ['> USER annabel', '< 331 annabel at 192.0.2.7', '< 227 (192,0,2,7,10,20)', '< from 2001:db8::7 at 12:34:56', hostile],
  loggedIn: false,
  others: ['ann@bastion.example.org:2222', 'bastion.example.org'],
};

describe('the document of a diagnosis', () => {
  it('is plain text whatever the server says', () => {
    const text = documentOf(diagnosis);
    assert.match(text, /✗ What answers, 12 ms/);
    assert.match(text, /✓ On the way: the jump host ann@bastion\.example\.org:2222, 3 ms/);
    for (const active of ['](', 'command:', '$(', '<b>', 'https://', '\u001b', '\u202e', '\n# Heading'])
      assert.ok(!text.includes(active), active);
  });

  it('to be shared names neither user nor address, if the person wishes', () => {
    const anonymous = shareableLog(diagnosis, { names: true });
    for (const name of ['annabel', 'example.org', '192.0.2.7', '192,0,2,7', '2001:db8', 'bureau-7', 'bastion'])
      assert.ok(!anonymous.includes(name), name);
    assert.match(anonymous, /‹ from IPV6 at 12:34:56/);
    assert.match(anonymous, /What does not work/);
    assert.match(shareableLog(diagnosis, { names: false }), /annabel at 192\.0\.2\.7/);
  });
});

describe('guesses of the doctor', () => {
  const latin = charsetOf('windows-1252');
  const utf8 = charsetOf('utf-8');

  it('tell a charset by names that are none in the present one', () => {
    const asUtf8 = (name: string) => utf8.decode(latin.encode(name));
    assert.deepEqual(guessCharset(['a.txt', asUtf8('Übersicht.txt')], 'utf-8'), { charset: 'windows-1252', example: 'Übersicht.txt' });
    assert.deepEqual(guessCharset([latin.decode(utf8.encode('Übersicht'))], 'windows-1252'), { charset: 'utf-8', example: 'Übersicht' });
    assert.equal(guessCharset(['a.txt', 'Übersicht.txt'], 'utf-8'), undefined);
    assert.equal(guessCharset(['Übersicht.txt'], 'windows-1252'), undefined);
  });

  it('tell a time zone by times that differ by one', () => {
    const hour = 3_600_000;
    assert.equal(zoneBetween(3 * hour - 59_000, 0), 180);
    assert.equal(zoneBetween(-5.5 * hour, 20_000), -330);
    assert.equal(zoneBetween(30_000, 0), 0);
    assert.equal(zoneBetween(7 * 60_000, 0), undefined);
    assert.equal(zoneBetween(20 * hour, 0), undefined);
    const now = 1e12;
    const times = [
      { approximateMtime: now - 3 * hour },
      { approximateMtime: now },
      { approximateMtime: 0 },
      { approximateMtime: undefined },
    ];
    assert.deepEqual(exactlyShown(times, now), [{ approximateMtime: now }, { approximateMtime: now - 3 * hour }]);
  });
});

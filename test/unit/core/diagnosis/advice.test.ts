import assert from 'node:assert/strict';
import { adviceOn, recommended } from '../../../../src/core/diagnosis/advice.ts';
import type { Finding } from '../../../../src/core/diagnosis/finding.ts';
import { changedItem, effective, type SettingChange } from '../../../../src/core/diagnosis/settingChange.ts';
import type { Host } from '../../../../src/core/host.ts';
import { parseHosts } from '../../../../src/core/hosts.ts';

function hostOf(item: Readonly<Record<string, unknown>>): Host {
  const { hosts, problems } = parseHosts([item]);
  assert.deepEqual(problems, []);
  return hosts[0]!;
}

const sftp = { name: 'a', protocol: 'sftp', address: 'example.org', privateKeys: ['~/key'] };
const ftps = { name: 'b', protocol: 'ftps', address: 'example.org', mode: 'active' };
const ftp = { name: 'c', protocol: 'ftp', address: 'example.org', port: 2121 };

const timesOf = (minutes: number, zone: string): Extract<Finding, { kind: 'timeZone' }> => ({
  kind: 'timeZone',
  minutes,
  of: 'times',
  zone,
});

/** Finding, host, and its setting afterwards. */
const table: readonly (readonly [title: string, Finding, Readonly<Record<string, unknown>>, Readonly<Record<string, unknown>>])[] = [
  [
    'SSH on the port of FTPS',
    { kind: 'otherService', service: 'ssh', said: 'SSH-2.0-x' },
    ftps,
    { name: 'b', protocol: 'sftp', address: 'example.org', port: 21 },
  ],
  [
    'FTP with TLS on the port of SSH',
    { kind: 'otherService', service: 'ftpWithTls', said: '220' },
    sftp,
    { name: 'a', protocol: 'ftps', address: 'example.org', port: 22 },
  ],
  [
    'implicit TLS where explicit is set',
    { kind: 'otherService', service: 'ftpImplicit', said: '' },
    ftps,
    { ...ftps, tls: 'implicit', port: 21 },
  ],
  [
    'explicit TLS where implicit is set',
    { kind: 'otherService', service: 'ftpWithTls', said: '' },
    { ...ftps, tls: 'implicit', port: 21 },
    ftps,
  ],
  [
    'the right server at its usual port',
    { kind: 'serviceElsewhere', service: 'ftpImplicit', port: 990 },
    ftps,
    { ...ftps, tls: 'implicit' },
  ],
  ['TLS for plain FTP', { kind: 'tlsOffered' }, ftp, { ...ftp, protocol: 'ftps' }],
  ['a log-in that wants TLS', { kind: 'loginWantsTls', said: '' }, ftp, { ...ftp, protocol: 'ftps' }],
  [
    'a log-in that only the person’s own ssh may manage',
    { kind: 'needsOpenssh', said: 'refused', hint: undefined },
    { ...sftp, legacyAlgorithms: true },
    { ...sftp, client: 'openssh' },
  ],
  ['an IPv6 address that does not answer', { kind: 'familyBroken', family: 6, address: '::1' }, ftp, { ...ftp, addressFamily: 'inet' }],
  [
    'MLSD that leaves out entries',
    { kind: 'listing', command: 'LIST -a', refused: undefined, hidden: ['b.txt'] },
    ftp,
    { ...ftp, listing: 'LIST -a' },
  ],
  ['passive blocked', { kind: 'passiveBlocked' }, { ...ftp, mode: 'passive' }, { ...ftp, mode: 'active' }],
  ['active blocked', { kind: 'activeBlocked' }, ftps, { ...ftps, mode: 'passive' }],
  ['active blocked, as usual', { kind: 'activeBlocked' }, ftp, ftp],
  ['a root outside of the chroot', { kind: 'rootMissing', root: '/home/a/www', instead: '/www' }, sftp, { ...sftp, root: '/www' }],
  ['names in another charset', { kind: 'charset', charset: 'windows-1252', example: 'ä' }, sftp, { ...sftp, charset: 'windows-1252' }],
  ['names in UTF-8', { kind: 'charset', charset: 'utf-8', example: 'ä' }, { ...sftp, charset: 'latin1' }, sftp],
  ['too many connections', { kind: 'crowded', said: '421' }, sftp, { ...sftp, connections: 1 }],
  ['times of another zone', timesOf(120, '+02:00'), ftp, { ...ftp, timeZone: '+02:00', localTimes: true }],
  ['times in UTC', timesOf(0, '+00:00'), { ...ftp, timeZone: 'Asia/Tokyo', localTimes: true }, { ...ftp, timeZone: 'Asia/Tokyo' }],
  ['times of another zone over SFTP', timesOf(120, '+02:00'), sftp, sftp],
  ['listings of another zone', { ...timesOf(120, '+02:00'), of: 'listing' }, ftp, ftp],
  ['listings of another zone, and nothing else', { ...timesOf(120, '+02:00'), of: 'onlyListing' }, ftp, { ...ftp, timeZone: '+02:00' }],
  ['fewer connections than wanted', { kind: 'connectionLimit', count: 2 }, ftp, { ...ftp, connections: 2 }],
];

describe('the advice of the doctor', () => {
  for (const [title, finding, item, wanted] of table) {
    it(`${title}: the setting that works, and one that is valid`, () => {
      const changed = changedItem(item, recommended([finding], hostOf(item)));
      assert.deepEqual(changed, wanted);
      hostOf(changed);
    });
  }

  it('never takes encryption away, and weakens it only where the person picks that', () => {
    const all: SettingChange[] = [];
    for (const service of ['ssh', 'ftp', 'ftpWithTls', 'ftpImplicit', 'http', 'https', 'tls', 'silent', 'closed', 'other'] as const)
      for (const item of [sftp, ftps, ftp]) {
        all.push(...recommended([{ kind: 'otherService', service, said: '' }], hostOf(item)));
        all.push(...recommended([{ kind: 'serviceElsewhere', service, port: 21 }], hostOf(item)));
      }
    all.push(...recommended([{ kind: 'noExplicitTls', said: '502' }], hostOf(ftps)));
    assert.ok(!all.some(({ key, value }) => key === 'protocol' && value === 'ftp'));
    const weaker = [
      ...recommended([{ kind: 'noCommonAlgorithm', said: '' }], hostOf(sftp)),
      ...recommended([{ kind: 'tlsVersion', version: 'TLSv1', said: '' }], hostOf(ftps)),
    ];
    assert.deepEqual(
      weaker.map(({ key, weakens }) => [key, weakens]),
      [
        ['legacyAlgorithms', true],
        ['minTlsVersion', true],
      ],
    );
    assert.deepEqual(adviceOn({ kind: 'tlsVersion', version: 'TLSv1.3', said: '' }, hostOf(ftps)).changes, undefined);
  });

  it('changes each setting once, and leaves what is so already', () => {
    const changes = recommended(
      [
        { kind: 'crowded', said: '' },
        { kind: 'connectionLimit', count: 3 },
      ],
      hostOf(ftp),
    );
    assert.deepEqual(changes, [{ key: 'connections', value: 1 }]);
    assert.deepEqual(effective({ ...ftp, connections: 1 }, changes), []);
  });
});

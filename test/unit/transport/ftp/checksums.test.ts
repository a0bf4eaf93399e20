import assert from 'node:assert/strict';
import { silentLog } from '../../../../src/core/log.ts';
import type { Remote } from '../../../../src/core/remote.ts';
import { checksumIn, checksumWays } from '../../../../src/transport/ftp/checksums.ts';
import { parseFeatures } from '../../../../src/transport/ftp/features.ts';
import type { HostileFtp, HostileScript } from '../../../servers/hostileFtp.ts';
import { againstHostile, enter, outcome } from '../../../support/hostile.ts';

const hello = Buffer.from('hello');
const sha256 = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';
const md5 = '5d41402abc4b2a76b9719d911017c592';

describe('FTP checksums: what is offered and said', () => {
  const waysOf = (...lines: string[]): string[] =>
    checksumWays(parseFeatures({ code: 211, lines: ['Features:', ...lines, 'End'] })).map(({ command, option }) => option ?? command);

  it('takes the strongest first', () => {
    assert.deepEqual(waysOf(' SIZE'), []);
    assert.deepEqual(waysOf(' XCRC', ' XMD5 filename;start;end', ' XSHA'), ['XSHA', 'XMD5', 'XCRC']);
    assert.deepEqual(waysOf(' HASH CRC32;MD5;SHA-1*;sha-256;SHA-512;'), ['sha-256', 'SHA-512', 'SHA-1', 'MD5', 'CRC32']);
    assert.deepEqual(waysOf(' HASH SHA-256*;TIGER', ' XSHA256'), ['XSHA256', 'SHA-256']);
  });

  it('reads replies as servers give them', () => {
    const byHash = { algorithm: 'sha256', command: 'HASH', option: 'SHA-256' } as const;
    const byCommand = { algorithm: 'md5', command: 'XMD5', option: undefined } as const;
    const said = (way: typeof byHash | typeof byCommand, ...lines: string[]) => checksumIn({ code: 250, lines }, way);
    assert.equal(said(byHash, 'Computing SHA-256 digest', `SHA-256 0-5 ${sha256.toUpperCase()} a b`), sha256);
    assert.equal(said(byHash, `SHA-256 ${sha256} name`), sha256);
    assert.equal(said(byHash, `SHA-1 0-5 ${sha256} name`), undefined);
    assert.equal(said(byHash, 'SHA-256 0-5 abc name'), undefined);
    assert.equal(said(byCommand, md5.toUpperCase()), md5);
    assert.equal(said(byCommand, 'Computing MD5 digest', md5), md5);
    assert.equal(said(byCommand, `XMD5 ${md5}`), md5);
    assert.equal(said(byCommand, sha256), undefined);
    assert.equal(said(byCommand, `of the file ${md5}`), undefined);
    assert.equal(said(byCommand, ''), undefined);
    assert.equal(checksumIn({ code: 550, lines: [md5] }, byCommand), undefined);
  });
});

describe('FTP checksums: servers that err', () => {
  const offering = (features: string, on: HostileScript['on']): HostileScript => ({
    on: { FEAT: `211-Features:\r\n SIZE\r\n${features}\r\n211 End`, SIZE: '213 5', ...on },
  });
  const inside = (script: HostileScript, run: (remote: Remote, server: HostileFtp, warnings: string[]) => Promise<void>): Promise<void> =>
    againstHostile(script, async (server) => {
      const warnings: string[] = [];
      const log = { ...silentLog, warn: (message: string) => void warnings.push(message) };
      const checked = { ...server, host: { ...server.host, verify: 'checksum' } } as const;
      const remote = await enter(checked, { context: { log } }).remote;
      try {
        await run(remote, server, warnings);
      } finally {
        await remote.close();
      }
      assert.equal(remote.facts.comparesContent, true);
    });
  const store = (remote: Remote, name = '/file'): Promise<void> => remote.write(name, hello, { disposition: 'truncate' });
  const asked = ({ heard }: HostileFtp): string[] => heard.split('\r\n').filter((line) => /^(?:OPTS )?HASH|^X/.test(line));

  it('one that lies: the upload fails and the connection lives', () =>
    inside(offering(' XSHA256', { XSHA256: `250 ${'0'.repeat(64)}` }), async (remote) => {
      assert.equal(await outcome(store(remote)), 'Corrupt');
      await remote.ping();
    }));

  it('one that tells the truth, for a name with a blank too', () =>
    inside(
      offering(' HASH SHA-256*', { HASH: `213 SHA-256 0-5 ${sha256} file`, OPTS: '200 SHA-256' }),
      async (remote, server, warnings) => {
        await store(remote);
        await store(remote, '/a file');
        assert.deepEqual(asked(server), ['OPTS HASH SHA-256', 'HASH /file', 'HASH /a file']);
        assert.deepEqual(warnings, []);
      },
    ));

  it('one that no longer knows its algorithm: the next of the kind is asked, and is the first from then on', () =>
    inside(
      offering(' XSHA256\r\n HASH SHA-256', { XSHA256: '500 What?', HASH: `213 SHA-256 0-5 ${sha256} file`, OPTS: '200 SHA-256' }),
      async (remote, server, warnings) => {
        await store(remote);
        await store(remote);
        assert.deepEqual(asked(server), ['XSHA256 /file', 'OPTS HASH SHA-256', 'HASH /file', 'HASH /file']);
        assert.deepEqual(warnings, []);
      },
    ));

  it('one that refuses to choose the algorithm: nothing else is taken for it', () =>
    inside(
      offering(' HASH SHA-256;MD5', { OPTS: '501 Unknown', HASH: `213 SHA-256 0-5 ${'0'.repeat(64)} file` }),
      async (remote, _, warnings) => {
        await store(remote);
        await store(remote);
        await store(remote);
        assert.equal(warnings.length, 3, 'each upload that was compared by its size alone is told of');
      },
    ));

  it('one that answers nonsense, and one that refuses this file only', () =>
    inside(
      offering(' XSHA256\r\n XMD5', {
        XSHA256: '250 yes',
        XMD5: (session, name) => session.say(name === '/secret' ? '550 No' : `250 ${md5}`),
      }),
      async (remote, server, warnings) => {
        await store(remote);
        await store(remote, '/secret');
        await store(remote);
        assert.deepEqual(asked(server), ['XSHA256 /file', 'XMD5 /secret', 'XMD5 /file']);
        assert.equal(warnings.length, 2);
      },
    ));
});

import assert from 'node:assert/strict';
import { hostFields } from '../../../../src/core/hostFields.ts';
import { readHosts } from '../../../../src/core/import/formats.ts';
import { ImportError } from '../../../../src/core/import/imported.ts';
import { parseJson } from '../../../../src/core/import/json.ts';
import { localFile } from '../../../../src/core/import/localFile.ts';
import { parseXml } from '../../../../src/core/import/xml.ts';
import { safeText } from '../../../../src/core/text.ts';
import { chosenSeed, randomFrom } from '../../../torture/random.ts';
import { fileZilla, ftpKr, ftpSimple, ftpSimpleHidden, puttyFile, puttyRegistry, settings, vscodeSftp, winScp } from './samples.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const files: readonly (readonly [name: string, text: string])[] = [
  ['sitemanager.xml', fileZilla],
  ['WinSCP.ini', winScp],
  ['session', puttyFile],
  ['putty.reg', puttyRegistry],
  ['sftp.json', vscodeSftp],
  ['ftp-kr.json', ftpKr],
  ['settings.json', settings],
  ['ftp-simple.json', ftpSimple],
  ['ftp-simple.json', ftpSimpleHidden(ftpSimple)],
];

/** Reads as the product does; what is wrong may only be said in one way, and what is right is valid. */
async function tame(content: Uint8Array, name: string): Promise<number> {
  try {
    const found = await readHosts(content, name);
    for (const { hosts, problems } of found) {
      for (const { item, notes } of hosts) {
        for (const [key, value] of Object.entries(item)) {
          assert.notEqual(hostFields[key as keyof typeof hostFields].read(value), undefined, `${key} ${String(value)}`);
        }
        for (const note of notes) assert.equal(safeText(note, 2000), note);
      }
      for (const problem of problems) assert.equal(safeText(problem, 2000), problem);
    }
    return found.reduce((sum, { hosts }) => sum + hosts.length, 0);
  } catch (error) {
    assert.ok(error instanceof ImportError, String(error));
    return 0;
  }
}

describe('files of hosts that somebody else wrote', () => {
  const seed = chosenSeed();
  const random = randomFrom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const nasty = [
    ...[
      '\0',
      '\r\n',
      '\n[',
      ']',
      '{',
      '}',
      '"',
      '\\',
      '\\u0000',
      '<',
      '>',
      '&',
      '&#0;',
      '&#x110000;',
      '%00',
      '%',
      '%zz',
      '=',
      ',',
      ':',
      '/*',
      '//',
    ],
    ...[
      '__proto__',
      'constructor',
      'toString',
      '-oProxyCommand=x',
      '[x](command:evil)',
      '$(icon)',
      '\u202e',
      '😀',
      '\ud800',
      '${env:HOME}',
      '%APPDATA%',
    ],
    ...[
      '1e999',
      '-1',
      '99999999999999999999',
      'null',
      'true',
      '[]',
      '{}',
      '<!DOCTYPE a>',
      '<![CDATA[',
      ']]>',
      '<Server>',
      '</Server>',
      '<Folder>',
    ],
  ];

  it(`come to nothing worse than a refusal (seed ${seed})`, async function () {
    this.timeout(60_000);
    for (let round = 0; round < 1500; round++) {
      const [name, text] = files[below(files.length)]!;
      let broken = text;
      for (let change = below(4); change >= 0; change--) {
        const at = below(broken.length + 1);
        const cut = below(2) === 0 ? 0 : below(20);
        broken = broken.slice(0, at) + (below(3) === 0 ? '' : nasty[below(nasty.length)]!) + broken.slice(at + cut);
      }
      await tame(bytes(broken), below(4) === 0 ? 'other' : name);
    }
    for (let round = 0; round < 300; round++) {
      await tame(
        Uint8Array.from({ length: below(300) }, () => below(256)),
        files[below(files.length)]![0],
      );
    }
  });

  it('take no longer for being large', async function () {
    this.timeout(60_000);
    const many = (piece: string, count: number): string => piece.repeat(count);
    const large = [
      many('[', 200_000),
      many('{"a":', 50_000),
      `[${many('{"host":"a.example.org","username":"u","password":"p"},', 20_000)}]`,
      many('<a>', 150_000),
      `<FileZilla3><Servers>${many('<Folder>x', 5000)}`,
      `<a ${many('x="y" ', 100_000)}`,
      `<a${many(' ', 500_000)}`,
      many('\n', 1_000_000),
      many('\\', 1_000_000),
      many('[Sessions\\', 100_000),
      `[Sessions\\${many('%41', 300_000)}]\nHostName=${many('%41', 300_000)}`,
      `[Sessions\\a]\nHostName=a\nUserName=b\nPassword=${many('A3', 500_000)}`,
      `"${many('\\"', 500_000)}`,
      `{"a":1 ${many('/* x ', 200_000)}`,
      `{${many('//\n', 300_000)}`,
      many('00', 500_000),
      `HostName=${many('a@', 300_000)}\nProtocol=ssh\n`,
      `<FileZilla3><Servers><Server><Host>a</Host><RemoteDir>1 0 ${many('1 a ', 200_000)}</RemoteDir></Server></Servers></FileZilla3>`,
    ];
    for (const text of large) await tame(bytes(text), 'session');
    await assert.rejects(readHosts(new Uint8Array(9 * 1024 * 1024), 'x'), ImportError);
  });

  it('declare no entities', () => {
    const bomb = '<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c "&b;&b;&b;&b;">]><a>&c;</a>';
    assert.throws(() => parseXml(bomb), ImportError);
    assert.throws(() => parseXml('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>'), ImportError);
    assert.equal(parseXml('<a>&c;&lt;&#65;&#x42;&#xffffff;</a>').text, '&c;<AB&#xffffff;');
    assert.equal(parseXml('<?xml version="1.0"?><!-- <b> --><a>x<![CDATA[<b>&amp;]]></a>').text, 'x<b>&amp;');
    for (const text of ['', '<a>', '<a></b>', '<a/><b/>', '</a>', '<a b=c/>', 'text', '<a', '<!-- <a/>']) {
      assert.throws(() => parseXml(text), ImportError, text);
    }
  });

  it('set nothing that all objects have', async () => {
    const text =
      '{"host":"a.example.org","username":"u","__proto__":{"password":"x","polluted":1},"constructor":{"prototype":{"polluted":1}}}';
    const [found] = await readHosts(bytes(text), 'sftp.json');
    assert.deepEqual(found?.hosts[0]?.secrets, []);
    await readHosts(bytes('{"ferry.hosts":[{"__proto__":{"polluted":1},"name":"a","protocol":"ftp","address":"a"}]}'), 'x.json');
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
    const profiles = '{"host":"a","profiles":{"__proto__":{"host":"b.example.org"},"toString":{"host":"c.example.org"}}}';
    const [both] = await readHosts(bytes(profiles), 'sftp.json');
    assert.deepEqual(
      both?.hosts.map(({ item }) => item['address']),
      ['b.example.org', 'c.example.org'],
    );
  });

  it('are JSON with comments, and nothing looser', () => {
    for (const text of [
      '',
      '{',
      '[1',
      '{"a"}',
      '{a:1}',
      "{'a':1}",
      '{"a":1 "b":2}',
      '[1 2]',
      '01',
      '1.',
      '+1',
      'NaN',
      'tru',
      '"\n"',
      '{} x',
      '/*',
      '[,]',
    ]) {
      assert.throws(() => parseJson(text), ImportError, text);
    }
    assert.equal(parseJson('\ufeff// x\n [ 1, /* y */ "a\\"b", { "k": [ ], }, ] // z').kind, 'list');
    assert.throws(() => parseJson('['.repeat(200)), ImportError);
  });

  it('name files by whole paths, with no variable but that of the home folder', () => {
    const paths: readonly (readonly [string, string | undefined])[] = [
      ['/a/b', '/a/b'],
      ['~/.ssh/id', '~/.ssh/id'],
      ['~\\.ssh\\id', '~\\.ssh\\id'],
      ['C:\\a', 'C:\\a'],
      ['c:/a', 'c:/a'],
      ['\\\\server\\share\\k', '\\\\server\\share\\k'],
      ['$HOME/.ssh/id', '~/.ssh/id'],
      ['${env:HOME}/.ssh/id', '~/.ssh/id'],
      ['%USERPROFILE%\\id', '~\\id'],
      ['file:///home/a/id', '/home/a/id'],
      ['$SECRET/id', undefined],
      ['/a/${env:SECRET}', undefined],
      ['%APPDATA%\\id', undefined],
      ['id', undefined],
      ['./id', undefined],
      ['~other/id', undefined],
      ['/a\nb', undefined],
      ['', undefined],
    ];
    for (const [path, expected] of paths) assert.equal(localFile(path), expected, path);
  });
});

import assert from 'node:assert/strict';
import { readHosts } from '../../../../src/core/import/formats.ts';
import { ImportError, type ImportedSecret } from '../../../../src/core/import/imported.ts';
import { scrubbed } from '../../../../src/core/import/scrub.ts';
import { fileZilla, ftpSimple, ftpSimpleHidden, puttyFile, settings, vscodeSftp, winScp } from './samples.ts';

const secret = (value: string, ...path: (string | number)[]): ImportedSecret => ({
  kind: 'password',
  value,
  place: { path, instead: 'nothing' },
});

type Found = Awaited<ReturnType<typeof readHosts>>;
const secretsOf = (found: Found): readonly ImportedSecret[] => found.flatMap(({ hosts }) => hosts.flatMap(({ secrets }) => secrets));
const hostsOf = (found: Found): unknown => found.map(({ hosts }) => hosts.map(({ label, item }) => [label, item]));

describe('taking secrets out of a file', () => {
  const pw = secret('x', 'password');
  const cases: readonly (readonly [before: string, after: string, secrets?: readonly ImportedSecret[]])[] = [
    ['{"password":"x"}', '{}'],
    ['{"a":1,"password":"x"}', '{"a":1}'],
    ['{"password":"x","a":1}', '{"a":1}'],
    ['{ "a": 1, "password": "x", "b": 2 }', '{ "a": 1, "b": 2 }'],
    ['{\n  "a": 1,\n  "password": "x",\n  "b": 2\n}\n', '{\n  "a": 1,\n  "b": 2\n}\n'],
    ['{\r\n\t"a": 1,\r\n\t"password": "x"\r\n}', '{\r\n\t"a": 1\r\n}'],
    ['{\n  "a": 1, // note\n  // about it\n  "password": "x" // mine\n}', '{\n  "a": 1 // note\n  // about it\n  // mine\n}'],
    ['{\n  "password": "x", // mine\n  "a": 1,\n}', '{\n  // mine\n  "a": 1,\n}'],
    ['{"password":"x","a":{"password":"y"},"password":"x"}', '{"a":{"password":"y"}}'],
    ['{"password":"other"}', '{"password":"other"}'],
    ['{"password":7}', '{"password":7}'],
    ['[]', '[]'],
    ['{"p":[{"k":"x","l":"y"},{"k":"z"}]}', '{"p":[{},{"k":"z"}]}', [secret('x', 'p', 0, 'k'), secret('y', 'p', 0, 'l')]],
    ['{"a":1,"k":"x","l":"y"}', '{"a":1}', [secret('x', 'k'), secret('y', 'l')]],
    ['{"k":"x","a":1,"l":"y",}', '{"a":1,}', [secret('x', 'k'), secret('y', 'l')]],
    ['{"__proto__":{"k":"x"}}', '{"__proto__":{}}', [secret('x', '__proto__', 'k')]],
    ['{"k":"\\u0078"}', '{}', [secret('x', 'k')]],
    ['{"k": "x", "l": 1}', '{"k": true, "l": 1}', [{ kind: 'password', value: 'x', place: { path: ['k'], instead: 'true' } }]],
  ];

  for (const [before, after, secrets = [pw]] of cases) {
    it(JSON.stringify(before), async () => assert.equal((await scrubbed(before, secrets)).text, after));
  }

  it('leaves every other byte of real files', async () => {
    for (const [text, name] of [
      [vscodeSftp, 'sftp.json'],
      [settings, 'settings.json'],
    ] as const) {
      const found = await readHosts(new TextEncoder().encode(text), name);
      const all = secretsOf(found);
      const { text: clean, removed } = await scrubbed(text, all);
      assert.ok(removed >= 2);
      for (const { value } of all) assert.ok(!clean.includes(value), value);
      const again = await readHosts(new TextEncoder().encode(clean), name);
      assert.deepEqual(hostsOf(again), hostsOf(found));
      assert.deepEqual(secretsOf(again), []);
      for (const comment of text.match(/\/\/.*/g) ?? []) assert.ok(clean.includes(comment), comment);
    }
  });

  const puttyProxied = puttyFile.replace(
    'ProxyMethod=0',
    'ProxyMethod=2\nProxyHost=p.example.org\nProxyUsername=pat\nProxyPassword=canary-p',
  );
  const ofWinScp = ['Password=A35C7', 'TunnelPassword=', 'PasswordPlain=', 'ProxyPasswordEnc=', 'Passphrase='];
  const lines = (starts: readonly string[]): readonly RegExp[] => starts.map((start) => new RegExp(`^${start}[^\\n]*\\n`, 'm'));
  const elsewhere: readonly (readonly [text: string, name: string, gone: readonly RegExp[]])[] = [
    [fileZilla, 'sitemanager.xml', lines(['\\t*<Pass encoding="base64">', '\\t*<Pass>'])],
    [winScp, 'WinSCP.ini', lines(ofWinScp)],
    [winScp.replaceAll('\n', '\r\n'), 'WinSCP.ini', lines(ofWinScp)],
    [puttyProxied, 'shell', lines(['ProxyPassword='])],
  ];
  for (const [text, name, gone] of elsewhere) {
    it(`of ${name}${text.includes('\r') ? ' with lines as on Windows' : ''}: they are gone, and all else is as it was`, async () => {
      const found = await readHosts(new TextEncoder().encode(text), name);
      const all = secretsOf(found);
      const { text: clean, removed } = await scrubbed(text, all);
      assert.deepEqual([removed, all.length], [gone.length, gone.length]);
      const rest = gone.reduce((left, piece) => left.replace(piece, ''), text);
      // FileZilla asks for a password where it says so.
      const asked = name === 'sitemanager.xml' ? clean.replaceAll('<Logontype>2<', '<Logontype>1<') : clean;
      assert.equal(asked, rest);
      const again = await readHosts(new TextEncoder().encode(clean), name);
      assert.deepEqual([secretsOf(again), hostsOf(again)], [[], hostsOf(found)]);
    });
  }

  it('of FileZilla: a site whose password went asks for one, the others stay as they are', async () => {
    const all = secretsOf(await readHosts(new TextEncoder().encode(fileZilla), 'sitemanager.xml'));
    const { text, removed } = await scrubbed(fileZilla, all.slice(0, 1));
    assert.equal(removed, 1);
    const [types, before] = [text, fileZilla].map((each) =>
      each
        .match(/<Logontype>\d/g)
        ?.map((type) => type.at(-1))
        .join(''),
    );
    assert.deepEqual([types, before], ['021151', '011151']);
    assert.match(text, /<Pass>canary-old<\/Pass>/);
  });

  it('of FTP-Simple: hidden again as it was', async () => {
    const hidden = ftpSimpleHidden(ftpSimple);
    const all = secretsOf(await readHosts(new TextEncoder().encode(hidden), 'ftp-simple.json'));
    const { text, removed } = await scrubbed(hidden, all);
    assert.equal(removed, 1);
    assert.equal(text, ftpSimpleHidden(ftpSimple.replace(/\t*"password".*\n/, '')));
  });

  it('touches nothing in a file that was written anew meanwhile', async () => {
    for (const [text, name] of elsewhere) {
      const all = secretsOf(await readHosts(new TextEncoder().encode(text), name));
      const newer = `\n${text}`;
      assert.deepEqual(await scrubbed(newer, all), { text: newer, removed: 0 });
    }
  });

  it('refuses what is no JSON any more', async () => {
    await assert.rejects(scrubbed('{"password": "x"', [pw]), ImportError);
  });
});

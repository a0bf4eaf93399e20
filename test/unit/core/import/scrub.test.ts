import assert from 'node:assert/strict';
import { readHosts } from '../../../../src/core/import/formats.ts';
import { ImportError, type ImportedSecret } from '../../../../src/core/import/imported.ts';
import { scrubbed } from '../../../../src/core/import/scrub.ts';
import { settings, vscodeSftp } from './samples.ts';

const secret = (value: string, ...path: (string | number)[]): ImportedSecret => ({
  kind: 'password',
  value,
  place: { path, instead: 'nothing' },
});

describe('taking secrets out of a JSON file', () => {
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
    it(JSON.stringify(before), () => assert.equal(scrubbed(before, secrets).text, after));
  }

  it('leaves every other byte of real files', async () => {
    for (const [text, name] of [
      [vscodeSftp, 'sftp.json'],
      [settings, 'settings.json'],
    ] as const) {
      const found = await readHosts(new TextEncoder().encode(text), name);
      const all = found.flatMap(({ hosts }) => hosts.flatMap(({ secrets }) => secrets));
      const { text: clean, removed } = scrubbed(text, all);
      assert.ok(removed >= 2);
      for (const { value } of all) assert.ok(!clean.includes(value), value);
      const again = await readHosts(new TextEncoder().encode(clean), name);
      const hostsOf = (from: typeof again): unknown => from.map(({ hosts }) => hosts.map(({ label, item }) => [label, item]));
      assert.deepEqual(hostsOf(again), hostsOf(found));
      assert.deepEqual(
        again.flatMap(({ hosts }) => hosts.flatMap(({ secrets }) => secrets)),
        [],
      );
      for (const comment of text.match(/\/\/.*/g) ?? []) assert.ok(clean.includes(comment), comment);
    }
  });

  it('refuses what is no JSON any more', () => {
    assert.throws(() => scrubbed('{"password": "x"', [pw]), ImportError);
  });
});

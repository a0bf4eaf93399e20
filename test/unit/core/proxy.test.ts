import assert from 'node:assert/strict';
import { isUnproxied } from '../../../src/core/proxy.ts';

describe('what a proxy is not for', () => {
  const cases: readonly (readonly [pattern: string, address: string, taken: boolean])[] = [
    ['example.org', 'example.org', true],
    ['example.org', 'Web.Example.org', true],
    ['.example.org', 'web.example.org', true],
    ['*.example.org', 'web.example.org', true],
    ['example.org', 'badexample.org', false],
    ['example.org:22', 'example.org', true],
    ['example.org:21', 'example.org', false],
    ['*', 'anything', true],
    ['', 'anything', false],
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1', '192.0.2.10', false],
  ];
  for (const [pattern, address, taken] of cases) {
    it(`${JSON.stringify(pattern)} ${taken ? 'takes' : 'does not take'} ${address}`, () => {
      assert.equal(isUnproxied(address, 22, [pattern]), taken);
    });
  }
});

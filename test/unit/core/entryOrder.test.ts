import assert from 'node:assert/strict';
import { compareEntries } from '../../../src/core/entryOrder.ts';
import type { Kind } from '../../../src/core/remote.ts';

describe('the order of entries', () => {
  const entry = (name: string, kind: Kind = 'file', leadsTo?: Kind) => ({ name, kind, leadsTo });

  it('has folders first, links to folders among them, and numbers by their value', () => {
    const entries = [
      entry('page10.html'),
      entry('to folder', 'symlink', 'directory'),
      entry('Page2.html'),
      entry('.env'),
      entry('zoo', 'directory'),
      entry('broken', 'symlink'),
      entry('apps', 'directory'),
    ];
    const names = entries.toSorted(compareEntries).map(({ name }) => name);
    assert.deepEqual(names, ['apps', 'to folder', 'zoo', '.env', 'broken', 'Page2.html', 'page10.html']);
  });

  it('tells names apart that differ in case or form only', () => {
    const names = ['a', 'A', 'é', 'e\u0301'];
    for (const order of [names, names.toReversed()])
      assert.deepEqual(
        order
          .map((name) => entry(name))
          .toSorted(compareEntries)
          .map(({ name }) => name),
        names
          .map((name) => entry(name))
          .toSorted(compareEntries)
          .map(({ name }) => name),
      );
  });
});

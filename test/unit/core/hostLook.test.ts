import assert from 'node:assert/strict';
import {
  groupAbove,
  groupName,
  groupOfFolders,
  groupPath,
  isGroup,
  isIconName,
  isWithinGroup,
  regrouped,
} from '../../../src/core/hostLook.ts';

describe('groups of hosts', () => {
  it('have one spelling', () => {
    for (const text of ['a/b', ' a / b ', '/a//b/', 'a/ /b']) assert.equal(groupPath(text), 'a/b', text);
    for (const text of ['', ' ', '/', ' / / ']) assert.equal(groupPath(text), undefined, text);
  });

  it('are one line, not too deep and not too long', () => {
    for (const text of ['', 'a', 'Kunden/Müller & Söhne', 'a/b/c/d/e/f/g/h', 'x'.repeat(80), '$(rocket)']) assert.ok(isGroup(text), text);
    for (const text of ['a\nb', 'a\0', 'a\u2028b', 'a/b/c/d/e/f/g/h/i', 'x'.repeat(81)]) assert.ok(!isGroup(text), JSON.stringify(text));
  });

  it('are within one another by whole names', () => {
    assert.deepEqual([groupAbove('a/b/c'), groupAbove('a'), groupName('a/b/c'), groupName('a')], ['a/b', undefined, 'c', 'a']);
    assert.deepEqual(
      ['a', 'a/b', 'ab', undefined].map((group) => isWithinGroup('a', group)),
      [true, true, false, false],
    );
  });

  it('take along what is in them', () => {
    assert.equal(regrouped('a/b/c', 'a/b', 'x'), 'x/c');
    assert.equal(regrouped('a/b', 'a/b', 'x/y'), 'x/y');
    assert.equal(regrouped('a/b/c', 'a/b', undefined), 'c');
    assert.equal(regrouped('a', 'a', undefined), undefined);
  });

  it('come from the folders of other tools', () => {
    assert.equal(groupOfFolders([]), undefined);
    assert.equal(groupOfFolders(['Work', 'Web/Shop', ' ', 'a\r\nb']), 'Work/Web-Shop/a b');
    const deep = groupOfFolders(Array.from({ length: 20 }, () => 'x'.repeat(200)));
    assert.ok(deep !== undefined && isGroup(deep));
  });
});

describe('icons of hosts', () => {
  it('are names of VS Code, and nothing more', () => {
    for (const text of ['rocket', 'debug-alt', 'type-hierarchy-sub', '3-d']) assert.ok(isIconName(text), text);
    for (const text of ['', '$(rocket)', 'loading~spin', 'a b', 'A', '-a', 'a-', 'a--b', '../a', 'x'.repeat(61)])
      assert.ok(!isIconName(text), text);
  });
});

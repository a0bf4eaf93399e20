import assert from 'node:assert/strict';
import { groupsIn, moveInto, renameGroup, stepGroup, stepHosts } from '../../../src/core/hostOrder.ts';

type Item = Readonly<Record<string, unknown>>;

/** `a b:G c:G/H`: hosts with their groups. */
const list = (text: string): readonly Item[] =>
  text.split(' ').map((word) => {
    const [name, group] = word.split(':');
    return { name, protocol: 'sftp', ...(group !== undefined && { group }) };
  });
const shown = (items: readonly Item[]) =>
  items.map(({ name, group }) => `${name as string}${typeof group === 'string' ? `:${group}` : ''}`).join(' ');

describe('the order of hosts', () => {
  const moves: [names: string[], groups: string[], into: string | undefined, before: string | undefined, expected: string][] = [
    [['c'], [], undefined, 'a', 'c a b d'],
    [['a'], [], undefined, undefined, 'b c d a'],
    [['A', 'c'], [], undefined, 'd', 'b a c d'],
    [['a', 'b'], [], undefined, 'b', 'a b c d'],
    [['d'], [], undefined, 'nobody', 'a b c d'],
    [['b', 'd'], [], 'G', undefined, 'a c b:G d:G'],
  ];
  for (const [names, groups, into, before, expected] of moves) {
    it(`${names.join('+')} to ${into ?? 'no group'}, before ${before ?? 'the end'}`, () => {
      assert.equal(shown(moveInto(list('a b c d'), { names, groups }, into, before)), expected);
    });
  }

  it('takes along what is in a group, once', () => {
    const items = list('a b:G c:G/H d:K');
    assert.equal(shown(moveInto(items, { names: [], groups: ['G'] }, 'K', undefined)), 'a d:K b:K/G c:K/G/H');
    assert.equal(shown(moveInto(items, { names: [], groups: ['G/H'] }, undefined, 'a')), 'c:H a b:G d:K');
    assert.equal(shown(moveInto(items, { names: ['c'], groups: ['G', 'G/H'] }, undefined, undefined)), 'a d:K b:G c:G/H');
    assert.equal(shown(moveInto(items, { names: [], groups: ['G'] }, 'G/H', undefined)), shown(items));
  });

  it('keeps everything else of an item, also of one with mistakes', () => {
    const odd = [{ name: 'a', group: 'G', protocol: 'gopher', passwort: 'x' }, { group: 7 }];
    assert.deepEqual(moveInto(odd, { names: ['a'], groups: [] }, undefined, undefined), [
      { group: 7 },
      { name: 'a', protocol: 'gopher', passwort: 'x' },
    ]);
  });

  it('renames groups, and takes them away without their hosts', () => {
    const items = list('a b:G c:G/H d:GG');
    assert.equal(shown(renameGroup(items, 'G', 'X/Y')), 'a b:X/Y c:X/Y/H d:GG');
    assert.equal(shown(renameGroup(items, 'G', undefined)), 'a b c:H d:GG');
    assert.equal(shown(renameGroup(items, 'G/H', 'G')), 'a b:G c:G d:GG');
  });

  it('steps hosts within their group, and groups among their like', () => {
    const items = list('a x:G b y:G z:K');
    assert.equal(shown(stepHosts(items, ['B'], 'up')), 'b a x:G y:G z:K');
    assert.equal(shown(stepHosts(items, ['x'], 'down')), 'a b y:G x:G z:K');
    assert.equal(shown(stepHosts(items, ['a'], 'up')), shown(items));
    assert.equal(shown(stepHosts(items, ['nobody'], 'up')), shown(items));
    assert.equal(shown(stepHosts(list('a b c d'), ['b', 'c'], 'up')), 'b c a d');
    assert.equal(shown(stepHosts(list('a b c d'), ['b', 'c'], 'down')), 'a d b c');
    assert.equal(shown(stepHosts(list('a b c'), ['a', 'b'], 'up')), 'a b c');
    assert.equal(shown(stepGroup(items, 'K', 'up')), 'a z:K x:G b y:G');
    assert.equal(shown(stepGroup(items, 'G', 'down')), 'a b z:K x:G y:G');
    assert.equal(shown(stepGroup(items, 'K', 'down')), shown(items));
  });

  it('knows the groups within a group', () => {
    const groups = ['A/B', undefined, 'C', 'A/B/D', 'A', 'AB'];
    assert.deepEqual(groupsIn(groups, undefined), ['A', 'C', 'AB']);
    assert.deepEqual([groupsIn(groups, 'A'), groupsIn(groups, 'A/B'), groupsIn(groups, 'C')], [['A/B'], ['A/B/D'], []]);
  });
});

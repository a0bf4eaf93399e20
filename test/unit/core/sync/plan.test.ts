import assert from 'node:assert/strict';
import type { Version } from '../../../../src/core/operations/version.ts';
import type { Walked } from '../../../../src/core/operations/walk.ts';
import type { Attributes, Kind } from '../../../../src/core/remote.ts';
import { excessiveDeletions, planSync, type SyncPlan, type SyncPlanParts } from '../../../../src/core/sync/plan.ts';

const hour = 3600_000;
const noon = Date.UTC(2024, 5, 1, 12);

function attributes(size: number, mtime: number | undefined, kind: Kind = 'file'): Attributes {
  const untold = { mode: undefined, owner: undefined, group: undefined, links: undefined, target: undefined, writable: undefined };
  return { kind, size, mtime, ...untold };
}

function entries(tree: Readonly<Record<string, Attributes>>): Walked[] {
  return Object.entries(tree).map(([relative, found]) => ({
    ...{ path: `/${relative}`, relative, attributes: found },
    depth: relative.split('/').length,
  }));
}

const folder = attributes(0, noon, 'directory');
const old = attributes(10, noon - hour);
const same = attributes(10, noon);
const young = attributes(10, noon + hour);
const longer = attributes(12, noon + hour);
const agreed: Version = { size: 10, mtime: noon, hash: 'h' };

interface Given extends Partial<Omit<SyncPlanParts, 'here' | 'there' | 'agreed' | 'isSameContent'>> {
  readonly here?: Readonly<Record<string, Attributes>>;
  readonly there?: Readonly<Record<string, Attributes>>;
  readonly agreed?: Readonly<Record<string, Version>>;
  readonly changed?: readonly string[];
  readonly contents?: Readonly<Record<string, boolean>>;
}

function plan({ here = {}, there = {}, agreed: known = {}, changed = [], contents = {}, ...more }: Given): SyncPlan {
  return planSync({
    direction: 'both',
    clock: { ahead: 0, resolution: 1000, now: noon + 24 * hour },
    isCaseSensitive: true,
    isNameHere: () => true,
    isChangedHere: (relative) => changed.includes(relative),
    ...more,
    ...{ here: entries(here), there: entries(there) },
    agreed: (relative) => known[relative],
    isSameContent: (relative) => contents[relative],
  });
}

/** `+`: proposed. */
function told({ rows }: SyncPlan): string[] {
  return rows.map(({ relative, action, reason, isChecked }) => `${isChecked ? '+' : ' '}${action} ${relative}: ${reason}`);
}

describe('a plan to sync', () => {
  it('goes by the last exchange where there was one', () => {
    const table: readonly [Attributes | undefined, boolean, Attributes | undefined, string, string, string][] = [
      // here, changed here, there: up, down, both
      [same, false, same, '', '', ''],
      [young, true, same, '+upload f: changedHere', ' conflict f: changedHere', '+upload f: changedHere'],
      [same, false, longer, ' conflict f: changedThere', '+download f: changedThere', '+download f: changedThere'],
      [same, false, young, ' conflict f: changedThere', '+download f: changedThere', '+download f: changedThere'],
      [same, false, old, ' conflict f: changedThere', '+download f: changedThere', '+download f: changedThere'],
      [young, true, longer, ' conflict f: changedBoth', ' conflict f: changedBoth', ' conflict f: changedBoth'],
      [undefined, false, same, ' deleteThere f: deletedHere', '+download f: deletedHere', ' deleteThere f: deletedHere'],
      [
        ...([undefined, false, longer] as const),
        ...([' conflict f: deletedHereChangedThere', '+download f: deletedHereChangedThere'] as const),
        ' conflict f: deletedHereChangedThere',
      ],
      [same, false, undefined, '+upload f: deletedThere', ' deleteHere f: deletedThere', ' deleteHere f: deletedThere'],
      [
        ...([young, true, undefined] as const),
        ...(['+upload f: changedHereDeletedThere', ' conflict f: changedHereDeletedThere'] as const),
        ' conflict f: changedHereDeletedThere',
      ],
    ];
    for (const [here, isChanged, there, ...expected] of table) {
      const given = {
        ...{ here: here && { f: here }, there: there && { f: there }, agreed: { f: agreed }, changed: isChanged ? ['f'] : [] },
      } as Given;
      const actual = (['up', 'down', 'both'] as const).map((direction) => told(plan({ ...given, direction })).join());
      assert.deepEqual(actual, expected);
    }
  });

  it('goes by the times where nothing was ever exchanged', () => {
    const untimed = attributes(10, undefined);
    const table: readonly [Attributes | undefined, Attributes | undefined, string, string, string][] = [
      [same, undefined, '+upload f: onlyHere', ' deleteHere f: onlyHere', '+upload f: onlyHere'],
      [undefined, same, ' deleteThere f: onlyThere', '+download f: onlyThere', '+download f: onlyThere'],
      [same, same, '', '', ''],
      [longer, same, '+upload f: newerHere', ' conflict f: newerHere', '+upload f: newerHere'],
      [same, longer, ' conflict f: newerThere', '+download f: newerThere', '+download f: newerThere'],
      [young, same, ' upload f: sameSize', ' download f: sameSize', ' upload f: sameSize'],
      [same, young, ' upload f: sameSize', ' download f: sameSize', ' download f: sameSize'],
      [same, attributes(12, noon), ' conflict f: differs', ' conflict f: differs', ' conflict f: differs'],
      [same, attributes(12, undefined), ' conflict f: differs', ' conflict f: differs', ' conflict f: differs'],
      [same, untimed, ' upload f: sameSize', ' download f: sameSize', ' conflict f: sameSize'],
    ];
    for (const [here, there, ...expected] of table) {
      const given = { here: here && { f: here }, there: there && { f: there } } as Given;
      const actual = (['up', 'down', 'both'] as const).map((direction) => told(plan({ ...given, direction })).join());
      assert.deepEqual(actual, expected);
    }
  });

  it('believes the contents more than sizes and times, once they were compared', () => {
    const there = { f: young, g: young, h: same, i: young };
    const given = { here: { f: same, g: same, h: same, i: same }, there, agreed: { h: agreed, i: agreed }, changed: ['i'] };
    const compared = plan({ ...given, contents: { f: true, g: false, h: false, i: true } });
    assert.deepEqual(told(compared), ['+download g: newerThere', '+download h: changedThere']);
    assert.equal(compared.same, 2);
  });

  it('knows of the server’s clock, and of steps of minutes and days in its lists', () => {
    const ahead = { ahead: 2 * hour, resolution: 1000, now: noon + 24 * hour };
    const given = { here: { f: attributes(10, noon), g: longer }, there: { f: attributes(10, noon + 2 * hour + 900), g: young } };
    assert.deepEqual(told(plan({ ...given, clock: ahead })), ['+upload g: newerHere']);
    const listed = (shownTime: number) => ({ ...attributes(10, undefined), shownTime });
    const minutes = { here: { f: attributes(10, noon + 59_000) }, there: { f: listed(noon) } };
    assert.deepEqual(told(plan(minutes)), []);
    assert.deepEqual(told(plan({ ...minutes, here: { f: attributes(10, noon + 61_000) } })), [' upload f: sameSize']);
    const lastYear = { clock: { ahead: 0, resolution: 1000, now: noon + 300 * 24 * hour }, there: { f: listed(noon - 12 * hour) } };
    assert.deepEqual(told(plan({ ...lastYear, here: { f: attributes(10, noon + 11 * hour) } })), []);
    assert.deepEqual(told(plan({ ...lastYear, here: { f: attributes(11, noon + 13 * hour) } })), ['+upload f: newerHere']);
    // What was agreed on has the server's own time, to the second.
    const known = { here: { f: same }, agreed: { f: { ...agreed, mtime: noon + 30_000 } } };
    assert.deepEqual(told(plan({ ...known, there: { f: listed(noon) } })), []);
    assert.deepEqual(told(plan({ ...known, there: { f: listed(noon + 2 * 60_000) } })), ['+download f: changedThere']);
  });

  it('leaves out links, special files and all below them, and what one side takes for another', () => {
    const link = attributes(3, noon, 'symlink');
    const pipe = attributes(0, noon, 'other');
    const given = {
      here: { a: link, b: same, c: same, 'e.txt': same },
      there: { a: folder, 'a/x': same, b: pipe, 'E.txt': same, 'c:d': same },
      isCaseSensitive: false,
      isNameHere: (name: string) => !name.includes(':'),
    };
    const { rows, leftOut } = plan(given);
    assert.deepEqual(leftOut.map(({ relative, reason }) => `${relative}: ${reason}`).sort(), [
      'E.txt: case',
      'a/x: below',
      'a: link',
      'b: special',
      'c:d: name',
      'e.txt: case',
    ]);
    assert.deepEqual(
      rows.map(({ relative }) => relative),
      ['c'],
    );
  });

  it('makes a conflict of a file here that is a folder there, and touches nothing in it', () => {
    const { rows, leftOut } = plan({ here: { a: same }, there: { a: folder, 'a/b': same, 'a/b/c': same } });
    assert.deepEqual(
      rows.map(({ relative, action, reason }) => `${relative} ${action} ${reason}`),
      ['a conflict otherKind'],
    );
    assert.deepEqual(
      leftOut.map(({ relative }) => relative),
      ['a/b', 'a/b/c'],
    );
  });

  it('makes empty folders, and deletes those whose content goes', () => {
    const here = { empty: folder, full: folder, 'full/f': same, deep: folder, 'deep/er': folder };
    const there = { gone: folder, 'gone/f': same, mixed: folder, 'mixed/new': same, 'mixed/old': same };
    const given = { here, there, agreed: { 'gone/f': agreed, 'mixed/old': agreed } };
    assert.deepEqual(told(plan(given)), [
      '+upload deep/er: onlyHere',
      '+upload empty: onlyHere',
      '+upload full/f: onlyHere',
      ' deleteThere gone: onlyThere',
      ' deleteThere gone/f: deletedHere',
      '+download mixed/new: onlyThere',
      ' deleteThere mixed/old: deletedHere',
    ]);
    assert.deepEqual(
      told(plan({ there, direction: 'up' })).filter((line) => /: only/.test(line) && !/\//.test(line)),
      [' deleteThere gone: onlyThere', ' deleteThere mixed: onlyThere'],
    );
  });

  it('knows these folders also by the names that some disks have for them', () => {
    const hidden = '.g\u200cit/config';
    const there = { 'GIT~1/config': same, [hidden]: same, 'web/vscode~1/tasks.json': same };
    assert.deepEqual(
      plan({ there }).rows.map(({ isChecked }) => isChecked),
      [false, false, false],
    );
  });

  it('proposes nothing from a server that programs of this computer would run', () => {
    const there = { '.git/hooks/pre-commit': same, 'web/.vscode/tasks.json': same, '.gitignore': same };
    assert.deepEqual(told(plan({ there })), [
      ' download .git/hooks/pre-commit: onlyThere',
      '+download .gitignore: onlyThere',
      ' download web/.vscode/tasks.json: onlyThere',
    ]);
  });

  it('stops where it would delete more than the set share', () => {
    const names = Array.from({ length: 100 }, (_, index) => `f${index}`);
    const there = Object.fromEntries(names.map((name) => [name, same]));
    const here = Object.fromEntries(names.slice(21).map((name) => [name, same]));
    const known = Object.fromEntries(names.map((name) => [name, agreed]));
    const deleting = plan({ here, there, agreed: known });
    assert.deepEqual(excessiveDeletions(deleting, 20), { side: 'there', count: 21, total: 100 });
    assert.equal(excessiveDeletions(deleting, 21), undefined);
    assert.equal(excessiveDeletions(deleting, 100), undefined);
    assert.equal(excessiveDeletions(plan({ there: { f: same }, agreed: { f: agreed } }), 20), undefined);
  });

  it('is the right one for 5,000 files both ways, with a clock two hours off and lists to the minute', () => {
    const here: Record<string, Attributes> = {};
    const there: Record<string, Attributes> = {};
    const expected: string[] = [];
    const off = 2 * hour;
    const shown = (size: number, time: number) => ({
      ...attributes(size, undefined),
      shownTime: Math.floor((time + off) / 60_000) * 60_000,
    });
    for (let number = 0; number < 5000; number += 1) {
      const name = `d${number % 50}/f${String(number).padStart(4, '0')}`;
      const time = noon + number * 1000;
      const kind = number % 5;
      if (kind !== 3) here[name] = attributes(number, kind === 1 ? time + hour : time);
      if (kind !== 4) there[name] = shown(kind === 0 ? number : number + 1, kind === 2 ? time + hour : time);
      const way = [undefined, '+upload', '+download', '+download', '+upload'][kind];
      const why = ['', 'newerHere', 'newerThere', 'onlyThere', 'onlyHere'][kind] ?? '';
      if (way !== undefined) expected.push(`${way} ${name}: ${why}`);
    }
    const made = plan({ here, there, clock: { ahead: off, resolution: 1000, now: noon + 24 * hour } });
    assert.deepEqual(told(made).sort(), expected.sort());
    assert.equal(made.same, 1000);
    assert.deepEqual(
      made.deletions.map(({ count }) => count),
      [0, 0],
    );
  });
});

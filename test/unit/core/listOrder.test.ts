import assert from 'node:assert/strict';
import { placeBefore, stepAmong } from '../../../src/core/listOrder.ts';

describe('the order of a list', () => {
  const letters = (text: string) => Array.from(text);
  const places: [all: string, moved: string, before: string | undefined, expected: string][] = [
    ['abcd', 'c', 'a', 'cabd'],
    ['abcd', 'ca', 'd', 'bacd'],
    ['abcd', 'a', undefined, 'bcda'],
    ['abcd', 'a', 'x', 'bcda'],
    ['abcd', 'bc', 'b', 'abcd'],
    ['abcd', 'd', 'd', 'abcd'],
    ['abcd', 'x', 'b', 'abcd'],
  ];
  for (const [all, moved, before, expected] of places)
    it(`${moved} before ${before ?? 'nothing'}: ${expected}`, () => {
      assert.equal(placeBefore(letters(all), letters(moved), before).join(''), expected);
    });

  const steps: [all: string, siblings: string, moved: string, direction: 'up' | 'down', expected: string][] = [
    ['aXbYc', 'abc', 'b', 'up', 'baXYc'],
    ['aXbYc', 'abc', 'b', 'down', 'aXcbY'],
    ['aXbYc', 'abc', 'a', 'up', 'aXbYc'],
    ['aXbYc', 'abc', 'c', 'down', 'aXbYc'],
    ['abcd', 'abcd', 'bc', 'up', 'bcad'],
    ['abcd', 'abcd', 'cb', 'down', 'adbc'],
    ['abcd', 'abcd', 'ab', 'up', 'abcd'],
    ['abcd', 'abc', 'd', 'up', 'abcd'],
  ];
  for (const [all, siblings, moved, direction, expected] of steps)
    it(`${moved} ${direction} among ${siblings} in ${all}: ${expected}`, () => {
      assert.equal(stepAmong(letters(all), letters(siblings), letters(moved), direction).join(''), expected);
    });
});

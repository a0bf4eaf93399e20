import assert from 'node:assert/strict';
import { isFlat, riseOf, withoutWarmUp } from '../../soak/trend.ts';

describe('the trend of a soak', () => {
  it('is the rise of the line through the values', () => {
    assert.equal(riseOf([1, 2, 3, 4]), 3);
    assert.equal(riseOf([5, 5, 5]), 0);
    assert.equal(riseOf([7]), 0);
    assert.ok(riseOf([10, 11, 9, 10, 11, 9]) < 1);
  });

  it('tells a leak from noise, and leaves out how it began', () => {
    const noise = [3, -2, 1, 0, -3, 2, 1, -1, 0, 2];
    const still = noise.map((deviation) => 100 + deviation);
    const leaking = still.map((value, index) => value + index * 2);
    const tolerance = { share: 0.05, units: 1 };
    assert.ok(isFlat(still, tolerance));
    assert.ok(!isFlat(leaking, tolerance));
    assert.ok(isFlat([...withoutWarmUp([20, 60, ...still])], tolerance));
  });
});

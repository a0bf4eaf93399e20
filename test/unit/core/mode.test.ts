import assert from 'node:assert/strict';
import { changedMode, modeBits, modeText, octalText, parseOctal, sharedBits } from '../../../src/core/mode.ts';

describe('permission bits', () => {
  const texts: readonly (readonly [number, string, string])[] = [
    [0o644, 'rw-r--r--', '644'],
    [0o755, 'rwxr-xr-x', '755'],
    [0o4755, 'rwsr-xr-x', '4755'],
    [0o4644, 'rwSr--r--', '4644'],
    [0o2775, 'rwxrwsr-x', '2775'],
    [0o2745, 'rwxr-Sr-x', '2745'],
    [0o1777, 'rwxrwxrwt', '1777'],
    [0o1776, 'rwxrwxrwT', '1776'],
    [0o007, '------rwx', '007'],
    [0, '---------', '000'],
  ];

  it('are shown as ls shows them, and in octal', () => {
    for (const [mode, text, octal] of texts) {
      assert.equal(modeText(mode), text);
      assert.equal(octalText(mode), octal);
      assert.equal(parseOctal(octal), mode);
    }
  });

  it('are read from three or four octal digits only', () => {
    assert.equal(parseOctal(' 0644 '), 0o644);
    assert.equal(parseOctal('0o755'), 0o755);
    assert.equal(parseOctal('02775'), 0o2775);
    for (const text of ['', '64', '888', '12345', '644x', '-644', 'rw-']) assert.equal(parseOctal(text), undefined, text);
  });

  it('are twelve, and together all', () => {
    assert.equal(modeBits.length, 12);
    assert.equal(
      modeBits.reduce((all, { bit }) => all | bit, 0),
      0o7777,
    );
    const names = modeBits.filter(({ bit }) => (0o4652 & bit) !== 0).map(({ who, what }) => `${who} ${what}`);
    assert.deepEqual(names, ['owner read', 'owner write', 'group read', 'group execute', 'others write', 'special setuid']);
  });

  it('that several entries do not share stay as they are with each', () => {
    const shared = sharedBits([0o644, 0o755, 0o2750]);
    assert.deepEqual(shared, { set: 0o640, clear: 0o7777 & ~0o2755 });
    assert.equal(changedMode(0o2755, shared), 0o2755);
    assert.equal(changedMode(0o777, { set: 0, clear: 0o022 }), 0o755);
    assert.equal(changedMode(0o640, { set: 0o004, clear: 0o200 }), 0o444);
    assert.deepEqual(sharedBits([]), { set: 0, clear: 0o7777 });
  });
});

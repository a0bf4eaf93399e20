import assert from 'node:assert/strict';
import { Bases } from '../../../src/core/bases.ts';

const v1 = { size: 1, mtime: 1000, hash: 'a' };
const v2 = { size: 1, mtime: 1000, hash: 'b' };

describe('Bases', () => {
  it('takes what was read as the base of a file that no document shows', () => {
    const bases = new Bases();
    assert.equal(bases.read('/h/f', v1, false), true);
    assert.equal(bases.read('/h/f', v2, false), true);
    assert.deepEqual(bases.get('/h/f'), v2);
  });

  it('keeps the base of a document that still shows the old version, whoever reads the new one', () => {
    const bases = new Bases();
    bases.read('/h/f', v1, true);
    assert.equal(bases.read('/h/f', v2, true), false);
    assert.deepEqual(bases.get('/h/f'), v1);
    bases.adopt('/h/f');
    assert.deepEqual(bases.get('/h/f'), v2);
  });

  it('takes a new time of the same content over at once', () => {
    const bases = new Bases();
    bases.read('/h/f', v1, true);
    assert.equal(bases.read('/h/f', { ...v1, mtime: 2000 }, true), true);
  });

  it('drops what waited when the file was saved', () => {
    const bases = new Bases();
    bases.read('/h/f', v1, true);
    bases.read('/h/f', v2, true);
    const saved = { size: 3, mtime: 3, hash: 'c' };
    bases.set('/h/f', saved);
    bases.adopt('/h/f');
    assert.deepEqual(bases.get('/h/f'), saved);
  });

  it('lets a save expect a later version than the one that VS Code was told of, until it is saved, read or taken back', () => {
    const bases = new Bases();
    bases.set('/h/f', v1);
    assert.deepEqual(bases.expected('/h/f'), v1);
    bases.expect('/h/f', v2);
    assert.deepEqual([bases.get('/h/f'), bases.expected('/h/f')], [v1, v2]);
    bases.expect('/h/f', undefined);
    assert.deepEqual(bases.expected('/h/f'), v1);
    bases.expect('/h/f', v2);
    bases.move('/h', '/other');
    assert.deepEqual([bases.expected('/h/f'), bases.get('/other/f'), bases.expected('/other/f')], [undefined, v1, v2]);
    bases.set('/other/f', v1);
    assert.deepEqual(bases.expected('/other/f'), v1);
    bases.expect('/other/f', v2);
    bases.forget('/other');
    assert.equal(bases.expected('/other/f'), undefined);
  });

  it('moves and forgets a folder with what is below it, and nothing beside it', () => {
    const bases = new Bases();
    for (const key of ['/h/a', '/h/a/f', '/h/ab']) bases.set(key, v1);
    bases.move('/h/a', '/h/c');
    assert.deepEqual(bases.get('/h/c/f'), v1);
    assert.equal(bases.get('/h/a/f'), undefined);
    assert.deepEqual(bases.get('/h/ab'), v1);
    bases.forget('/h/c');
    assert.equal(bases.get('/h/c/f'), undefined);
  });

  it('does not grow without end', () => {
    const bases = new Bases();
    for (let n = 0; n <= 2000; n += 1) bases.set(`/h/${n}`, v1);
    assert.equal(bases.get('/h/0'), undefined);
    assert.deepEqual(bases.get('/h/1'), v1);
  });
});

import assert from 'node:assert/strict';
import { createKeptFolders } from '../../../src/editor/keptFolders.ts';
import { createMemento } from './memento.ts';

describe('folders that are remembered', () => {
  const folder = (uri: string, name?: string) => ({ uri, name });
  const uris = (all: readonly { readonly uri: string }[]) => all.map(({ uri }) => uri).join(' ');

  it('are the newest ones, each once', async () => {
    const folders = createKeptFolders(createMemento(), 'key', 3);
    for (const uri of ['a', 'b', 'a', 'c', 'd']) await folders.add(folder(uri));
    assert.equal(uris(folders.all), 'd c a');
  });

  it('are renamed, removed and cleared', async () => {
    const state = createMemento();
    const folders = createKeptFolders(state, 'key', 9);
    for (const uri of ['a', 'b', 'c']) await folders.add(folder(uri, uri.toUpperCase()));
    await folders.rename('b', 'new');
    await folders.rename('nobody', 'x');
    await folders.remove('a');
    assert.deepEqual(folders.all, [folder('c', 'C'), folder('b', 'new')]);
    assert.deepEqual(createKeptFolders(state, 'key', 9).all, folders.all);
    await folders.clear();
    assert.deepEqual([folders.all, state.keys()], [[], []]);
  });

  it('are put into another order, without one that is not kept', async () => {
    const folders = createKeptFolders(createMemento(), 'key', 9);
    for (const uri of ['a', 'b', 'c']) await folders.add(folder(uri, uri.toUpperCase()));
    await folders.arrange((all) => ['x', ...all.toReversed()]);
    assert.deepEqual(folders.all, [folder('a', 'A'), folder('b', 'B'), folder('c', 'C')]);
  });

  it('are none where something else is kept', () => {
    for (const value of [undefined, 'x', 7, { a: 1 }, [null, 'a', { uri: 7 }, { uri: 'a', name: 7 }]]) {
      const state = createMemento();
      void state.update('key', value);
      assert.deepEqual(createKeptFolders(state, 'key', 9).all, []);
    }
  });
});

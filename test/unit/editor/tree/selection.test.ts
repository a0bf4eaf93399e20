import assert from 'node:assert/strict';
import { createEmitter } from '../../../../src/core/events.ts';
import { followSelection } from '../../../../src/editor/tree/selection.ts';

describe('the selection of the view', () => {
  const changes = createEmitter<{ readonly selection: readonly string[] }>();
  const view: { selection: readonly string[]; readonly onDidChangeSelection: unknown } = {
    ...{ selection: [], onDidChangeSelection: changes.event },
  };
  const selection = followSelection<string>(view as never);
  const tell = (...rows: string[]) => {
    view.selection = rows;
    changes.fire({ selection: rows });
  };
  after(() => selection.dispose());

  it('is what VS Code says', () => {
    assert.deepEqual(selection.rows, []);
    tell('a', 'b');
    assert.deepEqual(selection.rows, ['a', 'b']);
  });

  it('is kept while VS Code knows no rows, as the list is drawn anew', () => {
    tell('a');
    view.selection = [];
    assert.deepEqual(selection.rows, ['a']);
    view.selection = ['a'];
    assert.deepEqual(selection.rows, ['a']);
  });

  it('is nothing once the person has selected nothing', () => {
    tell('a');
    tell();
    assert.deepEqual(selection.rows, []);
  });
});

import assert from 'node:assert/strict';
import type { ListedEntry } from '../../../../src/editor/looks.ts';
import '../fakeVscode.ts';

const { fileTooltip } = await import('../../../../src/editor/tree/fileItem.ts');

describe('the tooltip of a file', () => {
  const mtime = new Date(2020, 1, 3, 4, 5).getTime();
  const about = (entry: Partial<ListedEntry>) => fileTooltip({ name: 'a', kind: 'file', size: 7, ...entry } as ListedEntry).split('\n');

  it('names size, time, owner, group and permissions', () => {
    assert.deepEqual(about({ size: 1_234_567, mtime, owner: 'anna', group: '1000', mode: 0o640 }), [
      ...['a', `File, 1.2 MB (${(1_234_567).toLocaleString()} bytes)`, `Changed: ${new Date(mtime).toLocaleString()}`],
      ...['Owner: anna', 'Group: 1000', 'Permissions: 640 (rw-r-----)'],
    ]);
  });

  it('leaves out what the server does not tell', () => {
    assert.deepEqual(about({}), ['a', 'File, 7 B']);
    assert.deepEqual(about({ kind: 'directory' }), ['a', 'Folder']);
  });

  it('says where a link leads', () => {
    assert.deepEqual(about({ kind: 'symlink', leadsTo: 'directory', target: '../b' }), ['a', 'Link to a folder', 'Leads to: ../b']);
    assert.deepEqual(about({ kind: 'symlink', target: 'gone' }), ['a', 'Link that leads nowhere', 'Leads to: gone']);
  });

  it('has a line for each, whatever the server calls an owner', () => {
    const lines = about({ name: 'x\ny', owner: 'root\nOwner: anna', group: '\u202etoor\u001b[2J' });
    assert.equal(lines.length, 4);
    assert.ok(!/[\u001b\u202e]/.test(lines.join('')));
  });
});

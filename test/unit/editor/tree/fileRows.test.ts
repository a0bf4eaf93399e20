import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import type { ListedEntry } from '../../../../src/editor/looks.ts';
import type { FolderRow } from '../../../../src/editor/tree/rows.ts';
import { MemoryRemote, MemoryServer } from '../../../support/memoryRemote.ts';
import { poolOf, testHost } from '../../../support/poolOf.ts';
import '../fakeVscode.ts';

const { createFileRows } = await import('../../../../src/editor/tree/fileRows.ts');
const { locate } = await import('../../../../src/editor/uri.ts');
const { FileChangeType, Uri } = await import('vscode');

describe('rows of files', () => {
  const host = testHost({ root: '/' });
  const row: FolderRow = { kind: 'host', name: host.name };
  const uri = (path: string): vscode.Uri => Uri.parse(`sftp://${host.name}${path}`);
  const pool = poolOf(() => Promise.resolve(new MemoryRemote(new MemoryServer())));
  after(() => pool.dispose());

  it('are listed once more where something changed while the list was on its way', async () => {
    const answers: ((names: readonly string[]) => void)[] = [];
    const listed = (name: string) => ({ name, kind: 'file', size: 1 }) as ListedEntry;
    const entries = () => new Promise<readonly ListedEntry[]>((resolve) => answers.push((names) => resolve(names.map(listed))));
    const rows = createFileRows({
      pool,
      looks: { entries, stat: () => Promise.reject(new Error('not asked for')) },
      watch: { add: () => ({ dispose() {} }) } as never,
      locate: (address) => locate(address, () => [host]),
      findHost: () => host,
    });
    const asked = async (count: number): Promise<void> => {
      while (answers.length < count) await new Promise((resolve) => setImmediate(resolve));
    };
    const children = rows.childrenOf(row);
    await asked(1);
    rows.changed([
      { type: FileChangeType.Created, uri: uri('/elsewhere/c') },
      { type: FileChangeType.Created, uri: uri('/b') },
    ]);
    answers[0]?.(['a']);
    await asked(2);
    answers[1]?.(['a', 'b']);
    const names = (await children).map((each) => (each.kind === 'file' ? each.entry.name : each.reason.message));
    assert.deepEqual(names, ['a', 'b']);
    assert.equal(answers.length, 2);
    rows.dispose();
  });
});

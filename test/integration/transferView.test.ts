import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { choosing } from './choosing.ts';
import { diskPath, uriOn } from './demo.ts';
import { takePlace } from './person.ts';
import { does, itemOf, labelOf, type Row, under } from './transferRows.ts';
import { eventually } from './typing.ts';

/* Of the newest group. */
const inState = (state: string): string[] =>
  under(under().at(-1)).flatMap((row) => (itemOf(row).contextValue === `item.${state}` ? [labelOf(row)] : []));
const rowOf = (label: string): Row | undefined => under(under().at(-1)).find((row) => labelOf(row) === label);
const limit = (value: number | undefined) =>
  vscode.workspace.getConfiguration('ferry').update('transfers.limit', value, vscode.ConfigurationTarget.Global);

describe('the view of transfers', () => {
  const folder = vscode.workspace.workspaceFolders?.[0];
  const here = (...names: string[]): string => join(folder?.uri.fsPath ?? '', 'queued', ...names);
  const there = (name = ''): string => diskPath('demo-sftp', `/queued/${name}`);

  before(async () => {
    takePlace();
    await vscode.extensions.getExtension('ferry.ferry')?.activate();
    mkdirSync(here(), { recursive: true });
    mkdirSync(there(), { recursive: true });
    for (const name of ['a', 'b', 'c', 'd']) writeFileSync(here(name), name.repeat(200_000));
    const mapping = { local: 'queued', remote: String(uriOn('demo-sftp', '/queued')) };
    await vscode.workspace.getConfiguration('ferry', folder?.uri).update('mappings', [mapping], vscode.ConfigurationTarget.WorkspaceFolder);
  });
  after(async () => {
    await limit(undefined);
    for (const made of [join(folder?.uri.fsPath ?? '', '.vscode'), here()]) rmSync(made, { recursive: true, force: true });
  });

  it('pauses, orders, cancels and resumes what its rows stand for, and takes nothing else for a row', async () => {
    // One file goes at once, and nothing more for minutes.
    await limit(1);
    const uploading = vscode.commands.executeCommand('ferry.upload', vscode.Uri.file(here()));
    await eventually(() => assert.equal(inState('running').length, 3));
    await eventually(() => assert.equal(inState('done').length, 1));
    const [group] = under().slice(-1);
    await does('pause', group);
    await eventually(() => assert.equal(inState('paused').length, 3));
    assert.equal(itemOf(group!).contextValue, 'group.paused');
    const [x = '', y = '', z = ''] = inState('paused');
    await does('moveToTop', rowOf(z));
    await does('moveToTop', rowOf(y));
    await eventually(() => assert.deepEqual(inState('paused'), [y, z, x]));
    await does('moveUp', rowOf(x));
    await eventually(() => assert.deepEqual(inState('paused'), [y, x, z]));
    await does('moveUp', rowOf(y));
    await does('moveUp', rowOf(z));
    await eventually(() => assert.deepEqual(inState('paused'), [y, z, x]));
    await does('cancel', rowOf(z));
    await eventually(() => assert.deepEqual(inState('paused'), [y, x]));
    // What is no row of the view means all of it, which is asked about.
    const asked = await choosing({ rows: [], buttons: [] }, () => does('cancel', { item: 1 }));
    assert.deepEqual(asked, ['Cancel all transfers?']);
    assert.deepEqual(inState('paused'), [y, x]);
    await limit(0);
    await does('resume', rowOf(x));
    await eventually(() => assert.deepEqual([inState('paused'), inState('done').length], [[y], 2]));
    assert.equal(existsSync(there(y)), false);
    await does('resume', group);
    await uploading;
    const sent = ['a', 'b', 'c', 'd'].filter((name) => name !== z);
    assert.deepEqual(readdirSync(there()).toSorted(), sent);
    for (const name of sent) assert.equal(readFileSync(there(name), 'utf8'), name.repeat(200_000));
    await does('clear');
    await eventually(() => assert.ok(!under().includes(group!)));
  });

  it('tries again what failed, and shows where things are', async () => {
    for (const name of ['e', 'f', 'g']) {
      mkdirSync(here('again'), { recursive: true });
      writeFileSync(here('again', name), name);
    }
    // No file can be where a folder is.
    for (const name of ['e', 'f']) mkdirSync(there(`again/${name}`), { recursive: true });
    await does('clear');
    await vscode.commands.executeCommand('ferry.upload', vscode.Uri.file(here('again')));
    await eventually(() => assert.deepEqual([inState('failed').toSorted(), inState('done')], [['e', 'f'], ['g']]));
    assert.equal(itemOf(under().at(-1)!).contextValue, 'group.failed');
    rmdirSync(there('again/e'));
    await does('retry', rowOf('e'));
    await eventually(() => assert.deepEqual([inState('failed'), inState('done').toSorted()], [['f'], ['e', 'g']]));
    assert.equal(readFileSync(there('again/e'), 'utf8'), 'e');
    rmdirSync(there('again/f'));
    await does('retry');
    await eventually(() => assert.deepEqual(inState('done').toSorted(), ['e', 'f', 'g']));
    assert.equal(readFileSync(there('again/f'), 'utf8'), 'f');
    await does('reveal', rowOf('f'));
    await eventually(() =>
      assert.equal(String(vscode.window.activeTextEditor?.document.uri), String(uriOn('demo-sftp', '/queued/again/f'))),
    );
    const told = await choosing({ rows: [], buttons: [] }, () => does('reveal', under().at(-1)));
    assert.deepEqual(told, ['It is in sftp://demo-sftp/queued/again.']);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });
});

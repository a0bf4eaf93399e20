import assert from 'node:assert/strict';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseMappings } from '../../../../src/core/mapping/mapping.ts';
import type { MappedFile, Mappings } from '../../../../src/editor/mapping/mappings.ts';
import { removeFolder, temporaryFolder } from '../../../servers/folder.ts';
import { eventually } from '../../../support/eventually.ts';
import '../fakeVscode.ts';
import { desk, Uri } from '../fakeWorkspace.ts';

const { watchFiles } = await import('../../../../src/editor/mapping/watchedFiles.ts');

/* VS Code tells here of the topmost new folder only, as on Linux it does where what is below was made in the same moment. */
describe('files that a build writes', function () {
  if (process.platform !== 'linux') return;
  let root: string;
  let told: Set<string>;
  let watching: { dispose(): void };

  const write = (...names: string[]) => {
    for (const name of names) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), name);
    }
  };
  const begin = (...watch: string[]) => {
    const [mapping] = parseMappings([{ remote: 'sftp://web/www', watch, ignore: ['node_modules'] }], root).mappings;
    const find = (uri: Uri): MappedFile => ({ uri, mapping, relative: uri.path.slice(root.length + 1) }) as unknown as MappedFile;
    const mappings = { all: [mapping], find, folderOf: () => Uri.file(root), onDidChange: () => ({ dispose: () => {} }) };
    watching = watchFiles(mappings as unknown as Mappings, (uris) => uris.forEach(({ path }) => told.add(path.slice(root.length + 1))));
  };
  /** Resolves when all of these were told of. */
  const tells = async (...names: string[]) => {
    await eventually(() => assert.deepEqual([...told].toSorted(), names.toSorted()), 15_000);
    told.clear();
  };

  beforeEach(() => {
    root = temporaryFolder('watched');
    told = new Set();
  });
  afterEach(() => {
    watching.dispose();
    desk.watchers.clear();
    removeFolder(root);
  });

  it('are told of in folders that came with their content, and when they change there', async () => {
    begin('dist/**');
    write('dist/a/deep/1.js', 'dist/b/2.js');
    desk.created(Uri.file(join(root, 'dist')));
    await tells('dist', 'dist/a/deep/1.js', 'dist/b/2.js');
    write('dist/a/deep/1.js');
    await tells('dist/a/deep/1.js');
    write('dist/c/deep/3.js', 'dist/a/4.js');
    await tells('dist/c/deep/3.js', 'dist/a/4.js');
  });

  it('are told of in a folder that takes the place of another one', async () => {
    begin('dist/**');
    write('dist/a/1.js');
    desk.created(Uri.file(join(root, 'dist')));
    await tells('dist', 'dist/a/1.js');
    write('next/1.js');
    renameSync(join(root, 'dist/a'), join(root, 'dist/old'));
    renameSync(join(root, 'next'), join(root, 'dist/a'));
    await tells('dist/a/1.js', 'dist/old/1.js');
    write('dist/a/1.js');
    await tells('dist/a/1.js');
    rmSync(join(root, 'dist'), { recursive: true });
    write('dist/a/2.js');
    desk.created(Uri.file(join(root, 'dist')));
    await eventually(() => assert.ok(told.has('dist/a/2.js')));
    told.clear();
    write('dist/a/2.js');
    await tells('dist/a/2.js');
  });

  it('are told of by the glob, also where no folder matches it, and not where they are ignored', async () => {
    begin('out/**/*.js', 'main.css');
    write('out/a/1.js', 'out/a/1.map', 'out/node_modules/x/index.js', '.git/objects/1.js');
    for (const name of ['out', '.git']) desk.created(Uri.file(join(root, name)));
    await tells('out/a/1.js');
    write('out/a/1.map', 'out/a/b/2.js', 'out/node_modules/x/index.js');
    await tells('out/a/b/2.js');
    assert.ok(existsSync(join(root, 'out/a/1.map')));
  });

  it('are told of no more when the window ends', async () => {
    begin('dist/**');
    write('dist/a/1.js');
    desk.created(Uri.file(join(root, 'dist')));
    await tells('dist', 'dist/a/1.js');
    watching.dispose();
    assert.equal(desk.watchers.size, 0);
    write('dist/a/1.js');
    const other = temporaryFolder('watched');
    const first = root;
    root = other;
    begin('**');
    write('a/1.js');
    desk.created(Uri.file(join(root, 'a')));
    // Time enough for the other.
    await tells('a', 'a/1.js');
    removeFolder(first);
  });
});

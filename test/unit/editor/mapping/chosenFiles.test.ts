import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseMappings } from '../../../../src/core/mapping/mapping.ts';
import type { MappedFile, Mappings } from '../../../../src/editor/mapping/mappings.ts';
import '../fakeVscode.ts';
import { Uri } from '../fakeWorkspace.ts';

const { chooseFiles } = await import('../../../../src/editor/mapping/chosenFiles.ts');

describe('files that are chosen to be uploaded', () => {
  it('are none that are only growing here', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ferry-chosen-'));
    try {
      const [mapping] = parseMappings([{ remote: 'sftp://web/www' }], folder).mappings;
      const find = (uri: Uri): MappedFile => ({ uri, mapping, relative: uri.path.slice(folder.length + 1) }) as unknown as MappedFile;
      const mappings = { find, folderOf: () => Uri.file(folder) } as unknown as Mappings;
      const names = ['film.mp4', 'film.mp4.part-ferry-0123abcd', 'part-ferry.txt'];
      for (const name of names) writeFileSync(join(folder, name), name);
      const { files, ignored } = await chooseFiles(mappings, names.map((name) => Uri.file(join(folder, name))) as never);
      assert.deepEqual(files.map(({ relative }) => relative).toSorted(), ['film.mp4', 'part-ferry.txt']);
      assert.equal(ignored, 0);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

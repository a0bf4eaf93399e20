import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { bundleExtension } from './bundle.ts';
import { inRepository } from './commands.ts';

/* Writes what is shipped into dist: `npm run build`. */

const { files, metafile } = await bundleExtension();
await mkdir(inRepository('dist'), { recursive: true });
await writeFile(inRepository('dist', 'bundle.json'), JSON.stringify(metafile));
for (const [path, content] of files) await writeFile(inRepository(path), content);
// What earlier builds left would be shipped too.
for (const name of await readdir(inRepository('dist')))
  if (/\.cjs(?:\.map)?$/.test(name) && !files.has(`dist/${name}`)) await rm(inRepository('dist', name), { force: true });

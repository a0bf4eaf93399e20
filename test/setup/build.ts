import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { bundleExtension, bundleSsh } from './bundle.ts';
import { inRepository } from './commands.ts';

/* Writes what is shipped into dist: `npm run build`. */

const [extension, ssh] = await Promise.all([bundleExtension(), bundleSsh()]);
const files = new Map<string, string | Uint8Array>([
  ...extension.files,
  ...ssh.files,
  ['dist/bundle.json', JSON.stringify(extension.metafile)],
  ['dist/bundle-ssh2.json', JSON.stringify(ssh.metafile)],
]);
await mkdir(inRepository('dist'), { recursive: true });
for (const [path, content] of files) await writeFile(inRepository(path), content);
for (const name of await readdir(inRepository('dist'))) {
  if (/\.cjs(\.map)?$/.test(name) && !files.has(`dist/${name}`)) await rm(inRepository('dist', name));
}

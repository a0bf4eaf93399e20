import { cp, glob, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { repository } from './places.ts';

/** Ferry, as it was built last, as an installed extension of a VS Code that keeps its own in `extensions`: what the package would hold. */
export async function installFerry(extensions: string): Promise<void> {
  const manifest = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as { files: string[]; version: string };
  const into = join(extensions, `ferry.ferry-${manifest.version}`);
  await rm(into, { recursive: true, force: true });
  for await (const name of glob(['package.json', ...manifest.files], { cwd: repository }))
    await cp(join(repository, name), join(into, name), { recursive: true });
  /* VS Code's own list of what is installed; without it, it looks what is there. */
  await rm(join(extensions, 'extensions.json'), { force: true });
}

import { cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { repository } from './places.ts';

/** Ferry, as it was built last, as an installed extension of a VS Code that keeps its own in `extensions`: what the package would hold. */
export async function installFerry(extensions: string): Promise<void> {
  const manifest = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as { files: string[]; version: string };
  const into = join(extensions, `ferry.ferry-${manifest.version}`);
  await rm(into, { recursive: true, force: true });
  for (const name of ['package.json', ...manifest.files]) {
    await cp(join(repository, name), join(into, name), { recursive: true }).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    });
  }
  /* VS Code's own list of what is installed; without it, it looks what is there. */
  await rm(join(extensions, 'extensions.json'), { force: true });
}

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { inRepository } from './commands.ts';

/* Writes dist/NOTICES.txt: the licences of the libraries in the bundle, as they ask for. Reads what the build says it took. */

interface Metafile {
  readonly inputs: Readonly<Record<string, unknown>>;
}

const metafile = JSON.parse(await readFile(inRepository('dist', 'bundle.json'), 'utf8')) as Metafile;
const names = Object.keys(metafile.inputs).flatMap((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? []);

const notices = await Promise.all(
  [...new Set(names)].toSorted().map(async (name) => {
    const folder = inRepository('node_modules', name);
    const { version } = JSON.parse(await readFile(inRepository('node_modules', name, 'package.json'), 'utf8')) as { version: string };
    const licence = (await readdir(folder)).find((file) => /^licen[cs]e/i.test(file));
    if (licence === undefined) throw new Error(`${name} has no licence file.`);
    const text = await readFile(inRepository('node_modules', name, licence), 'utf8');
    return `${name} ${version}\n\n${text.trim()}\n`;
  }),
);
await writeFile(inRepository('dist', 'NOTICES.txt'), `Ferry contains these libraries.\n\n${notices.join(`\n${'-'.repeat(79)}\n\n`)}`);

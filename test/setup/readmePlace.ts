import { readFile, writeFile } from 'node:fs/promises';
import { inRepository } from './commands.ts';

/** Puts `content` between `<!-- NAME: begin … -->` and `<!-- NAME: end -->` of README; throws where there is no such place. */
export async function fillPlace(name: string, content: string): Promise<void> {
  const readme = inRepository('README.md');
  const text = await readFile(readme, 'utf8');
  const place = new RegExp(`(<!-- ${name}: begin[^>]*-->)[^]*(<!-- ${name}: end -->)`);
  if (!place.test(text)) throw new Error(`README.md has no place for the table: <!-- ${name}: begin --> … <!-- ${name}: end -->`);
  await writeFile(
    readme,
    text.replace(place, (_, begin: string, end: string) => `${begin}\n\n${content}\n\n${end}`),
  );
}

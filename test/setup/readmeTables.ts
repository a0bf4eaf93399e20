import { readFile, writeFile } from 'node:fs/promises';
import { inRepository } from './commands.ts';
import { matrixTable } from './matrixTable.ts';
import { serversTable } from './serversTable.ts';
import { tortureTable } from './tortureTable.ts';

/* npm run readme-tables: README's tables, from what the last runs of the tests saw. Each stands between `NAME: begin` and `NAME: end`. */

const tables = { servers: serversTable, matrix: matrixTable, torture: tortureTable };

const readme = inRepository('README.md');
let text = await readFile(readme, 'utf8');
for (const [name, table] of Object.entries(tables)) {
  const place = new RegExp(`(<!-- ${name}: begin[^>]*-->)[^]*(<!-- ${name}: end -->)`);
  if (!place.test(text)) throw new Error(`README.md has no place for the table: <!-- ${name}: begin --> … <!-- ${name}: end -->`);
  const content = await table();
  text = text.replace(place, (_, begin: string, end: string) => `${begin}\n\n${content}\n\n${end}`);
}
await writeFile(readme, text);
console.log(`README.md: ${Object.keys(tables).join(', ')}`);

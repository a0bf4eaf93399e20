import { matrixTable } from './matrixTable.ts';
import { fillPlace } from './readmePlace.ts';
import { serversTable } from './serversTable.ts';
import { tortureTable } from './tortureTable.ts';

/* npm run readme-tables: README's tables, from what the last runs of the tests saw. Each stands between `NAME: begin` and `NAME: end`. */

const tables = { servers: serversTable, matrix: matrixTable, torture: tortureTable };

for (const [name, table] of Object.entries(tables)) await fillPlace(name, await table());
console.log(`README.md: ${Object.keys(tables).join(', ')}`);

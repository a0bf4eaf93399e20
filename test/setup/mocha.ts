import { globSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import Mocha from 'mocha';
import { inRepository } from './commands.ts';
import { collect } from './testResult.ts';

/* As the mocha command, with a result that can be counted: `node mocha.ts RESULT.json TIMEOUT GLOB… [!GLOB…]`. */
const [resultFile = '', timeout = '20000', ...patterns] = process.argv.slice(2);
const mocha = new Mocha({ timeout: Number(timeout), reporter: 'spec', color: false });
const [excluded, included] = [
  patterns.filter((pattern) => pattern.startsWith('!')),
  patterns.filter((pattern) => !pattern.startsWith('!')),
];
const exclude = excluded.map((pattern) => pattern.slice(1));
const files = globSync(included, { cwd: inRepository(), exclude }).sort();
for (const file of files) mocha.addFile(inRepository(file));
await mocha.loadFilesAsync();
const result = await collect((ended) => mocha.run(ended));
await writeFile(resultFile, JSON.stringify(result));
process.exit(result.failed.length > 0 ? 1 : 0);

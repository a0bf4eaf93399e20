import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { runModule } from '../../src/compiledCode.ts';
import { removeFolder, temporaryFolder } from '../servers/folder.ts';

const require = createRequire(import.meta.url);
/** Longer than what V8 keeps nothing of. */
const code = (answer: string) => `
  const path = require('node:path');
  exports.answer = () => '${answer}';
  exports.name = () => path.basename(__filename) + ' in ' + path.basename(__dirname);
  exports.fail = () => { throw new Error('as asked'); };
`;

describe('compiled code', () => {
  let folder: string;
  let file: string;
  let kept: string;

  beforeEach(() => {
    folder = temporaryFolder('compiled');
    file = join(folder, 'main.cjs');
    kept = join(folder, 'storage', 'compiled');
    writeFileSync(file, code('first'));
  });
  afterEach(() => removeFolder(folder));

  const run = () => runModule(file, kept, require);
  const answerOf = ({ exports }: ReturnType<typeof run>) => (exports['answer'] as () => string)();

  it('runs what is there, keeps it, and runs that the next time', async () => {
    const first = run();
    assert.equal(first.isKept, false);
    assert.equal(answerOf(first), 'first');
    await first.keep();
    const next = run();
    assert.equal(next.isKept, true);
    assert.equal(answerOf(next), 'first');
    assert.equal((next.exports['name'] as () => string)(), `main.cjs in ${folder.split(/[\\/]/).at(-1)}`);
    assert.throws(next.exports['fail'] as () => void, (error: Error) => error.stack?.includes(`${file}:5:`) === true);
  });

  it('keeps it for this person alone, and leaves nothing else', async () => {
    await run().keep();
    await run().keep();
    assert.deepEqual(readdirSync(join(folder, 'storage')), ['compiled']);
    if (process.platform !== 'win32') assert.equal(statSync(kept).mode & 0o777, 0o600);
  });

  it('runs new code of the same length, and keeps that', async () => {
    await run().keep();
    writeFileSync(file, code('other'));
    const next = run();
    assert.deepEqual([next.isKept, answerOf(next)], [false, 'other']);
    await next.keep();
    assert.equal(run().isKept, true);
  });

  it('takes nothing that is not whole', async () => {
    await run().keep();
    const whole = readFileSync(kept);
    for (let at = 0; at < whole.length; at += 97) {
      const torn = Buffer.from(whole);
      torn[at] = (torn[at] ?? 0) ^ 0x55;
      writeFileSync(kept, torn);
      const next = run();
      assert.deepEqual([next.isKept, answerOf(next)], [false, 'first'], `byte ${at}`);
    }
    for (const length of [0, 10, 32, 64, 65, whole.length - 1]) {
      writeFileSync(kept, whole);
      truncateSync(kept, length);
      const next = run();
      assert.deepEqual([next.isKept, answerOf(next)], [false, 'first'], `${length} bytes`);
    }
  });

  it('runs where nothing can be read or kept', async () => {
    mkdirSync(kept, { recursive: true });
    const next = run();
    assert.deepEqual([next.isKept, answerOf(next)], [false, 'first']);
    await assert.rejects(next.keep());
    assert.deepEqual(readdirSync(join(folder, 'storage')), ['compiled']);
    rmSync(kept, { recursive: true });
    await run().keep();
    assert.equal(run().isKept, true);
  });
});

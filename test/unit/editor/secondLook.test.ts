import assert from 'node:assert/strict';
import { Bases } from '../../../src/core/bases.ts';
import { readFile } from '../../../src/core/operations/readFile.ts';
import type { Pool } from '../../../src/core/pool.ts';
import type { History } from '../../../src/editor/history.ts';
import type { SecondLook } from '../../../src/editor/secondLook.ts';
import { MemoryRemote, MemoryServer } from '../../support/memoryRemote.ts';
import { poolOf, testHost } from '../../support/poolOf.ts';
import { person } from './fakeVscode.ts';

const { KeptVersions } = await import('../../../src/editor/keptVersions.ts');
const { createSecondLook } = await import('../../../src/editor/secondLook.ts');

const location = { host: testHost({ name: 'demo' }), path: '/www/page.txt', key: '/sftp/demo/www/page.txt' };
const mine = new TextEncoder().encode('what I saved');

describe('a second look after a save', () => {
  let server: MemoryServer;
  let pool: Pool;
  let bases: Bases;
  let kept: string[];
  let announced: number;
  let looks: SecondLook;
  /** Calls of the connection. */
  let remote: MemoryRemote;

  beforeEach(async () => {
    person.reset();
    server = new MemoryServer();
    server.file(location.path, 'what I saved');
    remote = new MemoryRemote(server);
    pool = poolOf(() => Promise.resolve(remote));
    await pool.connect(location.host);
    bases = new Bases();
    [kept, announced] = [[], 0];
    const history = { add: (_: unknown, bytes: Uint8Array) => void kept.push(new TextDecoder().decode(bytes)) } as unknown as History;
    looks = createSecondLook({ pool, bases, history, versions: new KeptVersions(), announce: () => (announced += 1) }, 5);
  });

  afterEach(async () => {
    looks.dispose();
    await pool.dispose();
  });

  async function saved(): Promise<void> {
    const { version } = await readFile(remote, location.path);
    bases.set(location.key, version);
    looks.after(location, version, mine);
  }

  async function looked(times: number): Promise<void> {
    const stats = (): number => remote.calls.filter((call) => call.startsWith('stat')).length;
    const before = stats();
    for (let turn = 0; turn < 200 && stats() < before + times; turn += 1) await new Promise((resolve) => setTimeout(resolve, 2));
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(stats(), before + times);
  }

  it('says nothing where the file is what was saved, also with another time', async () => {
    await saved();
    server.file(location.path, 'what I saved');
    await looked(1);
    assert.deepEqual([person.dialogs, kept, announced], [[], [], 0]);
  });

  for (const theirs of ['of another size', 'WHAT I SAVED']) {
    it(`tells of somebody else's version (${theirs}), and keeps what was saved`, async () => {
      await saved();
      server.file(location.path, theirs);
      await looked(1);
      assert.match(person.dialogs[0]?.message ?? '', /\/www\/page\.txt was changed on demo by somebody else at the moment/);
      assert.deepEqual([kept, announced, server.text(location.path)], [['what I saved'], 1, theirs]);
    });
  }

  it('looks once after saves in a row, and not where the file was deleted or moved here', async () => {
    await saved();
    await saved();
    server.file(location.path, 'theirs');
    bases.forget(location.key);
    await looked(1);
    assert.deepEqual([person.dialogs, kept], [[], []]);
  });
});

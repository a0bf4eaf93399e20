import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Bases } from '../../../src/core/bases.ts';
import { RemoteError } from '../../../src/core/errors.ts';
import { readFile } from '../../../src/core/operations/readFile.ts';
import type { Pool } from '../../../src/core/pool.ts';
import type { KeptVersion } from '../../../src/editor/historyEntries.ts';
import type { OvertakenSave } from '../../../src/editor/overtakenSaves.ts';
import { createOwedLooks } from '../../../src/editor/owedLooks.ts';
import { createSecondLook, type SecondLook } from '../../../src/editor/secondLook.ts';
import type { Location } from '../../../src/editor/uri.ts';
import { MemoryRemote, MemoryServer } from '../../support/memoryRemote.ts';
import { poolOf, testHost } from '../../support/poolOf.ts';

const host = testHost({ name: 'demo' });
const place = (_: unknown, path: string): Location => ({ host, path, key: `/sftp/demo${path}` });
const location = place(host, '/www/page.txt');
const mine = 'what I saved';

describe('a second look after a save', () => {
  let root: string;
  let server: MemoryServer;
  let pool: Pool;
  let bases: Bases;
  let told: OvertakenSave[];
  let announced: number;
  let earlier: KeptVersion[];
  let looks: SecondLook;
  /** Of this window. */
  let connections: MemoryRemote[];
  /** Looks of the test's own. */
  let own: number;
  let unreachable: boolean;
  /** How often the disk was searched for what others have left. */
  let searches: number;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'ferry-looks-'));
    [server, unreachable, told, announced, earlier] = [new MemoryServer(), false, [], 0, []];
    server.file(location.path, mine);
    await begin();
  });

  afterEach(async () => {
    looks.dispose();
    await pool.dispose();
    await rm(root, { recursive: true, force: true });
  });

  /** A window, with the host connected. */
  async function begin(wait = 100, historySize = 1000): Promise<void> {
    const onStep = () => {
      if (unreachable) throw new RemoteError('Lost', 'Gone.');
    };
    [connections, own, searches] = [[], 0, 0];
    pool = poolOf(() => {
      const remote = new MemoryRemote(server, { onStep });
      connections.push(remote);
      return Promise.resolve(remote);
    });
    bases = new Bases();
    const owed = createOwedLooks(root);
    const take: typeof owed.take = (at) => {
      searches += 1;
      return owed.take(at);
    };
    looks = createSecondLook(
      {
        ...{ pool, bases, place, findHost: () => host, owed: { ...owed, take }, keptBytes: () => historySize },
        history: { versions: () => Promise.resolve(earlier) },
        announce: () => (announced += 1),
        tell: (save) => Promise.resolve(void told.push(save)),
      },
      wait,
    );
    await pool.connect(host);
  }

  /** The window ends and another one begins. */
  async function next(): Promise<void> {
    await looks.end();
    await pool.dispose();
    await begin();
  }

  async function saved(text = mine): Promise<void> {
    server.file(location.path, text);
    const { version } = await pool.run(host, (remote) => readFile(remote, location.path));
    own += 1;
    bases.set(location.key, version);
    looks.after(location, version, new TextEncoder().encode(text));
  }

  async function looked(times: number): Promise<void> {
    const calls = (): string[] => connections.flatMap((remote) => remote.calls);
    const stats = (): number => calls().filter((call) => call.startsWith('stat')).length - own;
    for (let turn = 0; turn < 1000 && stats() < times; turn += 1) await new Promise((resolve) => setTimeout(resolve, 2));
    await new Promise((resolve) => setTimeout(resolve, 250));
    assert.equal(stats(), times);
  }

  const texts = (): (string | undefined)[] => told.map((save) => save.mine && new TextDecoder().decode(save.mine));

  it('says nothing where the file is what was saved, also with another time', async () => {
    await saved();
    server.file(location.path, mine);
    await looked(1);
    assert.deepEqual([told, announced], [[], 0]);
  });

  for (const [what, own, theirs] of [
    ['of another size', mine, 'theirs'],
    ['that differs in nothing but its content', mine, mine.toUpperCase()],
    ['that differs in nothing but its content, 500 KB', mine.repeat(40_000), mine.toUpperCase().repeat(40_000)],
  ] as const) {
    it(`tells of somebody else's version ${what}`, async () => {
      await saved(own);
      const mtime = server.find(location.path, false)?.mtime ?? 0;
      server.file(location.path, theirs).mtime = mtime;
      await looked(1);
      assert.deepEqual([texts(), announced, server.text(location.path)], [[own], 1, theirs]);
      assert.equal(told[0]?.late, false);
      await next();
      await looked(0);
      assert.equal(told.length, 1, 'once');
    });
  }

  it('looks once after saves in a row, and not where the file was deleted or moved here', async () => {
    await saved();
    await saved();
    server.file(location.path, 'theirs');
    bases.forget(location.key);
    await looked(1);
    assert.deepEqual(told, []);
  });

  describe('where the window ends before it', () => {
    beforeEach(async () => {
      looks.dispose();
      await pool.dispose();
      await begin(60_000);
      await saved();
    });

    it('is done by the next one, which tells and has what was saved', async () => {
      server.file(location.path, 'theirs');
      await next();
      await looked(1);
      assert.deepEqual([texts(), announced, told[0]?.late], [[mine], 1, true]);
      await next();
      await looked(0);
      assert.equal(told.length, 1, 'once');
    });

    it('says nothing where the file is what was saved, or is gone', async () => {
      await next();
      await looked(1);
      looks.dispose();
      await begin(60_000);
      await saved();
      server.folderOf(location.path).children.delete('page.txt');
      await next();
      await looked(1);
      await next();
      await looked(0);
      assert.deepEqual([told, announced], [[], 0]);
    });

    it('says nothing where this person replaced it, knowing it', async () => {
      const { version } = await pool.run(host, (remote) => readFile(remote, location.path));
      own += 1;
      server.file(location.path, 'mine as well');
      earlier = [{ path: location.path, time: Date.now(), size: mine.length, hash: version.hash ?? '', because: 'saved', file: 'any' }];
      await next();
      await looked(0);
      assert.deepEqual(told, []);
    });
  });

  it('is done at the next connection where this one was lost', async () => {
    await saved();
    server.file(location.path, 'theirs');
    unreachable = true;
    await looked(1);
    assert.deepEqual(told, []);
    unreachable = false;
    await next();
    await looked(1);
    assert.deepEqual(texts(), [mine]);
  });

  it('searches the disk when the host is connected, not at each task', async () => {
    for (let task = 0; task < 5; task += 1) await pool.run(host, (remote) => remote.ping());
    assert.equal(searches, 1);
    await pool.disconnect(host.name);
    await pool.connect(host);
    assert.equal(searches, 2);
  });

  it('keeps no content where none is to be kept on this computer', async () => {
    looks.dispose();
    await begin(60_000, 0);
    await saved();
    server.file(location.path, 'theirs');
    await next();
    await looked(1);
    assert.deepEqual(texts(), [undefined]);
  });
});

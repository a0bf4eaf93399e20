import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { RemoteError } from '../../../../src/core/errors.ts';
import { readFile } from '../../../../src/core/operations/readFile.ts';
import type { SaveOptions } from '../../../../src/core/operations/save.ts';
import { readyToSave } from '../../../../src/core/operations/secondConnection.ts';
import { saveThroughPool } from '../../../../src/core/operations/saveThroughPool.ts';
import type { Pool } from '../../../../src/core/pool.ts';
import { eventually } from '../../../support/eventually.ts';
import { memoryJournal } from '../../../support/memoryJournal.ts';
import { MemoryRemote, MemoryServer, type Step } from '../../../support/memoryRemote.ts';
import { poolOf, testHost } from '../../../support/poolOf.ts';

const path = '/www/a.txt';
const content = new TextEncoder().encode('new content, longer');

interface Ground {
  readonly server: MemoryServer;
  readonly pool: Pool;
  /** In the order in which they came about. */
  readonly remotes: readonly MemoryRemote[];
  readonly save: () => Promise<unknown>;
  readonly connected: (count: number) => Promise<void>;
}

const host = testHost({ name: 'ftp', protocol: 'ftp', connections: 3 });

/** `onStep` is told the number of the connection, from 1. `refuses`: more than one connection. */
async function inPool(
  run: (ground: Ground) => Promise<void>,
  { onStep, refuses = false }: { readonly onStep?: (step: Step, number: number) => void | Promise<void>; readonly refuses?: boolean } = {},
): Promise<void> {
  const server = new MemoryServer();
  server.folder('/www');
  server.file(path, 'old content');
  const remotes: MemoryRemote[] = [];
  const connect = async () => {
    if (refuses && remotes.length > 0) throw new RemoteError('Busy', 'Too many connections.');
    const number = remotes.length + 1;
    const remote = new MemoryRemote(server, { drafts: true, facts: { parallel: 1 }, onStep: (step) => onStep?.(step, number) });
    remotes.push(remote);
    return Promise.resolve(remote);
  };
  const pool = poolOf(connect);
  const { version } = await pool.run(host, (remote) => readFile(remote, path));
  const options: SaveOptions = {
    ...{ create: false, overwrite: true, base: version, journal: memoryJournal(), saveMode: 'auto', profile: {} },
    learn() {},
  };
  try {
    await run({
      ...{ server, pool, remotes },
      save: () => saveThroughPool(pool, host, path, content, options),
      connected: (count) => eventually(() => assert.deepEqual(pool.state(host.name), { state: 'connected', connections: count, busy: 0 })),
    });
  } finally {
    await pool.dispose();
  }
}

/** The contents that the connection was asked for, from its `from`th call on. */
function reads(remote: MemoryRemote | undefined, from = 0): readonly string[] {
  return remote?.calls.slice(from).filter((call) => call.startsWith('read ')) ?? [];
}

async function bringUpSecond({ pool, connected }: Ground): Promise<void> {
  const both = Promise.withResolvers<undefined>();
  const held = [1, 2].map(() => pool.run(host, () => both.promise));
  await eventually(() => assert.equal(pool.state(host.name).busy, 2));
  both.resolve(undefined);
  await Promise.all(held);
  await connected(2);
}

describe('a save over connections that do one thing at a time', () => {
  it('that has one compares over it, and leaves another one for the next save', () =>
    inPool(async ({ server, remotes, save, connected }) => {
      const before = remotes[0]?.calls.length;
      await save();
      assert.equal(server.text(path), 'new content, longer');
      assert.equal(reads(remotes[0], before).length, 1);
      await connected(2);
    }));

  it('compares over the second while it sends over the first', () =>
    inPool(async (ground) => {
      await bringUpSecond(ground);
      const { server, remotes, save, connected } = ground;
      const before = remotes[0]?.calls.length;
      await save();
      assert.equal(server.text(path), 'new content, longer');
      assert.deepEqual([reads(remotes[0], before).length, reads(remotes[1]).length], [0, 1]);
      await connected(2);
    }));

  it('finds a conflict over the second', () =>
    inPool(async (ground) => {
      await bringUpSecond(ground);
      const { server, save, connected } = ground;
      const inode = server.find(path, true);
      assert.ok(inode);
      // Neither time nor size tells.
      inode.bytes = new TextEncoder().encode('THEIR words');
      await assert.rejects(save(), { code: 'Conflict' });
      assert.equal(server.text(path), 'THEIR words');
      assert.deepEqual(server.names('/www'), ['a.txt']);
      await connected(2);
    }));

  it('goes on over the first where the second is lost', () => {
    const onStep = ({ verb, phase }: Step, number: number): void => {
      if (number === 2 && verb === 'read' && phase === 'middle') throw new RemoteError('Lost', 'The link was cut.');
    };
    return inPool(
      async (ground) => {
        await bringUpSecond(ground);
        await ground.save();
        assert.equal(ground.server.text(path), 'new content, longer');
        assert.deepEqual(ground.server.names('/www'), ['a.txt']);
      },
      { onStep },
    );
  });

  it('goes on over the first in good time where the second hangs, and keeps that no longer', () => {
    const hung = Promise.withResolvers<undefined>();
    const onStep = ({ verb, phase }: Step, number: number): Promise<void> | undefined => {
      if (number !== 2 || verb !== 'read' || phase !== 'middle') return undefined;
      hung.resolve(undefined);
      return new Promise(() => {});
    };
    return inPool(
      async (ground) => {
        await bringUpSecond(ground);
        mock.timers.enable({ apis: ['setInterval'] });
        try {
          const saving = ground.save();
          await hung.promise;
          mock.timers.tick(5000);
          await saving;
        } finally {
          mock.timers.reset();
        }
        assert.equal(ground.server.text(path), 'new content, longer');
        assert.deepEqual(ground.server.names('/www'), ['a.txt']);
        assert.equal(ground.pool.state(host.name).connections, 1);
      },
      { onStep },
    );
  });

  it('has both where it was made ready for, each asked whether it lives', () =>
    inPool(async ({ pool, remotes, save, connected }) => {
      await readyToSave(pool, host);
      await connected(2);
      assert.deepEqual(
        remotes.map(({ calls }) => calls.filter((call) => call.startsWith('ping')).length),
        [1, 1],
      );
      await save();
      assert.equal(reads(remotes[1]).length, 1);
    }));

  it('made ready for connects no host that nobody uses, and shared connections need nothing', async () => {
    let connections = 0;
    const remote = new MemoryRemote();
    const pool = poolOf(() => Promise.resolve(((connections += 1), remote)));
    await readyToSave(pool, host);
    assert.equal(connections, 0);
    await pool.run(host, () => Promise.resolve());
    await readyToSave(pool, host);
    assert.deepEqual([connections, remote.calls], [1, []]);
    await pool.dispose();
  });

  it('does with one where the server takes no more', () =>
    inPool(
      async ({ server, save, connected }) => {
        await save();
        assert.equal(server.text(path), 'new content, longer');
        await connected(1);
      },
      { refuses: true },
    ));
});

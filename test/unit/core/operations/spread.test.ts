import assert from 'node:assert/strict';
import { RemoteError } from '../../../../src/core/errors.ts';
import { copyThroughPool } from '../../../../src/core/operations/moveThroughPool.ts';
import { furtherConnections } from '../../../../src/core/operations/secondConnection.ts';
import { forEachSpread, type Further } from '../../../../src/core/operations/spread.ts';
import { removeTree } from '../../../../src/core/operations/tree.ts';
import { memoryJournal } from '../../../support/memoryJournal.ts';
import { MemoryRemote, MemoryServer, type Step } from '../../../support/memoryRemote.ts';
import { ftp, makePoolGround, sftp } from '../../../support/poolGround.ts';
import { poolOf } from '../../../support/poolOf.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

/** `free`: how many there are besides the own one; they are numbered from 1. */
function furtherOf(free: number): Further<number> & { asked: number } {
  let taken = 0;
  return {
    count: 5,
    asked: 0,
    async run(step, signal) {
      this.asked += 1;
      if (taken >= free)
        await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new RemoteError('Cancelled', 'Cancelled.'))));
      taken += 1;
      try {
        await step(taken, signal);
      } finally {
        taken -= 1;
      }
    },
  };
}

describe('work that is spread over several connections', () => {
  const done = new Map<number, number[]>();
  const work = async (item: number, held: number) => {
    await turn();
    done.set(held, [...(done.get(held) ?? []), item]);
  };
  const all = () => [...done.values()].flat().toSorted((one, other) => one - other);
  beforeEach(() => done.clear());

  it('does each item once, with the own and all others that there are, and asks for no more in the end', async () => {
    for (const free of [0, 1, 3]) {
      done.clear();
      await forEachSpread(numbers(40), { own: 0, parallel: 1, further: furtherOf(free), signal: undefined }, work);
      assert.deepEqual(all(), numbers(40));
      assert.equal(done.size, free + 1, 'all that there are take part');
    }
  });

  it('asks for no other where the work is not worth a log-in', async () => {
    const further = furtherOf(3);
    await forEachSpread(numbers(4), { own: 0, parallel: 1, further, signal: undefined }, work);
    assert.equal(further.asked, 0);
  });

  it('does again with its own what a lost connection kept another from, where that may be', async () => {
    const losing = async (item: number, held: number) => {
      await work(item, held);
      if (held > 0) throw new RemoteError('Lost', 'Cut.');
    };
    await forEachSpread(numbers(40), { own: 0, parallel: 1, further: furtherOf(2), signal: undefined, repeatable: true }, losing);
    assert.deepEqual(
      done.get(0)?.toSorted((one, other) => one - other),
      numbers(40),
    );
  });

  it('fails with the first failure, which is none of the own connection, and begins nothing more', async () => {
    let begun = 0;
    const failing = async (item: number, held: number) => {
      begun += 1;
      await turn();
      if (held > 0) throw new RemoteError('Lost', `Cut at ${item}.`);
    };
    const spread = { own: 0, parallel: 1, further: furtherOf(1), signal: undefined };
    await assert.rejects(
      forEachSpread(numbers(40), spread, failing),
      (error) => error instanceof RemoteError && error.code === 'Lost' && !error.dropsConnection,
    );
    assert.ok(begun <= 4, `${begun} were begun`);
  });
});

describe('trees over connections that do one thing at a time', () => {
  const seeded = (): MemoryServer => {
    const server = new MemoryServer();
    for (const index of numbers(60)) server.file(`/tree/${index % 12}/${index}`, 'x'.repeat(index));
    return server;
  };
  const options = { overwrite: false, journal: memoryJournal(), profile: {}, learn() {} };

  /** A pool to a server that lets in so many at once. */
  const poolTo = (server: MemoryServer, limit: number, onStep?: (step: Step, remote: MemoryRemote) => void) => {
    const made: MemoryRemote[] = [];
    let refused = 0;
    const pool = poolOf((host) => {
      if (host.protocol === 'sftp') return Promise.resolve(new MemoryRemote(server));
      if (made.length >= limit) {
        refused += 1;
        return Promise.reject(new RemoteError('Busy', 'Too many connections.'));
      }
      const remote: MemoryRemote = new MemoryRemote(server, {
        facts: { parallel: 1, changesAtOnce: 8 },
        onStep: (step) => onStep?.(step, remote),
      });
      made.push(remote);
      return Promise.resolve(remote);
    });
    return { pool, made, refused: () => refused };
  };
  const begun = ({ calls }: MemoryRemote, verb: string) => calls.filter((call) => call.startsWith(verb)).length;

  for (const limit of [1, 2, 8])
    it(`go over as many as the server allows (${limit}), and leave one to the person`, async () => {
      const server = seeded();
      const { pool, made, refused } = poolTo(server, limit);
      const host = { ...ftp, connections: 5 };
      await copyThroughPool(pool, { host: sftp, path: '/tree' }, { host, path: '/up' }, options);
      await copyThroughPool(pool, { host, path: '/up' }, { host: sftp, path: '/down' }, options);
      for (const index of numbers(60)) assert.equal(server.text(`/down/${index % 12}/${index}`), 'x'.repeat(index));
      await pool.run(host, (remote) => removeTree(remote, '/up', { further: furtherConnections(pool, host, remote) }), { lane: 'bulk' });
      assert.deepEqual(server.names('/'), ['down', 'tree']);
      const used = (verb: string) => made.filter((remote) => begun(remote, verb) > 0).length;
      if (limit === 8) assert.deepEqual([used('write'), used('read')], [4, 4]);
      assert.ok(limit === 8 || refused() > 0);
      await pool.dispose();
    });

  /** Cuts the own connection, which made the folders, or another one. */
  const copyWithCut = async (server: MemoryServer, isCut: (remote: MemoryRemote) => boolean): Promise<readonly MemoryRemote[]> => {
    let cuts = 0;
    const { pool, made } = poolTo(server, 8, ({ verb, phase }, remote) => {
      if (verb !== 'write' || phase !== 'after' || begun(remote, 'write') < 3 || cuts > 0 || !isCut(remote)) return;
      cuts += 1;
      throw new RemoteError('Lost', 'The link was cut.', { host: ftp.name });
    });
    await copyThroughPool(pool, { host: sftp, path: '/tree' }, { host: { ...ftp, connections: 5 }, path: '/up' }, options);
    await pool.dispose();
    assert.equal(cuts, 1);
    return made;
  };
  const madeFolders = (remote: MemoryRemote) => begun(remote, 'mkdir') > 0;
  const total = (made: readonly MemoryRemote[], verb: string) => made.reduce((sum, remote) => sum + begun(remote, verb), 0);

  it('do only that file again which another connection was lost with, in place of what that left', async () => {
    const server = seeded();
    const made = await copyWithCut(server, (remote) => !madeFolders(remote));
    assert.deepEqual([total(made, 'write'), total(made, 'mkdir')], [61, 13]);
    // A server may still be busy with what the lost one was writing.
    assert.equal(total(made.filter(madeFolders), 'unlink'), 1);
    assert.deepEqual(server.names('/'), ['tree', 'up']);
    for (const index of numbers(60)) assert.equal(server.text(`/up/${index % 12}/${index}`), 'x'.repeat(index));
  });

  it('are read and copied again as a whole where their own connection is lost, with nothing left of the first attempt', async () => {
    const server = seeded();
    const made = await copyWithCut(server, madeFolders);
    assert.equal(total(made, 'mkdir'), 26);
    assert.deepEqual(server.names('/'), ['tree', 'up']);
    for (const index of numbers(60)) assert.equal(server.text(`/up/${index % 12}/${index}`), 'x'.repeat(index));
  });

  it('never keep a person waiting', async () => {
    const ground = makePoolGround();
    const host = { ...ftp, connections: 3 };
    const held = [ground.hold(host, 'bulk'), ground.hold(host, 'bulk'), ground.hold(host, 'bulk')];
    const answer = await ground.pool.run(host, () => Promise.resolve('here'));
    assert.equal(answer, 'here');
    for (const { release } of held) release();
    await Promise.all(held.map(({ done }) => done));
    await ground.end();
  });
});

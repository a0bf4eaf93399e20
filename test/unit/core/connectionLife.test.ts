import assert from 'node:assert/strict';
import { RemoteError } from '../../../src/core/errors.ts';
import type { Call } from '../../../src/core/remote.ts';
import { turns } from '../../support/fakeClock.ts';
import type { MemoryRemote } from '../../support/memoryRemote.ts';
import { ftp, makePoolGround, sftp, type PoolGround } from '../../support/poolGround.ts';

const nothing = () => Promise.resolve();
const many = (count: number) => Array.from({ length: count }, () => 'Unreachable' as const);

/** It never answers. */
function deafen(remote: MemoryRemote | undefined): void {
  assert.ok(remote);
  remote.ping = (call?: Call) =>
    new Promise((_, reject) => call?.signal?.addEventListener('abort', () => reject(call.signal?.reason as Error)));
}

describe('the life of connections', () => {
  let ground: PoolGround;
  let isOpen: boolean;

  beforeEach(() => {
    isOpen = true;
    ground = makePoolGround({ isInUse: () => isOpen });
  });
  afterEach(() => ground.end());

  const state = () => ground.pool.state('sftp').state;
  const lose = async (index: number) => {
    ground.made[index]?.drop();
    await turns();
  };

  describe('in the background', () => {
    it('connects again at once where something is open, in silence, and says so', async () => {
      const { pool, made, contexts } = ground;
      await pool.connect(sftp);
      await lose(0);
      await ground.clock.pass(0);
      assert.deepEqual([state(), made.length], ['connected', 2]);
      const { signal } = new AbortController();
      const owner = { protocol: 'sftp', user: 'ann', address: 'x', port: 22 };
      const silent = contexts[1]?.prompts;
      assert.equal(await silent?.secret({ hostName: 'sftp', owner, kind: 'password', refused: false, signal }), undefined);
      const identity = { kind: 'hostKey', algorithm: 'x', fingerprint: 'y' } as const;
      assert.equal(await silent?.admit({ hostName: 'sftp', address: 'x', port: 22, identity, signal }), false);
    });

    it('makes growing pauses with jitter, and then one attempt in about 30 s', async () => {
      const { clock, pool, contexts } = ground;
      await pool.connect(sftp);
      ground.refusals = many(40);
      await lose(0);
      const start = clock.now();
      const times: number[] = [];
      for (let second = 0; second < 1500; second += 1) {
        const before = contexts.length;
        await clock.pass(100);
        for (let more = before; more < contexts.length; more += 1) times.push(clock.now() - start);
      }
      const gaps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
      for (const [index, expected] of [500, 1000, 2000, 5000, 10_000, 30_000, 30_000].entries()) {
        const gap = gaps[index] ?? NaN;
        assert.ok(gap >= expected * 0.75 - 200 && gap <= expected * 1.25 + 200, `pause ${index}: ${gap} for ${expected}`);
      }
      const { attempt = 0, retryAt = 0, error } = pool.state('sftp');
      assert.deepEqual([state(), error?.code], ['waiting', 'Unreachable']);
      assert.ok(attempt >= 8 && retryAt > clock.now() - 1 && retryAt <= clock.now() + 37_500);
      ground.refusals = [];
      await clock.pass(40_000);
      assert.equal(state(), 'connected');
    });

    it('does nothing where nothing is open, after a Disconnect, or for a connection that nobody used for long', async () => {
      const { clock, pool, made } = ground;
      isOpen = false;
      await pool.connect(sftp);
      await lose(0);
      await clock.pass(60_000);
      assert.deepEqual([state(), made.length], ['disconnected', 1]);
      isOpen = true;
      await pool.connect(sftp);
      await clock.pass(40_000);
      await lose(1);
      await clock.pass(60_000);
      assert.deepEqual([state(), made.length], ['disconnected', 2]);
      await pool.connect(sftp);
      await pool.disconnect('sftp');
      await clock.pass(60_000);
      assert.deepEqual([state(), made.length], ['disconnected', 3]);
    });

    it('ends when the folder is closed', async () => {
      const { clock, pool, contexts } = ground;
      await pool.connect(sftp);
      ground.refusals = many(40);
      await lose(0);
      await clock.pass(20_000);
      isOpen = false;
      await clock.pass(60_000);
      const attempts = contexts.length;
      await clock.pass(120_000);
      assert.deepEqual([state(), contexts.length], ['error', attempts]);
    });

    it('goes on where the host could not be reached when its folder was opened', async () => {
      const { clock, pool } = ground;
      ground.refusals = many(4);
      await assert.rejects(pool.run(sftp, nothing), { code: 'Unreachable' });
      await clock.pass(20_000);
      assert.equal(state(), 'connected');
    });

    for (const reason of [new RemoteError('Auth', 'No.'), new RemoteError('Lost', 'Cut in the log-in.', { retryable: false })])
      it(`never repeats a log-in: ${reason.code}`, async () => {
        const { clock, pool, contexts } = ground;
        await pool.connect(sftp);
        ground.refusals = [reason];
        await lose(0);
        await clock.pass(600_000);
        assert.equal(contexts.length, 2);
        assert.equal(state(), reason.code === 'Auth' ? 'loginNeeded' : 'error');
        assert.equal(await pool.run(sftp, () => Promise.resolve('by a person')), 'by a person');
      });

    it('shows that a log-in is needed where it could not ask', async () => {
      const { clock, pool, contexts } = ground;
      await pool.connect(sftp);
      ground.refusals = ['Cancelled'];
      await lose(0);
      await clock.pass(600_000);
      assert.deepEqual([state(), pool.state('sftp').error?.code, contexts.length], ['loginNeeded', 'Auth', 2]);
    });

    it('does not even try where each log-in takes a person', async () => {
      const { clock, pool, contexts } = ground;
      await pool.connect(sftp);
      const prompts = [{ serverPrompt: 'Verification code:', echo: false }];
      const owner = { protocol: 'sftp', user: 'ann', address: 'x', port: 22 };
      const { signal } = new AbortController();
      await contexts[0]?.prompts.answers({
        ...{ hostName: 'sftp', owner, serverName: '', serverInstructions: '', prompts, refused: 0, signal },
      });
      await lose(0);
      await clock.pass(60_000);
      assert.deepEqual([state(), contexts.length], ['loginNeeded', 1]);
    });

    it('slows down where each new connection dies at once', async () => {
      const { clock, pool, contexts, made } = ground;
      await pool.connect(sftp);
      for (let second = 0; second < 120; second += 1) {
        made.at(-1)?.drop();
        await clock.pass(1000);
      }
      assert.ok(contexts.length < 15, `${contexts.length} connections in two minutes`);
    });

    it('work that nobody waits for wakes a connection that idled away, and no other', async () => {
      const { clock, pool, made } = ground;
      const look = () => pool.run(sftp, () => Promise.resolve('seen'), { background: true });
      await assert.rejects(look(), { code: 'Cancelled' });
      await pool.connect(sftp);
      await clock.pass(40_000);
      await lose(0);
      assert.equal(await look(), 'seen');
      assert.equal(made.length, 2);
      ground.refusals = many(40);
      await lose(1);
      await clock.pass(3000);
      await assert.rejects(look(), { code: 'Unreachable' }, 'it does not wait for the end of a pause');
      await pool.disconnect('sftp');
      await assert.rejects(look(), { code: 'Cancelled' });
    });
  });

  describe('work of a person', () => {
    it('is tried at once in the middle of a pause, once for all who come, and patiently', async () => {
      const { clock, pool, contexts } = ground;
      await pool.connect(sftp);
      ground.refusals = many(40);
      await lose(0);
      await clock.pass(30_000);
      const before = contexts.length;
      ground.refusals = ['Unreachable', 'Unreachable', undefined];
      const runs = Array.from({ length: 10 }, (_, index) => pool.run(sftp, () => Promise.resolve(index)));
      await clock.pass(4000);
      assert.deepEqual(await Promise.all(runs), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      assert.equal(contexts.length, before + 3);
    });

    it('ends with a clear error within its patience, while the background goes on', async () => {
      const { clock, pool } = ground;
      await pool.connect(sftp);
      ground.refusals = many(60);
      await lose(0);
      let settledAt: number | undefined;
      const start = clock.now();
      const failing = assert.rejects(pool.run(sftp, nothing), { code: 'Unreachable', host: 'sftp' }).then(() => (settledAt = clock.now()));
      await clock.pass(11_000);
      await failing;
      assert.ok(settledAt !== undefined && settledAt - start <= 11_000);
      assert.equal(state(), 'waiting');
      // Whoever comes later was told so by then.
      const quick = assert.rejects(pool.run(sftp, nothing), { code: 'Unreachable' });
      await clock.pass(1100);
      await quick;
      ground.refusals = [];
      await clock.pass(40_000);
      assert.equal(state(), 'connected');
    });

    it('polls a dead host no faster than once a second', async () => {
      const { clock, pool, contexts } = ground;
      await pool.connect(sftp);
      ground.refusals = many(500);
      await lose(0);
      await clock.pass(60_000);
      const before = contexts.length;
      for (let tick = 0; tick < 100; tick += 1) {
        void pool.run(sftp, nothing).catch(() => undefined);
        await clock.pass(100);
      }
      assert.ok(contexts.length - before <= 20, `${contexts.length - before} attempts in 10 s`);
    });

    it('asks the person where an attempt in the background could not', async () => {
      let open: (() => void) | undefined;
      const slow = makePoolGround({ isInUse: () => true }, async () => {
        if (slow.contexts.length === 2) await new Promise<void>((resolve) => (open = resolve));
      });
      await slow.pool.connect(sftp);
      slow.refusals = ['Cancelled'];
      slow.made[0]?.drop();
      await slow.clock.pass(0);
      const run = slow.pool.run(sftp, () => Promise.resolve('asked'));
      await turns();
      open?.();
      assert.equal(await run, 'asked');
      assert.equal(slow.contexts.length, 3);
      assert.notEqual(slow.contexts[2]?.prompts, slow.contexts[1]?.prompts);
      await slow.end();
    });

    it('is done on another connection where the one that was being made beside a lost one hangs', async () => {
      const half = makePoolGround({}, async (_, { signal }) => {
        if (half.contexts.length === 2) await new Promise((resolve) => signal.addEventListener('abort', resolve));
      });
      const held = [half.hold(ftp), half.hold(ftp)];
      await turns();
      assert.equal(half.contexts.length, 2);
      half.made[0]?.drop();
      held[0]?.release();
      await half.clock.pass(2900);
      assert.deepEqual([half.contexts.length, held[1]?.remote()], [2, undefined], 'it may still come about');
      await half.clock.pass(200);
      assert.equal(held[1]?.remote(), half.made[1]);
      assert.equal(half.contexts.length, 3);
      held[1]?.release();
      await half.end();
    });

    it('is not given a connection that may be as dead as the one that was just lost', async () => {
      const { clock, pool, made, hold } = ground;
      const held = [hold(ftp), hold(ftp)];
      await clock.pass(100);
      for (const { release } of held) release();
      await Promise.all(held.map(({ done }) => done));
      deafen(made[1]);
      await assert.rejects(
        pool.run(ftp, () => Promise.reject(new RemoteError('Lost', 'It said nothing for long.'))),
        { code: 'Lost' },
      );
      const run = pool.run(ftp, (remote) => Promise.resolve(remote));
      await clock.pass(1100);
      assert.equal(await run, made[2]);
    });

    it('is answered by one refused log-in for longer each time, until a person says Connect', async () => {
      const { clock, pool, contexts } = ground;
      ground.refusals = ['Auth', 'Auth', 'Auth'];
      const refused = () => assert.rejects(pool.run(sftp, nothing), { code: 'Auth' });
      await refused();
      await clock.pass(3100);
      await refused();
      assert.equal(contexts.length, 2);
      await clock.pass(3100);
      await refused();
      assert.equal(contexts.length, 2);
      await clock.pass(6000);
      await refused();
      assert.equal(contexts.length, 3);
      await pool.connect(sftp);
      assert.equal(contexts.length, 4);
    });

    it('is tried at once for what a person demands, once', async () => {
      const { pool, contexts } = ground;
      const lost = () => new RemoteError('Lost', 'In the middle of the log-in.', { retryable: false });
      ground.refusals = ['Auth', lost(), undefined];
      await assert.rejects(pool.run(sftp, nothing), { code: 'Auth' });
      const demand = () => pool.run(sftp, nothing, { demanded: true, repeatable: true });
      await assert.rejects(demand(), { code: 'Lost' });
      assert.equal(contexts.length, 2);
      await assert.rejects(pool.run(sftp, nothing), { code: 'Lost' });
      assert.equal(contexts.length, 2);
      await demand();
      assert.equal(contexts.length, 3);
    });
  });

  describe('after sleep', () => {
    it('probes what was in use a moment ago, and works on a new connection within 5 s where it is dead', async () => {
      const { clock, pool, made } = ground;
      await pool.run(sftp, nothing);
      clock.sleep(20_000);
      deafen(made[0]);
      const start = clock.now();
      const run = pool.run(sftp, (remote) => Promise.resolve(remote));
      await clock.pass(1100);
      assert.equal(await run, made[1]);
      assert.ok(clock.now() - start < 5000);
      assert.equal(pool.state('sftp').connections, 1);
    });

    it('goes on with a connection that answers, and notices sleep by itself', async () => {
      const { clock, pool, made } = ground;
      await pool.run(sftp, nothing);
      clock.sleep(20_000);
      await clock.pass(6000);
      await pool.run(sftp, nothing);
      assert.deepEqual([made.length, made[0]?.calls], [1, ['ping /']]);
    });

    it('waits for the one connection where the host takes no second', async () => {
      const { clock, pool, made } = ground;
      const single = { ...ftp, connections: 1 };
      await pool.run(single, nothing);
      clock.sleep(20_000);
      deafen(made[0]);
      const run = pool.run(single, (remote) => Promise.resolve(remote));
      await clock.pass(4100);
      assert.equal(await run, made[1]);
    });

    it('learns no limit from a second connection that was refused beside a dead one', async () => {
      const { clock, pool, made } = ground;
      await pool.run(ftp, nothing);
      await clock.pass(31_000);
      deafen(made[0]);
      ground.refusals = ['Busy'];
      const run = pool.run(ftp, (remote) => Promise.resolve(remote));
      await clock.pass(4100);
      assert.equal(await run, made[1]);
      assert.equal(ground.profile.connectionLimit, undefined);
    });
  });

  it('forgets a limit after a day, and when the setting changes', async () => {
    const { clock, pool, contexts } = ground;
    const two = async (host = ftp) => {
      const held = [ground.hold(host), ground.hold(host)];
      await clock.pass(100);
      for (const { release } of held) {
        release();
        await clock.pass(100);
      }
      await Promise.all(held.map(({ done }) => done));
    };
    await pool.connect(ftp);
    ground.refusals = ['Busy'];
    await two();
    assert.deepEqual([contexts.length, ground.profile.connectionLimit?.count], [2, 1]);
    await clock.pass(3_600_000);
    await two();
    assert.equal(contexts.length, 2, 'it holds');
    clock.sleep(86_400_000);
    await two();
    assert.equal(contexts.length, 3, 'a day later it is tried again');
    ground.refusals = [undefined, 'Busy'];
    await two({ ...ftp, connections: 4 });
    assert.equal(contexts.length, 5, 'with other settings too');
  });
});

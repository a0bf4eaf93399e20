import assert from 'node:assert/strict';
import { isRemoteError, RemoteError } from '../../../src/core/errors.ts';
import type { PoolContext } from '../../../src/core/pool.ts';
import type { Call, Remote } from '../../../src/core/remote.ts';
import { turns } from '../../support/fakeClock.ts';
import { ftp, makePoolGround, sftp, type PoolGround } from '../../support/poolGround.ts';
import { scriptedPrompts } from '../../support/prompts.ts';

describe('the pool', () => {
  let ground: PoolGround;
  let { clock, pool, made, contexts }: PoolGround = makePoolGround();

  const begin = (more: Partial<PoolContext> = {}) => {
    ground = makePoolGround(more);
    ({ clock, pool, made, contexts } = ground);
  };
  const hold: PoolGround['hold'] = (host, lane) => ground.hold(host, lane);

  beforeEach(() => begin());
  afterEach(() => ground.end());

  it('connects once for many who wait, and shares where it may', async () => {
    const results = await Promise.all(Array.from({ length: 10 }, (_, index) => pool.run(sftp, () => Promise.resolve(index))));
    assert.deepEqual(results, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert.equal(made.length, 1);
  });

  it('leases exclusively where it must, up to the limit', async () => {
    const held = Array.from({ length: 5 }, () => hold(ftp));
    await turns();
    await turns();
    const leased = held.map(({ remote }) => remote()).filter((remote) => remote !== undefined);
    assert.equal(new Set(leased).size, 3);
    assert.deepEqual([leased.length, made.length, pool.state('FTP').busy], [3, 3, 3]);
    for (const { release } of held) release();
    await Promise.all(held.map(({ done }) => done));
    assert.equal(pool.state('ftp').busy, 0);
  });

  it('never lets interactive work wait behind bulk work', async () => {
    const bulk = Array.from({ length: 5 }, () => hold(ftp, 'bulk'));
    await turns();
    await turns();
    assert.equal(bulk.filter(({ remote }) => remote() !== undefined).length, 2);
    assert.equal(await pool.run(ftp, () => Promise.resolve('now')), 'now');
    for (const { release } of bulk) release();
    await Promise.all(bulk.map(({ done }) => done));
  });

  it('keeps bulk work off the first shared connection', async () => {
    await pool.connect(sftp);
    const bulk = hold(sftp, 'bulk');
    await turns();
    await turns();
    assert.equal(bulk.remote(), made[1]);
    assert.equal(await pool.run(sftp, (remote) => Promise.resolve(remote)), made[0]);
    bulk.release();
    await bulk.done;
  });

  it('takes a refused further connection for the limit, and learns it', async () => {
    await pool.connect(ftp);
    ground.refusals = ['Busy'];
    const held = [hold(ftp), hold(ftp)];
    await turns();
    await turns();
    assert.deepEqual([made.length, contexts.length, ground.profile.connectionLimit?.count], [1, 2, 1]);
    held[0]?.release();
    await turns();
    assert.equal(held[1]?.remote(), made[0]);
    held[1]?.release();
    await Promise.all(held.map(({ done }) => done));
    assert.equal(pool.state('ftp').state, 'connected');
  });

  it('shares the one connection for bulk work where a second is refused', async () => {
    await pool.connect(sftp);
    ground.refusals = ['Auth'];
    assert.equal(await pool.run(sftp, (remote) => Promise.resolve(remote), { lane: 'bulk' }), made[0]);
    assert.equal(ground.profile.connectionLimit, undefined);
  });

  it('asks the person for the first connection only, and a session’s answers once', async () => {
    const prompts = scriptedPrompts({ password: 'secret', user: 'ann' });
    const { signal } = new AbortController();
    const request = {
      hostName: 'ftp',
      owner: { protocol: 'ftp', user: 'ann', address: 'x', port: 21 },
      kind: 'password',
      refused: false,
      signal,
    } as const;
    begin({ prompts });
    await pool.connect(ftp);
    const first = contexts[0]!.prompts;
    assert.equal(await first.user({ hostName: 'ftp', address: 'x', signal }), 'ann');
    assert.equal(await first.secret(request), 'secret');
    const held = [hold(ftp), hold(ftp)];
    await turns();
    const further = contexts[1]!.prompts;
    assert.equal(await further.user({ hostName: 'ftp', address: 'x', signal }), 'ann');
    assert.equal(await further.secret(request), 'secret');
    assert.equal(await further.secret({ ...request, refused: true }), undefined);
    assert.equal(await further.secret({ ...request, kind: 'passphrase' }), undefined);
    assert.equal(prompts.asked.length, 2);
    for (const { release } of held) release();
    await Promise.all(held.map(({ done }) => done));
  });

  for (const code of ['Auth', 'Untrusted', 'Cancelled'] as const)
    it(`answers everybody with one ${code}, for a moment; a person goes on at once`, async () => {
      ground.refusals = [code, code];
      const attempts = Array.from({ length: 10 }, () => pool.run(sftp, () => Promise.resolve()));
      for (const result of await Promise.allSettled(attempts))
        assert.ok(result.status === 'rejected' && isRemoteError(result.reason, code));
      await assert.rejects(
        pool.run(sftp, () => Promise.resolve()),
        { code, host: 'sftp' },
      );
      assert.equal(contexts.length, 1);
      const state = code === 'Untrusted' ? 'error' : 'loginNeeded';
      assert.deepEqual([pool.state('sftp').state, pool.state('sftp').error?.code], [state, code]);
      await clock.pass(3100);
      await assert.rejects(
        pool.run(sftp, () => Promise.resolve()),
        { code },
      );
      assert.equal(contexts.length, 2);
      await pool.connect(sftp);
      assert.equal(pool.state('sftp').state, 'connected');
    });

  it('fails at once where a host never answered, patiently where it did', async () => {
    ground.refusals = ['Unreachable'];
    await assert.rejects(pool.connect(sftp), { code: 'Unreachable' });
    await pool.connect(sftp);
    made[0]?.drop();
    await turns();
    assert.equal(pool.state('sftp').state, 'disconnected');
    ground.refusals = ['Unreachable', 'Lost', 'Unreachable'];
    const run = pool.run(sftp, () => Promise.resolve('again'));
    await clock.pass(10_000);
    assert.equal(await run, 'again');
    made[1]?.drop();
    await turns();
    ground.refusals = Array.from({ length: 20 }, () => 'Unreachable');
    const failing = assert.rejects(
      pool.run(sftp, () => Promise.resolve()),
      { code: 'Unreachable' },
    );
    await clock.pass(11_000);
    await failing;
  });

  it('repeats what may be repeated, once, on another connection', async () => {
    const remotes: Remote[] = [];
    const failing = (remote: Remote) => {
      remotes.push(remote);
      return Promise.reject(new RemoteError('Lost', 'Cut.'));
    };
    await assert.rejects(pool.run(sftp, failing, { repeatable: true }), { code: 'Lost', host: 'sftp' });
    assert.equal(new Set(remotes).size, 2);
    await assert.rejects(pool.run(sftp, failing), { code: 'Lost' });
    assert.equal(remotes.length, 3);
    await assert.rejects(
      pool.run(sftp, () => Promise.reject(new RemoteError('Denied', 'No.')), { repeatable: true }),
      { code: 'Denied' },
    );
    assert.equal(pool.state('sftp').connections, 1);
  });

  it('asks a connection that idled for a sign of life, and replaces a dead one unseen', async () => {
    await pool.connect(sftp);
    await clock.pass(31_000);
    await pool.run(sftp, () => Promise.resolve());
    assert.deepEqual(made[0]?.calls, ['ping /']);
    await clock.pass(31_000);
    made[0].ping = (call?: Call) =>
      new Promise((_, reject) => call?.signal?.addEventListener('abort', () => reject(call.signal?.reason as Error)));
    const run = pool.run(sftp, (remote) => Promise.resolve(remote));
    await clock.pass(4100);
    assert.equal(await run, made[1]);
  });

  it('repeats on a connection that lives where one cut ended several that were in use a moment ago', async () => {
    const held = [hold(ftp), hold(ftp), hold(ftp)];
    await turns();
    await turns();
    for (const { release } of held) release();
    await Promise.all(held.map(({ done }) => done));
    const dead = [...made];
    const lost = () => Promise.reject(new RemoteError('Lost', 'Cut.'));
    for (const remote of dead) remote.ping = lost;
    await clock.pass(10);
    const task = (remote: Remote) => (dead.some((one) => one === remote) ? lost() : Promise.resolve('done'));
    assert.equal(await pool.run(ftp, task, { repeatable: true }), 'done');
  });

  it('closes further connections that idle, and keeps the first', async () => {
    const held = [hold(ftp), hold(ftp)];
    await turns();
    await turns();
    for (const { release } of held) release();
    await clock.pass(80_000);
    assert.equal(pool.state('ftp').connections, 1);
  });

  it('retires the connections of changed settings', async () => {
    const old = hold(ftp);
    await turns();
    await turns();
    const changed = { ...ftp, address: '127.0.0.2' };
    assert.equal(await pool.run(changed, (remote) => Promise.resolve(remote)), made[1]);
    assert.equal(old.remote(), made[0]);
    old.release();
    await old.done;
    assert.equal((await made[0]?.closed)?.code, 'Lost');
    assert.equal(pool.state('ftp').connections, 1);
  });

  it('does nothing on one server that was meant for another of the same name', async () => {
    const held = Array.from({ length: 3 }, () => hold(ftp));
    await turns();
    await turns();
    let done = 0;
    const waiting = pool.run(ftp, async () => {
      done += 1;
      await Promise.resolve();
    });
    await turns();
    const other = pool.run({ ...ftp, address: '127.0.0.2' }, (remote) => Promise.resolve(remote));
    for (const { release } of held) release();
    await assert.rejects(waiting, { code: 'Unreachable' });
    assert.equal(await other, made.at(-1));
    assert.equal(done, 0);
    await Promise.all(held.map((one) => one.done));
  });

  it('lets go of those who cancel, and of a log-in that nobody waits for', async () => {
    const controller = new AbortController();
    const run = pool.run(sftp, () => Promise.resolve(), { signal: controller.signal });
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort();
    await assert.rejects(run, { code: 'Cancelled' });
    await turns();
    assert.equal(contexts[0]?.signal.aborted, true);
    assert.equal(pool.state('sftp').state, 'disconnected');
    assert.equal(await pool.run(sftp, () => Promise.resolve('next')), 'next');
  });

  it('asks whether it may connect', async () => {
    begin({ mayConnect: () => new RemoteError('Denied', 'Not trusted.') });
    await assert.rejects(
      pool.run(sftp, () => Promise.resolve()),
      { code: 'Denied', host: 'sftp' },
    );
    assert.equal(contexts.length, 0);
  });

  it('tells of every change of state', async () => {
    const states: string[] = [];
    const subscription = pool.onDidChangeState((name) => states.push(`${name} ${pool.state(name).state} ${pool.state(name).busy}`));
    await pool.run(sftp, () => Promise.resolve());
    await pool.disconnect('sftp');
    subscription.dispose();
    assert.deepEqual(states, ['sftp connecting 0', 'sftp connected 1', 'sftp connected 0', 'sftp disconnected 0']);
  });

  it('ends what runs when it is told to disconnect, and everything at the end', async () => {
    const run = pool.run(
      sftp,
      (_, signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    );
    run.catch(() => undefined);
    await turns();
    await turns();
    await pool.disconnect('sftp');
    await assert.rejects(run, { code: 'Cancelled' });
    await pool.connect(sftp);
    await pool.dispose();
    assert.ok(made.every((remote) => remote.closed instanceof Promise));
    for (const remote of made) await remote.closed;
    await assert.rejects(
      pool.run(sftp, () => Promise.resolve()),
      { code: 'Cancelled' },
    );
  });
});

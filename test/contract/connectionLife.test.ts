import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, descendants } from '../servers/process.ts';
import { startPyftpdlib } from '../servers/pyftpdlib.ts';
import { requireServer } from '../servers/server.ts';
import { commandsSeen } from '../support/ftp.ts';
import { makeFaultGround, type FaultGround, type GroundOptions } from './faultGround.ts';
import { clearWork } from './faultOperations.ts';
import { faultServers, type FaultServer } from './faultServers.ts';
import { fails, inTime, makeDisk, pattern } from './ground.ts';
import { jumpingClock } from './matrix/fault.ts';
import { until } from '../support/until.ts';

const size = 2 ** 20;

interface Case {
  readonly title: string;
  readonly options?: () => GroundOptions & { readonly clock?: ReturnType<typeof jumpingClock> };
  readonly run: (ground: FaultGround, wait: Wait, clock: ReturnType<typeof jumpingClock> | undefined) => Promise<void>;
}

/** Says that there is nothing to do now but to wait for a deadline. */
type Wait = () => void;

/** How long `work` takes, in seconds. */
async function timed(work: Promise<unknown>): Promise<number> {
  const start = performance.now();
  await inTime(work, 40);
  return (performance.now() - start) / 1000;
}

/** Without a second attempt: when the loss is noticed. Promised: 10 s for a request, 15 s for content. */
function blackHole(name: string, work: (ground: FaultGround) => Promise<unknown>): Case {
  return {
    title: `a black hole while it ${name}: noticed in time`,
    async run(ground, wait) {
      ground.disk.file('work/file', pattern(size, 1));
      await ground.run((remote) => remote.ping(), { repeatable: true });
      const after = name === 'reads' || name === 'writes' ? size / 2 : 5;
      ground.proxy.arm({ kind: 'stall', direction: name === 'writes' ? 'toServer' : 'toClient', afterBytes: after });
      let isOver = false;
      void until(() => isOver || ground.proxy.counts.struck > 0).then(wait);
      const seconds = await timed(fails(work(ground), 'Lost')).finally(() => (isOver = true));
      assert.ok(seconds < 18, `${seconds.toFixed(1)} s`);
    },
  };
}

const cases: readonly Case[] = [
  {
    title: 'a black hole while it slept: the first operation works within 5 s',
    options: () => ({ clock: jumpingClock() }),
    async run({ run, save, proxy, disk }, wait, clock) {
      await run((remote) => remote.ping(), { repeatable: true });
      clock?.sleep(3_600_000);
      proxy.strike('stall');
      wait();
      const seconds = await timed(save('work/file', pattern(1000, 2)));
      assert.ok(disk.read('work/file').equals(pattern(1000, 2)));
      assert.ok(seconds < 9, `${seconds.toFixed(1)} s`);
    },
  },
  blackHole('looks', ({ run, path }) => run((remote) => remote.stat(path('work/file')))),
  blackHole('lists', ({ run, path }) => run((remote) => remote.list(path('work')))),
  blackHole('reads', ({ run, path }) => run((remote) => remote.read(path('work/file'), () => undefined))),
  blackHole('writes', ({ run, path }) => run((remote) => remote.write(path('work/new'), pattern(size, 3), { disposition: 'create' }))),
  {
    title: 'the server goes and comes back: connected again by itself, nothing reopened',
    options: () => ({ isInUse: true }),
    async run({ pool, host, run, read, proxy, disk, server }, wait) {
      disk.file('work/file', 'still here');
      await run((remote) => remote.ping(), { repeatable: true });
      proxy.retarget(await freePort());
      proxy.strike('reset');
      wait();
      await sleep(2500);
      assert.match(pool.state(host.name).state, /waiting|connecting/);
      await assert.rejects(pool.run(host, () => Promise.resolve(), { background: true }));
      proxy.retarget(server.host.port);
      const seconds = await timed(until(() => pool.state(host.name).state === 'connected'));
      assert.ok(seconds < 18, `${seconds.toFixed(1)} s`);
      assert.equal((await read('work/file')).bytes.toString(), Buffer.from('still here').toString());
    },
  },
  {
    title: 'ten operations after a loss: one connection',
    options: () => ({ isInUse: true, host: { connections: 1 } }),
    async run({ run, read, proxy, disk }) {
      disk.file('work/file', 'content');
      await run((remote) => remote.ping(), { repeatable: true });
      const before = proxy.counts.controls;
      proxy.strike('reset');
      await Promise.all(Array.from({ length: 10 }, () => run((remote) => remote.ping(), { repeatable: true })));
      assert.equal(proxy.counts.controls - before, 1);
      await read('work/file');
    },
  },
];

/** The case itself, to be run once all others are connected too. */
type Prepared = (wait: Wait) => Promise<void>;

async function prepared(ground: FaultGround, run: Prepared): Promise<Prepared> {
  try {
    clearWork(ground);
    await ground.run((remote) => remote.ping(), { repeatable: true });
  } catch (error) {
    await ground.end();
    throw error;
  }
  return (wait) => run(wait).finally(() => ground.end());
}

async function prepareCase({ options, run }: Case, behind: FaultServer, number: number): Promise<Prepared> {
  const given = options?.() ?? {};
  // Some servers lose connections when many come at the same moment.
  await sleep(number * 400);
  const ground = await makeFaultGround(behind, { ...given, address: `127.0.0.${60 + number}`, folder: `case${number}` });
  return prepared(ground, (wait) => run(ground, wait, given.clock));
}

interface Begun {
  readonly behind: FaultServer;
  /** Of `behind`. */
  readonly listener: number;
}

/** None of the processes that come meanwhile may be another's: one after the other. */
async function withListener(start: () => Promise<FaultServer>): Promise<Begun> {
  const before = new Set(descendants(process.pid));
  const behind = await start();
  const [listener] = descendants(process.pid).filter((pid) => !before.has(pid));
  assert.ok(listener !== undefined);
  return { behind, listener };
}

async function prepareHanging({ behind, listener }: Begun): Promise<Prepared> {
  const ground = await makeFaultGround(behind, { address: '127.0.0.59' });
  return prepared(ground, async (wait) => {
    const sessions = descendants(listener).filter((pid) => descendants(pid).length === 0);
    assert.ok(sessions.length > 0);
    for (const pid of sessions) process.kill(pid, 'SIGSTOP');
    wait();
    const seconds = await timed(ground.run((remote) => remote.list(ground.path('work')), { repeatable: true }));
    assert.ok(seconds < 18, `${seconds.toFixed(1)} s`);
  });
}

/** What it rejects with, which is asked for later. */
async function reasonOf(work: Promise<void>): Promise<Error | undefined> {
  return work.then(() => undefined, toError);
}

/** All wait at the same time, but each begins when the one before does nothing else: else they would wait for the processor, too. */
function beginInTurn(): { begin(preparing: Promise<Prepared>): Promise<void>; allBegun(): Promise<unknown> } {
  let turn: Promise<unknown> = Promise.resolve();
  return {
    begin(preparing) {
      const before = turn;
      const { promise, resolve } = Promise.withResolvers<undefined>();
      const wait = () => resolve(undefined);
      turn = promise;
      return before.then(() => preparing.then((run) => run(wait))).finally(wait);
    },
    allBegun: () => turn,
  };
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

const names = ['OpenSSH', 'ProFTPD mod_sftp', 'vsftpd', 'vsftpd, TLS session reuse required', 'ProFTPD, TLS'];
const suites = faultServers.filter(({ name }) => names.includes(name));
const titles = [...cases.map(({ title }) => title), 'a session that hangs with a live connection: given up, and the work done on another'];

/** Everything waits at the same time: the deadlines are those that people have. */
describe('the life of connections on real servers', function () {
  this.timeout(120_000);
  const servers: FaultServer[] = [];
  const begun = new Map<string, { readonly results: readonly Promise<Error | undefined>[] } | { readonly failure: Error }>();

  before(async () => {
    const hanging = new Map<string, Begun>();
    const preparing = new Map<string, readonly Promise<Prepared>[]>();
    for (const { name, start } of suites) {
      try {
        hanging.set(name, await withListener(start));
      } catch (failure) {
        begun.set(name, { failure: toError(failure) });
      }
    }
    for (const { name, start } of suites) {
      const one = hanging.get(name);
      if (one === undefined) continue;
      const behind = await start();
      servers.push(behind, one.behind);
      const disk = makeDisk(behind.server, behind.server.root);
      cases.forEach((_, number) => disk.makeFolder(`case${number}`));
      preparing.set(name, [...cases.map((each, number) => prepareCase(each, behind, number)), prepareHanging(one)]);
    }
    // No one's time runs while others still start and log in.
    await Promise.allSettled([...preparing.values()].flat());
    const turns = beginInTurn();
    for (const [name, all] of preparing) begun.set(name, { results: all.map((each) => reasonOf(turns.begin(each))) });
    await turns.allBegun();
  });
  after(async () => {
    for (const one of begun.values()) if ('results' in one) await Promise.all(one.results);
    for (const { server } of servers) await server.stop();
  });

  for (const { name } of suites) {
    describe(name, () => {
      let results: readonly Promise<Error | undefined>[];

      before(async function () {
        const one = begun.get(name);
        results = await requireServer(this, async () => {
          if (one === undefined || 'failure' in one) throw one?.failure ?? new Error('It was not started.');
          return Promise.resolve(one.results);
        });
      });

      for (const [index, title] of titles.entries()) {
        it(title, async () => {
          const error = await results[index];
          if (error !== undefined) throw error;
        });
      }
    });
  }

  it('a log-in that is put off in words is tried again by itself, with the same password', async function () {
    const server = await requireServer(this, () => startPyftpdlib());
    const ground = await makeFaultGround({ server, dataPorts: [] });
    try {
      ground.proxy.refuse({ command: /^PASS/, reply: '451 Temporary failure, please try again.\r\n', hangUp: false });
      await inTime(ground.run((remote) => remote.ping()));
      assert.equal(ground.proxy.counts.struck, 1);
    } finally {
      await ground.end();
      await server.stop();
    }
  });

  it('a password that the server takes no more is sent once for each time that a person or the loss asks, and never by a clock', async function () {
    const first = await requireServer(this, () => startPyftpdlib());
    const second = await startPyftpdlib();
    const ground = await makeFaultGround({ server: first, dataPorts: [] }, { isInUse: true });
    const attempts = () => commandsSeen(second).filter((command) => command === 'PASS').length;
    try {
      await ground.run((remote) => remote.ping(), { repeatable: true });
      ground.proxy.retarget(second.host.port);
      ground.proxy.strike('reset');
      await until(() => ground.pool.state(ground.host.name).state === 'loginNeeded');
      await sleep(4000);
      assert.equal(attempts(), 1, 'in the background, once');
      assert.equal(ground.pool.state(ground.host.name).state, 'loginNeeded');
      ground.person.password = undefined;
      await fails(
        ground.run((remote) => remote.ping()),
        ['Cancelled', 'Auth'],
      );
      assert.equal(attempts(), 1, 'the person is asked for another one');
      ground.person.password = second.secrets.password;
      await ground.pool.connect(ground.host);
      assert.equal(attempts(), 2);
    } finally {
      await ground.end();
      await first.stop();
      await second.stop();
    }
  });
});

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { startAt, type Child } from '../bench/child.ts';
import { openTunLine, tunMissing, type Line } from '../bench/line.ts';
import type { ServerName } from '../bench/servers.ts';
import type { Answer, Order } from '../bench/serverSide.ts';
import { connect } from '../../src/transport/index.ts';
import { startOpenssh } from '../servers/openssh.ts';
import { descendants } from '../servers/process.ts';
import { requireServer, ServerUnavailable, type TestServer } from '../servers/server.ts';
import { canFindSessions, signalAll } from '../servers/sessions.ts';
import { startVsftpd } from '../servers/vsftpd.ts';
import { connectContext } from '../support/prompts.ts';
import { inTime, makeDisk } from './ground.ts';
import { workNames, type Report, type Word, type WorkName } from './deadLineClient.ts';

const servers: readonly ServerName[] = ['OpenSSH', 'vsftpd', 'vsftpd TLS', 'ProFTPD TLS'];
const largeSize = 40_000_000;
/** Promised are 12 s; the rest is for a machine with much to do. */
const mostSeconds = 12 + 1.5;
const never = 86_400_000;

type Ended = Extract<Report, { readonly work: WorkName }>;

/** What a server's clients tell when the line has died, or why they could not begin. */
interface Side {
  readonly name: ServerName;
  readonly server: Child<Order, Answer>;
  readonly client: Child<Word, Report>;
}

async function begin(line: Line, name: ServerName): Promise<Side> {
  const server = startAt<Order, Answer>(line, 'server', 'serverSide.ts');
  const client = startAt<Word, Report>(line, 'client', '../contract/deadLineClient.ts');
  server.send({ start: name, kind: 'tun' });
  const answer = await server.next();
  assert.ok('target' in answer, JSON.stringify(answer));
  const { target } = answer;
  makeDisk({ owner: target.owner, host: target.host }, target.root).sparseFile('large', largeSize, 'end');
  client.send({ begin: target });
  const report = await client.next();
  assert.ok('underWay' in report, JSON.stringify(report));
  return { name, server, client };
}

async function endsOf({ client, server }: Side): Promise<readonly Ended[]> {
  client.send({ lineIsDead: true });
  const ends: Ended[] = [];
  while (ends.length < workNames.length) {
    const report = await client.next();
    assert.ok('work' in report, JSON.stringify(report));
    ends.push(report);
  }
  client.end();
  server.end();
  return ends;
}

async function endsOnDeadLine(line: Line): Promise<Map<ServerName, readonly Ended[]>> {
  await line.set(5, 3_000_000);
  const sides = await Promise.all(servers.map((name) => begin(line, name)));
  await line.set(never, undefined);
  return new Map(await Promise.all(sides.map(async (side) => [side.name, await endsOf(side)] as const)));
}

const pausing: Readonly<Record<string, () => Promise<TestServer>>> = {
  'OpenSSH’s sftp-server': () => startOpenssh(),
  vsftpd: () => startVsftpd(),
  'vsftpd with TLS': () => startVsftpd({ tls: 'explicit', sessionReuse: true }),
};

/** Bytes that come when the server pauses in the middle. */
async function readOverPause(server: TestServer, listener: number): Promise<number> {
  makeDisk(server, server.root).sparseFile('large', largeSize, 'end');
  const remote = await connect(server.host, connectContext({ ...server.secrets, admit: true }));
  const sessions = descendants(listener).filter((pid) => descendants(pid).length === 0);
  assert.ok(sessions.length > 0);
  let paused: Promise<void> | undefined;
  const pause = async (): Promise<void> => {
    signalAll(sessions, 'SIGSTOP');
    await sleep(12_500);
    signalAll(sessions, 'SIGCONT');
  };
  try {
    const path = `${server.rootOnServer.replace(/\/$/, '')}/large`;
    return await remote.read(path, () => undefined, { onProgress: () => void (paused ??= pause()) });
  } finally {
    await paused;
    await remote.close();
  }
}

/** Everything waits at the same time. */
describe('the line says nothing', function () {
  this.timeout(60_000);
  const pauses = new Map<string, Promise<number>>();
  const started: TestServer[] = [];

  before(async function () {
    if (!canFindSessions()) this.skip();
    for (const [name, start] of Object.entries(pausing)) {
      const others = new Set(descendants(process.pid));
      const server = await requireServer(this, start);
      started.push(server);
      const [listener = 0] = descendants(process.pid).filter((pid) => !others.has(pid));
      const result = readOverPause(server, listener);
      result.catch(() => undefined);
      pauses.set(name, result);
    }
  });
  after(() => Promise.all(started.map((server) => server.stop())));

  // No proxy: its computer would answer for a peer that is gone.
  describe('as every packet is dropped', () => {
    let line: Line | undefined;
    let ends: Map<ServerName, readonly Ended[]>;

    before(async function () {
      line = await requireServer(this, async () => {
        const missing = tunMissing();
        if (missing !== undefined) throw new ServerUnavailable(`There is no line of packets here: ${missing}.`);
        return openTunLine(1500);
      });
      ends = await endsOnDeadLine(line);
    });
    after(() => line?.close());

    for (const name of servers) {
      for (const work of workNames) {
        it(`${name}, ${work}: told within 12 s`, () => {
          const end = ends.get(name)?.find((one) => one.work === work);
          assert.equal(end?.code, 'Lost');
          assert.ok(end.seconds < mostSeconds, `${end.seconds.toFixed(1)} s`);
        });
      }
    }
  });

  describe('as the server pauses for 12.5 s in the middle of a download', () => {
    for (const name of Object.keys(pausing)) {
      it(`${name}: waited for`, async () => {
        assert.equal(await inTime(pauses.get(name) ?? Promise.reject(new Error('It was not started.')), 40), largeSize);
      });
    }
  });
});

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { startProftpd } from '../servers/proftpd.ts';
import { startPyftpdlib } from '../servers/pyftpdlib.ts';
import { requireServer, type TestServer } from '../servers/server.ts';
import type { Remote } from '../../src/core/remote.ts';
import { makeFaultGround, outcomeOf, type FaultGround } from './faultGround.ts';
import { faultServers, type FaultServer } from './faultServers.ts';

interface Case {
  readonly name: string;
  readonly start: () => Promise<FaultServer>;
  /** It takes the rest of a line that the end of the connection cut off for a whole command. */
  readonly runsCutLines?: boolean;
}

const alone = async (start: () => Promise<TestServer>): Promise<FaultServer> => ({ server: await start(), dataPorts: [] });
const listed = (name: string): Case => {
  const found = faultServers.find((server) => server.name === name);
  assert.ok(found);
  return found;
};
const cases: readonly Case[] = [
  ...['vsftpd', 'vsftpd, TLS session reuse required', 'Pure-FTPd', 'ProFTPD, TLS'].map(listed),
  { name: 'pyftpdlib', start: () => alone(() => startPyftpdlib()) },
  { name: 'ProFTPD', start: () => alone(() => startProftpd()), runsCutLines: true },
];

const victim = 'work/victim.map';
const fresh = 'work/new';
/** Every name that a part of the line could mean. */
const others = ['work/v', 'work/victim', 'work/victim.', 'work/victim.m', 'work/victim.ma'];

/** Each is sent to the server in one piece, so that only what takes the pieces apart can cut it in its middle. */
const commands: readonly {
  readonly name: string;
  readonly before: number;
  readonly run: (remote: Remote, ground: FaultGround) => Promise<void>;
}[] = [
  { name: 'DELE', before: 'DELE '.length, run: (remote, { path }) => remote.unlink(path(victim)) },
  {
    name: 'RNTO',
    before: `RNFR /${fresh}\r\nRNTO `.length,
    run: (remote, { path }) => remote.rename(path(fresh), path(victim), { replace: true }),
  },
];

/** The names that are gone or hold something else afterwards, but the one that is meant. */
async function harmedBy(ground: FaultGround, { before, run }: (typeof commands)[number]): Promise<string[]> {
  const harmed = new Set<string>();
  for (const [index, other] of others.entries()) {
    for (const name of [...others, victim]) ground.disk.file(name, name);
    ground.disk.file(fresh, 'new');
    await ground.run((remote) => remote.ping(), { repeatable: true });
    // Where the shorter name ends; with TLS somewhere in the record that the command is in.
    const afterBytes = before + ground.path(other).length;
    ground.proxy.arm({ kind: index % 2 === 0 ? 'cut' : 'reset', direction: 'toServer', channel: 'control', afterBytes });
    const outcome = await outcomeOf(
      ground,
      ground.run((remote) => run(remote, ground)),
    );
    ground.proxy.disarm();
    assert.ok('error' in outcome, 'an answer came over a link that was cut before the command was whole');
    await sleep(30);
    for (const name of others) if (!ground.disk.exists(name) || ground.disk.read(name).toString() !== name) harmed.add(name);
  }
  return [...harmed];
}

for (const { name, start, runsCutLines = false } of cases) {
  describe(`a command that is cut in the middle of its line: ${name}`, function () {
    this.timeout(60_000);
    let behind: FaultServer | undefined;
    let ground: FaultGround;

    before(async function () {
      behind = await requireServer(this, start);
      ground = await makeFaultGround(behind);
      ground.disk.makeFolder('work');
    });
    after(async () => {
      await ground.end();
      await behind?.server.stop();
    });

    for (const command of commands) {
      it(`${command.name} ${runsCutLines ? 'does to a shorter name what was meant for the longer one: why Ferry sends each line in one piece' : 'does nothing to a file with a shorter name'}`, async () => {
        const harmed = await harmedBy(ground, command);
        if (runsCutLines) assert.notEqual(harmed.length, 0, 'it waits for the end of the line by now: README can say so');
        else assert.deepEqual(harmed, []);
      });
    }
  });
}

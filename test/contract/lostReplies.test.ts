import assert from 'node:assert/strict';
import { makeFolder } from '../../src/core/operations/changes.ts';
import { copyThroughPool, moveThroughPool } from '../../src/core/operations/moveThroughPool.ts';
import { removeAny } from '../../src/core/operations/tree.ts';
import { runChange } from '../../src/core/operations/unsettled.ts';
import type { Fault } from '../servers/faultyProxy.ts';
import { requireServer } from '../servers/server.ts';
import { type FaultGround, makeFaultGround, outcomeOf } from './faultGround.ts';
import { clearWork } from './faultOperations.ts';
import { toldFault } from './faultPlaces.ts';
import { type FaultServer, faultServers } from './faultServers.ts';

interface Deed {
  readonly name: string;
  run(ground: FaultGround): Promise<unknown>;
  /** What is in `work` in the end, by path. */
  readonly holds: Readonly<Record<string, string>>;
}

const seeded = { 'from/sub/file': 'new', 'from/one': 'one', 'to/file': 'old', file: 'content', other: 'other' };
const without = (...prefixes: string[]) =>
  Object.fromEntries(
    Object.entries(seeded).filter(([path]) => !prefixes.some((prefix) => path === prefix || path.startsWith(`${prefix}/`))),
  );

const place = ({ host, path }: FaultGround, name: string) => ({ host, path: path(`work/${name}`) });
const move =
  (from: string, to: string): Deed['run'] =>
  (ground) =>
    moveThroughPool(ground.pool, place(ground, from), place(ground, to), { overwrite: true, journal: ground.journal });
const copy =
  (from: string, to: string): Deed['run'] =>
  (ground) =>
    copyThroughPool(ground.pool, place(ground, from), place(ground, to), { overwrite: true, journal: ground.journal });
const remove =
  (name: string): Deed['run'] =>
  ({ pool, host, path }) =>
    runChange(pool, host, (remote, signal) => removeAny(remote, path(`work/${name}`), { recursive: true, signal }));

const deeds: readonly Deed[] = [
  {
    name: 'make a folder',
    run: ({ pool, host, path }) => runChange(pool, host, (remote) => makeFolder(remote, path('work/made'))),
    holds: { ...seeded, made: '' },
  },
  { name: 'delete a file', run: remove('file'), holds: without('file') },
  { name: 'delete a folder with all in it', run: remove('from'), holds: without('from') },
  { name: 'rename a file', run: move('file', 'moved'), holds: { ...without('file'), moved: 'content' } },
  { name: 'rename a folder', run: move('to', 'moved'), holds: { ...without('to'), 'moved/file': 'old' } },
  { name: 'move a file over another', run: move('file', 'other'), holds: { ...without('file'), other: 'content' } },
  {
    name: 'move a folder over another',
    run: move('from', 'to'),
    holds: { ...without('from', 'to'), 'to/sub/file': 'new', 'to/one': 'one' },
  },
  { name: 'copy a file over another', run: copy('file', 'other'), holds: { ...seeded, other: 'content' } },
  {
    name: 'copy a folder over another',
    run: copy('from', 'to'),
    holds: { ...without('to'), 'from/sub/file': 'new', 'from/one': 'one', 'to/sub/file': 'new', 'to/one': 'one' },
  },
];

function makeWork(ground: FaultGround): void {
  clearWork(ground);
  for (const folder of ['from', 'from/sub', 'to']) ground.disk.makeFolder(`work/${folder}`);
  for (const [name, content] of Object.entries(seeded)) ground.disk.file(`work/${name}`, content);
}

/** Files by content, empty folders; `folder` as on the disk. */
function heldIn({ disk }: FaultGround, folder = 'work'): Record<string, string> {
  const held: Record<string, string> = {};
  const look = (path: string, name: string): void => {
    const names = disk.stat(path)?.isDirectory() === true ? disk.names(path) : undefined;
    if (names === undefined) held[name] = disk.read(path).toString();
    else if (names.length === 0) held[name] = '';
    else for (const each of names) look(`${path}/${each}`, name === '' ? each : `${name}/${each}`);
  };
  look(folder, '');
  return held;
}

/** The server does what it was asked, and its reply gets lost from this byte on. */
const faults = (isFtp: boolean): Fault[] =>
  [0, 1, 40, 100, 180, 320, 600].map((afterBytes, index) => ({
    ...{ kind: index % 2 === 0 ? 'cut' : 'reset', direction: 'toClient', afterBytes },
    ...(isFtp && { channel: 'control' }),
  }));

for (const { name, start } of faultServers.filter((each) => ['OpenSSH', 'vsftpd', 'ProFTPD, TLS'].includes(each.name))) {
  describe(`lost replies: ${name}`, function () {
    this.timeout(60_000);
    let behind: FaultServer | undefined;
    let ground: FaultGround;

    before(async function () {
      behind = await requireServer(this, start);
      ground = await makeFaultGround(behind);
    });
    after(async () => {
      await ground.end();
      await behind?.server.stop();
    });

    for (const deed of deeds)
      it(`${deed.name}: done, as a new connection finds out`, async () => {
        const { proxy, host } = ground;
        const struck = proxy.counts.struck;
        for (const fault of faults(host.protocol !== 'sftp')) {
          makeWork(ground);
          await ground.run((remote) => remote.ping(), { repeatable: true });
          proxy.arm(fault);
          const outcome = await outcomeOf(ground, deed.run(ground));
          proxy.disarm();
          const label = toldFault(fault);
          assert.ok('value' in outcome, 'error' in outcome ? `${label}: ${outcome.error.code}: ${outcome.error.message}` : label);
          await ground.assertClean('work');
          assert.deepEqual(heldIn(ground), deed.holds, label);
        }
        assert.ok(proxy.counts.struck > struck, 'no reply was lost');
      });
  });
}

import assert from 'node:assert/strict';
import { RemoteError } from '../../../src/core/errors.ts';
import { type HeldPlace, HeldTargets } from '../../../src/core/heldTargets.ts';
import { discardOn } from '../../../src/core/operations/discard.ts';
import { moveThroughPool } from '../../../src/core/operations/moveThroughPool.ts';
import type { Pool } from '../../../src/core/pool.ts';
import { type FakeClock, fakeClock } from '../../support/fakeClock.ts';
import { type MemoryJournal, memoryJournal } from '../../support/memoryJournal.ts';
import { type MemoryOptions, MemoryRemote, MemoryServer } from '../../support/memoryRemote.ts';
import { poolOf, testHost } from '../../support/poolOf.ts';

const host = testHost();
const place = (path: string): HeldPlace => ({ host, path, key: `/sftp/test${path}` });

describe('what is deleted to be replaced', () => {
  let server: MemoryServer;
  let clock: FakeClock;
  let journal: MemoryJournal;
  let pool: Pool;
  let held: HeldTargets;
  let warnings: string[];
  let onStep: NonNullable<MemoryOptions['onStep']>;

  beforeEach(() => {
    server = new MemoryServer();
    server.file('/new', 'new');
    server.file('/target/deep/file', 'old');
    [clock, journal, warnings] = [fakeClock(), memoryJournal(), []];
    onStep = () => undefined;
    pool = poolOf(() => Promise.resolve(new MemoryRemote(server, { onStep: (step) => onStep(step) })));
    held = new HeldTargets({ pool, clock, journal: () => journal, discard: discardOn, warn: (message) => warnings.push(message) });
  });

  afterEach(() => pool.dispose());

  const bring = (work: () => Promise<unknown> = () => moveThroughPool(pool, place('/new'), place('/target'), { overwrite: true })) =>
    held.bring(place('/target'), work);
  const hidden = () => server.names('/').filter((name) => name.startsWith('.ferry-'));

  it('is gone from its place at once, hidden, journalled, and for good when nothing comes', async () => {
    assert.equal(await held.hold(place('/target')), true);
    const [name] = hidden();
    assert.deepEqual(server.names('/'), [name, 'new']);
    assert.deepEqual([held.hides(place('/'), name ?? ''), held.hides(place('/'), '.ferry-0123456789abcdef.old')], [true, false]);
    assert.equal(journal.asides.size, 1);
    await clock.pass(4000);
    assert.equal(hidden().length, 1);
    await clock.pass(2000);
    assert.deepEqual([server.names('/'), journal.asides.size, clock.pending], [['new'], 0, 0]);
  });

  it('is discarded when the new has come', async () => {
    await held.hold(place('/target'));
    await bring();
    await held.end();
    assert.deepEqual([server.names('/'), server.text('/target')], [['target'], 'new']);
    assert.deepEqual([journal.asides.size, clock.pending], [0, 0]);
  });

  it('is back when the new could not come, and the error says so', async () => {
    await held.hold(place('/target'));
    onStep = ({ verb, path }) => {
      if (verb === 'rename' && path === '/new') throw new RemoteError('Denied', 'no');
    };
    await assert.rejects(bring(), { code: 'Denied', hint: 'What was at /target before is back.' });
    assert.equal(server.text('/target/deep/file'), 'old');
    assert.deepEqual([hidden(), journal.asides.size, clock.pending], [[], 0, 0]);
  });

  it('is back after a lost link as well', async () => {
    await held.hold(place('/target'));
    await assert.rejects(
      bring(() => Promise.reject(new RemoteError('Lost', 'Cut.'))),
      { code: 'Lost' },
    );
    assert.equal(server.text('/target/deep/file'), 'old');
  });

  it('is waited for while the host is busy, but not for ever', async () => {
    await held.hold(place('/target'));
    for (let second = 0; second < 58; second += 1) {
      await clock.pass(1000);
      held.touch(place('/other'));
    }
    assert.equal(hidden().length, 1);
    await clock.pass(3000);
    assert.equal(hidden().length, 0);
  });

  it('stays under its hidden name where a folder was only half filled again', async () => {
    await held.hold(place('/target'));
    await held.bring(place('/target'), () => Promise.resolve(server.folder('/target')), { isFolder: true });
    await held.bring(place('/target/file'), () => Promise.resolve(server.file('/target/file', 'x')));
    await assert.rejects(held.bring(place('/target/other'), () => Promise.reject(new RemoteError('NoSpace', 'Full.'))));
    await clock.pass(700_000);
    assert.equal(server.text(`/${hidden()[0] ?? ''}/deep/file`), 'old');
    assert.match(warnings.join(), /Not everything could be copied to \/target on test. What was there before is kept as \/\.ferry-/);
  });

  it('is left where it is where the server does not let it be renamed, and is not there where it is not', async () => {
    await assert.rejects(held.hold(place('/none')), { code: 'NotFound' });
    onStep = ({ verb }) => {
      if (verb === 'rename') throw new RemoteError('Denied', 'no');
    };
    assert.equal(await held.hold(place('/target')), false);
    assert.deepEqual([journal.asides.size, server.text('/target/deep/file'), await held.hold(place('/'))], [0, 'old', false]);
  });

  it('comes back where it can not be removed, and the person is told', async () => {
    await held.hold(place('/target'));
    server.find(`/${hidden()[0] ?? ''}/deep`, true)!.mode = 0o555;
    await clock.pass(6000);
    assert.equal(server.text('/target/deep/file'), 'old');
    assert.match(warnings.join(), /^\/target on test could not be deleted: .* What was at \/target before is back\.$/);
    assert.equal(journal.asides.size, 0);
  });

  it('is discarded before the folder that holds it is moved away', async () => {
    await held.hold(place('/target/deep'));
    await held.settleBelow(place('/target'));
    assert.deepEqual(server.names('/target'), []);
  });

  it('waits for a connection to be discarded, and for the next session where the window ends before', async () => {
    await held.hold(place('/target'));
    await pool.dispose();
    await clock.pass(10_000);
    assert.equal(hidden().length, 1);
    assert.ok(clock.pending > 0);
    await held.end();
    assert.deepEqual([hidden().length, journal.asides.size, clock.pending, warnings], [1, 1, 0, []]);
  });
});

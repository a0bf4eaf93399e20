import assert from 'node:assert/strict';
import { RemoteError } from '../../../../src/core/errors.ts';
import { ConflictError } from '../../../../src/core/operations/saveErrors.ts';
import type { Version } from '../../../../src/core/operations/version.ts';
import { fetchOver, sendOver } from '../../../../src/core/transfers/overVersion.ts';
import { thisComputer, withThisComputer } from '../../../../src/core/transfers/thisComputer.ts';
import { memoryJournal } from '../../../support/memoryJournal.ts';
import { type MemoryOptions, MemoryRemote, MemoryServer } from '../../../support/memoryRemote.ts';
import { poolOf, testHost } from '../../../support/poolOf.ts';

const content = Buffer.from(Array.from({ length: 1_500_000 }, (_, index) => (index * 7 + (index >> 8)) % 251));
const web = testHost();
const here = thisComputer();
const call = { signal: new AbortController().signal };
const bandwidth = { slice: Infinity, take: () => Promise.resolve(), changed() {} };

/** This computer and a server, in memory. */
function makeGround(onStep?: MemoryOptions['onStep']) {
  const [disk, server] = [new MemoryServer(), new MemoryServer()];
  disk.folder('/here');
  server.folder('/www');
  const connecting = poolOf(() => Promise.resolve(new MemoryRemote(server, onStep === undefined ? {} : { onStep })));
  const pool = withThisComputer(connecting, () => Promise.resolve(new MemoryRemote(disk)));
  const journal = memoryJournal();
  const seen = (on: MemoryServer, path: string) => {
    const { bytes, mtime } = on.find(path, true)!;
    return { size: bytes.length, mtime, hash: undefined };
  };
  const send = (base: Version | 'missing', isResumed = false) =>
    sendOver(
      { pool, bandwidth, journal },
      {
        ...{ from: { host: here, path: '/here/big' }, to: { host: web, path: '/www/big' } },
        ...{ source: seen(disk, '/here/big'), isResumed, saveMode: 'auto', newMode: 0o604 },
      },
      base,
      call,
    );
  const fetch = (mayPlace: () => Promise<void>) =>
    fetchOver(
      { pool, bandwidth, journal: undefined },
      {
        ...{ from: { host: web, path: '/www/big' }, to: { host: here, path: '/here/big' } },
        ...{ source: seen(server, '/www/big'), isResumed: false },
      },
      mayPlace,
      call,
    );
  /** Nothing is left of what failed. */
  const assertClean = () => {
    assert.deepEqual([...journal.temporaries, ...journal.asides.keys()], []);
    assert.deepEqual(
      [...server.names('/www'), ...disk.names('/here')].filter((name) => /ferry/.test(name)),
      [],
    );
  };
  return { disk, server, journal, seen, send, fetch, assertClean, end: () => connecting.dispose() };
}

describe('a large file over the version that is expected', () => {
  let ground: ReturnType<typeof makeGround>;
  afterEach(async () => {
    await ground.end();
  });
  const assertSent = () => {
    assert.ok(content.equals(ground.server.find('/www/big', true)!.bytes));
    ground.assertClean();
  };

  it('is made where there is none', async () => {
    ground = makeGround();
    ground.disk.file('/here/big', content);
    assert.deepEqual(await ground.send('missing'), ground.seen(ground.server, '/www/big'));
    assert.equal(ground.server.find('/www/big', true)?.mode, 0o604);
    assertSent();
  });

  it('replaces the expected one, with its permissions, through a link', async () => {
    ground = makeGround();
    ground.disk.file('/here/big', content);
    ground.server.file('/elsewhere/old', 'old', 0o640);
    ground.server.link('/www/big', '../elsewhere/old');
    await ground.send(ground.seen(ground.server, '/www/big'));
    assertSent();
    assert.deepEqual([ground.server.find('/www/big', false)?.kind, ground.server.find('/elsewhere/old', false)?.mode], ['symlink', 0o640]);
    assert.deepEqual(ground.server.names('/elsewhere'), ['old']);
  });

  for (const [name, base] of [
    ['of another size', { size: 4, mtime: 1_000, hash: undefined }],
    ['of another time', { size: 3, mtime: 1_000, hash: undefined }],
    ['that was never exchanged', 'missing'],
  ] as const)
    it(`is a conflict where the server has one ${name}: nothing is sent`, async () => {
      ground = makeGround(({ verb, phase }) => {
        assert.ok(verb !== 'write' || phase !== 'before');
      });
      ground.disk.file('/here/big', content);
      ground.server.file('/www/big', 'old');
      await assert.rejects(ground.send(base), (error) => error instanceof ConflictError && error.theirs?.size === 3);
      assert.equal(ground.server.text('/www/big'), 'old');
      ground.assertClean();
    });

  it('is a conflict where an empty file took the place of the expected one', async () => {
    ground = makeGround();
    ground.disk.file('/here/big', content);
    ground.server.file('/www/big', '');
    await assert.rejects(ground.send({ size: 7, mtime: 1, hash: undefined }), ConflictError);
    assert.equal(ground.server.text('/www/big'), '');
  });

  it('is a conflict where it was deleted on the server', async () => {
    ground = makeGround();
    ground.disk.file('/here/big', content);
    await assert.rejects(ground.send({ size: 7, mtime: 1, hash: undefined }), (error) => error instanceof ConflictError && !error.theirs);
    assert.deepEqual(ground.server.names('/www'), []);
  });

  for (const isNew of [true, false])
    it(`is a conflict where somebody ${isNew ? 'makes' : 'changes'} it while it is sent`, async () => {
      ground = makeGround(({ verb, phase }) => {
        if (verb === 'write' && phase === 'after') ground.server.file('/www/big', 'theirs, newer');
      });
      ground.disk.file('/here/big', content);
      if (!isNew) ground.server.file('/www/big', 'old');
      await assert.rejects(ground.send(isNew ? 'missing' : ground.seen(ground.server, '/www/big')), ConflictError);
      assert.equal(ground.server.text('/www/big'), 'theirs, newer');
      ground.assertClean();
    });

  it('is not replaced where that would lose its other names or its owner', async () => {
    ground = makeGround();
    ground.disk.file('/here/big', content);
    for (const change of [{ links: 2 }, { owner: '7' }]) {
      Object.assign(ground.server.file('/www/big', 'old'), change);
      assert.equal(await ground.send(ground.seen(ground.server, '/www/big')), undefined);
      assert.equal(ground.server.text('/www/big'), 'old');
      ground.assertClean();
    }
  });

  it('is as good as placed where only the answer was lost', async () => {
    let isCut = false;
    ground = makeGround(({ verb, phase }) => {
      if (verb !== 'rename' || phase !== 'after' || isCut) return;
      isCut = true;
      throw new RemoteError('Lost', 'The link was cut.');
    });
    ground.disk.file('/here/big', content);
    assert.equal((await ground.send('missing'))?.size, content.length);
    assert.equal(isCut, true);
    assertSent();
  });

  for (const isResumed of [true, false])
    it(`leaves ${isResumed ? 'what is there for another attempt, and goes on with it' : 'nothing to stay'} after a cut`, async () => {
      let isCut = false;
      const resumed: string[] = [];
      ground = makeGround(({ verb, path, phase }) => {
        if (verb === 'resume' && phase === 'before') resumed.push(path);
        if (verb !== 'write' || phase !== 'after' || isCut) return;
        isCut = true;
        const half = ground.server.find(path, false)!;
        half.bytes = half.bytes.subarray(0, 900_000);
        throw new RemoteError('Lost', 'The link was cut.');
      });
      ground.disk.file('/here/big', content);
      await assert.rejects(ground.send('missing', isResumed), { code: 'Lost' });
      assert.equal(ground.server.names('/www').includes('big'), false);
      const left = ground.server.names('/www').map((name) => `/www/${name}`);
      if (isResumed) assert.equal(left.length, 1);
      else assert.deepEqual([...ground.journal.abandoned], left);
      await ground.send('missing', isResumed);
      assert.equal(resumed.length, isResumed ? 1 : resumed.length);
      assertSent();
    });

  it('is downloaded whole, and takes the place of the old one only if it may', async () => {
    ground = makeGround();
    ground.server.file('/www/big', content);
    ground.disk.file('/here/big', 'mine');
    const refused = new RemoteError('Conflict', 'Changed.');
    await assert.rejects(
      ground.fetch(() => Promise.reject(refused)),
      { code: 'Conflict' },
    );
    assert.equal(ground.disk.text('/here/big'), 'mine');
    ground.assertClean();
    const { size } = await ground.fetch(() => Promise.resolve());
    assert.equal(size, content.length);
    assert.ok(content.equals(ground.disk.find('/here/big', true)!.bytes));
    ground.assertClean();
  });
});

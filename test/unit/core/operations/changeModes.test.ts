import assert from 'node:assert/strict';
import { isRemoteError, RemoteError } from '../../../../src/core/errors.ts';
import { changeModes, modeTargets } from '../../../../src/core/operations/changeModes.ts';
import { MemoryRemote } from '../../../support/memoryRemote.ts';

const bytes = new Uint8Array(1);

async function site(options: ConstructorParameters<typeof MemoryRemote>[1] = {}): Promise<MemoryRemote> {
  const remote = new MemoryRemote(undefined, options);
  await remote.mkdir('/site', { mode: 0o700 });
  await remote.mkdir('/site/cgi', { mode: 0o755 });
  await remote.write('/site/index.html', bytes, { disposition: 'create', mode: 0o600 });
  await remote.write('/site/cgi/run', bytes, { disposition: 'create', mode: 0o700 });
  await remote.symlink?.('/etc/passwd', '/site/link');
  return remote;
}

const modeOf = async (remote: MemoryRemote, path: string) => (await remote.lstat(path)).mode;

describe('changing the permissions of a tree', () => {
  it('changes files and folders, never what a link leads to', async () => {
    const remote = await site();
    const targets = await modeTargets(remote, '/site', {});
    assert.deepEqual(targets.map(({ path }) => path).sort(), ['/site', '/site/cgi', '/site/cgi/run', '/site/index.html']);
    assert.deepEqual(await changeModes(remote, targets, { set: 0o755, clear: 0o7022 }), []);
    for (const { path } of targets) assert.equal(await modeOf(remote, path), 0o755);
  });

  it('leaves the bits alone that are neither to be set nor cleared', async () => {
    const remote = await site();
    await changeModes(remote, await modeTargets(remote, '/site', {}), { set: 0o040, clear: 0o200 });
    assert.equal(await modeOf(remote, '/site/index.html'), 0o440);
    assert.equal(await modeOf(remote, '/site/cgi/run'), 0o540);
  });

  it('gives x to folders, and to files only that had it', async () => {
    const remote = await site();
    await changeModes(remote, await modeTargets(remote, '/site', {}), { set: 0o755, clear: 0o7022 }, { executeOnlyFolders: true });
    assert.equal(await modeOf(remote, '/site/index.html'), 0o644);
    assert.equal(await modeOf(remote, '/site/cgi/run'), 0o755);
    assert.equal(await modeOf(remote, '/site/cgi'), 0o755);
  });

  it('does folders after what they hold, and sends nothing for what has its mode already', async () => {
    const remote = await site();
    const targets = await modeTargets(remote, '/site', {});
    const before = remote.calls.length;
    await changeModes(remote, targets, { set: 0o700, clear: 0o7077 });
    const sent = remote.calls.slice(before).filter((call) => call.startsWith('chmod'));
    assert.deepEqual(sent, ['chmod /site/index.html', 'chmod /site/cgi']);
  });

  it('goes on after a refusal, and tells what was refused', async () => {
    const remote = await site({
      onStep: ({ verb, path }) => {
        if (verb === 'chmod' && path === '/site/index.html') throw new RemoteError('Denied', 'Not yours.');
      },
    });
    const refused = await changeModes(remote, await modeTargets(remote, '/site', {}), { set: 0o777, clear: 0o7000 });
    assert.deepEqual(
      refused.map(({ path, reason }) => [path, reason.code]),
      [['/site/index.html', 'Denied']],
    );
    assert.equal(await modeOf(remote, '/site/cgi/run'), 0o777);
  });

  it('ends with a cancel', async () => {
    const remote = await site();
    const targets = await modeTargets(remote, '/site', {});
    const signal = AbortSignal.abort();
    await assert.rejects(changeModes(remote, targets, { set: 0o777, clear: 0o7000 }, { signal }), (error) =>
      isRemoteError(error, 'Cancelled'),
    );
    assert.equal(await modeOf(remote, '/site'), 0o700);
  });

  it('says so where the server changes none', async () => {
    const remote = await site({ without: ['chmod'] });
    await assert.rejects(changeModes(remote, [], { set: 0, clear: 0 }), (error) => isRemoteError(error, 'Unsupported'));
  });
});

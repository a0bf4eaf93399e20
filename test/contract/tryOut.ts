import assert from 'node:assert/strict';
import type { Remote } from '../../src/core/remote.ts';
import { pattern, readAll } from './ground.ts';

/** Writes, reads, lists and deletes over a connection whose way is the test's subject, and closes it. `root`: as the client names it. */
export async function tryOut(remote: Remote, root: string): Promise<void> {
  const path = `${root === '/' ? '' : root}/on-the-way`;
  const content = pattern(200_000, 5);
  await remote.write(path, content, { disposition: 'truncate' });
  assert.ok((await readAll(remote, path)).equals(content));
  assert.ok((await remote.list(root)).some(({ name }) => name === 'on-the-way'));
  await remote.unlink(path);
  await remote.close();
}

import assert from 'node:assert/strict';
import { HeldContents } from '../../../src/core/heldContents.ts';
import { versionOf } from '../../../src/core/operations/version.ts';
import type { History } from '../../../src/editor/history.ts';
import { keepReplaced } from '../../../src/editor/replacedContents.ts';
import type { Location } from '../../../src/editor/uri.ts';
import { testHost } from '../../support/poolOf.ts';

const location: Location = { host: testHost(), path: '/a', key: '/sftp/test/a' };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const version = (content: Uint8Array) => versionOf({ size: content.length, mtime: 1 }, content);

/** A history that remembers what it is told. */
function recording(): { history: History; added: string[] } {
  const held = new HeldContents();
  const added: string[] = [];
  const none = () => Promise.resolve([]);
  const history: History = {
    content: (hash) => Promise.resolve(held.content(hash)),
    hold: (key, of, content) => held.hold(key, of, content),
    held: (key, of) => held.find(key, of),
    keepBase() {},
    releaseBase() {},
    add: (file, content, because) => void added.push(`${file.path} ${new TextDecoder().decode(content)} ${because}`),
    move() {},
    versions: none,
    latest: none,
    remove: () => Promise.resolve(),
    tidy() {},
    settled: () => Promise.resolve(),
  };
  return { history, added };
}

describe('what a save replaced', () => {
  const [old, mine, theirs] = [bytes('old'), bytes('mine'), bytes('theirs')];

  it('is what the save itself read of the file, else what this window read before', async () => {
    const { history, added } = recording();
    history.hold(location.key, await version(old), old);
    keepReplaced(history, location, { content: mine, version: await version(mine), base: await version(old), seen: undefined });
    keepReplaced(history, location, { content: old, version: await version(old), base: await version(mine), seen: theirs });
    assert.deepEqual(added, ['/a old saved', '/a theirs saved']);
    assert.ok(history.held(location.key, await version(mine)), 'what was saved is the next base');
  });

  it('is not its own content that a repeated save met with', async () => {
    const { history, added } = recording();
    history.hold(location.key, await version(old), old);
    keepReplaced(history, location, { content: mine, version: await version(mine), base: await version(old), seen: bytes('mine') });
    assert.deepEqual(added, ['/a old saved']);
  });

  it('is nothing where it is not at hand or the same', async () => {
    const { history, added } = recording();
    keepReplaced(history, location, { content: mine, version: await version(mine), base: undefined, seen: undefined });
    keepReplaced(history, location, { content: mine, version: await version(mine), base: await version(old), seen: undefined });
    keepReplaced(history, location, { content: mine, version: await version(mine), base: await version(mine), seen: undefined });
    assert.deepEqual(added, []);
  });
});

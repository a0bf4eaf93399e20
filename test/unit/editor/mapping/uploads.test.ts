import assert from 'node:assert/strict';
import type { Memento } from 'vscode';
import { RemoteError } from '../../../../src/core/errors.ts';
import { createEmitter } from '../../../../src/core/events.ts';
import { ConflictError } from '../../../../src/core/operations/saveErrors.ts';
import type { HostState } from '../../../../src/core/pool.ts';
import type { MappedFile, Mappings } from '../../../../src/editor/mapping/mappings.ts';
import { eventually } from '../../../support/eventually.ts';
import '../fakeVscode.ts';
import { Uri } from '../fakeWorkspace.ts';
import { createMemento } from '../memento.ts';

const { createUploads } = await import('../../../../src/editor/mapping/uploads.ts');
const { retryStranded, watchReturns } = await import('../../../../src/editor/mapping/returnedHosts.ts');

function fileOf(name: string, target = 'staging', address = 'one'): MappedFile {
  const host = { name: 'shop', address };
  const found = { uri: Uri.file(`/project/${name}`), target: { name: target, remote: '' }, relative: name, location: { host } };
  return found as unknown as MappedFile;
}

describe('uploads of linked folders', () => {
  let state: Memento;
  let sent: MappedFile[];
  let failure: Error | undefined;
  let address: string;
  let linked: boolean;
  const mappings = {
    find: (uri: Uri, target: string) => (linked ? fileOf(uri.path.replace('/project/', ''), target, address) : undefined),
  } as unknown as Mappings;
  const begin = () =>
    createUploads(state, mappings, (file) => {
      sent.push(file);
      return failure === undefined ? Promise.resolve() : Promise.reject(failure);
    });
  const noted = () => state.get<unknown[]>('mapping.uploads', []);

  beforeEach(() => {
    [state, sent, failure, address, linked] = [createMemento(), [], undefined, 'one', true];
  });

  it('are noted until the server confirmed them, with the target that they are meant for, also for the next window', async () => {
    failure = new RemoteError('Unreachable', 'gone');
    const uploads = begin();
    uploads.add([fileOf('a.txt', 'production')]);
    await eventually(() => assert.deepEqual(noted(), [['file:///project/a.txt', 'production']]));
    uploads.dispose();
    const next = begin();
    assert.deepEqual(
      next.pending.map(({ file, state: now }) => [file.relative, file.target.name, now]),
      [['a.txt', 'production', 'unreachable']],
    );
    failure = undefined;
    next.retry();
    await eventually(() => assert.deepEqual(noted(), []));
    assert.deepEqual(
      sent.map(({ target }) => target.name),
      ['production', 'production'],
    );
    next.dispose();
  });

  it('go to the host as it is when they go, and nowhere when nothing is linked any more', async () => {
    failure = new RemoteError('Unreachable', 'gone');
    const uploads = begin();
    uploads.add([fileOf('a.txt')]);
    await eventually(() => assert.equal(uploads.pending[0]?.state, 'unreachable'));
    [failure, address] = [undefined, 'two'];
    uploads.retry();
    await eventually(() => assert.equal(uploads.pending.length, 0));
    assert.deepEqual(
      sent.map(({ location }) => location.host.address),
      ['one', 'two'],
    );
    linked = false;
    uploads.add([fileOf('b.txt')]);
    await eventually(() => assert.equal(uploads.pending.length, 0));
    assert.equal(sent.length, 2);
    uploads.dispose();
  });

  it('go once more where the file was away for a moment and was saved meanwhile', async () => {
    failure = Object.assign(new Error('no such file'), { code: 'ENOENT' });
    const uploads = begin();
    uploads.add([fileOf('a.txt')]);
    uploads.add([fileOf('a.txt')]);
    failure = undefined;
    await eventually(() => assert.equal(uploads.pending.length, 0));
    assert.equal(sent.length, 2);
    failure = Object.assign(new Error('no such file'), { code: 'ENOENT' });
    uploads.add([fileOf('b.txt')]);
    await eventually(() => assert.equal(uploads.pending.length, 0));
    uploads.dispose();
  });

  it('are noted before the window is closed', async () => {
    failure = new RemoteError('Unreachable', 'gone');
    const uploads = begin();
    uploads.add([fileOf('a.txt')]);
    await uploads.settled();
    assert.deepEqual(noted(), [['file:///project/a.txt', 'staging']]);
    uploads.dispose();
  });

  it('go by themselves where they were saved while the queue of transfers sent them, which then ended', async () => {
    const uploads = begin();
    uploads.leave([fileOf('a.txt'), fileOf('b.txt')]);
    for (const name of ['a.txt', 'b.txt']) uploads.told(fileOf(name), 'sending');
    uploads.add([fileOf('a.txt')]);
    uploads.takeBack([fileOf('a.txt'), fileOf('b.txt')]);
    await eventually(() => assert.equal(uploads.pending.length, 0));
    assert.deepEqual(
      sent.map(({ relative }) => relative),
      ['a.txt'],
    );
    uploads.dispose();
  });

  it('are noted soon where the queue of transfers gave them up, among however many', async () => {
    const uploads = begin();
    // While they are the queue's, all of these are noted by it; what is pending here is noted the later the more there is.
    uploads.leave(Array.from({ length: 100_000 }, (_, index) => fileOf(`${index}.txt`)));
    uploads.told(fileOf('7.txt'), new ConflictError('/7.txt', 'another', undefined));
    await eventually(() => assert.deepEqual(noted(), [['file:///project/7.txt', 'staging']]));
    failure = new RemoteError('Unreachable', 'gone');
    uploads.told(fileOf('8.txt'), 'sending');
    uploads.add([fileOf('8.txt')]);
    await uploads.settled();
    assert.equal(noted().length, 1);
    uploads.told(fileOf('8.txt'), 'sent');
    await eventually(() => assert.deepEqual(noted().at(-1), ['file:///project/8.txt', 'staging']));
    uploads.dispose();
  });

  it('wait for the server only where that can help', async () => {
    const uploads = begin();
    const expected = { Unreachable: 'unreachable', Lost: 'unreachable', Busy: 'failed', Denied: 'failed' } as const;
    for (const [code, after] of Object.entries(expected)) {
      failure = new RemoteError(code as keyof typeof expected, 'said');
      uploads.add([fileOf(code)]);
      await eventually(() => assert.equal(uploads.find(fileOf(code).uri)?.state, after, code));
    }
    failure = new ConflictError('/a', 'another', undefined);
    uploads.add([fileOf('c')]);
    await eventually(() => assert.equal(uploads.find(fileOf('c').uri)?.state, 'conflict'));
    uploads.dispose();
  });

  it('are tried again also where their host was never away, or was back before they gave up', async () => {
    const uploads = begin();
    let now: HostState = { state: 'connected', connections: 1, busy: 0 };
    const changes = createEmitter<string>();
    const trying = retryStranded(uploads, { state: () => now, onDidChangeState: changes.event });
    failure = new RemoteError('Lost', 'gone');
    uploads.add([fileOf('a.txt')]);
    await eventually(() => assert.ok(sent.length >= 3));
    now = { state: 'waiting', connections: 0, busy: 0 };
    await eventually(() => assert.equal(uploads.pending[0]?.state, 'unreachable'));
    const tried = sent.length;
    failure = undefined;
    now = { state: 'connected', connections: 1, busy: 0 };
    changes.fire('shop');
    await eventually(() => assert.equal(uploads.pending.length, 0));
    assert.equal(sent.length, tried + 1);
    trying.dispose();
    uploads.dispose();
  });

  it('are told of once, as they came out, where they were asked for again while they were sent', async () => {
    const uploads = begin();
    const told: (readonly [sent: readonly string[], failed: readonly string[]])[] = [];
    const names = (files: readonly MappedFile[]) => files.map(({ relative }) => relative);
    uploads.onDidSettle((burst) => void told.push([names(burst.sent), names(burst.failed.map(({ file }) => file))]));
    failure = new ConflictError('/a', 'another', undefined);
    for (const name of ['a.txt', 'a.txt']) uploads.add([fileOf(name)]);
    await eventually(() => assert.deepEqual(told, [[[], ['a.txt']]]));
    assert.equal(sent.length, 2);
    failure = new RemoteError('Denied', 'read-only at first');
    for (const name of ['b.txt', 'b.txt']) uploads.add([fileOf(name)]);
    failure = undefined;
    await eventually(() => assert.equal(told.length, 2));
    assert.deepEqual(told[1], [['b.txt'], []]);
    uploads.dispose();
  });

  it('do not wait longer for their next attempt because another file waits for a person', async () => {
    const uploads = begin();
    const now: HostState = { state: 'connected', connections: 1, busy: 0 };
    const trying = retryStranded(uploads, { state: () => now, onDidChangeState: createEmitter<string>().event });
    failure = new ConflictError('/a', 'another', undefined);
    uploads.add([fileOf('conflict.txt')]);
    await eventually(() => assert.equal(uploads.pending[0]?.state, 'conflict'));
    /** Of the attempts at a file that is sent in the end. */
    const pausesOf = async (name: string, attempts: number): Promise<number[]> => {
      const pauses: number[] = [];
      const { setTimeout: before } = globalThis;
      const noted = (act: () => void, ms: number) => before(act, void pauses.push(ms));
      failure = new RemoteError('Lost', 'gone');
      const first = sent.length;
      globalThis.setTimeout = noted as unknown as typeof setTimeout;
      try {
        uploads.add([fileOf(name)]);
        while (sent.length < first + attempts) await new Promise((resolve) => setImmediate(resolve));
        failure = undefined;
        while (uploads.pending.length > 1) await new Promise((resolve) => setImmediate(resolve));
        const told = Promise.withResolvers<undefined>();
        const listening = uploads.onDidChange(() => told.resolve(undefined));
        await told.promise;
        listening.dispose();
      } finally {
        globalThis.setTimeout = before;
      }
      return pauses;
    };
    assert.ok(Math.max(...(await pausesOf('a.txt', 4))) >= 750);
    assert.ok(Math.max(...(await pausesOf('b.txt', 1))) < 750);
    trying.dispose();
    uploads.dispose();
  });

  it('are tried again when their host comes back, not with each task that it does', () => {
    const changes = createEmitter<string>();
    let now: HostState = { state: 'disconnected', connections: 0, busy: 0 };
    const returned: string[] = [];
    const watching = watchReturns({ state: () => now, onDidChangeState: changes.event }, (name) => void returned.push(name));
    const show = (next: HostState['state'], busy = 0) => {
      now = { state: next, connections: 1, busy };
      changes.fire('shop');
    };
    for (const busy of [0, 1, 2, 1, 0]) show('connected', busy);
    assert.deepEqual(returned, ['shop']);
    show('waiting');
    show('connected');
    assert.deepEqual(returned, ['shop', 'shop']);
    watching.dispose();
  });
});

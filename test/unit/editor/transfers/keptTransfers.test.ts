import assert from 'node:assert/strict';
import { createEmitter } from '../../../../src/core/events.ts';
import type { TransferQueue } from '../../../../src/core/transfers/queue.ts';
import '../fakeVscode.ts';
import { person } from '../fakeVscode.ts';
import { createMemento } from '../memento.ts';

const { keepTransfers } = await import('../../../../src/editor/transfers/keptTransfers.ts');
const { keptKey } = await import('../../../../src/editor/transfers/transferCommands.ts');

describe('transfers that an earlier window left', () => {
  it('are offered as far as they can be read', async () => {
    person.reset();
    const task = { kind: 'file', from: { host: '', path: '/a' }, to: { host: 'sftp://web', path: '/b' }, size: 1, onExists: 'ask' };
    const group = { direction: 'upload', title: 'a', into: { host: 'sftp://web', path: '/' } };
    const state = createMemento();
    const other = { ...group, direction: 'of a later version', tasks: [task] };
    await state.update(keptKey, [null, 7, other, { ...group, tasks: [null, { ...task, to: null }, task] }]);
    const queue = { groups: [], onDidChange: createEmitter<undefined>().event } as unknown as TransferQueue;
    const kept = keepTransfers(queue, state);
    const dropped: string[] = [];
    // Nobody answers: they stay.
    assert.deepEqual(await kept.offer({ drop: ({ to }) => Promise.resolve(void dropped.push(to.path)) }), []);
    assert.deepEqual(person.told, ['One file was not transferred yet.']);
    assert.deepEqual(dropped, []);
    kept.dispose();
  });

  it('are still meant for the server that they were asked for', async () => {
    person.reset();
    const state = createMemento();
    const changes = createEmitter<undefined>();
    const place = { host: 'sftp://web', path: '/b', server: 'sftp://ann@web.example:22' };
    const item = { kind: 'file', from: { host: '', path: '/a' }, to: place, size: 1, onExists: 'ask', state: 'queued' };
    const groups = [{ direction: 'upload', title: 'a', into: place, items: [item] }];
    const before = keepTransfers({ groups, onDidChange: changes.event } as unknown as TransferQueue, state);
    changes.fire(undefined);
    await before.settled();
    before.dispose();
    person.toldAnswer = 'Resume';
    const after = keepTransfers({ groups: [], onDidChange: changes.event } as unknown as TransferQueue, state);
    const [group] = await after.offer({ drop: () => assert.fail('it goes on') });
    assert.deepEqual([group?.into, group?.tasks[0]?.to], [place, place]);
    after.dispose();
  });
});

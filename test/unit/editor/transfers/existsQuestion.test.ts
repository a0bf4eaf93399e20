import assert from 'node:assert/strict';
import { isRemoteError } from '../../../../src/core/errors.ts';
import type { Attributes } from '../../../../src/core/remote.ts';
import type { Meeting } from '../../../../src/core/transfers/meeting.ts';
import { person } from '../fakeVscode.ts';

const { createExistsQuestion } = await import('../../../../src/editor/transfers/existsQuestion.ts');

function meetingOf(id: number): Meeting {
  const item = { id, size: 3, to: { host: 'sftp://web', path: `/there/${id}` } } as Meeting['item'];
  return { item, group: { id: 100 } as Meeting['group'], there: { kind: 'file', size: 2 } as Attributes, mayResume: false };
}

describe('the question for a file whose name is taken', () => {
  beforeEach(() => person.reset());

  it('goes away with its transfer, and the next one is asked', async () => {
    const ask = createExistsQuestion();
    const own = new AbortController();
    // Nobody answers the first.
    person.picks = ['no such answer', 'Keep Both'];
    const first = assert.rejects(ask(meetingOf(1), own.signal), (error) => isRemoteError(error, 'Cancelled'));
    const second = ask(meetingOf(2), new AbortController().signal);
    while (person.picks.length > 1) await new Promise((resolve) => setImmediate(resolve));
    own.abort();
    await first;
    assert.equal(await second, 'rename');
  });

  it('counts for the rest of its group where that is said', async () => {
    const ask = createExistsQuestion();
    const { signal } = new AbortController();
    person.picks = ['Overwrite: All of These', 'Skip'];
    assert.deepEqual(await Promise.all([ask(meetingOf(1), signal), ask(meetingOf(2), signal)]), ['overwrite', 'overwrite']);
  });
});

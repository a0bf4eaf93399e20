import assert from 'node:assert/strict';
import { RemoteError } from '../../../src/core/errors.ts';

class Special extends RemoteError {}

describe('a RemoteError with more details', () => {
  it('keeps what it knows, and its class', () => {
    const error = new Special('Denied', 'No.', { path: '/own', hint: 'own' });
    const more = error.with({ path: '/other', host: 'host', hint: 'other' });
    assert.ok(more instanceof Special);
    assert.deepEqual([more.path, more.host, more.hint, more.message, more.code], ['/own', 'host', 'own', 'No.', 'Denied']);
    assert.match(more.stack ?? '', /errors\.test/);
  });

  it('gives up its hint for one that matters more, however often', () => {
    const error = new Special('Lost', 'Gone.', { hint: 'try again' })
      .with({ host: 'host' })
      .withHint('a copy is kept')
      .withHint('two copies are kept');
    assert.ok(error instanceof Special);
    assert.deepEqual([error.hint, error.host, error.retryable], ['two copies are kept', 'host', true]);
  });
});

import assert from 'node:assert/strict';
import { isRemoteError } from '../../../src/core/errors.ts';
import type { Identity } from '../../../src/core/prompts.ts';
import { judge, UntrustedError } from '../../../src/core/trust.ts';

describe('trust', () => {
  const kept = [{ algorithm: 'ssh-rsa', fingerprint: 'SHA256:a' }];

  it('knows what is kept, asks about the first, refuses another', () => {
    assert.equal(judge({ fingerprint: 'SHA256:a' }, kept), 'known');
    assert.equal(judge({ fingerprint: 'SHA256:b' }, []), 'unknown');
    assert.equal(judge({ fingerprint: 'SHA256:b' }, kept), 'changed');
  });

  it('names both fingerprints and the way on', () => {
    const presented: Identity = { kind: 'hostKey', algorithm: 'ssh-ed25519', fingerprint: 'SHA256:b' };
    const error = new UntrustedError(
      { verdict: 'changed', address: 'example.com', port: 22, presented, expected: kept, source: 'Ferry' },
      'name',
    );
    assert.ok(isRemoteError(error, 'Untrusted'));
    assert.deepEqual([error.retryable, error.dropsConnection, error.host], [false, true, 'name']);
    assert.match(error.message, /ssh-ed25519 SHA256:b.*ssh-rsa SHA256:a/);
    assert.match(error.hint ?? '', /Ferry: Replace Host Key or Certificate…/);
    const same = error.with({ path: '/x' });
    assert.ok(same instanceof UntrustedError);
    assert.deepEqual([same.presented, same.expected], [presented, kept]);
  });

  it('a revoked key has no way on', () => {
    const presented: Identity = { kind: 'hostKey', algorithm: 'ssh-ed25519', fingerprint: 'SHA256:b' };
    const error = new UntrustedError(
      { verdict: 'revoked', address: 'example.com', port: 22, presented, expected: [], source: '/etc/ssh/x' },
      'name',
    );
    assert.match(error.message, /\/etc\/ssh\/x declares revoked/);
    assert.doesNotMatch(error.hint ?? '', /Replace/);
  });
});

import assert from 'node:assert/strict';
import type { HostState, Pool } from '../../../src/core/pool.ts';
import { UntrustedError } from '../../../src/core/trust.ts';
import type { UntrustedIdentity } from '../../../src/core/trust.ts';
import type { SecretPlace } from '../../../src/editor/secrets.ts';
import { createTrust } from '../../../src/editor/trust.ts';
import { person } from './fakeVscode.ts';
import { createMemento } from './memento.ts';

const { replaceIdentity } = await import('../../../src/editor/trustCommands.ts');

const old = { algorithm: 'ssh-ed25519', fingerprint: 'SHA256:old' };
const changed: UntrustedIdentity = {
  verdict: 'changed',
  address: 'example.org',
  port: 22,
  presented: { kind: 'hostKey', algorithm: 'ssh-ed25519', fingerprint: 'SHA256:new' },
  expected: [old],
  source: 'Ferry',
};

function poolWith(error: UntrustedError | undefined): Pool {
  const state: HostState = { state: 'error', connections: 0, busy: 0, ...(error && { error }) };
  return { state: () => state } as Partial<Pool> as Pool;
}

describe('replacing a changed identity', () => {
  let forgotten: SecretPlace[];
  const forget = (place: SecretPlace) => Promise.resolve(void forgotten.push(place));

  beforeEach(() => {
    forgotten = [];
    person.reset();
  });

  it('shows both fingerprints and stores the new one only by the button', async () => {
    const trust = createTrust(createMemento());
    await trust.remember('hostKey', 'example.org', 22, old);
    const pool = poolWith(new UntrustedError(changed, 'demo').with({ host: 'demo' }));
    assert.equal(await replaceIdentity(pool, trust, ['demo'], forget), undefined);
    assert.match(person.dialogs[0]?.detail ?? '', /SHA256:old[^]*SHA256:new/);
    assert.deepEqual(trust.known('hostKey', 'example.org', 22), [old]);
    assert.deepEqual(forgotten, []);
    person.dialogAnswer = 'Replace';
    assert.equal(await replaceIdentity(pool, trust, ['demo'], forget), 'demo');
    assert.deepEqual(trust.known('hostKey', 'example.org', 22), [{ algorithm: 'ssh-ed25519', fingerprint: 'SHA256:new' }]);
    assert.deepEqual(forgotten, [{ protocol: 'sftp', user: undefined, address: 'example.org', port: 22 }]);
  });

  it('never takes a revoked key, and does nothing where nothing was refused', async () => {
    const trust = createTrust(createMemento());
    person.dialogAnswer = 'Replace';
    const revoked = new UntrustedError({ ...changed, verdict: 'revoked', expected: [] }, 'demo');
    assert.equal(await replaceIdentity(poolWith(revoked), trust, ['demo'], forget), undefined);
    assert.equal(await replaceIdentity(poolWith(undefined), trust, ['demo'], forget), undefined);
    assert.deepEqual(trust.servers, []);
    assert.equal(person.dialogs.length, 0);
    assert.deepEqual(forgotten, []);
  });
});

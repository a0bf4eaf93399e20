import assert from 'node:assert/strict';
import { createProfiles } from '../../../src/editor/profiles.ts';
import { createTrust } from '../../../src/editor/trust.ts';
import { createMemento } from './memento.ts';

const ed25519 = { algorithm: 'ssh-ed25519', fingerprint: 'SHA256:aaa' };
const rsa = { algorithm: 'ssh-rsa', fingerprint: 'SHA256:bbb' };

describe('trust', () => {
  it('keeps identities by kind, address and port', async () => {
    const state = createMemento();
    const trust = createTrust(state);
    await Promise.all([trust.remember('hostKey', 'Example.org', 22, ed25519), trust.remember('hostKey', 'example.org', 22, rsa)]);
    assert.deepEqual(createTrust(state).known('hostKey', 'EXAMPLE.ORG', 22), [ed25519, rsa]);
    assert.deepEqual(trust.known('hostKey', 'example.org', 2222), []);
    assert.deepEqual(trust.known('certificate', 'example.org', 22), []);
    assert.equal(trust.servers.length, 1);
  });

  it('replaces deliberately and forgets wholly', async () => {
    const trust = createTrust(createMemento());
    await trust.remember('hostKey', 'example.org', 22, ed25519);
    await trust.remember('hostKey', 'example.org', 22, rsa);
    const other = { algorithm: 'ssh-ed25519', fingerprint: 'SHA256:ccc' };
    await trust.replace('hostKey', 'example.org', 22, other);
    assert.deepEqual(trust.known('hostKey', 'example.org', 22), [other]);
    for (const server of trust.servers) await trust.forget(server);
    assert.deepEqual(trust.servers, []);
  });
});

describe('profiles', () => {
  it('belong to the address, so that an edited host starts afresh', () => {
    let port = 21;
    const profiles = createProfiles(createMemento(), (name) =>
      name === 'demo' ? ({ protocol: 'ftp', address: 'example.org', port } as never) : undefined,
    );
    profiles.learn('demo', { dataMode: 'active' });
    profiles.learn('demo', { renameRefusesExisting: true });
    assert.deepEqual(profiles.get('demo'), { dataMode: 'active', renameRefusesExisting: true });
    port = 2121;
    assert.deepEqual(profiles.get('demo'), {});
    profiles.learn('me@other.org', { dataMode: 'passive' });
    assert.deepEqual(profiles.get('Me@other.org'), { dataMode: 'passive' });
  });
});

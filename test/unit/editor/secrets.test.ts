import assert from 'node:assert/strict';
import type { SecretStorage } from 'vscode';
import { createSecrets } from '../../../src/editor/secrets.ts';
import type { SecretSlot } from '../../../src/editor/secrets.ts';
import { createTypedSecrets } from '../../../src/editor/typedSecrets.ts';
import { createMemento } from './memento.ts';

function createStorage() {
  const kept = new Map<string, string>();
  const storage = {
    get: (key: string) => Promise.resolve(kept.get(key)),
    store: (key: string, value: string) => Promise.resolve(void kept.set(key, value)),
    delete: (key: string) => Promise.resolve(void kept.delete(key)),
  } as Partial<SecretStorage> as SecretStorage;
  return { kept, storage };
}

const owner = { protocol: 'sftp', user: 'web', address: 'example.org', port: 22 } as const;
const password: SecretSlot = { owner, kind: 'password' };

describe('secrets', () => {
  it('are found again for the same place only', async () => {
    const { storage } = createStorage();
    const secrets = createSecrets(storage, createMemento());
    await secrets.keep(password, 's3cret');
    assert.equal(await secrets.get({ ...password, owner: { ...owner, address: 'EXAMPLE.org' } }), 's3cret');
    for (const other of [{ protocol: 'ftps' }, { user: 'root' }, { address: 'example.com' }, { port: 2222 }]) {
      assert.equal(await secrets.get({ ...password, owner: { ...owner, ...other } }), undefined, JSON.stringify(other));
    }
    assert.equal(await secrets.get({ owner, kind: 'passphrase', file: '~/.ssh/id_rsa' }), undefined);
  });

  it('are removed with their host and leave nothing in the list', async () => {
    const { kept, storage } = createStorage();
    const state = createMemento();
    const secrets = createSecrets(storage, state);
    await secrets.keep(password, 'a');
    await secrets.keep({ owner, kind: 'passphrase', file: 'key' }, 'b');
    await secrets.keep({ ...password, owner: { ...owner, user: 'root' } }, 'c');
    assert.equal(await secrets.forgetAll({ protocol: 'sftp', user: 'web', address: 'example.org', port: 22 }), 2);
    assert.deepEqual([...kept.values()], ['c']);
    assert.equal(await secrets.forgetAll({ protocol: 'sftp', user: undefined, address: 'Example.org', port: 22 }), 1);
    assert.equal(kept.size, 0);
    assert.ok(!state.keys().some((key) => JSON.stringify(state.get(key)).includes('example')));
  });

  const bound = (fingerprint: string, ...others: string[]): SecretSlot => ({ ...password, peer: { fingerprint, others } });

  it('are for the server that they were given to, by whichever of its keys it is known', async () => {
    const { kept, storage } = createStorage();
    const secrets = createSecrets(storage, createMemento());
    await secrets.keep(bound('A'), 'for A');
    assert.equal(await secrets.get(bound('A')), 'for A');
    assert.equal(await secrets.get(bound('A2', 'A')), 'for A');
    assert.equal(await secrets.get(bound('B')), undefined);
    assert.equal(secrets.isForAnother(bound('B')), true);
    assert.equal(secrets.isForAnother(bound('A2', 'A')), false);
    await secrets.forget(bound('B'));
    assert.equal(await secrets.get(bound('A')), 'for A');
    await secrets.keep(bound('B'), 'for B');
    assert.deepEqual([...kept.values()], ['for B'], 'the one before has no use any more');
    assert.equal(secrets.count(owner), 1);
    assert.equal(await secrets.forgetAll(owner), 1);
    assert.equal(kept.size, 0);
  });

  it('from before they were for one server only hold until an identity is replaced', async () => {
    const { kept, storage } = createStorage();
    const secrets = createSecrets(storage, createMemento());
    const passphrase: SecretSlot = { owner, kind: 'passphrase', file: 'key' };
    await secrets.keep(password, 'old');
    await secrets.keep(passphrase, 'opens a file here');
    assert.equal(await secrets.get(bound('A')), 'old');
    assert.equal(secrets.isForAnother(bound('A')), false);
    await secrets.forgetUnbound({ ...owner, port: 2222, user: undefined });
    assert.equal(await secrets.get(bound('A')), 'old');
    await secrets.forgetUnbound({ ...owner, user: undefined });
    assert.equal(await secrets.get(bound('A')), undefined);
    assert.deepEqual([...kept.values()], ['opens a file here']);
  });

  it('never reach the list of names', async () => {
    const state = createMemento();
    await createSecrets(createStorage().storage, state).keep(password, 'hunter2');
    assert.ok(!state.keys().some((key) => JSON.stringify(state.get(key)).includes('hunter2')));
  });
});

describe('typed secrets', () => {
  it('reach the keychain once the log-in succeeded, and only if wanted', async () => {
    const { kept, storage } = createStorage();
    const typed = createTypedSecrets(createSecrets(storage, createMemento()));
    typed.set('demo', password, 'kept', true);
    typed.set('demo', { owner, kind: 'passphrase', file: 'key' }, 'not kept', false);
    assert.equal(kept.size, 0);
    await typed.accepted('other');
    assert.equal(kept.size, 0);
    await typed.accepted('demo');
    assert.deepEqual([...kept.values()], ['kept']);
    assert.equal(typed.get(password), 'kept');
    await typed.accepted('demo');
  });

  it('a refused one is forgotten, a newer one is not', async () => {
    const { kept, storage } = createStorage();
    const typed = createTypedSecrets(createSecrets(storage, createMemento()));
    typed.set('demo', password, 'wrong', true);
    const asked = typed.now();
    typed.set('demo', password, 'right', true);
    typed.forget(password, asked);
    assert.equal(typed.get(password, asked), 'right');
    typed.forget(password, typed.now());
    assert.equal(typed.get(password), undefined);
    await typed.accepted('demo');
    assert.equal(kept.size, 0);
  });

  it('are for the first server that they are given to', () => {
    const typed = createTypedSecrets(createSecrets(createStorage().storage, createMemento()));
    typed.set('demo', password, 'pasted', false);
    const from = (fingerprint: string): SecretSlot => ({ ...password, peer: { fingerprint, others: [] } });
    assert.equal(typed.get(from('A')), 'pasted');
    assert.equal(typed.get(from('B')), undefined);
    assert.equal(typed.get(from('A')), 'pasted');
    typed.forget(from('B'), typed.now());
    assert.equal(typed.get(from('A')), undefined, 'what was refused is forgotten for good');
  });

  it('are forgotten for a place, whoever logged in', () => {
    const typed = createTypedSecrets(createSecrets(createStorage().storage, createMemento()));
    typed.set('demo', password, 'x', false);
    typed.forgetAll({ protocol: 'sftp', user: undefined, address: 'other.org', port: 22 });
    assert.equal(typed.get(password), 'x');
    typed.forgetAll({ protocol: 'sftp', user: undefined, address: 'example.org', port: 22 });
    assert.equal(typed.get(password), undefined);
  });
});

import assert from 'node:assert/strict';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { SecretStorage } from 'vscode';
import type { ImportedSecret } from '../../../src/core/import/imported.ts';
import { RemoteError } from '../../../src/core/errors.ts';
import { createSecrets } from '../../../src/editor/secrets.ts';
import type { ImportStep } from '../../../src/editor/importPlan.ts';
import { testHost } from '../../support/poolOf.ts';
import { person } from './fakeVscode.ts';
import { createMemento } from './memento.ts';

const { keepSecrets, askAboutSecrets } = await import('../../../src/editor/importSecrets.ts');

const host = testHost({ name: 'web', user: 'ann', address: 'web.example.org' });
const place = { protocol: 'sftp', user: 'ann', address: 'web.example.org', port: 22 } as const;
const bastion = { protocol: 'sftp', user: 'jo', address: 'bastion.example.org', port: 2022 };

function step(...secrets: readonly ImportedSecret[]): ImportStep {
  const imported = { label: 'web', folders: [], item: {}, secrets, notes: [] };
  const candidate = { imported, host, existing: undefined } as unknown as ImportStep['candidate'];
  return { candidate, item: { name: 'web' }, replaces: undefined };
}

describe('imported passwords', () => {
  const storage = (refuses = false) => {
    const kept = new Map<string, string>();
    const parts: Partial<SecretStorage> = {
      get: (key) => Promise.resolve(kept.get(key)),
      store: (key, value) => (refuses ? Promise.reject(new Error('locked')) : Promise.resolve(void kept.set(key, value))),
      delete: (key) => Promise.resolve(void kept.delete(key)),
    };
    return parts as SecretStorage;
  };

  it('belong to the host, to the key file by its whole path, and to the jump host', async () => {
    const secrets = createSecrets(storage(), createMemento());
    const all: ImportedSecret[] = [
      { kind: 'password', value: 'one' },
      { kind: 'passphrase', value: 'two', file: '~/.ssh/id' },
      { kind: 'password', value: 'three', owner: bastion },
    ];
    await keepSecrets([step(...all)], secrets);
    assert.equal(await secrets.get({ owner: place, kind: 'password' }), 'one');
    assert.equal(await secrets.get({ owner: place, kind: 'passphrase', file: join(homedir(), '.ssh', 'id') }), 'two');
    assert.equal(await secrets.get({ owner: bastion, kind: 'password' }), 'three');
  });

  it('do not take the place of what a jump host accepted before', async () => {
    const secrets = createSecrets(storage(), createMemento());
    const peer = { fingerprint: 'SHA256:b', others: [] };
    await secrets.keep({ owner: bastion, kind: 'password', peer }, 'proven');
    await keepSecrets([step({ kind: 'password', value: 'other', owner: bastion })], secrets);
    assert.equal(await secrets.get({ owner: bastion, kind: 'password', peer }), 'proven');
  });

  it('are said to be missing where the keychain takes none', async () => {
    const secrets = createSecrets(storage(true), createMemento());
    await assert.rejects(
      keepSecrets([step({ kind: 'password', value: 'canary' })], secrets),
      (error) => error instanceof RemoteError && /keychain did not take/.test(error.message) && !error.message.includes('canary'),
    );
  });

  it('are not asked about where there are none', async () => {
    person.reset();
    assert.equal(await askAboutSecrets([step()]), 'none');
    assert.deepEqual(person.told, []);
    assert.equal(await askAboutSecrets([step({ kind: 'password', value: 'x' })]), undefined);
    assert.match(person.told.join(), /There is a password or passphrase among them/);
  });
});

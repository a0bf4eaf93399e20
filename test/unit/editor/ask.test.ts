import assert from 'node:assert/strict';
import type { SecretStorage } from 'vscode';
import type { AnswersRequest, Prompts, SecretRequest } from '../../../src/core/prompts.ts';
import { createSecrets } from '../../../src/editor/secrets.ts';
import type { Secrets } from '../../../src/editor/secrets.ts';
import { createTypedSecrets } from '../../../src/editor/typedSecrets.ts';
import type { TypedSecrets } from '../../../src/editor/typedSecrets.ts';
import { person } from './fakeVscode.ts';
import { createMemento } from './memento.ts';

const { createAsk } = await import('../../../src/editor/ask.ts');

const owner = { protocol: 'sftp', user: 'web', address: 'example.org', port: 22 };
const evil = '[click](command:evil) $(key)\u202e\u001b[31m';

describe('questions to the person', () => {
  let secrets: Secrets;
  let typed: TypedSecrets;
  let ask: Prompts;
  let signal: AbortSignal;

  beforeEach(() => {
    person.reset();
    const kept = new Map<string, string>();
    const storage = {
      get: (key: string) => Promise.resolve(kept.get(key)),
      store: (key: string, value: string) => Promise.resolve(void kept.set(key, value)),
      delete: (key: string) => Promise.resolve(void kept.delete(key)),
    } as Partial<SecretStorage> as SecretStorage;
    secrets = createSecrets(storage, createMemento());
    typed = createTypedSecrets(secrets);
    ask = createAsk({ secrets, typed, state: createMemento() });
    signal = new AbortController().signal;
  });

  const password = (refused = false): SecretRequest => ({ hostName: 'demo', owner, kind: 'password', refused, signal });
  const round = (prompts: AnswersRequest['prompts'], refused = 0): AnswersRequest => ({
    ...{ hostName: 'demo', owner, serverName: '', serverInstructions: '', prompts, refused, signal },
  });

  it('a password is asked once, hidden, and kept only if the person says so', async () => {
    person.answers = [{ text: 'one' }];
    assert.equal(await ask.secret(password()), 'one');
    assert.equal(await ask.secret(password()), 'one');
    assert.deepEqual(
      person.boxes.map((box) => box.password),
      [true],
    );
    await typed.accepted('demo');
    assert.equal(await secrets.get({ owner, kind: 'password' }), undefined);
  });

  it('an imported password is for the first server that accepts it, and from then on for no other', async () => {
    const [first, second] = [
      { fingerprint: 'SHA256:one', others: [] },
      { fingerprint: 'SHA256:two', others: [] },
    ];
    await secrets.keep({ owner, kind: 'password' }, 'imported');
    assert.equal(await ask.secret({ ...password(), peer: first }), 'imported');
    // A log-in that did not come to its end decides nothing.
    assert.equal(await secrets.get({ owner, kind: 'password', peer: second }), 'imported');
    await typed.accepted('demo');
    assert.equal(await secrets.get({ owner, kind: 'password', peer: first }), 'imported');
    assert.equal(await secrets.get({ owner, kind: 'password', peer: second }), undefined);
    assert.equal(await ask.secret({ ...password(), peer: second, silent: true }), undefined);
    assert.deepEqual(person.boxes, []);
  });

  it('in silence only what is kept is given, and nothing is forgotten', async () => {
    const silent = { ...password(), silent: true };
    const questions = [{ serverPrompt: 'Password:', echo: false }];
    assert.equal(await ask.secret(silent), undefined);
    assert.equal(await ask.answers({ ...round(questions), silent: true }), undefined);
    await secrets.keep({ owner, kind: 'password' }, 'kept');
    assert.equal(await ask.secret(silent), 'kept');
    assert.deepEqual(await ask.answers({ ...round(questions), silent: true }), ['kept']);
    assert.equal(await ask.answers({ ...round([{ serverPrompt: 'Code:', echo: false }]), silent: true }), undefined);
    assert.equal(await ask.secret({ ...silent, refused: true }), undefined);
    assert.equal(await secrets.get({ owner, kind: 'password' }), 'kept');
    assert.equal(person.boxes.length, 0);
  });

  it('a refused one is forgotten everywhere and asked for again', async () => {
    await secrets.keep({ owner, kind: 'password' }, 'stale');
    assert.equal(await ask.secret(password()), 'stale');
    person.answers = [{ text: 'fresh', toggled: true }];
    assert.equal(await ask.secret(password(true)), 'fresh');
    assert.match(person.boxes[0]?.warning ?? '', /did not accept.*example\.org/);
    assert.equal(await secrets.get({ owner, kind: 'password' }), undefined, 'kept only once it was accepted');
    await typed.accepted('demo');
    assert.equal(await secrets.get({ owner, kind: 'password' }), 'fresh');
  });

  it('the same question asked twice at once is one dialog; others come one after another', async () => {
    person.answers = [{ text: 'one' }, { text: 'two' }];
    const passphrase: SecretRequest = { ...password(), kind: 'passphrase', file: '~/.ssh/id' };
    assert.deepEqual(await Promise.all([ask.secret(password()), ask.secret(password()), ask.secret(passphrase)]), ['one', 'one', 'two']);
    assert.equal(person.boxes.length, 2);
  });

  it('Escape is a cancel', async () => {
    person.answers = [undefined, undefined, { text: 'a' }, undefined];
    assert.equal(await ask.secret(password()), undefined);
    assert.equal(await ask.user({ hostName: 'demo', address: 'example.org', signal }), undefined);
    const prompts = [
      { serverPrompt: 'Code:', echo: true },
      { serverPrompt: 'PIN:', echo: false },
    ];
    assert.equal(await ask.answers(round(prompts)), undefined);
  });

  it('keyboard-interactive: every prompt in order, echo as the server says, its text made harmless', async () => {
    person.answers = [{ text: '123456' }, { text: 'pin' }];
    const request = round([
      { serverPrompt: `Code ${evil}`, echo: true },
      { serverPrompt: 'PIN:', echo: false },
    ]);
    assert.deepEqual(await ask.answers({ ...request, serverInstructions: evil }), ['123456', 'pin']);
    assert.deepEqual(
      person.boxes.map((box) => box.password),
      [false, true],
    );
    const shown = JSON.stringify(person.boxes);
    for (const harm of ['](', '$(', 'command:', '\\u001b', '\u202e']) assert.ok(!shown.includes(harm), harm);
    assert.deepEqual(await ask.answers(round([])), []);
  });

  it('a saved password stands in for a password prompt once, and never for a code', async () => {
    await secrets.keep({ owner, kind: 'password' }, 'saved');
    const prompts = [{ serverPrompt: 'Password: ', echo: false }];
    assert.deepEqual(await ask.answers(round(prompts)), ['saved']);
    person.answers = [{ text: 'typed' }, { text: '42' }];
    assert.deepEqual(await ask.answers(round(prompts, 1)), ['typed']);
    assert.deepEqual(await ask.answers(round([{ serverPrompt: 'One-time password: ', echo: false }])), ['42']);
    assert.equal(typed.get({ owner, kind: 'password' }), 'typed');
  });

  it('an unknown server is admitted only by the button, and never after an abort', async () => {
    const identity = { kind: 'hostKey', algorithm: 'ssh-ed25519', fingerprint: `SHA256:abc${evil}` } as const;
    const request = { hostName: 'demo', address: 'example.org', port: 22, identity, signal };
    assert.equal(await ask.admit(request), false);
    assert.match(person.dialogs[0]?.detail ?? '', /ssh-ed25519[^]*SHA256:abc/);
    assert.ok(!(person.dialogs[0]?.detail ?? '').includes(']('));
    person.dialogAnswer = 'Trust and Connect';
    assert.equal(await ask.admit(request), true);
    assert.equal(await ask.admit({ ...request, signal: AbortSignal.abort() }), false);
  });

  it('warns once a host and topic', async () => {
    for (const name of ['demo', 'Demo', 'other']) ask.warn('plaintext', name);
    ask.warn('oldTls', 'demo');
    await new Promise(setImmediate);
    assert.equal(person.dialogs.length, 3);
  });
});

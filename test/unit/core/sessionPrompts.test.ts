import assert from 'node:assert/strict';
import type { AnswersRequest, Prompts, SecretRequest } from '../../../src/core/prompts.ts';
import { createSessionPrompts, type SessionPrompts } from '../../../src/core/sessionPrompts.ts';
import { scriptedPrompts } from '../../support/prompts.ts';

const owner = { protocol: 'sftp', user: 'ann', address: 'example.org', port: 22 };
const { signal } = new AbortController();
const password = (refused = false): SecretRequest => ({ hostName: 'demo', owner, kind: 'password', refused, signal });
const question = (serverPrompt: string, refused = 0): AnswersRequest => ({
  ...{ hostName: 'demo', owner, serverName: '', serverInstructions: '', refused, signal },
  prompts: [{ serverPrompt, echo: false }],
});

describe('a session’s questions', () => {
  let person: SecretRequest[];
  let keychain: string | undefined;
  let session: SessionPrompts;

  beforeEach(() => {
    person = [];
    keychain = undefined;
    const prompts: Prompts = {
      ...scriptedPrompts(),
      secret(request) {
        if (request.silent === true) return Promise.resolve(keychain);
        person.push(request);
        return Promise.resolve(`typed ${person.length}`);
      },
      answers: (request) => Promise.resolve(request.silent === true ? undefined : request.prompts.map(() => 'answer')),
    };
    session = createSessionPrompts(prompts);
  });

  it('asked in silence, are answered from what was told or kept', async () => {
    assert.equal(await session.silent.secret(password()), undefined);
    keychain = 'kept';
    assert.equal(await session.silent.secret(password()), 'kept');
    session.forget();
    assert.equal(await session.asking.secret(password()), 'typed 1');
    assert.equal(await session.silent.secret(password()), 'typed 1');
    assert.equal(person.length, 1);
  });

  it('what was refused is sent no more in silence, and the person is told', async () => {
    await session.asking.secret(password());
    session.accepted();
    keychain = 'typed 1';
    assert.equal(await session.silent.secret(password(true)), undefined);
    assert.equal(await session.silent.secret(password()), undefined);
    assert.equal(await session.asking.secret(password()), 'typed 2');
    assert.equal(person[1]?.refused, true);
    assert.equal(await session.silent.secret(password()), 'typed 2');
  });

  it('a refused log-in makes its passwords stale, not its passphrases', async () => {
    await session.asking.secret(password());
    await session.asking.secret({ ...password(), kind: 'passphrase', file: '~/key' });
    session.refused();
    await session.asking.secret(password());
    await session.asking.secret({ ...password(), kind: 'passphrase', file: '~/key' });
    assert.deepEqual(
      person.map(({ kind, refused }) => [kind, refused]),
      [
        ['password', false],
        ['passphrase', false],
        ['password', true],
        ['passphrase', false],
      ],
    );
  });

  it('a one-time code takes a person each time', async () => {
    await session.asking.answers(question('Password:'));
    assert.equal(session.needsPerson, false);
    assert.deepEqual(await session.silent.answers(question('Password:')), ['answer']);
    assert.equal(await session.silent.answers(question('Password:', 1)), undefined);
    await session.asking.answers(question('Verification code:'));
    assert.equal(session.needsPerson, true);
    assert.equal(await session.silent.answers(question('Verification code:')), undefined);
    session.forget();
    assert.equal(session.needsPerson, false);
  });
});

import assert from 'node:assert/strict';
import type { AuthContext } from 'ssh2';
import type { SecretStorage } from 'vscode';
import { isRemoteError } from '../../../src/core/errors.ts';
import { silentLog } from '../../../src/core/log.ts';
import type { Pool } from '../../../src/core/pool.ts';
import { createSessionPrompts } from '../../../src/core/sessionPrompts.ts';
import { UntrustedError } from '../../../src/core/trust.ts';
import { createSecrets } from '../../../src/editor/secrets.ts';
import { createTrust } from '../../../src/editor/trust.ts';
import { createTypedSecrets } from '../../../src/editor/typedSecrets.ts';
import { connectFtp } from '../../../src/transport/ftp/ftpConnect.ts';
import { connectSftp } from '../../../src/transport/sftp/sftpConnect.ts';
import { testCertificate } from '../../servers/certificates.ts';
import { startHostileFtp } from '../../servers/hostileFtp.ts';
import { makeHost } from '../../servers/server.ts';
import { makeHostKey, startSshServer } from '../../support/sshServer.ts';
import { person } from './fakeVscode.ts';
import { createMemento } from './memento.ts';
import type { Host } from '../../../src/core/host.ts';

const { createAsk } = await import('../../../src/editor/ask.ts');
const { replaceIdentity } = await import('../../../src/editor/trustCommands.ts');

/** All that a password goes through on its way from the keychain to a server, with a person before the dialogs. */
function createDesk() {
  const kept = new Map<string, string>();
  const storage = {
    get: (key: string) => Promise.resolve(kept.get(key)),
    store: (key: string, value: string) => Promise.resolve(void kept.set(key, value)),
    delete: (key: string) => Promise.resolve(void kept.delete(key)),
  } as Partial<SecretStorage> as SecretStorage;
  const secrets = createSecrets(storage, createMemento());
  const typed = createTypedSecrets(secrets);
  const trust = createTrust(createMemento());
  const session = createSessionPrompts(createAsk({ secrets, typed, state: createMemento() }));

  async function enter(host: Host, prompts = session.asking): Promise<unknown> {
    const connect = host.protocol === 'sftp' ? connectSftp : connectFtp;
    const { signal } = new AbortController();
    try {
      await (await connect(host, { prompts, trust, log: silentLog, profile: {}, learn() {}, signal })).close();
      await typed.accepted(host.name);
      return undefined;
    } catch (error) {
      // The scripted SSH server has no SFTP: told only to who is logged in.
      if (!isRemoteError(error, 'Unsupported')) return error;
      await typed.accepted(host.name);
      return undefined;
    }
  }

  async function replace(host: Host, error: unknown): Promise<void> {
    assert.ok(error instanceof UntrustedError, String(error));
    const pool = { state: () => ({ state: 'error', connections: 0, busy: 0, error }) } as Partial<Pool> as Pool;
    person.dialogAnswer = 'Replace';
    assert.equal(await replaceIdentity(pool, trust, [host.name], (place) => secrets.forgetUnbound(place)), host.name);
    person.dialogAnswer = 'Trust and Connect';
  }

  return { kept, session, enter, replace };
}

const [first, second] = ['Canary-first-1234', 'Canary-second-5678'];

describe('a saved password', () => {
  beforeEach(() => {
    person.reset();
    person.dialogAnswer = 'Trust and Connect';
  });

  it('is not given to an SSH server whose key took the place of another, until it is typed again', async () => {
    const desk = createDesk();
    const accept = (request: AuthContext): void => (request.method === 'password' ? request.accept() : request.reject(['password']));
    const genuine = await startSshServer(accept, { hostKey: makeHostKey() });
    const host = makeHost({ name: 'box', protocol: 'sftp', port: genuine.port, user: 'ann', sftp: { privateKeys: [], agent: false } });
    person.answers = [{ text: first, toggled: true }];
    assert.equal(await desk.enter(host), undefined);
    assert.deepEqual([...desk.kept.values()], [first]);
    assert.equal(await desk.enter(host), undefined);
    assert.equal(person.boxes.length, 1, 'known by now');
    await genuine.stop();

    const other = await startSshServer(accept, { hostKey: makeHostKey(), port: genuine.port });
    await desk.replace(host, await desk.enter(host));
    assert.ok(isRemoteError(await desk.enter(host, desk.session.silent), 'Cancelled'), 'nor in the background');
    person.answers = [undefined];
    assert.ok(isRemoteError(await desk.enter(host), 'Cancelled'));
    assert.match(person.boxes.at(-1)?.warning ?? '', /server with another key/);
    assert.deepEqual(
      other.requests.filter(({ password }) => password !== undefined),
      [],
    );
    person.answers = [{ text: second, toggled: true }];
    assert.equal(await desk.enter(host), undefined);
    assert.deepEqual(
      other.requests.flatMap(({ password }) => password ?? []),
      [second],
    );
    assert.deepEqual([...desk.kept.values()], [second]);
    await other.stop();
  });

  it('is not given to an FTPS server whose certificate took the place of another', async () => {
    const desk = createDesk();
    let shown: 'selfSigned' | 'anotherSelfSigned' = 'selfSigned';
    const server = await startHostileFtp({ tls: { certificate: () => testCertificate(shown) } });
    person.answers = [{ text: first, toggled: true }];
    assert.equal(await desk.enter(server.host), undefined);
    assert.equal(await desk.enter(server.host), undefined);
    const { heard } = server;
    assert.equal(heard.split(`PASS ${first}`).length, 3);

    shown = 'anotherSelfSigned';
    await desk.replace(server.host, await desk.enter(server.host));
    person.answers = [undefined];
    assert.ok(isRemoteError(await desk.enter(server.host), 'Cancelled'));
    assert.match(person.boxes.at(-1)?.warning ?? '', /server with another certificate/);
    person.answers = [{ text: second }];
    assert.equal(await desk.enter(server.host), undefined);
    const later = server.heard.slice(heard.length);
    assert.ok(later.includes(`PASS ${second}`) && !later.includes(first));
    await server.stop();
  });
});

import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AuthContext } from 'ssh2';
import type { OpensshReach } from '../../../../src/core/connect.ts';
import { RemoteError } from '../../../../src/core/errors.ts';
import { diagnose } from '../../../../src/transport/diagnosis/diagnose.ts';
import { connectSftp } from '../../../../src/transport/sftp/sftpConnect.ts';
import { sshString, uint32 } from '../../../../src/transport/sftp/wire.ts';
import { removeFolder, temporaryFolder } from '../../../servers/folder.ts';
import { makeKey } from '../../../servers/keys.ts';
import { makeHost } from '../../../servers/server.ts';
import { connectContext } from '../../../support/prompts.ts';
import { startSshServer, type ScriptedSshServer } from '../../../support/sshServer.ts';

/** The file that `ssh-keygen -t ed25519-sk` makes: the private half is in the device. */
function fidoKeyFile(): string {
  const blob = Buffer.concat(['sk-ssh-ed25519@openssh.com', Buffer.alloc(32, 7), 'ssh:'].map(sshString));
  const content = [sshString('none'), sshString('none'), sshString(''), uint32(1), sshString(blob), sshString(Buffer.alloc(64))];
  const body = Buffer.concat([Buffer.from('openssh-key-v1\0'), ...content]).toString('base64');
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${body}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

describe('a log-in that only the person’s own ssh may manage', () => {
  let folder: string;
  let program: string;
  let server: ScriptedSshServer | undefined;

  before(() => {
    folder = temporaryFolder('suggested');
    program = join(folder, 'ssh');
    writeFileSync(program, '#!/bin/sh\n');
    chmodSync(program, 0o700);
    writeFileSync(join(folder, 'id_sk'), fidoKeyFile(), { mode: 0o600 });
  });
  after(() => removeFolder(folder));
  afterEach(async () => {
    await server?.stop();
    server = undefined;
  });

  const only =
    (...methods: string[]) =>
    (request: AuthContext): void =>
      request.reject(methods as never, false);
  const contextWith = (path: string, password?: string) => {
    const openssh: OpensshReach = { program: path, askpass: '', storage: folder };
    const reach = { findHost: () => undefined, sshConfig: 'off', editorProxy: '', openssh };
    return { ...connectContext({ admit: true, password }), reach };
  };

  async function remedyFor(methods: string[], { keys = [] as string[], path = program, password = '' } = {}) {
    server = await startSshServer(only(...methods));
    const host = makeHost({ name: 'test', protocol: 'sftp', port: server.port, user: 'ann', sftp: { privateKeys: keys, agent: false } });
    const error: unknown = await connectSftp(host, contextWith(path, password)).then(undefined, (reason: unknown) => reason);
    assert.ok(error instanceof RemoteError && error.code === 'Auth', String(error));
    return error.remedy;
  }

  it('is named where the server takes nothing that Ferry’s own SSH has', async () => {
    assert.equal(await remedyFor(['gssapi-with-mic', 'hostbased']), 'openssh');
  });

  it('is named where the only key is one of a FIDO device', async () => {
    assert.equal(await remedyFor(['publickey'], { keys: [join(folder, 'id_sk')] }), 'openssh');
  });

  it('is not where a key or a password was refused, or a key is missing', async () => {
    const key = makeKey(folder, 'ed25519').file;
    assert.equal(await remedyFor(['publickey'], { keys: [join(folder, 'id_sk'), key] }), undefined);
    assert.equal(await remedyFor(['publickey'], { keys: [join(folder, 'nothing')] }), undefined);
    assert.equal(await remedyFor(['password', 'gssapi-with-mic'], { password: 'wrong' }), undefined);
  });

  it('is not where there is no such program', async () => {
    assert.equal(await remedyFor(['gssapi-with-mic'], { path: join(folder, 'no-ssh') }), undefined);
  });

  it('is recommended by the doctor', async () => {
    server = await startSshServer(only('gssapi-with-mic'));
    const host = makeHost({ name: 'test', protocol: 'sftp', port: server.port, user: 'ann', sftp: { privateKeys: [], agent: false } });
    const { findings } = await diagnose(host, { ...contextWith(program), mayWrite: false });
    const [finding] = findings.filter(({ kind }) => kind === 'needsOpenssh');
    assert.match(finding?.kind === 'needsOpenssh' ? (finding.hint ?? '') : '', /accepts: gssapi-with-mic\. Nothing of that could be tried/);
  });
});

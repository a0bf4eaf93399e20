import assert from 'node:assert/strict';
import { RemoteError } from '../../src/core/errors.ts';
import type { Host } from '../../src/core/host.ts';
import { connectSftp } from '../../src/transport/sftp/sftpConnect.ts';
import { removeFolder } from '../servers/folder.ts';
import { startOpenssh } from '../servers/openssh.ts';
import { opensshHome } from '../servers/opensshClient.ts';
import { requireServer, type TestServer } from '../servers/server.ts';
import { connectContext, type Script } from '../support/prompts.ts';

/** Lines of the person's ssh config about how one logs in. */
describe('ways to log in that the ssh config prefers', () => {
  let server: TestServer;

  before(async function () {
    const config = ['AuthenticationMethods publickey password keyboard-interactive', 'PasswordAuthentication yes', 'MaxAuthTries 20'];
    server = await requireServer(this, () => startOpenssh({ authentication: 'publickey,password', config }));
  });
  after(() => server.stop());

  async function tried(lines: readonly string[], script: Script): Promise<{ ways: string[]; error: RemoteError | undefined }> {
    const { folder, reach } = opensshHome(lines);
    const { address, port } = server.host;
    const sshConfig = { host: address, address: undefined, port };
    const host: Host = { ...server.host, sftp: { ...server.host.sftp, sshConfig } };
    const ways: string[] = [];
    const context = connectContext({ admit: true, ...script }, { reach });
    const observe = (fact: { kind: string; what?: string }): void => {
      if (fact.kind === 'tried') ways.push(fact.what?.split(' ')[0] ?? '');
    };
    try {
      await (await connectSftp(host, { ...context, observe })).close();
      return { ways, error: undefined };
    } catch (error) {
      assert.ok(error instanceof RemoteError);
      return { ways, error };
    } finally {
      removeFolder(folder);
    }
  }

  it('keys come first, and in another place where it says so', async () => {
    const { password } = server.secrets;
    assert.deepEqual((await tried([], { password })).ways, ['key']);
    assert.deepEqual((await tried(['PreferredAuthentications password,publickey'], { password })).ways, ['password']);
    const later = await tried(['PreferredAuthentications password,publickey'], { password: ['wrong', 'wrong', 'wrong'] });
    assert.deepEqual([later.ways, later.error], [['password', 'password', 'password', 'key'], undefined]);
  });

  it('a password is asked for as often as it says', async () => {
    const { ways, error } = await tried(['PreferredAuthentications password', 'NumberOfPasswordPrompts 2'], { password: 'wrong' });
    assert.deepEqual([ways, error?.code], [['password', 'password'], 'Auth']);
  });
});

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import type { ServerChannel } from 'ssh2';
import type { HostProfile } from '../../src/core/host.ts';
import { connect } from '../../src/transport/index.ts';
import { startOpenssh } from '../servers/openssh.ts';
import { makeHost, requireServer } from '../servers/server.ts';
import { connectContext } from '../support/prompts.ts';
import { fails, inTime, pattern } from './ground.ts';
import { startSftpServer, type StdioServer } from '../support/sftpServer.ts';
import { startSshServer, type SshServerOptions } from '../support/sshServer.ts';

const hasty = 'OpenSSH_9.9';

describe('SFTP that is asked for in one flight', function () {
  this.timeout(30_000);
  const programs: StdioServer[] = [];
  const onSubsystem = (channel: ServerChannel): void => {
    const program = startSftpServer();
    programs.push(program);
    channel.pipe(program.channel).pipe(channel);
  };
  afterEach(() => programs.splice(0).forEach((program) => program.stop()));

  /** At a server that takes every log-in. */
  async function at(options: SshServerOptions, profile: HostProfile = {}) {
    const server = await startSshServer((request) => request.accept(), options);
    const learned: HostProfile[] = [];
    const context = { ...connectContext({ admit: true }), profile, learn: (facts: HostProfile) => void learned.push(facts) };
    const host = makeHost({ name: 'hasty', protocol: 'sftp', port: server.port, user: 'somebody' });
    return { server, learned, connecting: connect(host, context) };
  }

  it('is asked for step by step where the server numbers its channels otherwise, and from then on', async () => {
    const { server, learned, connecting } = await at({ ident: hasty, firstChannel: 7, onSubsystem });
    const remote = await inTime(connecting);
    await remote.close();
    assert.equal(server.connections.length, 2);
    assert.equal(learned.filter(({ stepwise }) => stepwise).length, 1);
    await server.stop();
    const next = await at({ ident: hasty, firstChannel: 7, onSubsystem }, learned.at(-1));
    await (await inTime(next.connecting)).close();
    assert.equal(next.server.connections.length, 1);
    await next.server.stop();
  });

  it('is refused in the same words', async () => {
    for (const ident of [hasty, 'another']) {
      const { server, connecting } = await at({ ident });
      await inTime(fails(connecting, 'Unsupported'));
      assert.equal(server.connections.length, 1);
      await server.stop();
    }
  });

  it('is refused in plain words by an OpenSSH that opens no session', async function () {
    const server = await requireServer(this, () => startOpenssh({ config: ['MaxSessions 0'] }));
    await inTime(fails(connect(server.host, connectContext({ admit: true })), 'Unsupported'));
    await server.stop();
  });

  it('keeps to what the server takes', async function () {
    const server = await requireServer(this, startOpenssh);
    const remote = await connect(server.host, connectContext({ admit: true }));
    const content = pattern(12_000_000, 5);
    await remote.write(`${server.rootOnServer}/much`, content, { disposition: 'create' });
    writeFileSync(`${server.root}/more`, content);
    const read: Uint8Array[] = [];
    await remote.read(`${server.rootOnServer}/much`, (chunk) => void read.push(Uint8Array.from(chunk)));
    assert.ok(Buffer.concat(read).equals(content));
    await remote.close();
    await server.stop();
  });

  it('ends where the server takes packets of no bytes', async () => {
    for (const ident of [hasty, 'another']) {
      const { server, connecting } = await at({ ident, packetSize: 0, onSubsystem });
      await inTime(fails(connecting, 'Lost'));
      await server.stop();
    }
  });
});

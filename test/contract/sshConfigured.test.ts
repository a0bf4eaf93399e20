import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ConnectFact } from '../../src/core/connect.ts';
import { isRemoteError, RemoteError } from '../../src/core/errors.ts';
import type { Host } from '../../src/core/host.ts';
import { silentLog } from '../../src/core/log.ts';
import { UntrustedError } from '../../src/core/trust.ts';
import { connectSftp } from '../../src/transport/sftp/sftpConnect.ts';
import { describeTarget } from '../../src/transport/sftp/sshTarget.ts';
import { removeFolder, temporaryFolder } from '../servers/folder.ts';
import { makeKey } from '../servers/keys.ts';
import { startOpenssh } from '../servers/openssh.ts';
import { opensshHome, scannedKeys } from '../servers/opensshClient.ts';
import { requireServer, type TestServer } from '../servers/server.ts';
import { startSshAgent } from '../servers/sshAgent.ts';
import { connectContext, memoryTrust, type Script } from '../support/prompts.ts';

/* What stands in the person's ssh config holds for Ferry's own SSH at a real sshd, whoever reads it. */
for (const [reader, withoutProgram] of [
  ['ssh -G', false],
  ['Ferry itself', true],
] as const)
  describe(`the ssh config, read by ${reader}`, () => {
    let server: TestServer;
    let keyLine: string;
    let folder: string;
    const { PATH, SSH_AUTH_SOCK } = process.env;

    before(async function () {
      server = await requireServer(this, () => startOpenssh({ hostKeys: ['ed25519', 'rsa'] }));
      folder = temporaryFolder('configured', { mode: 0o700 });
      delete process.env['SSH_AUTH_SOCK'];
      keyLine = scannedKeys(server.host).flatMap((line) => /ssh-ed25519 .*/.exec(line) ?? [])[0] ?? '';
      assert.notEqual(keyLine, '');
    });
    after(async () => {
      if (SSH_AUTH_SOCK !== undefined) process.env['SSH_AUTH_SOCK'] = SSH_AUTH_SOCK;
      await server.stop();
      removeFolder(folder);
    });

    interface Visit {
      readonly facts: readonly ConnectFact[];
      readonly context: ReturnType<typeof connectContext>;
      readonly error: RemoteError | undefined;
    }

    let count = 0;

    /** The host `box` by a config of these lines: a log-in and one look. The key of the login is used unless the lines name another. */
    async function visit(lines: readonly string[], script: Script, own: Partial<Host['sftp']> = {}): Promise<Visit> {
      const { address, port, user } = server.host;
      const [key] = server.host.sftp.privateKeys ?? [];
      const usual = [
        'Host *',
        `HostName ${address}`,
        `Port ${port}`,
        `User ${user}`,
        ...(own.privateKeys === undefined ? [`IdentityFile ${key}`] : []),
      ];
      const home = opensshHome([...lines, ...usual]);
      const box = `box${(count += 1)}`;
      const sftp = {
        ...server.host.sftp,
        privateKeys: undefined,
        agent: true,
        ...own,
        sshConfig: { host: box, address: undefined, port: undefined },
      };
      const host: Host = { ...server.host, name: 'box', address: box, port: 22, user: undefined, sftp };
      const facts: ConnectFact[] = [];
      const context = connectContext(script, { reach: home.reach, trust: memoryTrust() });
      // Where no `ssh` is found, Ferry reads the file.
      if (withoutProgram) process.env['PATH'] = '';
      try {
        const remote = await connectSftp(host, { ...context, observe: (fact) => facts.push(fact) });
        await remote.stat('/');
        await remote.close();
        return { facts, context, error: undefined };
      } catch (error) {
        assert.ok(error instanceof RemoteError, String(error));
        return { facts, context, error };
      } finally {
        process.env['PATH'] = PATH;
        removeFolder(home.folder);
      }
    }

    const questions = ({ context }: Visit): string[] => context.prompts.asked.map(({ kind }) => kind);
    const write = (name: string, ...lines: string[]): string => {
      const file = join(folder, name);
      writeFileSync(file, `${lines.join('\n')}\n`, { mode: 0o600 });
      return file;
    };
    const place = (): string => `[${server.host.address}]:${server.host.port}`;

    it('UserKnownHostsFile: several are read, and none is none', async () => {
      const [other, plain] = [write('other', ''), write('known', `${place()} ${keyLine}`)];
      const spaced = write('100% known ~ hosts', `${place()} ${keyLine}`).replace('%', '%%');
      assert.deepEqual(questions(await visit([`UserKnownHostsFile ${other} ${plain}`], {})), []);
      assert.deepEqual(questions(await visit([`UserKnownHostsFile ${other} "${spaced}"`], {})), []);
      assert.deepEqual(questions(await visit(['UserKnownHostsFile none'], { admit: true })), ['admit']);
      assert.deepEqual(questions(await visit(['UserKnownHostsFile none', `GlobalKnownHostsFile ${plain}`], {})), []);
    });

    it('HostKeyAlias: the key is looked up under it', async () => {
      const known = write('aliased', `the-box ${keyLine}`);
      assert.deepEqual(questions(await visit([`UserKnownHostsFile ${known}`, 'HostKeyAlias the-box'], {})), []);
      assert.deepEqual(questions(await visit([`UserKnownHostsFile ${known}`], { admit: true })), ['admit']);
    });

    it('StrictHostKeyChecking: yes refuses what is unknown, accept-new keeps it, no asks all the same', async () => {
      const strict = await visit(['StrictHostKeyChecking yes'], { admit: true });
      assert.ok(isRemoteError(strict.error, 'Untrusted'));
      const accepting = await visit(['StrictHostKeyChecking accept-new'], {});
      assert.deepEqual([accepting.error, questions(accepting)], [undefined, []]);
      assert.equal(accepting.context.trust.known('hostKey', server.host.address, server.host.port).length, 1);
      assert.deepEqual(questions(await visit(['StrictHostKeyChecking no'], { admit: true })), ['admit']);
      const declined = await visit(['StrictHostKeyChecking no'], { admit: false });
      assert.notEqual(declined.error, undefined);
      assert.ok(!declined.facts.some(({ kind }) => kind === 'tried' || kind === 'loggedIn'));
    });

    it('StrictHostKeyChecking: neither accept-new nor no takes a key that changed', async () => {
      const foreign = makeKey(temporaryFolder('foreign', { mode: 0o700 }), 'ed25519').publicLine;
      const known = write('changed', `${place()} ${foreign}`);
      for (const value of ['accept-new', 'no']) {
        const met = await visit([`StrictHostKeyChecking ${value}`, `UserKnownHostsFile ${known}`], { admit: true });
        assert.ok(met.error instanceof UntrustedError, value);
        assert.ok(!met.facts.some(({ kind }) => kind === 'tried' || kind === 'loggedIn'), value);
      }
    });

    it('IdentityAgent: the one that it names, and none', async () => {
      const [key = ''] = server.host.sftp.privateKeys ?? [];
      const agent = await startSshAgent(key);
      try {
        const tried = ({ facts }: Visit) => facts.flatMap((fact) => (fact.kind === 'tried' ? [fact.what] : []));
        const named = await visit([`IdentityAgent ${agent.socket}`], { admit: true }, { privateKeys: [] });
        assert.deepEqual([named.error, tried(named).length], [undefined, 1]);
        assert.match(tried(named)[0] ?? '', /^agent key/);
        process.env['SSH_AUTH_SOCK'] = agent.socket;
        assert.equal((await visit(['IdentityAgent SSH_AUTH_SOCK'], { admit: true }, { privateKeys: [] })).error, undefined);
        const without = await visit(['IdentityAgent none'], { admit: true }, { privateKeys: [] });
        assert.deepEqual([without.error?.code, tried(without)], ['Auth', []]);
      } finally {
        delete process.env['SSH_AUTH_SOCK'];
        agent.end();
      }
    });

    it('IdentitiesOnly: no key of the agent but those that are named', async () => {
      const other = makeKey(temporaryFolder('other', { mode: 0o700 }), 'ed25519');
      const agent = await startSshAgent(other.file);
      try {
        const tried = (met: Visit) => met.facts.flatMap((fact) => (fact.kind === 'tried' ? [fact.what.split(' ')[0]] : []));
        const own = { privateKeys: [join(folder, 'missing')] };
        const all = await visit([`IdentityAgent ${agent.socket}`], { admit: true }, own);
        assert.deepEqual(tried(all), ['agent']);
        const few = await visit(['IdentitiesOnly yes', `IdentityAgent ${agent.socket}`], { admit: true }, own);
        assert.deepEqual(tried(few), []);
      } finally {
        agent.end();
      }
    });

    it('algorithms: the ones that it names, in place of, beside, without and before the usual', async () => {
      const agreed = async (...lines: string[]) => {
        const { facts, error } = await visit(lines, { admit: true });
        const found = facts.find((fact) => fact.kind === 'ssh');
        return error === undefined && found?.kind === 'ssh' ? found : assert.fail(error?.message);
      };
      assert.match((await agreed('Ciphers aes256-ctr')).cipher, /aes256-ctr/);
      assert.match((await agreed('Ciphers ^aes192-ctr')).cipher, /aes192-ctr/);
      assert.match((await agreed('Ciphers -*gcm*,chacha20*')).cipher, /aes\d+-ctr/);
      assert.match((await agreed('KexAlgorithms ecdh-sha2-nistp384')).exchange, /nistp384/);
      assert.match((await agreed('KexAlgorithms ^ecdh-sha2-nistp521')).exchange, /nistp521/);
      assert.match((await agreed('KexAlgorithms -*25519*')).exchange, /^(?!.*25519)/);
      assert.match((await agreed('KexAlgorithms +diffie-hellman-group14-sha1')).exchange, /25519/);
      assert.match((await agreed('HostKeyAlgorithms rsa-sha2-256')).hostKey, /rsa/);
      assert.match((await agreed('HostKeyAlgorithms -*ed25519*')).hostKey, /rsa/);
      const { error } = await visit(['Ciphers chacha20-poly1305@openssh.com'], { admit: true });
      assert.equal(error?.code, 'Unsupported');
      assert.match(error.hint ?? '', /aes256-gcm@openssh\.com/);
    });

    it('Match, Include, quotes and “=”', async () => {
      mkdirSync(join(folder, 'conf.d'));
      const { port, user, address } = server.host;
      const known = write('matched', `by-match ${keyLine}`);
      write('conf.d/10-a.conf', `Match originalhost "box*" user ${user} exec "test %p = ${port}"`, `  UserKnownHostsFile="${known}"`);
      write('conf.d/20-b.conf', 'Match !originalhost box*,other', '  HostKeyAlias never');
      write('conf.d/ignored.txt', 'Host *', '  HostKeyAlias never');
      const lines = [`User = "${user}"`, `Port=${port}`, `HostName\t${address}`, `Include "${folder}/conf.d/*.conf"`];
      const final = ['Match host nowhere', '  HostKeyAlias never', `Match final host ${address}`, '  HostKeyAlias by-match'];
      assert.deepEqual(questions(await visit([...lines, ...final], {})), []);
    });

    it('times and counts are taken over', async () => {
      const home = opensshHome([
        'ServerAliveInterval 1m',
        'ServerAliveCountMax 5',
        'ConnectTimeout 7',
        'NumberOfPasswordPrompts 1',
        'AddressFamily inet',
      ]);
      if (withoutProgram) process.env['PATH'] = '';
      try {
        const sshConfig = { host: 'timed', address: undefined, port: undefined };
        const target = await describeTarget(
          { ...server.host, sftp: { ...server.host.sftp, sshConfig } },
          { log: silentLog, reach: home.reach },
          false,
        );
        const { silence, silenceCount, patience, passwordPrompts, family } = target;
        assert.deepEqual([silence, silenceCount, patience, passwordPrompts, family], [60_000, 5, 7000, 1, 4]);
      } finally {
        process.env['PATH'] = PATH;
        removeFolder(home.folder);
      }
    });
  });

import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { hostDefaults } from '../../../../src/core/hostDefaults.ts';
import type { Host } from '../../../../src/core/host.ts';
import { opensshCommand } from '../../../../src/core/opensshCommand.ts';
import { type AskpassQuestion, listenForQuestions } from '../../../../src/transport/openssh/askpass.ts';
import { readOpensshLog, tellsQuestionsApart } from '../../../../src/transport/openssh/opensshLog.ts';
import { kindOfQuestion } from '../../../../src/transport/openssh/questionKinds.ts';
import { inRepository } from '../../../setup/commands.ts';
import { temporaryFolder } from '../../../servers/folder.ts';
import { eventually } from '../../../support/eventually.ts';

const passphrase = "Enter passphrase for key '/home/ann/.ssh/id_ed25519': ";
const hostKey =
  "The authenticity of host 'example.org (192.0.2.1)' can't be established.\nED25519 key fingerprint is SHA256:abc+/1.\n" +
  'This key is not known by any other names.\nAre you sure you want to continue connecting (yes/no/[fingerprint])? ';

describe('questions of ssh', () => {
  it('are known by their words', () => {
    assert.deepEqual(kindOfQuestion(passphrase, '', false), { kind: 'passphrase', file: '/home/ann/.ssh/id_ed25519' });
    assert.deepEqual(kindOfQuestion("ann@example.org's password: ", '', false), { kind: 'password' });
    assert.deepEqual(kindOfQuestion("Enter ann@example.org's new password: ", '', false), { kind: 'expiredPassword' });
    assert.deepEqual(kindOfQuestion(hostKey, '', false), {
      ...{ kind: 'hostKey', place: 'example.org (192.0.2.1)', type: 'ED25519', fingerprint: 'SHA256:abc+/1' },
    });
    assert.deepEqual(kindOfQuestion('Confirm user presence for key ED25519-SK SHA256:x', 'none', false), { kind: 'notice' });
    assert.deepEqual(kindOfQuestion('Enter PIN for ED25519-SK key /x: ', '', false), { kind: 'other' });
  });

  it('of a server never pass for those of ssh', () => {
    for (const words of [passphrase, hostKey, "ann@example.org's password: "]) {
      assert.deepEqual(kindOfQuestion(`(ann@example.org) ${words}`, '', false), { kind: 'server', prompt: words });
      // Before OpenSSH 8.5 nothing marks them.
      assert.deepEqual(kindOfQuestion(words, '', true), { kind: 'server', prompt: words });
      assert.deepEqual(kindOfQuestion(`hello\n${words}`, '', false), { kind: 'other' });
    }
  });

  it('can’t be told apart once a server asks, with versions that do not mark them', () => {
    const log = (version: string, ...lines: string[]): string => [`debug1: Local version string SSH-2.0-${version}`, ...lines].join('\r\n');
    const asks = 'debug1: Next authentication method: keyboard-interactive';
    assert.equal(tellsQuestionsApart(readOpensshLog(log('OpenSSH_9.2p1 Debian-2', asks))), true);
    assert.equal(tellsQuestionsApart(readOpensshLog(log('OpenSSH_for_Windows_8.1', asks))), false);
    assert.equal(tellsQuestionsApart(readOpensshLog(log('OpenSSH_8.4p1', asks, 'debug1: Next authentication method: publickey'))), false);
    assert.equal(tellsQuestionsApart(readOpensshLog(log('OpenSSH_8.4p1'))), true);
    assert.equal(tellsQuestionsApart(readOpensshLog(asks)), false);
  });

  it('name a server by its key only where nothing contradicts', () => {
    const shown = 'debug1: Server host key: ssh-ed25519 SHA256:';
    assert.equal(readOpensshLog(`${shown}one\r\n${shown}one\r\n`).hostKeys.length, 1);
    assert.equal(readOpensshLog(`debug1: Remote: x\r\n${shown}two\r\n${shown}one\r\n`).hostKeys.length, 2);
  });
});

describe('the command line of ssh', () => {
  const host = (changes: Partial<Host>, sftp: Partial<Host['sftp']> = {}): Host => {
    const defaults = hostDefaults('sftp');
    return { ...defaults, name: 'web', address: 'example.org', ...changes, sftp: { ...defaults.sftp, client: 'openssh', ...sftp } };
  };
  const bastion = host({ name: 'bastion', address: '192.0.2.9', user: 'gate', port: 2200 });
  const command = (of: Host, sshConfig?: string) =>
    opensshCommand({ host: of, sshConfig, findHost: (name) => (name === 'bastion' ? bastion : undefined) });

  it('says what the settings say, and nothing else', () => {
    assert.deepEqual(command(host({})), { options: [], destination: 'example.org' });
    assert.deepEqual(command(host({ user: 'ann', port: 2222 }), 'off').options, ['-F', 'none', '-l', 'ann', '-p', '2222']);
    assert.deepEqual(command(host({}, { privateKeys: [], agent: false })).options, ['-o', 'IdentityFile=none', '-o', 'IdentityAgent=none']);
    assert.deepEqual(command(host({}, { privateKeys: ['~/a', '-b'] })).options, ['-i', '~/a', '-i', '-b']);
    assert.deepEqual(command(host({}, { jump: ['bastion', 'ann@inner'] })).options, ['-J', 'gate@[192.0.2.9]:2200,ann@inner']);
    assert.deepEqual(command(host({}, { jump: [] })).options, ['-o', 'ProxyJump=none', '-o', 'ProxyCommand=none']);
    assert.deepEqual(command(host({ family: 6 })).options, ['-6']);
    const followed = command(host({ port: 22 }, { sshConfig: { host: 'box', address: 'fe80::1%eth0', port: 22 } }));
    assert.deepEqual(followed, { options: ['-o', 'HostName=fe80::1%%eth0', '-p', '22'], destination: 'box' });
  });

  it('takes no name that it or a shell could read otherwise', () => {
    for (const user of ['-oProxyCommand=x', 'a;b', 'a b', '$(x)', 'a`b`', "a'b", 'a|b', 'a\nb']) {
      assert.throws(() => command(host({ user })), /not safe/, user);
      assert.throws(() => command(host({}, { jump: [`${user}@inner`] })), user);
    }
    assert.throws(() => command(host({ address: '-x' })), /not safe/);
  });
});

describe('askpass', () => {
  const asked: AskpassQuestion[] = [];
  let askpass: Awaited<ReturnType<typeof listenForQuestions>>;
  let said: string | undefined;

  beforeEach(async () => {
    asked.length = 0;
    askpass = await listenForQuestions({
      program: inRepository('src', 'transport', 'openssh', 'askpassProgram.ts'),
      folder: temporaryFolder('askpass', { mode: 0o700 }),
      answer: (question) => {
        asked.push(question);
        return question.hint === 'none' ? new Promise(() => {}) : Promise.resolve(said);
      },
    });
  });
  afterEach(() => askpass.close());

  const run = (prompt: string, more: Record<string, string> = {}): ChildProcess =>
    spawn(askpass.environment['SSH_ASKPASS']!, [prompt], { env: { ...process.env, ...askpass.environment, ...more } });

  async function outcome(child: ChildProcess): Promise<{ code: number; output: string }> {
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    return { code, output };
  }

  it('passes the words of a question on, whatever they are, and one answer back', async () => {
    said = 'se"cr$et €';
    const prompt = `$(touch /tmp/x) "; exit" 'a' \`b\` %PATH%\nsecond line: `;
    assert.deepEqual(await outcome(run(prompt)), { code: 0, output: `${said}\n` });
    assert.deepEqual([asked[0]?.prompt, asked[0]?.parent], [prompt, process.pid]);
    said = '';
    assert.deepEqual(await outcome(run('again: ')), { code: 0, output: '\n' });
    said = undefined;
    assert.deepEqual(await outcome(run('no answer: ')), { code: 1, output: '' });
  });

  it('tells nobody who has not the token', async () => {
    said = 'secret';
    assert.deepEqual(await outcome(run('who: ', { FERRY_ASKPASS_TOKEN: 'x' })), { code: 1, output: '' });
    const socket = connect(askpass.environment['FERRY_ASKPASS_PLACE']!);
    socket.on('error', () => {}).write('{"token": null, "prompt": "x"}\n');
    await once(socket.resume(), 'close');
    assert.deepEqual(asked, []);
  });

  it('takes back what was only told, when ssh does', async () => {
    const child = run('Confirm user presence for key', { SSH_ASKPASS_PROMPT: 'none' });
    await eventually(() => assert.equal(asked.length, 1));
    assert.equal(asked[0]?.signal.aborted, false);
    child.kill('SIGTERM');
    await eventually(() => assert.equal(asked[0]?.signal.aborted, true));
  });
});

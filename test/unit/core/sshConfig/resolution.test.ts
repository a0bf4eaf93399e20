import assert from 'node:assert/strict';
import { configNames } from '../../../../src/core/sshConfig/hostNames.ts';
import { resolveSshConfig, type SshConfigRequest } from '../../../../src/core/sshConfig/resolution.ts';
import { settingsFrom } from '../../../../src/core/sshConfig/settings.ts';
import type { SshConfigWorld } from '../../../../src/core/sshConfig/world.ts';

/** What the agreement with `ssh -G` can't show: limits, hostile lines, and what must not be run. */
describe('ssh config', () => {
  const ran: string[] = [];

  function world(files: Readonly<Record<string, string>>, executes = true): SshConfigWorld {
    ran.splice(0);
    return {
      ...{ localUser: 'me', uid: '1000', home: '/home/me', localHost: 'desk.example.org' },
      sources: [
        { file: '/home/me/.ssh/config', folder: '/home/me/.ssh', own: true },
        { file: '/etc/ssh/ssh_config', folder: '/etc/ssh', own: false },
      ],
      read: (file) => Promise.resolve(files[file]),
      find: (pattern) => Promise.resolve(pattern in files ? [pattern] : []),
      variable: (name) => ({ KEYS: '/keys' })[name],
      execute: executes
        ? (command) => {
            ran.push(command);
            return Promise.resolve(true);
          }
        : undefined,
      hash: (text) => `hash(${text})`,
    };
  }
  const own = (text: string): Record<string, string> => ({ '/home/me/.ssh/config': text });
  async function settings(text: string, request: SshConfigRequest = { host: 'box' }) {
    const here = world(own(text));
    return settingsFrom(await resolveSshConfig(request, here), request.host, here);
  }

  it('ends where files include themselves or each other', async () => {
    const files = {
      ...own('Include /a\nInclude /a /b\nUser late'),
      '/a': 'Include /b\nInclude /a\nPort 2',
      '/b': 'Include /a /b\nHostName deep',
    };
    const answers = await resolveSshConfig({ host: 'box' }, world(files));
    assert.deepEqual([answers.get('hostname'), answers.get('port')], [['deep'], ['2']]);
    await configNames(world(files));
  });

  it('runs nothing where nothing may be run; such a line then matches neither way', async () => {
    const text = 'Match exec "touch x"\n  User one\nMatch !exec "touch y"\n  User two\nHost *\n  User three';
    const answers = await resolveSshConfig({ host: 'box' }, world(own(text), false));
    assert.deepEqual(answers.get('user'), ['three']);
    await resolveSshConfig({ host: 'box' }, world(own('Host other\n  Include /x\nMatch host other exec "touch z"'), true));
    assert.deepEqual(ran, []);
  });

  it('lets only the person’s own file speak of their home', async () => {
    const files = { '/etc/ssh/ssh_config': 'Include ~/evil', '~/evil': 'User evil' };
    assert.deepEqual((await resolveSshConfig({ host: 'box' }, world(files))).get('user'), ['me']);
  });

  it('fills in tokens, variables and ~', async () => {
    const text =
      'HostName %h.example.org\nUser anna\nPort 2200\nHostKeyAlias k\nIdentityFile ~/%n-%h-%p-%r-%u-%d-%i-%k-%l-%L-%%\nIdentityFile ${KEYS}/%C';
    assert.deepEqual((await settings(text)).identityFiles, [
      '/home/me/box-box.example.org-2200-anna-me-/home/me-1000-k-desk.example.org-desk-%',
      '/keys/hash(desk.example.orgbox.example.org2200anna)',
    ]);
  });

  it('leaves out a file of which a token or variable is not there, and says so', async () => {
    const { identityFiles, problems } = await settings('IdentityFile ~/%q\nIdentityFile ${NOBODY}/x\nIdentityFile ~/ok');
    assert.deepEqual([identityFiles, problems.length], [['/home/me/ok'], 2]);
  });

  it('asks about unknown keys where OpenSSH would just go on', async () => {
    const unknownKeys = async (value: string) => (await settings(`StrictHostKeyChecking ${value}`)).unknownKeys;
    const values = ['no', 'off', 'ask', 'accept-new', 'yes'];
    assert.deepEqual(await Promise.all(values.map(unknownKeys)), ['ask', 'ask', 'ask', 'accept', 'refuse']);
  });

  it('puts no name into a command that a shell would take for more', async () => {
    for (const user of ['$(id)', 'a;b', '`x`', "a'b", 'a b', '-oX', 'a\nb']) {
      const { command, problems } = await settings('ProxyCommand nc %h %r', { host: 'box', user });
      assert.deepEqual([command, problems.length], ['', 1], user);
    }
    assert.equal((await settings('ProxyCommand nc %h %p', { host: 'box', user: 'anna' })).command, 'nc box 22');
  });

  it('takes no option for a jump host', async () => {
    for (const list of ['-oProxyCommand=x', 'a,-l', 'a b', 'u@', '@a', 'a:0', '-u@a']) {
      const { jumps, problems } = await settings(`ProxyJump ${list}`);
      assert.deepEqual([jumps, problems.length], [[], 1], list);
    }
  });

  it('names the hosts that have a name, of all files', async () => {
    const files = {
      ...own('Host web *.org !no we?\nhost = "db" -x a/b\nMatch host never\n  Include conf.d/one'),
      '/home/me/.ssh/conf.d/one': 'Host inner WEB',
      '/etc/ssh/ssh_config': 'Host system',
    };
    const { names, files: read } = await configNames(world(files));
    assert.deepEqual(names, ['web', 'db', 'inner', 'system']);
    assert.deepEqual(read, ['/home/me/.ssh/config', '/home/me/.ssh/conf.d/one', '/etc/ssh/ssh_config']);
  });

  it('reads what nobody would write in bounded time', async () => {
    const text = `Host ${'*a'.repeat(2000)}\nMatch host ${'*a,'.repeat(3000)}\n${'Include /a '.repeat(500)}\n${'x'.repeat(100_000)}\n"\nHost "\n`;
    const answers = await resolveSshConfig({ host: 'a'.repeat(200) }, world({ ...own(text), '/a': 'Include /a /a\nPort 9' }));
    assert.equal(answers.get('user')?.[0], 'me');
  });
});

import assert from 'node:assert/strict';
import { parseHosts } from '../../../src/core/hosts.ts';
import { complaints } from '../../../src/editor/hostAnswers.ts';
import { draftOf, emptyDraft, itemOf } from '../../../src/editor/hostDraft.ts';
import { suggestName } from '../../../src/editor/hostNames.ts';
import { hostOfPasted, parsePasted } from '../../../src/editor/pastedAddress.ts';
import type { HostDraft } from '../../../src/editor/hostDraft.ts';

const draft = (fields: Partial<HostDraft>): HostDraft => ({ ...emptyDraft(), address: 'example.org', name: 'web', ...fields });

describe('host draft', () => {
  it('becomes an item that holds only what differs from the defaults', () => {
    assert.deepEqual(itemOf(draft({ port: '22', user: 'me', root: '/var//www/' })), {
      name: 'web',
      protocol: 'sftp',
      address: 'example.org',
      user: 'me',
      root: '/var/www',
    });
    assert.deepEqual(itemOf(draft({ kind: 'ftpsImplicit', port: '990' })), {
      name: 'web',
      protocol: 'ftps',
      tls: 'implicit',
      address: 'example.org',
    });
    assert.equal(itemOf(draft({ kind: 'ftps', port: '2121' }))['port'], 2121);
  });

  it('is read back as it was, for every way to log in', () => {
    const ways = [{ login: 'usual' }, { login: 'password' }, { login: 'key', keyFile: '~/.ssh/web' }, { login: 'agent' }] as const;
    for (const way of ways) {
      const before = draft({ user: 'me', port: '2222', root: '/srv', ...way });
      const item = itemOf(before);
      assert.deepEqual(draftOf(item), before);
      assert.deepEqual(parseHosts([item]).problems, []);
    }
  });

  it('keeps what no step asks for, and drops what means nothing for another protocol', () => {
    const old = {
      name: 'web',
      protocol: 'sftp',
      address: 'a.org',
      agent: '/run/agent',
      privateKeys: ['a', 'b'],
      saveMode: 'inPlace',
      own: 1,
    };
    const same = itemOf({ ...draftOf(old), address: 'b.org' }, old);
    assert.deepEqual(same, { ...old, address: 'b.org' });
    const ftp = itemOf({ ...draftOf(old), kind: 'ftp' }, old);
    assert.deepEqual(ftp, { name: 'web', protocol: 'ftp', address: 'a.org', saveMode: 'inPlace', own: 1 });
  });

  it('complains about what the settings would not take', () => {
    for (const address of ['', ' ', '-oProxyCommand=x', 'a b', 'a/b', 'a;b', 'x\ny']) assert.ok(complaints.address(address), address);
    for (const address of ['example.org', '::1', '[::1]', '10.0.0.1', ' localhost ']) assert.equal(complaints.address(address), undefined);
    for (const port of ['0', '65536', 'x', '-1', '1e3', '22 ']) assert.ok(complaints.port(port), port);
    for (const root of ['var', '~', 'C:\\x']) assert.ok(complaints.root(root), root);
    assert.equal(complaints.root(''), undefined);
    assert.ok(complaints.name('Web', ['web']));
    assert.ok(complaints.name('a b', []));
  });

  it('suggests a free name that the settings take', () => {
    assert.equal(suggestName('example.org', ['Example.org', 'example.org-2']), 'example.org-3');
    for (const address of ['::1', '-', 'bücher.example', 'x'.repeat(200)]) {
      assert.equal(complaints.name(suggestName(address, []), []), undefined, address);
    }
  });
});

describe('pasted address', () => {
  const cases: [string, object | undefined][] = [
    [
      'sftp://me@example.org:2222/var/www',
      { kind: 'sftp', user: 'me', password: undefined, address: 'example.org', port: '2222', path: '/var/www' },
    ],
    ['ftp://me:p%40ss:w@rd@example.org', { kind: 'ftp', user: 'me', password: 'p@ss:w@rd', address: 'example.org', port: '', path: '' }],
    ['FTPS://example.org:990/', { kind: 'ftpsImplicit', user: '', password: undefined, address: 'example.org', port: '990', path: '/' }],
    ['ftpes://[::1]:2121/a%20b', { kind: 'ftps', user: '', password: undefined, address: '::1', port: '2121', path: '/a b' }],
    ['ssh://example.org', { kind: 'sftp', user: '', password: undefined, address: 'example.org', port: '', path: '' }],
    ['example.org', undefined],
    ['https://example.org', undefined],
    ['sftp://', undefined],
    ['constructor://example.org', undefined],
  ];
  for (const [text, expected] of cases) it(JSON.stringify(text), () => assert.deepEqual(parsePasted(text), expected));

  it('names an unsaved host that holds no password', () => {
    const host = hostOfPasted(parsePasted('sftp://me:secret@example.org:2222/x')!);
    assert.equal(host.name, 'me@example.org:2222');
    assert.ok(!JSON.stringify(host).includes('secret'));
  });
});

import assert from 'node:assert/strict';
import { createEmitter } from '../../../src/core/events.ts';
import { createSavedHosts } from '../../../src/editor/hosts.ts';
import type { HostItem, Settings } from '../../../src/editor/settings.ts';

/** Settings in memory; every write takes a moment, as in VS Code. */
function createSettings(hosts: unknown): Settings {
  const changed = createEmitter<undefined>();
  const settings = {
    hosts,
    async saveHosts(items: readonly HostItem[]) {
      await Promise.resolve();
      settings.hosts = items;
      changed.fire(undefined);
    },
    watchInterval: 0,
    sshConfig: undefined,
    opensshPath: undefined,
    editorProxy: '',
    editorNoProxy: [],
    historySize: 0,
    transferLimit: 0,
    saveTransferLimit: () => Promise.resolve(),
    keepsTimes: true,
    onDidChangeTransfers: () => ({ dispose() {} }),
    onDidChangeSshConfig: () => ({ dispose() {} }),
    onDidChangeHistorySize: () => ({ dispose() {} }),
    onDidChangeHosts: (listener: () => void) => changed.event(listener),
  };
  return settings;
}

const item = (name: string): HostItem => ({ name, protocol: 'sftp', address: `${name.toLowerCase()}.org` });
const names = (settings: Settings) => (settings.hosts as HostItem[]).map(({ name }) => name);

describe('saved hosts', () => {
  it('are found without case; a change of the setting is told', async () => {
    const settings = createSettings([item('Web')]);
    const hosts = createSavedHosts(settings);
    let told = 0;
    hosts.onDidChange(() => told++);
    assert.equal(hosts.find('WEB')?.name, 'Web');
    await hosts.add(item('db'));
    assert.deepEqual(
      hosts.all.map(({ name }) => name),
      ['Web', 'db'],
    );
    assert.equal(told, 1);
    hosts.dispose();
  });

  it('changes that are made at once all count', async () => {
    const settings = createSettings([item('a'), item('b')]);
    const hosts = createSavedHosts(settings);
    await Promise.all([hosts.add(item('c')), hosts.remove(['a']), hosts.add(item('d'), 'B'), hosts.replace('c', item('C2'))]);
    assert.deepEqual(names(settings), ['b', 'd', 'C2']);
  });

  it('keep items with mistakes and say what is wrong', async () => {
    const broken = { name: 'broken', protocol: 'gopher', address: 'x' };
    const settings = createSettings([broken, item('a')]);
    const hosts = createSavedHosts(settings);
    assert.equal(hosts.problems.length, 1);
    await hosts.add(item('b'));
    assert.deepEqual(settings.hosts, [broken, item('a'), item('b')]);
  });

  it('no list, no harm', () => {
    for (const value of [undefined, null, 'x', { a: 1 }, [null, 7]]) assert.deepEqual(createSavedHosts(createSettings(value)).all, []);
  });

  it('are arranged by one change of the setting, and by none where nothing changes', async () => {
    const settings = createSettings('abc'.split('').map(item));
    const hosts = createSavedHosts(settings);
    let told = 0;
    hosts.onDidChange(() => told++);
    await hosts.arrange((items) => items.toReversed());
    await hosts.arrange((items) => [...items]);
    assert.deepEqual([names(settings).join(''), told], ['cba', 1]);
  });
});

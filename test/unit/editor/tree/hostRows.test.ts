import assert from 'node:assert/strict';
import type { TreeItem } from 'vscode';
import { RemoteError } from '../../../../src/core/errors.ts';
import type { HostState, Pool } from '../../../../src/core/pool.ts';
import type { SavedHosts } from '../../../../src/editor/hosts.ts';
import type { SshConfigHosts } from '../../../../src/editor/sshConfigHosts.ts';
import { testHost } from '../../../support/poolOf.ts';
import '../fakeVscode.ts';

const { createHostRows } = await import('../../../../src/editor/tree/hostRows.ts');

/* A row that is drawn anew takes what is below it from under the person's mouse. */
describe('the row of a host', () => {
  const host = testHost();
  let state: HostState;
  const hosts = { find: () => host } as Partial<SavedHosts> as SavedHosts;
  const pool = { state: () => state } as Partial<Pool> as Pool;
  const rows = createHostRows(hosts, { find: () => undefined } as Partial<SshConfigHosts> as SshConfigHosts, pool);
  const shown = (): TreeItem | undefined => rows.itemOf(rows.of(host));

  it('is drawn anew only where it shows something else', () => {
    state = { state: 'connected', connections: 1, busy: 0 };
    assert.equal(rows.looksDifferent(host), true);
    const before = shown();
    assert.ok(typeof before?.tooltip === 'string' && before.tooltip.endsWith('\nConnected'));
    for (const now of [
      { connections: 3, busy: 0 },
      { connections: 3, busy: 2 },
      { connections: 1, busy: 1 },
    ]) {
      state = { state: 'connected', ...now };
      assert.equal(rows.looksDifferent(host), false);
      assert.deepEqual(shown(), before);
    }
    state = { state: 'error', error: new RemoteError('Auth', 'No.'), connections: 0, busy: 0 };
    assert.equal(rows.looksDifferent(host), true);
    assert.notDeepEqual(shown(), before);
  });
});

import assert from 'node:assert/strict';
import type { HostState } from '../../../src/core/pool.ts';
import type { Transfer } from '../../../src/core/transfers.ts';
import { describeTransfers, describeWork, formatBytes, shareDone } from '../../../src/editor/transferText.ts';

const transfer = (fields: Partial<Transfer> & { name?: string } = {}): Transfer => ({
  id: 1,
  label: { verb: 'Uploading', name: fields.name ?? 'a.iso', hostName: 'web' },
  startedAt: 0,
  cancel() {},
  ...fields,
});

describe('text of transfers', () => {
  it('work that waits for its host is told as connecting', () => {
    const counts = { connections: 0, busy: 0 };
    const stateOf = (name: string): HostState => ({ state: name === 'web' ? 'connecting' : 'connected', ...counts });
    const held = [transfer({ name: '.mcp.json' }), transfer({ name: 'settings.json' })];
    assert.equal(describeWork(held, stateOf), 'Connecting to web…');
    const other = transfer({ label: { verb: 'Saving', name: 'b', hostName: 'other' } });
    assert.equal(describeWork([...held, other], stateOf), 'Saving b (other)');
    assert.equal(describeWork([], stateOf), '');
  });

  it('bytes for people', () => {
    const cases: [number, string][] = [
      [0, '0 B'],
      [999, '999 B'],
      [1000, '1.0 KB'],
      [1_500_000, '1.5 MB'],
      [123_456_789, '123 MB'],
      [4.2e13, '42.0 TB'],
      [1e18, '1000000 TB'],
    ];
    for (const [bytes, text] of cases) assert.equal(formatBytes(bytes), text);
  });

  it('one in full, several by number and name', () => {
    assert.equal(describeTransfers([]), '');
    assert.equal(describeTransfers([transfer({ bytes: 500, total: 1000 })]), 'Uploading a.iso (web): 500 B of 1.0 KB');
    const several = ['a', 'b', 'c', 'd'].map((name) => transfer({ name }));
    assert.equal(describeTransfers(several), '4 running: a, b, c, …');
  });

  it('nothing of a server becomes a link', () => {
    assert.ok(!describeTransfers([transfer({ name: '[x](command:evil)' })]).includes(']('));
    assert.ok(!describeTransfers([transfer({ current: '[x](command:evil)' })]).includes(']('));
  });

  it('a share only where all tell theirs', () => {
    assert.equal(shareDone([]), undefined);
    assert.equal(shareDone([transfer({ bytes: 25, total: 50 }), transfer({ total: 50 })]), 0.25);
    assert.equal(shareDone([transfer({ bytes: 25, total: 50 }), transfer({ bytes: 3 })]), undefined);
  });
});

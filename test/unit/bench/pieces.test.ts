import assert from 'node:assert/strict';
import type { BenchResult, Figure, ServerFigures } from '../../bench/figures.ts';
import { joinPieces } from '../../bench/pieces.ts';
import { timesOf } from '../../bench/times.ts';

const server = (name: string, figures: readonly Figure[], missing: readonly string[] = []): ServerFigures => ({
  ...{ server: name, version: '1', protocol: 'sftp', figures, missing },
  clients: [...new Set(figures.map(({ client }) => client))].map((client) => ({ client, how: `as ${client}` })),
});

const run = (time: string, servers: readonly ServerFigures[], more: Partial<BenchResult> = {}): BenchResult => ({
  ...{ time, machine: 'a machine', loadBefore: [1], loadAfter: [1], line: 'a line', rttMs: 50, bytesPerSecond: undefined },
  ...{ servers, memory: [], editor: undefined },
  ...more,
});

const stat = (client: string, ms: number): Figure => ({ operation: 'stat', client, near: timesOf([ms]) });

describe('pieces of a bench', () => {
  it('add up to what one run gives, whatever their order', () => {
    const one = run('2026-01-01', [server('OpenSSH', [stat('Ferry', 1), stat('lftp', 2)])]);
    const two = run('2026-01-02', [server('vsftpd', [stat('Ferry', 3)])]);
    const three = run('2026-01-03', [server('OpenSSH', [{ operation: 'list', client: 'Ferry', near: timesOf([4]) }])]);
    const joined = joinPieces([three, two, one]);
    assert.deepEqual(
      joined.servers.map((each) => [each.server, each.figures.map(({ operation, client }) => `${operation} ${client}`)]),
      [
        ['OpenSSH', ['stat Ferry', 'stat lftp', 'list Ferry']],
        ['vsftpd', ['stat Ferry']],
      ],
    );
    assert.deepEqual(
      joined.servers[0]?.clients.map(({ client }) => client),
      ['Ferry', 'lftp'],
    );
  });

  it('give the later figure where two have it, and keep the line that only one was measured on', () => {
    const far = { operation: 'stat', client: 'Ferry', far: timesOf([50]) };
    const joined = joinPieces([
      run('2026-01-01', [server('OpenSSH', [{ ...stat('Ferry', 1), direct: timesOf([2]) }])]),
      run('2026-01-02', [server('OpenSSH', [far, stat('Ferry', 9)])]),
    ]);
    assert.deepEqual(joined.servers[0]?.figures, [{ ...stat('Ferry', 9), direct: timesOf([2]), far: timesOf([50]) }]);
  });

  it('tell the heaviest load of any, and the line of those that had one', () => {
    const joined = joinPieces([
      run('2026-01-01', [], { line: 'none', loadBefore: [0.1], loadAfter: [4, 1, 1] }),
      run('2026-01-02', [], { loadBefore: [0.2, 0.3, 0.3], loadAfter: [1] }),
    ]);
    assert.deepEqual([joined.line, joined.loadBefore, joined.loadAfter], ['a line', [0.2, 0.3, 0.3], [4, 1, 1]]);
  });

  it('are not joined where they were measured on another machine or another line', () => {
    for (const more of [{ machine: 'another' }, { line: 'another' }, { rttMs: 20 }, { bytesPerSecond: 1e6 }])
      assert.throws(() => joinPieces([run('2026-01-01', []), run('2026-01-02', [], more)]), /Not measured alike/);
  });
});

import assert from 'node:assert/strict';
import type { RemoteErrorCode } from '../../../../src/core/errors.ts';
import type { HostileFtp, HostileScript } from '../../../servers/hostileFtp.ts';
import { insideHostile } from '../../../support/hostile.ts';

const line = '-rw-r--r--    1 ann      staff           7 Nov 22 12:02 file';

const vsftpd: HostileScript = {
  greeting: '220 (vsFTPd 3.0.3)',
  on: { FEAT: '211-Features:\r\n SIZE\r\n MDTM\r\n211 End', SIZE: '213 7', MDTM: '213 20260102030405' },
  listing: `${line.replace('staff', 'listed')}\r\n`,
};

const answering = (STAT: string, more: HostileScript['on'] = {}): HostileScript => ({ ...vsftpd, on: { ...vsftpd.on, STAT, ...more } });

/** Commands after the log-in, as they came. */
function asked({ heard }: HostileFtp, verb: string): readonly string[] {
  return heard.split('\r\n').filter((one) => one.startsWith(verb));
}

describe('STAT of one file', () => {
  it('takes the place of a listing', () =>
    insideHostile(answering(`213-Status follows:\r\n${line}\r\n213 End of status`), async (remote, server) => {
      const expected = { kind: 'file', size: 7, mtime: Date.UTC(2026, 0, 2, 3, 4, 5), mode: 0o644, owner: 'ann', group: 'staff' };
      for (const verb of ['lstat', 'stat'] as const) {
        const { kind, size, mtime, mode, owner, group } = await remote[verb]('/folder/file');
        assert.deepEqual({ kind, size, mtime, mode, owner, group }, expected);
      }
      assert.deepEqual(asked(server, 'LIST'), []);
      assert.deepEqual(asked(server, 'STAT'), ['STAT -a /folder/file', 'STAT -a /folder/file']);
    }));

  it('tells a link, also where the path is repeated as it was asked for', () =>
    insideHostile(
      answering('213-Status of /folder/file:\r\n lrwxrwxrwx 1 ann staff 5 Nov 22 12:02 /folder/file -> other\r\n213 End'),
      async (remote, server) => {
        const { kind, target } = await remote.lstat('/folder/file');
        assert.deepEqual({ kind, target }, { kind: 'symlink', target: 'other' });
        assert.deepEqual(asked(server, 'LIST'), []);
      },
    ));

  const unclear: Readonly<Record<string, string>> = {
    'a refusal': '550 No',
    nothing: '213-Status follows:\r\n213 End of status',
    'another name': `213-Status follows:\r\n${line}s\r\n213 End of status`,
    'the same name twice': `213-Status follows:\r\n${line}\r\n${line}\r\n213 End of status`,
    'a folder': `213-Status follows:\r\nd${line.slice(1)}\r\n213 End of status`,
    'words about itself': '211-FTP server status:\r\n Connected to you\r\n211 End of status',
  };
  for (const [what, reply] of Object.entries(unclear)) {
    it(`leads to the listing where it brings ${what}`, () =>
      insideHostile(answering(reply), async (remote) => {
        const { kind, group } = await remote.lstat('/folder/file');
        assert.deepEqual({ kind, group }, { kind: 'file', group: 'listed' });
      }));
  }

  it('is given up after three replies that do not show the file', () =>
    insideHostile(answering('550 No'), async (remote, server) => {
      for (let count = 0; count < 5; count++) await remote.lstat('/folder/file');
      assert.equal(asked(server, 'STAT').length, 3);
    }));

  it('is never asked of what SIZE does not know, which may be a folder without end', () =>
    insideHostile(answering('211 No', { SIZE: '550 No' }), async (remote, server) => {
      for (let count = 0; count < 2; count++) await remote.lstat('/folder/file');
      assert.deepEqual(asked(server, 'STAT'), []);
    }));

  it('is not asked of a name that would be a pattern, nor of a server whose ways are not known', async () => {
    await insideHostile(answering('550 No'), async (remote, server) => {
      for (const name of ['a*', 'a?', '[a]', '{a}', 'a\\b', '/b*/a']) await remote.lstat(`/folder/${name}`).catch(() => undefined);
      assert.deepEqual(asked(server, 'STAT'), []);
    });
    await insideHostile({ ...answering('550 No'), greeting: '220 Hello' }, async (remote, server) => {
      await remote.lstat('/folder/file');
      assert.deepEqual(asked(server, 'STAT'), []);
    });
  });

  it('comes after a flight of its own only of files that were not seen, of several at once', () =>
    insideHostile(answering(`213-Status follows:\r\n${line}\r\n213 End of status`), async (remote, server) => {
      const flights = (): string =>
        server.heard
          .split('\r\n')
          .flatMap((one) => /^(SIZE|STAT).*\/(a|b)\/file$/.exec(one)?.slice(1).join(' ') ?? [])
          .join(', ');
      const looks = () => Promise.all(['/a/file', '/b/file'].map((path) => remote.lstat(path)));
      await looks();
      assert.equal(flights(), 'SIZE a, SIZE b, STAT a, STAT b');
      await looks();
      assert.equal(flights(), 'SIZE a, SIZE b, STAT a, STAT b, SIZE a, STAT a, SIZE b, STAT b');
    }));
});

describe('RNFR and RNTO in one flight', () => {
  it('are before what is asked after them, also where they begin with a look', async () => {
    const CWD = (session: { say(text: string): void }, path: string): void => session.say(path === '/' ? '250 Here\r\n' : '550 No\r\n');
    const script = answering('550 No', { SIZE: '550 No', MDTM: '550 No', CWD, RNFR: '350 To?', RNTO: '250 Done' });
    for (const replace of [true, false]) {
      await insideHostile(script, async (remote, server) => {
        await Promise.allSettled([remote.rename('/a', '/b', { replace }), remote.lstat('/folder/file')]);
        assert.ok(server.heard.includes('RNTO /b'), `replace: ${replace}`);
        assert.ok(server.heard.indexOf('RNTO /b') < server.heard.indexOf('SIZE /folder/file'), `replace: ${replace}`);
      });
    }
  });

  it('leave a refusal of the first to be told', () =>
    insideHostile({ on: { RNFR: '550 No such file', RNTO: '503 RNFR first' } }, async (remote, server) => {
      assert.equal(await remote.rename('/a', '/b', { replace: true }).catch(codeOf), 'NotFound');
      assert.deepEqual(asked(server, 'RN'), ['RNFR /a', 'RNTO /b']);
    }));

  it('go one by one after a refused RNTO: the server may remember what it was to rename', () => {
    let first = true;
    const RNFR = (session: { say(text: string): void }): void => {
      session.say(first ? '350 To?\r\n' : '550 No such file\r\n');
      first = false;
    };
    return insideHostile({ on: { RNFR, RNTO: '553 No' } }, async (remote, server) => {
      await remote.rename('/a', '/b', { replace: true }).catch(codeOf);
      await remote.rename('/c', '/d', { replace: true }).catch(codeOf);
      assert.deepEqual(asked(server, 'RN'), ['RNFR /a', 'RNTO /b', 'RNFR /c']);
    });
  });
});

function codeOf(error: { readonly code?: RemoteErrorCode }): RemoteErrorCode | undefined {
  return error.code;
}

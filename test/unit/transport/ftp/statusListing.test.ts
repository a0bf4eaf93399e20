import assert from 'node:assert/strict';
import type { Remote } from '../../../../src/core/remote.ts';
import type { Act, HostileFtp, HostileScript } from '../../../servers/hostileFtp.ts';
import { againstHostile, enter, insideHostile } from '../../../support/hostile.ts';

const greeting = '220 ProFTPD Server';
const line = (mode: string, name: string): string => `${mode} 1 ann users 5 Jan  1  2020 ${name}\r\n`;
const status = (lines: readonly string[]): string =>
  ['212-Status of .:', ...lines.map((each) => ` ${each.trimEnd()}`), '212 End'].join('\r\n');
const itself = line('drwxr-xr-x', '.');
const facts = (names: readonly string[]): string => names.map((name) => `type=file;size=5;UNIX.mode=0777; ${name}\r\n`).join('');

function script(names: readonly string[], STAT: Act, listed: readonly string[] = []): HostileScript {
  const give =
    (text: string): Act =>
    (session) =>
      session.give(text);
  return { greeting, on: { MLSD: give(facts(names)), LIST: give(listed.join('')), STAT } };
}

const kinds = async (remote: Remote): Promise<string[]> =>
  (await remote.list('/')).map(({ name, kind, target }) => `${name} ${kind}${target === undefined ? '' : ` ${target}`}`).toSorted();
const lists = ({ heard }: HostileFtp): number => heard.match(/^LIST/gm)?.length ?? 0;

describe('links of a folder by STAT, where MLSD follows or hides them', () => {
  it('are told without another data connection', () =>
    insideHostile(
      script(['a', 'b'], status([itself, line('-rw-r--r--', 'a'), line('lrwxrwxrwx', 'b -> a'), line('lrwxrwxrwx', 'broken -> nowhere')])),
      async (remote, server) => {
        assert.deepEqual(await kinds(remote), ['a file', 'b symlink a', 'broken symlink nowhere']);
        assert.equal(lists(server), 0);
      },
    ));

  it('may take more room than other replies', () => {
    const target = 't'.repeat(4000);
    const names = Array.from({ length: 50 }, (_, index) => `link ${index}`);
    return insideHostile(
      script(names, status([itself, ...names.map((name) => line('lrwxrwxrwx', `${name} -> ${target}`))])),
      async (remote) => {
        const told = await kinds(remote);
        assert.equal(told.length, names.length);
        assert.ok(told.every((each) => each.endsWith(` symlink ${target}`)));
        assert.ok((await kinds(remote)).length > 0, 'and again');
      },
    );
  });

  for (const [why, reply] of [
    ['it is refused', '550 No'],
    ['it is about the server', '211-Status of the server\r\n Fine\r\n211 End'],
    ['it lacks what MLSD told', status([itself, line('-rw-r--r--', 'a')])],
  ] as const) {
    it(`are asked for with LIST where ${why}, in the end at once`, () => {
      let asked = 0;
      const STAT: Act = (session) => {
        asked++;
        session.say(reply);
      };
      const listed = [line('-rw-r--r--', 'a'), line('lrwxrwxrwx', 'b -> a')];
      return insideHostile(script(['a', 'b'], STAT, listed), async (remote, server) => {
        for (let round = 0; round < 5; round++) assert.deepEqual(await kinds(remote), ['a file', 'b symlink a']);
        assert.deepEqual([asked, lists(server)], [3, 5]);
      });
    });
  }

  it('are asked for with LIST where nothing else is in the folder and no list came', () =>
    insideHostile(script([], '211-Status of the server\r\n Fine\r\n211 End', [line('lrwxrwxrwx', 'broken -> nowhere')]), async (remote) =>
      assert.deepEqual(await kinds(remote), ['broken symlink nowhere']),
    ));

  for (const [what, planted] of [
    ['the list', '212 End'],
    ['a reply that is like the next', '212 End\r\n350 Restarting at 123456789\r\n350 Restarting at 0'],
    ['a line that is no reply', '212 End\r\n-rw-r--r-- 1 ann users 5 Jan  1  2020 c'],
  ] as const)
    it(`are asked for otherwise, the next time at once, where a name brings ${what}`, () => {
      const STAT = status([itself, line('-rw-r--r--', 'a')]).replace(
        '212 End',
        `${line('-rw-r--r--', 'b').trimEnd()}\r\n${planted}\r\n212 End`,
      );
      return againstHostile(script(['a', 'b'], STAT, [line('-rw-r--r--', 'a'), line('-rw-r--r--', 'b')]), async (server) => {
        const first = enter(server);
        await assert.rejects(kinds(await first.remote), { code: 'Lost', dropsConnection: true });
        assert.ok(first.context.learned.brokenLists);
        const next = await enter(server, { context: { profile: first.context.learned } }).remote;
        assert.deepEqual(await kinds(next), ['a file', 'b file']);
        assert.equal(server.heard.match(/^STAT/gm)?.length, 1);
        await next.close();
      });
    });

  it('are not believed to be all where a name brings the replies that come next', () => {
    const STAT = status([itself, line('-rw-r--r--', 'a')]).concat('\r\n350 Restarting at 123456789\r\n350 Restarting at 0');
    const { on, ...rest } = script(['a'], STAT);
    // Those of the server itself are on their way.
    return insideHostile({ ...rest, on: { ...on, REST: () => {} } }, (remote) => assert.rejects(kinds(remote), { code: 'Lost' }));
  });

  it('are asked for with LIST in a long folder', () => {
    const names = Array.from({ length: 10_001 }, (_, index) => `entry ${index}`);
    return insideHostile(
      script(
        names,
        '550 Never',
        names.map((name) => line('-rw-r--r--', name)),
      ),
      async (remote, server) => {
        assert.equal((await kinds(remote)).length, names.length);
        assert.equal(lists(server), 1);
        assert.doesNotMatch(server.heard, /^STAT/m);
      },
    );
  });
});

describe('a look at the target of a rename, by STAT', () => {
  const free: Readonly<Record<string, Act>> = {
    CWD: (session, folder) => session.say(folder === '/' ? '250 Here' : '550 No'),
    RNFR: '350 To?',
    RNTO: '250 Done',
  };
  const servers = {
    'with MLST': { greeting, on: free },
    'without MLST': { greeting: '220 (vsFTPd 3.0.3)', on: { ...free, FEAT: '211-Features:\r\n SIZE\r\n211 End' } },
  };
  const rename = (remote: Remote): Promise<string> =>
    remote.rename('/from', '/to', { replace: false }).then(
      () => 'done',
      (error: unknown) => String((error as { readonly code?: unknown }).code),
    );
  const commands = ({ heard }: HostileFtp): string => [...heard.matchAll(/^(?:LIST|STAT|RNFR|RNTO)/gm)].join(' ');

  for (const [which, { greeting: words, on }] of Object.entries(servers)) {
    const telling = (STAT: string): HostileScript => ({
      greeting: words,
      on: { ...on, STAT },
      listing: line('lrwxrwxrwx', 'to -> nowhere'),
    });

    it(`${which} takes no data connection where nothing is there`, () =>
      insideHostile(telling(status([itself, line('-rw-r--r--', 'from')])), async (remote, server) => {
        assert.equal(await rename(remote), 'done');
        assert.equal(commands(server), 'STAT RNFR RNTO');
      }));

    it(`${which} finds a link that leads nowhere`, () =>
      insideHostile(telling(status([itself, line('lrwxrwxrwx', 'to -> nowhere')])), async (remote, server) => {
        assert.equal(await rename(remote), 'Exists');
        assert.equal(commands(server), 'STAT');
      }));

    it(`${which} asks for a listing where that was none`, () =>
      insideHostile(telling('211-Status of the server\r\n Fine\r\n211 End'), async (remote, server) => {
        assert.equal(await rename(remote), 'Exists');
        assert.match(commands(server), /^STAT LIST/);
        assert.doesNotMatch(commands(server), /RN/);
      }));
  }

  it('finds what the folder does not show', () =>
    insideHostile(
      { greeting, on: { ...free, MLST: '250-\r\n type=file;size=1; /to\r\n250 End', STAT: status([itself]) } },
      async (remote, server) => {
        assert.equal(await rename(remote), 'Exists');
        assert.doesNotMatch(commands(server), /RN/);
      },
    ));
});

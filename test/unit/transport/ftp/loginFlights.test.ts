import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Act, HostileFtp } from '../../../servers/hostileFtp.ts';
import { againstHostile, enter } from '../../../support/hostile.ts';

const moment = 100;

/** What was heard by the time that PASS is answered, a moment after it came. */
function hearing(server: () => HostileFtp | undefined, heard: string[], answers: readonly string[] = ['230 In']): Act {
  let tries = 0;
  return async (session) => {
    await sleep(moment);
    heard.push(server()?.heard ?? '');
    session.say(answers[Math.min(tries++, answers.length - 1)] ?? '');
  };
}

describe('the flights of an FTP log-in', () => {
  it('what is asked of a known server travels with the password, never the password with the name', async () => {
    const heard: string[] = [];
    const atUser: string[] = [];
    let server: HostileFtp | undefined;
    const USER: Act = async (session) => {
      await sleep(moment);
      atUser.push(server?.heard ?? '');
      session.say('331 Password');
    };
    await againstHostile({ on: { USER, PASS: hearing(() => server, heard) } }, async (hostile) => {
      server = hostile;
      const remote = await enter(hostile).remote;
      await remote.close();
    });
    assert.match(heard[0] ?? '', /PASS [^\r]*\r\n(?:.*\r\n)*EPSV\r\n(?:.*\r\n)*FEAT\r\n/);
    assert.doesNotMatch(atUser[0] ?? '', /PASS|FEAT/);
  });

  it('an unknown server is asked nothing before it judged the password', async () => {
    const heard: string[] = [];
    let server: HostileFtp | undefined;
    await againstHostile({ greeting: '220 Welcome', on: { PASS: hearing(() => server, heard) } }, async (hostile) => {
      server = hostile;
      const remote = await enter(hostile).remote;
      await remote.close();
    });
    assert.match(heard[0] ?? '', /PASS [^\r]*\r\n$/);
  });

  it('what was answered before a password was right is asked again', async () => {
    const heard: string[] = [];
    let server: HostileFtp | undefined;
    let isIn = false;
    const later =
      (reply: string): Act =>
      (session) =>
        session.say(isIn ? reply : '530 Not logged in');
    const judged = hearing(() => server, heard, ['530 Wrong', '230 In']);
    const PASS: Act = async (session, argument) => {
      isIn = heard.length > 0;
      if (typeof judged !== 'string') await judged(session, argument);
    };
    const on = { PASS, TYPE: later('200 Binary'), FEAT: later('211-Features\r\n MFMT\r\n211 End'), PWD: later('257 "/home/ann"') };
    await againstHostile({ on }, async (hostile) => {
      server = hostile;
      const passwords = ['wrong', 'right'];
      const remote = await enter(hostile, { script: { password: () => passwords.shift() } }).remote;
      assert.equal(remote.facts.home, '/home/ann');
      assert.ok('setMtime' in remote);
      await remote.close();
    });
    assert.equal(heard.length, 2);
  });

  it('a server that answered without waiting for the password is asked again', async () => {
    let asked = 0;
    const TYPE: Act = (session) => session.say(++asked === 1 ? '530 Not logged in' : '200 Binary');
    await againstHostile({ on: { TYPE } }, async (hostile) => {
      const remote = await enter(hostile).remote;
      await remote.close();
    });
    assert.equal(asked, 2);
  });
});

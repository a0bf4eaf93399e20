import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { diagnose } from '../../src/transport/diagnosis/diagnose.ts';
import { startHostileFtp } from '../servers/hostileFtp.ts';
import { startOpenssh } from '../servers/openssh.ts';
import { startPureFtpd } from '../servers/pureftpd.ts';
import { startVsftpd } from '../servers/vsftpd.ts';
import { diagnosedServer } from '../support/diagnosing.ts';
import { describeWithServer } from '../support/ftp.ts';
import { connectContext } from '../support/prompts.ts';

/* What the doctor tells in its steps where nothing is wrong. */
describe('the steps of the doctor', function () {
  this.timeout(30_000);

  describeWithServer(
    'OpenSSH',
    async () => startOpenssh({ shell: true }),
    (server) => {
      it('name the extensions of SFTP, and a shell', async () => {
        const { noted, found } = await diagnosedServer(server());
        assert.match(noted('features'), /Extensions of SFTP: posix-rename@openssh\.com, .*fsync@openssh\.com/);
        assert.match(noted('shell'), /There is a shell/);
        assert.equal(found('noShell'), undefined);
      });
    },
  );

  describeWithServer(
    'an account for files only',
    async () => startOpenssh(),
    (server) => {
      it('say that it has no shell, and that files work', async () => {
        const { diagnosis, found } = await diagnosedServer(server(), {}, { mayWrite: true });
        assert.match(found('noShell')?.said ?? '', /sftp connections only/);
        assert.deepEqual(
          diagnosis.steps.flatMap(({ id, result }) => (result === 'works' ? [] : [[id, result]])),
          [['shell', 'attention']],
        );
      });
    },
  );

  for (const [title, start, seconds] of [
    ['vsftpd, which tells it in its status', async () => startVsftpd({ config: ['idle_session_timeout=123'] }), 123],
    ['Pure-FTPd, which tells it in its greeting', async () => startPureFtpd({ args: ['-I', '7'] }), 420],
  ] as const)
    describeWithServer(title, start, (server) => {
      it('say how long it bears silence', async () => {
        const { noted } = await diagnosedServer(server());
        assert.match(noted('keepAlive'), new RegExp(`NOOP: .*\\n.* idle for ${String(seconds)} seconds`));
      });
    });

  it('take no longer for a person who thinks', async () => {
    const server = await startHostileFtp({});
    const context = connectContext({ password: 'any', admit: true });
    let thought = 0;
    const secret: typeof context.prompts.secret = async (request) => {
      const began = performance.now();
      await sleep(700);
      const answer = await context.prompts.secret(request);
      thought += performance.now() - began;
      return answer;
    };
    try {
      const began = performance.now();
      const { loggedIn, steps } = await diagnose(server.host, {
        ...{ ...context, prompts: { ...context.prompts, secret } },
        learn: () => {},
        mayWrite: false,
        limits: { connect: 1500, silence: 400, data: 1500, usualPorts: [] },
      });
      const took = performance.now() - began;
      assert.deepEqual([loggedIn, thought > 600], [true, true]);
      const told = steps.reduce((sum, { ms }) => sum + ms, 0);
      assert.ok(told <= took - thought + 1, `${told} of ${took}, ${thought} of them the person's`);
    } finally {
      await server.stop();
    }
  });
});

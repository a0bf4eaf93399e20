import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { readPrivateKey } from '../../src/transport/sftp/keys.ts';
import { lookUp, parseKnownHosts } from '../../src/transport/sftp/knownHosts.ts';
import { removeFolder, temporaryFolder } from '../servers/folder.ts';
import { makeKey } from '../servers/keys.ts';
import { runProgram } from '../servers/program.ts';
import { watchTurns } from '../support/ownWork.ts';
import { openOn, sftpServerPath, startSftpServer } from '../support/sftpServer.ts';

/** Milliseconds of this thread's own work; what is promised is 50, and the machine may be slow. */
const longestBlock = 150;
const entries = 100_000;

/**
 * Runs `work`, and again where it held up the event loop: work that does so does it each time, garbage of other tests and a machine that is
 * taken away do not.
 */
async function calm<T>(what: string, work: () => Promise<T>, attempts = 4): Promise<T> {
  const { result, longest } = await watched(what, work);
  if (longest >= longestBlock && attempts > 1) return calm(what, work, attempts - 1);
  assert.ok(longest < longestBlock, `${longest} ms`);
  return result;
}

/** Prints how long the event loop stood still at the longest; `longest`: how much of that was work, as it also stands still because others run. */
async function watched<T>(what: string, work: () => Promise<T>): Promise<{ readonly result: T; readonly longest: number }> {
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  /* What others left to be done, and their garbage, is not counted; and the delay is measured from one look at the clock to the next. */
  await sleep(50);
  const from = performance.now();
  const { result, longest } = await watchTurns(work);
  delay.disable();
  const figures = [performance.now() - from, delay.max / 1e6, longest].map(Math.round);
  process.stderr.write(
    `    ${what}: ${figures[0]} ms in all; at the longest without a turn for others ${figures[1]} ms, ${figures[2]} ms of it work\n`,
  );
  return { result, longest };
}

describe('the event loop', function () {
  this.timeout(120_000);
  let folder: string;
  before(() => (folder = temporaryFolder('loop')));
  after(() => removeFolder(folder));

  it(`goes on while ${entries} entries are listed over SFTP`, async function () {
    if (sftpServerPath === undefined) this.skip();
    const made = spawnSync('sh', ['-c', `seq -f 'some file %.0f.txt' ${entries} | xargs -d '\\n' touch`], { cwd: folder, stdio: 'ignore' });
    assert.equal(made.status, 0);
    const server = startSftpServer();
    const remote = await openOn(server.channel);
    const listed = await calm(`${entries} entries`, () => remote.list(folder));
    assert.equal(listed.length, entries);
    await remote.close();
    server.stop();
  });

  it('goes on while a server is looked up in 10,000 hashed lines', async () => {
    const { publicLine } = makeKey(folder, 'ed25519');
    const hashed = (name: string): string => {
      const salt = randomBytes(20);
      return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')} ${publicLine}`;
    };
    const bytes = Buffer.from(
      [...Array.from({ length: 10_000 }, (_, index) => hashed(`host${index}`)), hashed('[wanted]:2222')].join('\n'),
    );
    const { keys } = await calm('10,000 hashed lines', () => lookUp([parseKnownHosts('known_hosts', bytes)], 'wanted', 2222));
    assert.equal(keys.length, 1);
  });

  it('goes on while a passphrase is tried on a key of 100 rounds of bcrypt', async () => {
    const { file } = makeKey(folder, 'ecdsa');
    runProgram('ssh-keygen', ['-q', '-p', '-P', '', '-N', 'sesame', '-a', '100', '-f', file]);
    const reading = await calm('100 rounds', () => readPrivateKey(readFileSync(file), 'sesame'));
    assert.equal(reading.kind, 'key');
  });

  it('goes on while a passphrase is tried on a key of PuTTY’s', async () => {
    const { file } = makeKey(join(folder), 'ed25519', 'ppk3', 'sesame');
    const reading = await calm('Argon2', () => readPrivateKey(readFileSync(file), 'sesame'));
    assert.equal(reading.kind, 'key');
  });
});

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** A Node that can open only a few files: limits are a process's own. */
async function runWhereNothingOpens(script: string): Promise<unknown> {
  const exhausted = `
    import { openSync } from 'node:fs';
    import { silentLog } from ${here('src/core/log.ts')};
    import { openProxyCommand } from ${here('src/transport/sftp/proxyCommand.ts')};
    import { OpensshProcess } from ${here('src/transport/openssh/opensshProcess.ts')};
    const reasonOf = (stream) => new Promise((resolve) => stream.once('error', ({ code, message }) => resolve({ code, message })));
    try { for (;;) openSync('/dev/null'); } catch {}
    console.log(JSON.stringify(await (async () => { ${script} })()));`;
  const limited = ['-c', 'ulimit -n 60; exec "$0" "$@"', process.execPath, '--input-type=module', '-e', exhausted];
  const { stdout } = await promisify(execFile)('/bin/sh', limited, { timeout: 20_000 });
  return JSON.parse(stdout);
}

function here(path: string): string {
  return JSON.stringify(new URL(`../../../../${path}`, import.meta.url).href);
}

describe('where no more files can be opened', () => {
  it('a ProxyCommand fails with that', async () => {
    const reason = await runWhereNothingOpens(`return reasonOf(openProxyCommand('true', { log: silentLog }))`);
    assert.equal((reason as { code: string }).code, 'EMFILE');
  });

  it('an ssh that carries a connection fails with that, and is over', async () => {
    const reason = await runWhereNothingOpens(`
      const options = { options: [], destination: 'host', environment: {}, folder: '/', log: silentLog, explain: () => new Error('late') };
      const ssh = new OpensshProcess({ ...options, program: '/usr/bin/ssh' });
      const reason = await reasonOf(ssh.channel);
      await ssh.ended;
      return reason;`);
    const { code, message } = reason as { code: string; message: string };
    assert.equal(code, 'Unreachable');
    assert.match(message, /^\/usr\/bin\/ssh can’t be run: .*EMFILE/);
  });
});

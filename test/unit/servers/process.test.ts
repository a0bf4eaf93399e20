import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { removeFolder, temporaryFolder } from '../../servers/folder.ts';
import { freePort, startOnFreePort, startProcess } from '../../servers/process.ts';
import { makeHost, requireServer, serversAreRequired, ServerUnavailable } from '../../servers/server.ts';

const listener = (port: number): string => `require('node:net').createServer().listen(${port}, '127.0.0.1')`;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function goes(pid: number): Promise<void> {
  while (isAlive(pid)) await sleep(10);
}

describe('processes of test servers', () => {
  it('are ready when their port accepts, and end with stop, twice too', async () => {
    const server = await startOnFreePort(async (port) =>
      startProcess({ command: process.execPath, args: ['-e', listener(port)], ready: { port } }),
    );
    assert.ok(isAlive(server.pid));
    await server.stop();
    await server.stop();
    await goes(server.pid);
  });

  it('are ready when they say so; their children end with them', async () => {
    const script = `const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { detached: true });
      console.log('child ' + child.pid); setInterval(() => {}, 1e6)`;
    const server = await startProcess({ command: process.execPath, args: ['-e', script], ready: /child \d+/ });
    const child = Number(/child (\d+)/.exec(server.output())?.[1]);
    assert.ok(isAlive(child));
    await server.stop();
    await goes(child);
  });

  it('lose their sessions and come back the same', async () => {
    const script = `const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)']);
      console.log('child ' + child.pid); setInterval(() => {}, 1e6)`;
    const server = await startProcess({ command: process.execPath, args: ['-e', script], ready: /child \d+/ });
    const first = server.pid;
    const child = Number(/child (\d+)/.exec(server.output())?.[1]);
    server.killSessions();
    await goes(child);
    assert.ok(isAlive(first));
    await server.restart();
    await goes(first);
    assert.notEqual(server.pid, first);
    assert.equal([...server.output().matchAll(/child \d+/g)].length, 2);
    await server.stop();
    await goes(server.pid);
  });

  it('that end at once fail with what they printed', async () => {
    const args = ['-e', "console.error('no such option'); process.exit(3)"];
    await assert.rejects(startProcess({ command: process.execPath, args, ready: { port: 1 } }), /code 3[^]*no such option/);
  });

  it('that are not there, or never get ready, fail', async () => {
    await assert.rejects(startProcess({ command: '/no/such/server', args: [], ready: { port: 1 } }), /did not start/);
    const args = ['-e', 'setInterval(() => {}, 1e6)'];
    await assert.rejects(startProcess({ command: process.execPath, args, ready: /never/, timeoutMs: 200 }), /not ready/);
  });

  it('are not mistaken for another that has the port: a free one is tried instead', async () => {
    let attempts = 0;
    let taken = 0;
    const blocker = createServer();
    const port = await startOnFreePort(async (free) => {
      if (attempts++ > 0) return free;
      taken = free;
      await once(blocker.listen(free, '127.0.0.1'), 'listening');
      throw new Error('address already in use');
    });
    blocker.close();
    assert.equal(attempts, 2);
    assert.notEqual(port, taken);
  });

  it('get ports that other processes of tests do not get, and not twice', async () => {
    const [own = 0, ...more] = await Promise.all(Array.from({ length: 20 }, () => freePort()));
    assert.equal(new Set([own, ...more]).size, 20);
    const script = `import('${new URL('../../servers/portClaims.ts', import.meta.url).href}').then(async ({ claimPort }) => console.log(await claimPort(${own}), 'it was'))`;
    const other = await startProcess({ command: process.execPath, args: ['-e', script], ready: /it was/ }).catch((error: unknown) =>
      String(error),
    );
    assert.match(typeof other === 'string' ? other : other.output(), /false it was/);
  });

  it('get ports that nothing listens on', async () => {
    const server = createServer().listen(await freePort('::1'), '::1');
    await once(server, 'listening');
    server.close();
  });
});

describe('a server that a machine can not run', () => {
  const unavailable = async (): Promise<never> => Promise.reject(new ServerUnavailable('vsftpd is not installed.'));
  const required = { CI: process.env['CI'], FERRY_REQUIRE_SERVERS: process.env['FERRY_REQUIRE_SERVERS'] };

  afterEach(() => {
    for (const [name, value] of Object.entries(required)) {
      if (value === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = value;
    }
  });

  it('is required by CI and FERRY_REQUIRE_SERVERS', () => {
    assert.equal(serversAreRequired({}), false);
    assert.equal(serversAreRequired({ CI: 'false', FERRY_REQUIRE_SERVERS: '0' }), false);
    assert.equal(serversAreRequired({ CI: 'true' }), true);
    assert.equal(serversAreRequired({ FERRY_REQUIRE_SERVERS: '1' }), true);
  });

  it('skips its suite, and fails it where servers are required', async () => {
    let skipped = 0;
    const context = {
      skip() {
        skipped++;
        throw new Error('skipped');
      },
    };
    const started = async (): Promise<unknown> => requireServer(context as unknown as Mocha.Context, unavailable);
    Reflect.deleteProperty(process.env, 'CI');
    Reflect.deleteProperty(process.env, 'FERRY_REQUIRE_SERVERS');
    await assert.rejects(started(), /skipped/);
    process.env['FERRY_REQUIRE_SERVERS'] = '1';
    await assert.rejects(started(), ServerUnavailable);
    assert.equal(skipped, 1);
  });
});

describe('parts of test servers', () => {
  it('make hosts with nothing of the person in them', () => {
    const host = makeHost({ name: 'a', protocol: 'ftps', port: 990, ftp: { tls: 'implicit' } });
    assert.deepEqual(
      [host.address, host.ftp.tls, host.ftp.mode, host.sftp.privateKeys, host.sftp.agent],
      [...['127.0.0.1', 'implicit', 'auto'], [], false],
    );
  });

  it('make folders that go away', () => {
    const folder = temporaryFolder('unit');
    assert.ok(existsSync(folder));
    removeFolder(folder);
    assert.equal(existsSync(folder), false);
  });
});

import assert from 'node:assert/strict';
import dns from 'node:dns';
import { createServer, type AddressInfo, type Server } from 'node:net';
import type { Host } from '../../../src/core/host.ts';
import { parseHosts } from '../../../src/core/hosts.ts';
import { connect } from '../../../src/transport/index.ts';
import { connectContext } from '../../support/prompts.ts';

/* A name that leads to an address of each kind, at the same port of both. */
describe('addressFamily', () => {
  const { lookup } = dns;
  const addresses = ['127.0.0.1', '::1'];
  let servers: Server[];
  let met: string[];
  let port: number;

  const listen = async (address: string, at: number): Promise<number> => {
    const server = createServer((socket) => {
      met.push(address);
      socket.on('error', () => {}).destroy();
    });
    servers.push(server);
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(at, address, resolve));
    return (server.address() as AddressInfo).port;
  };

  before(async function () {
    [servers, met] = [[], []];
    try {
      // Where the port is taken at the other address: another one.
      for (let tries = 0; ; tries += 1)
        try {
          port = await listen('::1', 0);
          await listen('127.0.0.1', port);
          break;
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || tries > 20) throw error;
        }
    } catch (error) {
      assert.equal((error as NodeJS.ErrnoException).code, 'EADDRNOTAVAIL', String(error));
      this.skip();
    }
    const both = (_name: string, { family, all }: dns.LookupOptions, done: (...found: unknown[]) => void) => {
      const found = addresses
        .map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
        .filter((each) => !family || each.family === family);
      setImmediate(() => (all ? done(null, found) : done(null, found[0]?.address, found[0]?.family)));
    };
    Object.assign(dns, { lookup: both });
  });

  after(async () => {
    Object.assign(dns, { lookup });
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  });

  const reach = { findHost: () => undefined, sshConfig: 'off', editorProxy: '' };
  const host = (item: object): Host => {
    const { hosts, problems } = parseHosts([{ name: 'both', address: 'both.example.org', port, user: 'ann', ...item }]);
    assert.deepEqual(problems, []);
    return hosts[0]!;
  };

  for (const protocol of ['sftp', 'ftp', 'ftps'])
    for (const [addressFamily, address] of [
      ['inet', '127.0.0.1'],
      ['inet6', '::1'],
    ])
      it(`${protocol}: ${addressFamily} goes to ${address} and nowhere else`, async () => {
        met = [];
        await assert.rejects(connect(host({ protocol, addressFamily }), connectContext({}, { reach })), {
          name: 'RemoteError',
          host: 'both',
        });
        assert.deepEqual([...new Set(met)], [address]);
      });

  it('goes to either where it says nothing', async () => {
    for (const protocol of ['sftp', 'ftp']) {
      met = [];
      await assert.rejects(connect(host({ protocol }), connectContext({}, { reach })));
      assert.ok(met.length > 0);
    }
  });
});

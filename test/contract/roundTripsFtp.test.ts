import assert from 'node:assert/strict';
import type { Version } from '../../src/core/operations/version.ts';
import { startProftpd } from '../servers/proftpd.ts';
import { requireServer } from '../servers/server.ts';
import { startVsftpd } from '../servers/vsftpd.ts';
import { makeFaultGround, type FaultGround } from './faultGround.ts';
import { type FaultServer, vsftpdPorts, withDataPorts } from './faultServers.ts';
import { pattern } from './ground.ts';

/** Each way, in ms: what is sent in one flight arrives before any answer to it could have come. */
const latency = 25;

const size = 10_000;

interface Deed {
  readonly name: string;
  run(ground: FaultGround): Promise<unknown>;
}

let saved: Version | undefined;

/** In this order, on one connection. */
const deeds: readonly Deed[] = [
  { name: 'connect and list', run: ({ run, path }) => run((remote) => remote.list(path('few'))) },
  { name: 'list 2,000 entries', run: ({ run, path }) => run((remote) => remote.list(path('many'))) },
  { name: 'stat of a file', run: ({ run, path }) => run((remote) => remote.stat(path('file'))) },
  { name: 'stat of the same file again', run: ({ run, path }) => run((remote) => remote.stat(path('file'))) },
  { name: 'read 10 KB', run: ({ run, path }) => run((remote) => remote.read(path('file'), () => {})) },
  { name: 'open a file of 10 KB', run: async ({ read }) => (saved = (await read('file')).version) },
  { name: 'save 10 KB over it', run: async ({ save }) => (saved = await save('file', pattern(size, 2), { base: saved })) },
  { name: 'save it again', run: ({ save }) => save('file', pattern(size, 3), { base: saved }) },
  { name: 'write 10 KB', run: ({ run, path }) => run((remote) => remote.write(path('new'), pattern(size), { disposition: 'truncate' })) },
  { name: 'rename', run: ({ run, path }) => run((remote) => remote.rename(path('new'), path('newer'), { replace: true })) },
  { name: 'delete', run: ({ run, path }) => run((remote) => remote.unlink(path('newer'))) },
];

interface Bounds {
  readonly name: string;
  readonly start: () => Promise<FaultServer>;
  /**
   * Flights of `deeds`, as the proxy counts them: how often the client spoke after the server had, on control and data connections added
   * up; what goes out on both at once counts twice. The opening of TCP connections is not in it.
   */
  readonly flights: readonly number[];
}

const servers: readonly Bounds[] = [
  {
    name: 'vsftpd',
    start: () => withDataPorts((first, last) => startVsftpd({ config: vsftpdPorts(first, last) })),
    flights: [5, 2, 2, 1, 2, 3, 10, 10, 4, 1, 1],
  },
  {
    name: 'vsftpd, TLS session reuse required',
    start: () => withDataPorts((first, last) => startVsftpd({ tls: 'explicit', sessionReuse: true, config: vsftpdPorts(first, last) })),
    flights: [12, 6, 2, 1, 6, 7, 16, 16, 6, 1, 1],
  },
  {
    name: 'ProFTPD, TLS',
    start: () => withDataPorts((first, last) => startProftpd({ tls: 'explicit', config: [`PassivePorts ${first} ${last}`] })),
    flights: [15, 9, 1, 1, 5, 6, 14, 14, 5, 1, 1],
  },
];

function seed({ disk }: FaultGround): void {
  disk.file('file', pattern(size));
  for (const [folder, count] of [
    ['few', 10],
    ['many', 2000],
  ] as const) {
    disk.makeFolder(folder);
    for (let index = 0; index < count; index++) disk.file(`${folder}/entry-${index}`, '');
  }
}

describe('round trips over FTP', () => {
  for (const { name, start, flights } of servers) {
    describe(name, () => {
      let behind: FaultServer | undefined;
      let ground: FaultGround;

      before(async function () {
        behind = await requireServer(this, start);
        ground = await makeFaultGround(behind);
        seed(ground);
        ground.proxy.latencyMs = latency;
      });

      after(async () => {
        await ground.end();
        await behind?.server.stop();
      });

      for (const [index, deed] of deeds.entries()) {
        const most = flights[index] ?? 0;
        it(`${deed.name}: at most ${most} flights`, async () => {
          const { counts } = ground.proxy;
          const before = counts.roundTrips;
          await deed.run(ground);
          const spent = counts.roundTrips - before;
          assert.ok(spent <= most, `${spent} flights`);
        });
      }
    });
  }
});

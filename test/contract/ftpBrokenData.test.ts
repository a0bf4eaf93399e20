import assert from 'node:assert/strict';
import type { FaultKind } from '../servers/faultyProxy.ts';
import { requireServer } from '../servers/server.ts';
import { makeFaultGround, type FaultGround } from './faultGround.ts';
import { faultServers, type FaultServer } from './faultServers.ts';
import { pattern } from './ground.ts';

const size = 60_000;
const names = ['vsftpd', 'vsftpd, TLS session reuse required', 'Pure-FTPd', 'ProFTPD, TLS'];

/** A router that forgets a data connection leaves the control connection alone. */
describe('an upload whose data connection breaks', function () {
  this.timeout(60_000);
  for (const { name, start } of faultServers.filter((one) => names.includes(one.name))) {
    describe(name, () => {
      let behind: FaultServer | undefined;
      let ground: FaultGround;

      before(async function () {
        behind = await requireServer(this, start);
        ground = await makeFaultGround(behind);
        await ground.run((remote) => remote.write(ground.path('first'), pattern(size), { disposition: 'truncate' }));
      });

      after(async () => {
        await ground.end();
        await behind?.server.stop();
      });

      const strike = async (kind: FaultKind, afterBytes: number, times: number, work: () => Promise<unknown>): Promise<number> => {
        await ground.run((remote) => remote.ping(), { repeatable: true });
        const { struck, controls } = ground.proxy.counts;
        ground.proxy.arm({ kind, direction: 'toServer', channel: 'data', afterBytes, times });
        await work();
        ground.proxy.disarm();
        assert.equal(ground.proxy.counts.controls, controls, 'on the same control connection');
        return ground.proxy.counts.struck - struck;
      };

      for (const kind of ['reset', 'cut'] as const) {
        it(`is sent once more (${kind})`, async () => {
          const { disk, path, run } = ground;
          // Not in the handshake of TLS: there vsftpd gives up the control connection as well.
          for (const afterBytes of [6000, 30_000, 50_000]) {
            const struck = await strike(kind, afterBytes, 1, () =>
              run((remote) => remote.write(path('new'), pattern(size, afterBytes), { disposition: 'create' })),
            );
            assert.equal(struck, 1);
            assert.deepEqual(disk.read('new'), Buffer.from(pattern(size, afterBytes)));
            await run((remote) => remote.unlink(path('new')));
          }
        });
      }

      it('fails where that breaks as well', async () => {
        const { path, run } = ground;
        const struck = await strike('reset', 6000, 2, () =>
          assert.rejects(
            run((remote) => remote.write(path('other'), pattern(size), { disposition: 'truncate' })),
            { code: 'Lost', path: path('other') },
          ),
        );
        assert.equal(struck, 2);
      });

      it('fails where the content can be read once only', async () => {
        const { path, run } = ground;
        const struck = await strike('reset', 6000, 2, () =>
          assert.rejects(
            run((remote) => remote.write(path('stream'), streamOf(pattern(size)), { disposition: 'truncate' })),
            { code: 'Lost', path: path('stream') },
          ),
        );
        assert.equal(struck, 1);
      });
    });
  }
});

async function* streamOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

import assert from 'node:assert/strict';
import { removeAny } from '../../src/core/operations/tree.ts';
import { startProftpd } from '../servers/proftpd.ts';
import { requireServer, type TestServer } from '../servers/server.ts';
import { startVsftpd } from '../servers/vsftpd.ts';
import { makeFaultGround, type FaultGround } from './faultGround.ts';

const names = ['plain', '.hidden', ' leading', '  two', 'trailing ', 'a -> b', 'ünï', '-rf', '*', '213 End of status', 'total 4'];

for (const [name, start] of [
  ['vsftpd', () => startVsftpd()],
  ['ProFTPD', () => startProftpd()],
] as const)
  describe(`folders that are listed briefly: ${name}`, function () {
    this.timeout(30_000);
    let server: TestServer | undefined;
    let ground: FaultGround;

    before(async function () {
      server = await requireServer(this, start);
      ground = await makeFaultGround({ server, dataPorts: [] });
      plant();
    });

    after(async () => {
      await ground.end();
      await server?.stop();
    });

    function plant(): void {
      const { disk } = ground;
      disk.makeFolder('outside');
      disk.file('outside/precious', 'precious');
      disk.makeFolder('tree');
      for (const folder of ['tree', 'tree/folder', 'tree/ odd folder ']) {
        if (folder !== 'tree') disk.makeFolder(folder);
        for (const each of names) disk.file(`${folder}/${each}`, each);
        disk.link('/outside', `${folder}/away`);
        disk.link('/nowhere', `${folder}/broken`);
      }
    }

    it('have the names and kinds that they have in full', async () => {
      const { run, path } = ground;
      const shape = async (briefly: boolean) =>
        (await run((remote) => remote.list(path('tree'), { briefly }))).map((entry) => `${entry.kind} ${entry.name}`).toSorted();
      assert.deepEqual(await shape(true), await shape(false));
    });

    for (const [what, end] of [
      ['a line feed', '\n'],
      ['a whole line end', '\r\n'],
    ] as const)
      it(`are listed in another way where a name with ${what} in it ends the list in the reply`, async () => {
        const own = await makeFaultGround({ server: server!, dataPorts: [] });
        try {
          const { run, path, disk } = own;
          const folder = `broken${end.length}`;
          disk.makeFolder(folder);
          for (const each of ['a', `b${end}213 End${end}212 End${end}250 Not so`, 'c']) disk.file(`${folder}/${each}`);
          for (const briefly of [true, false]) {
            const found = (await run((remote) => remote.list(path(folder), { briefly }), { repeatable: true })).map((entry) => entry.name);
            assert.ok(found.includes('a') && found.includes('c'), found.join());
          }
          await assert.rejects(
            run((remote) => remote.rename(path(`${folder}/a`), path(`${folder}/c`), { replace: false })),
            { code: 'Exists' },
          );
        } finally {
          await own.end();
        }
      });

    it('are told from what is no folder', async () => {
      const { run, path } = ground;
      await assert.rejects(
        run((remote) => remote.list(path('none'), { briefly: true })),
        { code: 'NotFound' },
      );
      await assert.rejects(
        run((remote) => remote.list(path('outside/precious'), { briefly: true })),
        { code: 'NotADirectory' },
      );
    });

    it('are removed with all that they hold, and nothing else', async () => {
      const { run, path, disk } = ground;
      await run((remote, signal) => removeAny(remote, path('tree'), { recursive: true, signal }));
      assert.ok(!disk.exists('tree'));
      assert.equal(disk.read('outside/precious').toString(), 'precious');
    });
  });

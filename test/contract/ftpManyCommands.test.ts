import assert from 'node:assert/strict';
import { removeTree } from '../../src/core/operations/tree.ts';
import { connect } from '../../src/transport/index.ts';
import { startProftpd } from '../servers/proftpd.ts';
import { startPureFtpd } from '../servers/pureftpd.ts';
import { requireServer, type TestServer } from '../servers/server.ts';
import { startVsftpd } from '../servers/vsftpd.ts';
import { connectContext } from '../support/prompts.ts';
import { inTime, makeDisk } from './ground.ts';

/** Their commands are more than servers read at once, and few enough that others might all be sent before the first is answered. */
const files = 70;
const folder = 'a folder with a name that makes every command rather long';

describe('many commands on their way to an FTP server at once', function () {
  this.timeout(60_000);
  for (const [name, start] of [
    ['ProFTPD', () => startProftpd()],
    ['ProFTPD, TLS 1.3', () => startProftpd({ tls: 'explicit' })],
    ['ProFTPD, TLS 1.2', () => startProftpd({ tls: 'explicit', tlsVersion: 'TLSv1.2' })],
    ['vsftpd, TLS', () => startVsftpd({ tls: 'explicit', sessionReuse: true })],
    ['Pure-FTPd, TLS', () => startPureFtpd({ tls: 'explicit' })],
  ] as const satisfies readonly (readonly [string, () => Promise<TestServer>])[]) {
    it(`are all answered by ${name}`, async function () {
      const server = await requireServer(this, start);
      const disk = makeDisk(server, server.root);
      disk.makeFolder(folder);
      for (let index = 0; index < files; index++) disk.file(`${folder}/file number ${index}.txt`);
      const path = (index: number) => `${server.rootOnServer.replace(/\/$/, '')}/${folder}/file number ${index}.txt`;
      const remote = await connect(server.host, connectContext({ ...server.secrets, admit: true }));
      try {
        const looks = Array.from({ length: files }, (_, index) => remote.stat(path(index)));
        assert.equal((await inTime(Promise.all(looks))).length, files);
        const again = Array.from({ length: files }, (_, index) => remote.lstat(path(index)));
        assert.deepEqual(new Set((await inTime(Promise.all(again))).map(({ kind }) => kind)), new Set(['file']));
        // One that is left lying makes the connection end, after ten seconds of silence.
        await inTime(removeTree(remote, `${server.rootOnServer.replace(/\/$/, '')}/${folder}`));
        assert.deepEqual(await remote.list(server.rootOnServer), []);
      } finally {
        await remote.close();
        await server.stop();
      }
    });
  }
});

import assert from 'node:assert/strict';
import type { Log } from '../../../../src/core/log.ts';
import { statusCode } from '../../../../src/transport/sftp/protocol.ts';
import { ScriptedSftp } from '../../../support/scriptedSftp.ts';
import { openOn } from '../../../support/sftpServer.ts';

describe('the dialogue of SFTP', () => {
  it('goes to the log where it is wanted, from the moment when it is', async () => {
    const lines: string[] = [];
    const log: Log & { wantsTrace: boolean } = {
      ...{ wantsTrace: false, trace: (line) => lines.push(line) },
      ...{ debug() {}, info() {}, warn() {}, error() {} },
    };
    const server = new ScriptedSftp();
    server.onRequest = ({ id }) => server.status(id, statusCode.NO_SUCH_FILE);
    const remote = await openOn(server, { log });
    const look = () => remote.stat('/www').catch(() => undefined);
    await look();
    const isRequest = (line: string): boolean => line.startsWith('SFTP > ');
    assert.deepEqual(lines.filter(isRequest), []);
    log.wantsTrace = true;
    await look();
    assert.deepEqual(lines.filter(isRequest), ['SFTP > STAT "/www"']);
    await remote.close();
  });
});

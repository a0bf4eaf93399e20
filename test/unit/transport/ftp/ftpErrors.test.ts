import assert from 'node:assert/strict';
import { byReply } from '../../../../src/transport/ftp/ftpErrors.ts';

const refused = (code: number, line: string) => byReply({ code, lines: [line] }, '/path');

describe('what a refusal says beyond doubt', () => {
  it('takes the last words of a dying vsftpd for the end of the connection, not for a command that it lacks', () => {
    const error = refused(500, 'OOPS: priv_sock_get_result');
    assert.deepEqual([error?.code, error?.dropsConnection, error?.retryable], ['Lost', true, true]);
    assert.equal(refused(500, 'Unknown command.')?.code, 'Unsupported');
  });

  it('tells a full disk from a connection that broke', () => {
    assert.equal(refused(452, 'Error.')?.code, 'NoSpace');
    assert.equal(refused(426, 'Failure reading network stream.')?.code, 'Lost');
    assert.equal(refused(550, 'No.'), undefined);
  });
});

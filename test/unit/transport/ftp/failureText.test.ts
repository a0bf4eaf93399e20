import assert from 'node:assert/strict';
import { failureText } from '../../../../src/transport/ftp/failureText.ts';

describe('what a socket failed with', () => {
  it('is one line, of OpenSSL only the reason', () => {
    const message = '40FD:error:0A0001BB:SSL routines:tls13_validate_record_header:bad record type:../deps/tls13_meth.c:263:\n';
    assert.equal(failureText(Object.assign(new Error(message), { reason: 'bad record type' })), 'bad record type');
    assert.equal(failureText(new Error('two\r\nlines')), 'two lines');
    assert.equal(failureText('read ECONNRESET'), 'read ECONNRESET');
  });
});

import assert from 'node:assert/strict';
import { eprt, port, portsToTry } from '../../../../src/transport/ftp/activeMode.ts';
import { epsvPort, pasvAddress, plainAddress } from '../../../../src/transport/ftp/passive.ts';
import type { Reply } from '../../../../src/transport/ftp/reply.ts';

const reply = (text: string): Reply => ({ code: 227, lines: [text] });

describe('addresses of FTP data connections', () => {
  for (const [text, expected] of [
    ['Entering Extended Passive Mode (|||6446|)', 6446],
    ['Extended Passive mode OK (!!!6446!).', 6446],
    ['Entering |||50001|', 50001],
    ['(|||0|)', undefined],
    ['(|||65536|)', undefined],
    ['(|1|192.0.2.1|6446|)', undefined],
    ['ok', undefined],
  ] as const) {
    it(`EPSV: ${text}`, () => assert.equal(epsvPort(reply(text)), expected));
  }

  for (const [text, expected] of [
    ['Entering Passive Mode (192,0,2,1,19,137)', { address: '192.0.2.1', port: 5001 }],
    ['Entering Passive Mode 192,0,2,1,19,137', { address: '192.0.2.1', port: 5001 }],
    ['=192, 0, 2, 1, 19, 137', { address: '192.0.2.1', port: 5001 }],
    ['Entering Passive Mode (192,0,2,1,256,1)', undefined],
    ['Entering Passive Mode (999,0,2,1,1,1)', undefined],
    ['Entering Passive Mode (192,0,2,1,0,0)', undefined],
    ['Entering Passive Mode (192,0,2)', undefined],
  ] as const) {
    it(`PASV: ${text}`, () => assert.deepEqual(pasvAddress(reply(text)), expected));
  }

  it('writes EPRT and PORT', () => {
    assert.equal(eprt('192.0.2.1', 5001), 'EPRT |1|192.0.2.1|5001|');
    assert.equal(eprt('2001:db8::1', 5001), 'EPRT |2|2001:db8::1|5001|');
    assert.equal(port('192.0.2.1', 5001), 'PORT 192,0,2,1,19,137');
  });

  it('tries every port of the range once, from a random one on', () => {
    assert.deepEqual(portsToTry(undefined), [0]);
    assert.deepEqual(
      portsToTry([5000, 5003], () => 0.5),
      [5002, 5003, 5000, 5001],
    );
    assert.deepEqual(
      portsToTry([5003, 5000], () => 0),
      [5000, 5001, 5002, 5003],
    );
    assert.deepEqual(
      portsToTry([5000, 5000], () => 0.99),
      [5000],
    );
  });

  it('shows IPv4 as such', () => {
    assert.equal(plainAddress('::ffff:192.0.2.1'), '192.0.2.1');
    assert.equal(plainAddress('::1'), '::1');
  });
});

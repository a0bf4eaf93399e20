import assert from 'node:assert/strict';
import { join } from 'node:path';
import { fingerprintOf, lookUp, matches, parseKnownHosts, type KnownHosts } from '../../../../src/transport/sftp/knownHosts.ts';
import { removeFolder, temporaryFolder } from '../../../servers/folder.ts';
import { makeKey } from '../../../servers/keys.ts';
import { runProgram } from '../../../servers/program.ts';

describe('known hosts', () => {
  let folder: string;
  let ed25519: string;
  let rsa: string;
  const blob = (line: string): Buffer => Buffer.from(line.split(' ')[1]!, 'base64');
  const read = (...lines: string[]): KnownHosts[] => [parseKnownHosts('known_hosts', lines.join('\n'))];
  const algorithms = async (files: KnownHosts[], address: string, port = 22): Promise<string[]> =>
    (await lookUp(files, address, port)).keys.map((found) => found.algorithm);
  const confirming = async (files: KnownHosts[], address: string, port: number): Promise<string[]> =>
    (await lookUp(files, address, port)).confirming.map((found) => found.algorithm);

  before(() => {
    folder = temporaryFolder('known-hosts');
    [ed25519, rsa] = (['ed25519', 'rsa'] as const).map((type) => makeKey(folder, type).publicLine.split(' ').slice(0, 2).join(' ')) as [
      string,
      string,
    ];
  });
  after(() => removeFolder(folder));

  describe('names', () => {
    const table: readonly (readonly [string, string, boolean])[] = [
      ['example.com', 'example.com', true],
      ['EXAMPLE.com', 'example.com', true],
      ['example.com', 'example.org', false],
      ['a.com,b.com,192.0.2.1', 'b.com', true],
      ['*.example.com', 'www.example.com', true],
      ['*.example.com', 'example.com', false],
      ['*', 'anything', true],
      ['192.0.2.?', '192.0.2.7', true],
      ['192.0.2.?', '192.0.2.77', false],
      ['*.example.com,!evil.example.com', 'evil.example.com', false],
      ['!evil.example.com,*.example.com', 'good.example.com', true],
      ['!evil.example.com', 'good.example.com', false],
      ['[example.com]:2222', '[example.com]:2222', true],
      ['[example.com]:2222', 'example.com', false],
      ['[::1]:2222', '[::1]:2222', true],
      ['*a*a*a*a*a*a*a*a*b', 'a'.repeat(5000), false],
      ['|2|c2FsdA==|aGFzaA==', 'example.com', false],
      ['|1|', 'example.com', false],
      ['', 'example.com', false],
    ];
    for (const [field, name, expected] of table) {
      it(`${field.slice(0, 40)} ${expected ? 'covers' : 'does not cover'} ${name.slice(0, 30)}`, () =>
        assert.equal(matches(field, name), expected));
    }
  });

  it('reads lines with CRLF, comments, blanks and tabs, and leaves out what is not a key', async () => {
    const files = read(
      '# a comment',
      '',
      '   ',
      `example.com\t${ed25519} somebody@home\r`,
      'example.com ssh-rsa',
      'example.com 1024 35 1234',
      `example.com ssh-dss ${rsa.split(' ')[1]}`,
      '@other example.com ssh-rsa AAAA',
    );
    assert.deepEqual(await algorithms(files, 'example.com'), ['ssh-ed25519']);
  });

  it('finds a port other than 22 by its own name, and the plain one only to confirm', async () => {
    const files = read(`example.com ${ed25519}`, `[example.com]:2200 ${rsa}`);
    assert.deepEqual([await algorithms(files, 'example.com', 2200), await confirming(files, 'example.com', 2200)], [['ssh-rsa'], []]);
    assert.deepEqual([await algorithms(files, 'example.com', 2201), await confirming(files, 'example.com', 2201)], [[], ['ssh-ed25519']]);
    assert.deepEqual([await algorithms(files, 'example.com'), await confirming(files, 'example.com', 22)], [['ssh-ed25519'], []]);
  });

  it('keeps revoked keys and certificate authorities apart', async () => {
    const record = await lookUp(read(`@revoked * ${rsa}`, `@cert-authority *.example.com ${ed25519}`), 'www.example.com', 22);
    assert.deepEqual(record.keys, []);
    assert.deepEqual(record.revoked, [{ algorithm: 'ssh-rsa', fingerprint: fingerprintOf(blob(rsa)), file: 'known_hosts' }]);
    assert.equal(record.certificateAuthority, true);
  });

  it('prints fingerprints as ssh-keygen does', () => {
    const printed = runProgram('ssh-keygen', ['-l', '-f', join(folder, 'ed25519-openssh.pub')]).split(' ')[1];
    assert.equal(fingerprintOf(blob(ed25519)), printed);
  });
});

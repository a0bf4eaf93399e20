import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { isRemoteError } from '../../../../src/core/errors.ts';
import { silentLog } from '../../../../src/core/log.ts';
import type { TrustedIdentity } from '../../../../src/core/prompts.ts';
import { UntrustedError } from '../../../../src/core/trust.ts';
import { HostKeyCheck, judgeHostKey, readKnownHosts } from '../../../../src/transport/sftp/hostKeys.ts';
import { parseKnownHosts, type HostRecord } from '../../../../src/transport/sftp/knownHosts.ts';
import { sshString } from '../../../../src/transport/sftp/wire.ts';
import { makeHost } from '../../../servers/server.ts';
import { memoryTrust } from '../../../support/prompts.ts';

const key = (fingerprint: string, algorithm = 'ssh-ed25519'): TrustedIdentity => ({ algorithm, fingerprint });
const inFile = (identity: TrustedIdentity): HostRecord['keys'][number] => ({ ...identity, file: 'known_hosts' });
const record = (parts: { keys?: TrustedIdentity[]; confirming?: TrustedIdentity[]; revoked?: TrustedIdentity[] }): HostRecord => ({
  keys: (parts.keys ?? []).map(inFile),
  confirming: (parts.confirming ?? []).map(inFile),
  revoked: (parts.revoked ?? []).map(inFile),
  certificateAuthority: false,
});

describe('judgement on a host key', () => {
  const [a, b] = [key('SHA256:a'), key('SHA256:b')];
  const table: readonly [string, HostRecord, TrustedIdentity[], string, string][] = [
    ['nothing on record', record({}), [], 'unknown', ''],
    ['the same in known_hosts', record({ keys: [b, a] }), [], 'known', ''],
    ['another in known_hosts', record({ keys: [b] }), [], 'changed', 'known_hosts'],
    ['another type in known_hosts', record({ keys: [key('SHA256:c', 'ssh-rsa')] }), [], 'changed', 'known_hosts'],
    ['a type in known_hosts that nobody can verify', record({ keys: [key('SHA256:c', 'ssh-dss')] }), [], 'unknown', ''],
    ['the same in known_hosts without the port', record({ confirming: [b, a] }), [], 'known', ''],
    ['another in known_hosts without the port', record({ confirming: [b] }), [], 'unknown', ''],
    ['the same in Ferry', record({}), [b, a], 'known', ''],
    ['another in Ferry', record({}), [b], 'changed', 'Ferry'],
    ['another type in Ferry', record({}), [key('SHA256:c', 'ssh-rsa')], 'changed', 'Ferry'],
    ['replaced in Ferry, another in known_hosts', record({ keys: [b] }), [a], 'known', ''],
    ['the same in known_hosts, another in Ferry', record({ keys: [a] }), [b], 'known', ''],
    ['revoked', record({ revoked: [a] }), [], 'revoked', 'known_hosts'],
    ['revoked, though the same is in known_hosts and Ferry', record({ keys: [a], revoked: [a] }), [a], 'revoked', 'known_hosts'],
    ['another revoked', record({ revoked: [b] }), [], 'unknown', ''],
  ];
  for (const [name, on, kept, verdict, source] of table) {
    it(`${name}: ${verdict}`, () => {
      const judgement = judgeHostKey(a, on, kept);
      assert.equal(judgement.verdict, verdict);
      if (source !== '') assert.equal(judgement.source, source);
    });
  }
});

describe('check of a host key', () => {
  const blob = Buffer.concat([sshString('ssh-ed25519'), sshString(Buffer.alloc(32, 7))]);
  const other = Buffer.concat([sshString('ssh-ed25519'), sshString(Buffer.alloc(32, 8))]);
  const fingerprint = `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
  const host = makeHost({ name: 'h', protocol: 'sftp', address: 'example.com', port: 22, user: 'u' });

  function check(knownHosts: string, admit: boolean) {
    const trust = memoryTrust();
    const notes: (string | undefined)[] = [];
    const made = new HostKeyCheck({
      ...{ host, trust, log: silentLog, knownHosts: [parseKnownHosts('known_hosts', knownHosts)] },
      admit: (_, note) => {
        notes.push(note);
        return Promise.resolve(admit);
      },
    });
    return { check: made, trust, notes };
  }

  it('keeps an admitted key only when told that the log-in succeeded', async () => {
    const { check: made, trust } = check('', true);
    await made.verify(blob);
    assert.deepEqual(trust.known('hostKey', 'example.com', 22), []);
    await made.remember();
    await made.remember();
    assert.deepEqual(trust.known('hostKey', 'example.com', 22), [{ algorithm: 'ssh-ed25519', fingerprint }]);
  });

  it('does not keep what known_hosts has', async () => {
    const { check: made, trust, notes } = check(`example.com ssh-ed25519 ${blob.toString('base64')}`, false);
    assert.deepEqual(await made.recordedTypes(), ['ssh-ed25519']);
    await made.verify(blob);
    await made.remember();
    assert.deepEqual([trust.known('hostKey', 'example.com', 22), notes], [[], []]);
  });

  it('is Cancelled where the person declines', async () => {
    await assert.rejects(check('', false).check.verify(blob), (error) => isRemoteError(error, 'Cancelled'));
  });

  it('refuses a changed key without asking, with both fingerprints', async () => {
    const { check: made, notes } = check(`example.com ssh-ed25519 ${other.toString('base64')}`, true);
    await assert.rejects(made.verify(blob), (error: unknown) => {
      assert.ok(error instanceof UntrustedError);
      assert.equal(error.verdict, 'changed');
      assert.equal(error.presented.fingerprint, fingerprint);
      assert.equal(error.source, 'known_hosts');
      assert.ok(error.message.includes(fingerprint) && error.message.includes(error.expected[0]!.fingerprint));
      assert.ok(error.with({ path: '/x' }) instanceof UntrustedError);
      return true;
    });
    assert.deepEqual(notes, []);
  });

  it('wants the same key in every key exchange of a connection', async () => {
    const { check: made } = check('', true);
    await made.verify(blob);
    await made.verify(blob);
    await assert.rejects(made.verify(other), (error) => isRemoteError(error, 'Untrusted'));
  });

  it('tells the person about a certificate authority', async () => {
    const { check: made, notes } = check(`@cert-authority * ssh-ed25519 ${other.toString('base64')}`, true);
    await made.verify(blob);
    assert.match(notes[0] ?? '', /certificate authority/);
  });

  it('reads no file that is not there', async () => {
    assert.deepEqual(await readKnownHosts(['/nonexistent/known_hosts'], silentLog), []);
  });
});

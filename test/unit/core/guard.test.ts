import assert from 'node:assert/strict';
import { RemoteError } from '../../../src/core/errors.ts';
import { type ChangeKind, Guard } from '../../../src/core/guard.ts';
import type { Host } from '../../../src/core/host.ts';
import { sftpDefaults } from '../../../src/core/hostDefaults.ts';
import { hostFromAuthority } from '../../../src/core/hosts.ts';
import { protectionAmong } from '../../../src/core/protectedHosts.ts';
import { testHost } from '../../support/poolOf.ts';

const open = testHost({ name: 'open', address: 'open.example.org' });
const asking = testHost({ name: 'prod', address: 'prod.example.org', user: 'ann', protect: 'ask' });
const other = testHost({ name: 'other', address: 'other.example.org', protect: 'ask' });
const shut = testHost({ name: 'shut', address: 'shut.example.org', protect: 'readOnly' });
const all = [open, asking, other, shut];

/** A guard whose questions the test answers. */
function makeGuard() {
  const questions: { readonly host: string; readonly kind: ChangeKind; readonly path: string | undefined; answer(yes: boolean): void }[] =
    [];
  const guard = new Guard({
    protectionOf: (host) => protectionAmong(all, host),
    ask({ name }, kind, path) {
      const { promise, resolve } = Promise.withResolvers<boolean>();
      questions.push({ host: name, kind, path, answer: resolve });
      return promise;
    },
  });
  return { guard, questions };
}

const isCode = (code: string) => (error: unknown) =>
  error instanceof RemoteError && error.code === code && !error.retryable && !error.dropsConnection;

describe('the guard of protected hosts', () => {
  it('asks nobody about a host that is not protected', async () => {
    const { guard, questions } = makeGuard();
    await guard.admit(open, 'save');
    assert.deepEqual([questions.length, guard.mayChange(open), guard.isReadOnly(open)], [0, true, false]);
  });

  it('asks once, for this host alone; what comes meanwhile shares the answer', async () => {
    const { guard, questions } = makeGuard();
    const changes = [guard.admit(asking, 'save', { path: '/a' }), guard.admit(asking, 'delete'), guard.admit(asking, 'move')];
    assert.deepEqual([questions.length, guard.mayChange(asking)], [1, false]);
    assert.deepEqual([questions[0]?.host, questions[0]?.kind, questions[0]?.path], ['prod', 'save', '/a']);
    questions[0]?.answer(true);
    await Promise.all(changes);
    await guard.admit(asking, 'delete');
    assert.deepEqual([questions.length, guard.mayChange(asking), guard.mayChange(other)], [1, true, false]);
  });

  it('refuses after a no, and asks again for what the person does then', async () => {
    const { guard, questions } = makeGuard();
    const refused = guard.admit(asking, 'save');
    questions[0]?.answer(false);
    await assert.rejects(refused, isCode('Cancelled'));
    const again = guard.admit(asking, 'save');
    assert.equal(questions.length, 2);
    questions[1]?.answer(true);
    await again;
  });

  it('lets automatic saves ask once, and after a no only once the person has saved by hand', async () => {
    const { guard, questions } = makeGuard();
    const automatic = () => guard.admit(asking, 'save', { isAutomatic: true });
    const first = automatic();
    questions[0]?.answer(false);
    await assert.rejects(first, isCode('Cancelled'));
    for (let count = 0; count < 3; count += 1) await assert.rejects(automatic(), isCode('Cancelled'));
    assert.equal(questions.length, 1);
    const byHand = guard.admit(asking, 'save');
    questions[1]?.answer(true);
    await byHand;
    await automatic();
    assert.equal(questions.length, 2);
  });

  it('asks nobody for what nobody waits for', async () => {
    const { guard, questions } = makeGuard();
    await assert.rejects(guard.admit(asking, 'change', { isSilent: true }), isCode('Cancelled'));
    assert.equal(questions.length, 0);
  });

  it('changes nothing on a read-only host, whatever was allowed', async () => {
    const { guard, questions } = makeGuard();
    await assert.rejects(guard.admit(shut, 'save'), isCode('Denied'));
    assert.deepEqual([questions.length, guard.mayChange(shut), guard.isReadOnly(shut)], [0, false, true]);
  });

  it('asks again when the person wants to be asked', async () => {
    const { guard, questions } = makeGuard();
    let told = 0;
    guard.onDidChange(() => (told += 1));
    const first = guard.admit(asking, 'save');
    questions[0]?.answer(true);
    await first;
    guard.withdraw();
    assert.deepEqual([guard.mayChange(asking), told], [false, 2]);
    void guard.admit(asking, 'save');
    assert.equal(questions.length, 2);
  });
});

describe('what is protected', () => {
  const at = (authority: string): Host => {
    const host = hostFromAuthority('sftp', authority);
    assert.ok(!(host instanceof RemoteError));
    return host;
  };
  const protectedBy = (saved: readonly Host[], host: Host, place?: Parameters<typeof protectionAmong>[2]) =>
    protectionAmong(saved, host, place)?.name;

  it('is the same server under its address', () => {
    const names = ['ann@prod.example.org', 'PROD.example.org', 'bob@prod.example.org', 'ann@prod.example.org:23', 'me@shut.example.org'];
    assert.deepEqual(
      names.map((name) => protectedBy(all, at(name))),
      ['prod', 'prod', undefined, undefined, 'shut'],
    );
  });

  it('is a host of the ssh config that leads there, or that a protected one follows', () => {
    const following = testHost({
      ...{ name: 'f', address: 'alias', protect: 'ask' },
      sftp: { ...sftpDefaults, sshConfig: { host: 'alias', address: undefined, port: undefined } },
    });
    assert.equal(protectedBy([following], at('alias')), 'f');
    const place = { protocol: 'sftp', address: 'shut.example.org', port: 22, user: 'x' } as const;
    assert.equal(protectedBy(all, at('other-alias'), place), 'shut');
  });

  it('is what the strictest says, but for a saved host its own settings', () => {
    const twice = [testHost({ ...shut, name: 'a', protect: 'ask' }), shut, testHost({ ...shut, name: 'b', protect: undefined })];
    assert.equal(protectionAmong(twice, at('shut.example.org'))?.protection, 'readOnly');
    assert.equal(protectedBy(twice, twice[2]!), undefined);
  });

  it('is told by protocol too', () => {
    const [ftp] = [hostFromAuthority('ftp', 'shut.example.org:22')];
    assert.ok(!(ftp instanceof RemoteError));
    assert.equal(protectedBy(all, ftp), undefined);
  });
});

import { RemoteError } from './errors.ts';
import type { Guard } from './guard.ts';
import type { Host } from './host.ts';
import { t } from './l10n.ts';
import type { Pool } from './pool.ts';
import type { Remote } from './remote.ts';

/**
 * The pool with `guard` before every change: a task that `changes` something new on a protected host is admitted before it gets a connection;
 * any other gets one that refuses to change anything. What was begun before is finished or undone without a question.
 */
export function guardPool(pool: Pool, guard: Guard): Pool {
  return {
    async run(host, task, options = {}) {
      const { changes, background } = options;
      if (changes === 'new') await guard.admit(host, 'change', { isSilent: background === true });
      if (changes !== undefined || guard.protectionOf(host) === undefined) return pool.run(host, task, options);
      return pool.run(host, (remote, signal) => task(unchanging(remote, host), signal), options);
    },
    connect: (host, signal) => pool.connect(host, signal),
    state: (name) => pool.state(name),
    onDidChangeState: pool.onDidChangeState,
    disconnect: (name) => pool.disconnect(name),
    dispose: () => pool.dispose(),
  };
}

/** What a method does to the server. A new one does not compile until it is named here. */
const methods: Readonly<Record<keyof Remote, 'looks' | 'changes'>> = {
  facts: 'looks',
  closed: 'looks',
  stat: 'looks',
  lstat: 'looks',
  list: 'looks',
  read: 'looks',
  write: 'changes',
  mkdir: 'changes',
  unlink: 'changes',
  rmdir: 'changes',
  rename: 'changes',
  ping: 'looks',
  close: 'looks',
  draft: 'changes',
  resume: 'changes',
  chmod: 'changes',
  chgrp: 'changes',
  setMtime: 'changes',
  readLink: 'looks',
  symlink: 'changes',
  copyOnServer: 'changes',
  space: 'looks',
  sha256: 'looks',
  // What a person types there is their own doing.
  openShell: 'looks',
};

/** The same connection, for who only looks. */
function unchanging(remote: Remote, host: Host): Remote {
  const refuse = () => Promise.reject(new RemoteError('Denied', t('The host is protected. Nothing was changed.'), { host: host.name }));
  return new Proxy(remote, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function') return value;
      const isKnown = Object.hasOwn(methods, name) && methods[name as keyof Remote] === 'looks';
      return isKnown ? (value as () => unknown).bind(target) : refuse;
    },
  });
}

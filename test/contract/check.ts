import type { OptionalVerb, TestServer } from '../servers/server.ts';
import type { Ground } from './ground.ts';

/**
 * `write`: a server that takes changes; `readOnly`: one that takes none; `links`: one that shows symbolic links as such;
 * `followedLinks`: one that at least follows them; `denied`: one that permissions bind; `update`: `facts.update`;
 * an optional verb: the connection has it.
 */
export type Need = 'write' | 'readOnly' | 'links' | 'followedLinks' | 'denied' | 'update' | OptionalVerb;

/** One promise of `Remote`, shown by deeds. */
export interface Check {
  /** Unique in the contract; the row of README's table. */
  readonly title: string;
  readonly needs?: readonly Need[];
  /** Why this server can't be asked, or undefined. */
  readonly unless?: (server: TestServer) => string | undefined;
  readonly run: (ground: Ground) => Promise<void>;
}

/** Why the check can't be done on this server, in plain words; undefined: it can. */
export function reasonToSkip(
  { title, needs = [], unless }: Check,
  { server, remote }: Pick<Ground, 'server' | 'remote'>,
): string | undefined {
  const exception = server.quirks.exceptions?.[title];
  if (exception !== undefined) return exception;
  for (const need of needs) {
    const reason = unmet(need, server, remote);
    if (reason !== undefined) return reason;
  }
  return unless?.(server);
}

function unmet(need: Need, { quirks }: TestServer, remote: Ground['remote']): string | undefined {
  const { links = 'links', readOnly = false, ignoresModes = false } = quirks;
  switch (need) {
    case 'write':
      return readOnly ? 'the server is read-only' : undefined;
    case 'readOnly':
      return readOnly ? undefined : 'the server takes changes';
    case 'links':
      return links === 'links' ? undefined : `links are ${links} by the server`;
    case 'followedLinks':
      return links === 'hidden' ? 'links are hidden by the server' : undefined;
    case 'denied':
      return ignoresModes ? 'permissions do not bind the server' : undefined;
    case 'update':
      return remote.facts.update ? undefined : 'the protocol can not write into a file';
    case 'resume':
    case 'chmod':
    case 'chgrp':
    case 'setMtime':
    case 'readLink':
    case 'symlink':
    case 'copyOnServer':
    case 'space':
      return remote[need] === undefined ? `the server has no ${need}` : undefined;
  }
}

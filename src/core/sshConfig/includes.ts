import type { ConfigSource, SshConfigWorld } from './world.ts';

/** The files that the patterns of an `Include` name, in order. Only the person's own configuration may speak of their home. */
export async function includedFiles(
  patterns: readonly string[],
  source: ConfigSource,
  world: Pick<SshConfigWorld, 'find'>,
): Promise<readonly string[]> {
  const allowed = patterns.filter((pattern) => pattern !== '' && (source.own || !pattern.startsWith('~')));
  const found = await Promise.all(allowed.map((pattern) => world.find(isWhole(pattern) ? pattern : `${source.folder}/${pattern}`)));
  return found.flat();
}

function isWhole(path: string): boolean {
  return /^(?:[~/\\]|[A-Za-z]:[/\\])/.test(path);
}

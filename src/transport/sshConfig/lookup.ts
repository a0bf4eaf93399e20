import { access } from 'node:fs/promises';
import type { Log } from '../../core/log.ts';
import { configNames } from '../../core/sshConfig/hostNames.ts';
import { resolveSshConfig, type SshAnswers, type SshConfigRequest } from '../../core/sshConfig/resolution.ts';
import { expandPath, type SshSettings, settingsFrom, tokensFor } from '../../core/sshConfig/settings.ts';
import type { SshConfigWorld } from '../../core/sshConfig/world.ts';
import { safeText } from '../../core/text.ts';
import { askOpenssh, findOpenssh } from './opensshProgram.ts';
import { sourcesOf, sshConfigWorld } from './world.ts';

/** What the person's ssh config says about a host. */
export interface SshConfigEntry {
  readonly settings: SshSettings;
  /** A `Host` line names it, without wildcards. */
  readonly isNamed: boolean;
  /** The config names a user. */
  readonly hasUser: boolean;
}

/** Commands of `Match exec` are not run again within so many ms. */
const freshness = 3000;

const lately = new Map<string, { readonly at: number; readonly entry: Promise<SshConfigEntry | undefined> }>();

/**
 * The configuration of a host, as `ssh -G` gives it where there is an `ssh`, else by our own reading. Undefined where there is no
 * configuration. To be called for a connection only: it may run commands that stand there.
 */
export function lookUpSshConfig(request: SshConfigRequest, file: string | undefined, log: Log): Promise<SshConfigEntry | undefined> {
  const key = JSON.stringify([request.host, request.user, request.port, file]);
  const now = performance.now();
  for (const [other, { at }] of lately) if (now - at > freshness) lately.delete(other);
  const known = lately.get(key);
  if (known !== undefined) return known.entry;
  const entry = lookUp(request, file, log);
  lately.set(key, { at: now, entry });
  return entry;
}

async function lookUp(request: SshConfigRequest, file: string | undefined, log: Log): Promise<SshConfigEntry | undefined> {
  const sources = sourcesOf(file);
  const present = await Promise.all(
    sources.map((source) =>
      access(source.file).then(
        () => true,
        () => false,
      ),
    ),
  );
  if (!present.includes(true)) return undefined;
  const world = sshConfigWorld({ sources, executes: true, warn: (message) => log.warn(message) });
  const [answers, { names }] = await Promise.all([ask(request, file, world, log), configNames(world)]);
  const settings = settingsFrom(answers, request.host, world);
  for (const problem of settings.problems) log.warn(`ssh config: ${problem}`);
  const isNamed = names.some((name) => name.toLowerCase() === request.host.toLowerCase());
  return { settings, isNamed, hasUser: settings.user !== world.localUser };
}

async function ask(request: SshConfigRequest, file: string | undefined, world: SshConfigWorld, log: Log): Promise<SshAnswers> {
  const program = await findOpenssh();
  if (program !== undefined) {
    try {
      const config = file === undefined ? undefined : world.sources[0]?.file;
      const answers = await askOpenssh(program, request, config);
      log.debug(`${program} -G answered for ${request.host}.`);
      return await withWholePaths(answers, request, world);
    } catch (error) {
      log.warn(`${program} does not take the ssh config; Ferry reads it by itself: ${safeText(String(error), 300)}`);
    }
  }
  return resolveSshConfig(request, world);
}

/** `ssh -G` puts blanks between the files of a line, also where a name holds some: then our own reading of it tells them apart. */
async function withWholePaths(answers: SshAnswers, request: SshConfigRequest, world: SshConfigWorld): Promise<SshAnswers> {
  const several = (['userknownhostsfile', 'globalknownhostsfile'] as const).filter((keyword) => (answers.get(keyword) ?? []).length > 1);
  if (several.length === 0) return answers;
  const own = await resolveSshConfig(request, { ...world, execute: undefined });
  const tokens = tokensFor(answers, request.host, world);
  const whole = new Map(answers);
  for (const keyword of several) {
    const files = own.get(keyword)?.map((value) => expandPath(value, tokens, world) ?? value) ?? [];
    const escaped = files.map((file) => file.replaceAll('%', '%%'));
    if (escaped.join(' ') === answers.get(keyword)?.join(' ')) whole.set(keyword, escaped);
  }
  return whole;
}

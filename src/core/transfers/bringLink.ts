import { isRemoteError, RemoteError } from '../errors.ts';
import { t } from '../l10n.ts';
import { moveWithin } from '../operations/move.ts';
import { removeTemporary, temporaryBeside } from '../operations/temporary.ts';
import { runChange } from '../operations/unsettled.ts';
import type { Remote } from '../remote.ts';
import type { BringCall, BringItemParts, Errand } from './bringItem.ts';

/** Makes a link that holds what the source holds. One that it replaces stays until the new one is there, where the server can rename links. */
export async function bringLink(parts: BringItemParts, { from, to, before, moves }: Errand, { signal }: BringCall): Promise<void> {
  const { pool } = parts;
  const text = await pool.run(
    from.host,
    async (remote, ended) =>
      (await remote.lstat(from.path, { signal: ended })).target ?? (await remote.readLink?.(from.path, { signal: ended })),
    { signal, lane: 'bulk', repeatable: true },
  );
  if (text === undefined) throw new RemoteError('Unsupported', t('The server does not tell where the link leads.'), { path: from.path });
  if (before !== undefined && (moves || before.kind !== 'symlink'))
    throw new RemoteError('Exists', t('There is already a file with this name.'), { path: to.path });
  await parts.placing(to, () => {
    if (before !== undefined) return replaceLink(parts, to, text, signal);
    const make = (remote: Remote, ended: AbortSignal) => makeLink(remote, text, to.path, ended);
    return pool.run(to.host, make, { signal, lane: 'bulk', changes: 'new' });
  });
}

async function makeLink(remote: Remote, text: string, path: string, signal: AbortSignal): Promise<void> {
  if (remote.symlink === undefined) throw new RemoteError('Unsupported', t('The server makes no links.'), { path });
  await remote.symlink(text, path, { signal });
}

async function replaceLink({ pool, journal, discard }: BringItemParts, to: Errand['to'], text: string, signal: AbortSignal): Promise<void> {
  const { host, path } = to;
  const [made, notes] = [temporaryBeside(path, 'tmp'), journal(host)];
  const options = { overwrite: true, journal: notes, discard: discard(host) };
  const replace = async (remote: Remote, ended: AbortSignal): Promise<void> => {
    await makeLink(remote, text, made, ended);
    try {
      await moveWithin(remote, made, path, options);
    } catch (error) {
      if (!isRemoteError(error, 'Unsupported', 'Unknown')) throw error;
      await remote.unlink(path, { signal: ended });
      await makeLink(remote, text, path, ended);
      await removeTemporary(remote, made, notes);
    }
  };
  await notes?.addTemporary(made);
  try {
    await runChange(pool, host, replace, { signal, lane: 'bulk' });
  } catch (error) {
    await pool
      .run(host, (remote) => removeTemporary(remote, made, notes), { background: true, changes: 'begun' })
      .catch(() => notes?.abandon(made));
    throw error;
  }
  await notes?.removeTemporary(made);
}

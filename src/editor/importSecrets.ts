import { Uri, window, workspace } from 'vscode';
import type { ImportSource } from '../core/import/formats.ts';
import type { ImportedSecret } from '../core/import/imported.ts';
import { scrubbed } from '../core/import/scrub.ts';
import { RemoteError } from '../core/errors.ts';
import { t } from '../core/l10n.ts';
import { safeText } from '../core/text.ts';
import { wholePath } from './homePath.ts';
import { shownPlace } from './importFiles.ts';
import type { ImportStep } from './importPlan.ts';
import type { Secrets } from './secrets.ts';

/** Whether passwords are taken along: `none` where there are none or the person wants none of them, undefined where the person leaves. */
export async function askAboutSecrets(steps: readonly ImportStep[]): Promise<'keep' | 'none' | undefined> {
  const count = steps.reduce((sum, { candidate }) => sum + candidate.imported.secrets.length, 0);
  if (count === 0) return 'none';
  const keep = t('Save in the Keychain');
  const leave = t('Leave Them Out');
  const question =
    count === 1 ? t('There is a password or passphrase among them.') : t('There are {0} passwords and passphrases among them.', count);
  const detail = t(
    'Ferry keeps passwords in this computer’s keychain only, never in settings. One is sent after you trusted the server’s key or certificate.',
  );
  const answer = await window.showInformationMessage(question, { modal: true, detail }, keep, leave);
  if (answer === keep) return 'keep';
  return answer === leave ? 'none' : undefined;
}

/** To the keychain, for the first server that they are given to. Throws `Denied` where it takes none. */
export async function keepSecrets(steps: readonly ImportStep[], secrets: Secrets): Promise<void> {
  try {
    await keepAll(steps, secrets);
  } catch (error) {
    throw new RemoteError('Denied', t('The hosts were imported, but the keychain did not take their passwords.'), {
      hint: t('Ferry asks for them when it connects.'),
      cause: error,
    });
  }
}

async function keepAll(steps: readonly ImportStep[], secrets: Secrets): Promise<void> {
  for (const { candidate } of steps) {
    const { user, protocol, address, port } = candidate.host;
    for (const { kind, file, value, owner } of candidate.imported.secrets) {
      const opened = file === undefined ? undefined : wholePath(file);
      if (owner !== undefined) {
        // What is kept for something on the way was accepted by it once; here it only comes along.
        if (secrets.count(owner) === 0) await secrets.keep({ owner, kind, file: opened }, value);
      } else if (user !== undefined) await secrets.keep({ owner: { protocol, user, address, port }, kind, file: opened }, value);
    }
  }
}

/** Offers to take what is in the keychain now out of files that stand open to whoever reads them. Resolves to what was taken out. */
export async function offerScrubbing(steps: readonly ImportStep[]): Promise<ReadonlySet<ImportedSecret>> {
  const done = new Set<ImportedSecret>();
  for (const [file, found] of Map.groupBy(steps.flatMap(removable), ({ uri }) => uri.toString())) {
    const secrets = found.map(({ secret }) => secret);
    const source = found[0]?.source;
    if (source !== undefined && (await offerFor(Uri.parse(file, true), secrets, source))) for (const secret of secrets) done.add(secret);
  }
  return done;
}

function removable({ candidate: { imported, from } }: ImportStep) {
  const secrets = imported.secrets.filter(({ place }) => place !== undefined);
  return secrets.map((secret) => ({ secret, uri: from.place.uri, source: from.source }));
}

const programs: readonly ImportSource[] = ['FileZilla', 'WinSCP', 'PuTTY'];

async function offerFor(uri: Uri, secrets: readonly ImportedSecret[], source: ImportSource): Promise<boolean> {
  const remove = t('Remove Them from the File');
  const where = safeText(shownPlace(uri), 200);
  const question = t('The passwords stand in {0} for everybody to read who has the file.', where);
  const asks = programs.includes(source)
    ? t('Close {0} first, as it may write the file anew. It asks for a password where none stands there.', source)
    : t('Its extension asks for a password where none stands there.');
  const elsewhere = source === 'FileZilla' ? [t('Its list of recent servers is a file of its own: clear that in FileZilla.')] : [];
  const detail = t(
    '{0} Only what was imported is removed. Copies in backups, in Git or in VS Code’s Timeline keep it: change the password if others could read them.',
    [asks, ...elsewhere].join(' '),
  );
  if ((await window.showWarningMessage(question, { modal: true, detail }, remove)) !== remove) return false;
  await scrub(uri, secrets);
  void window.showInformationMessage(t('The passwords were removed from {0}.', where));
  return true;
}

async function scrub(uri: Uri, secrets: readonly ImportedSecret[]): Promise<void> {
  const path = shownPlace(uri);
  if (workspace.textDocuments.some((document) => document.isDirty && document.uri.toString() === uri.toString()))
    throw new RemoteError('Conflict', t('The file has changes that are not saved. Nothing was removed from it.'), {
      path,
      hint: t('Save it and import again.'),
    });
  try {
    const whole = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await workspace.fs.readFile(uri));
    const mark = whole.startsWith('\ufeff') ? '\ufeff' : '';
    const { text, removed } = await scrubbed(whole.slice(mark.length), secrets);
    if (removed < secrets.length) throw changedMeanwhile(path);
    await workspace.fs.writeFile(uri, new TextEncoder().encode(mark + text));
  } catch (error) {
    if (error instanceof RemoteError) throw error;
    throw new RemoteError('Denied', t('The file could not be changed. The passwords are still in it.'), { path, cause: error });
  }
}

function changedMeanwhile(path: string): RemoteError {
  return new RemoteError('Conflict', t('The file changed after it was read. Nothing was removed from it.'), {
    path,
    hint: t('Import again, which reads it anew.'),
  });
}

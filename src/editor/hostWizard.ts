import { window } from 'vscode';
import { byOpenssh, changedItem } from '../core/diagnosis/settingChange.ts';
import { RemoteError, toRemoteError } from '../core/errors.ts';
import type { Host } from '../core/host.ts';
import { t } from '../core/l10n.ts';
import type { Pool } from '../core/pool.ts';
import { safeText } from '../core/text.ts';
import { describeError } from './fileSystemError.ts';
import { askedInSteps, draftOf, emptyDraft, hostOf, itemOf } from './hostDraft.ts';
import { complaints } from './hostAnswers.ts';
import { askSettings } from './hostSettings.ts';
import { askSteps } from './hostSteps.ts';
import type { HostQuestions } from './hostSteps.ts';
import { withLateProgress } from './lateProgress.ts';
import type { SshConfigHosts } from './sshConfigHosts.ts';
import { samePlace } from './secrets.ts';
import type { HostItem } from './settings.ts';
import { askText, back } from './textInput.ts';
import type { TypedSecrets } from './typedSecrets.ts';
import type { HostWizardContext } from './wizard.ts';

export async function addHost(context: HostWizardContext): Promise<Host | undefined> {
  const { hosts, configured } = context;
  const questions = {
    title: t('Add Host'),
    draft: emptyDraft(),
    taken: hosts.all.map(({ name }) => name),
    configuredNames: await namesIn(configured),
    oldName: undefined,
    password: undefined,
    wantsMore: false,
  };
  return await complete(context, questions, undefined, (item) => hosts.add(item));
}

export async function editHost(context: HostWizardContext, host: Host): Promise<Host | undefined> {
  const { hosts, configured } = context;
  const item = hosts.item(host.name) ?? { name: host.name };
  const questions = {
    title: t('Edit {0}', host.name),
    draft: draftOf(item),
    taken: hosts.all.map(({ name }) => name).filter((name) => name !== host.name),
    configuredNames: await namesIn(configured),
    oldName: host.name,
    password: undefined,
    wantsMore: false,
  };
  const edited = await complete(context, questions, item, (changed) => hosts.replace(host.name, changed));
  if (edited !== undefined) await leave(context, host, edited);
  return edited;
}

/** What tells hosts apart is for the wizard. */
const identity = ['name', 'protocol', 'address', 'sshConfigHost'];

export async function editSettings(context: HostWizardContext, { name }: Host): Promise<void> {
  const { hosts, manifest } = context;
  const item = hosts.item(name);
  const before = hosts.find(name);
  if (item === undefined || before === undefined) return;
  const save = (changed: HostItem) => hosts.replace(name, changed);
  await askSettings({ title: t('Settings of {0}', name), item, without: identity, manifest, save });
  const after = hosts.find(name);
  if (after !== undefined) await leave(context, before, after);
}

export async function renameHost({ hosts, pool }: HostWizardContext, { name }: Host): Promise<void> {
  const item = hosts.item(name);
  if (item === undefined) return;
  const taken = hosts.all.map((host) => host.name).filter((other) => other !== name);
  const answer = await askText({
    title: t('Rename {0}', name),
    value: name,
    prompt: t(
      'Name of the host in Ferry and in the addresses of its files. Folders that are open under another name have to be opened again.',
    ),
    validate: (value) => complaints.name(value, taken),
  });
  if (answer === undefined || answer === back || answer.value.trim() === name) return;
  const renamed = answer.value.trim();
  await hosts.replace(name, { ...item, name: renamed });
  if (renamed.toLowerCase() !== name.toLowerCase()) await pool.disconnect(name);
}

async function namesIn(configured: SshConfigHosts): Promise<readonly string[]> {
  return (await configured.load()).map(({ name }) => name);
}

async function complete(
  context: HostWizardContext,
  questions: HostQuestions,
  old: HostItem | undefined,
  save: (item: HostItem) => Promise<void>,
): Promise<Host | undefined> {
  let from = 0;
  let kept: HostItem | undefined = old ?? {};
  let byProgram = false;
  for (;;) {
    if (!byProgram && !(await askSteps(questions, from))) return undefined;
    if (questions.wantsMore) {
      questions.wantsMore = false;
      kept = await askMore(context, questions, kept);
      if (kept === undefined) return undefined;
    }
    const asked = itemOf(questions.draft, kept);
    const item = byProgram ? changedItem(asked, byOpenssh(hostOf(asked))) : asked;
    const host = hostOf(item);
    offerPassword(context.typed, host, questions.password);
    const failure = await tryHost(context.trials, host);
    await context.trials.disconnect(host.name);
    const choice = failure === undefined ? 'save' : await askAfterFailure(host, failure);
    if (choice === 'save') {
      await save(item);
      return host;
    }
    context.typed.forgetAll(host);
    if (choice === 'cancel') return undefined;
    byProgram = choice === 'openssh';
    from = 1;
  }
}

/** Settings that no step asks for. */
async function askMore({ manifest }: HostWizardContext, { title, draft }: HostQuestions, kept: HostItem): Promise<HostItem | undefined> {
  const item = itemOf(draft, kept);
  return await askSettings({ title, item, without: askedInSteps, manifest });
}

/** A password from a pasted address is kept in the keychain once the server accepted it. */
function offerPassword(typed: TypedSecrets, { name, protocol, user, address, port }: Host, password: string | undefined): void {
  if (password === undefined || user === undefined) return;
  typed.set(name, { owner: { protocol, user, address, port }, kind: 'password' }, password, true);
}

async function tryHost(trials: Pool, host: Host): Promise<RemoteError | undefined> {
  try {
    await withLateProgress(t('Trying to connect to {0}', host.name), async (signal) => {
      await trials.connect(host, signal);
      const { root } = host;
      if (root === undefined) return;
      const { kind } = await trials.run(host, (remote, running) => remote.stat(root, { signal: running }), { signal, repeatable: true });
      if (kind !== 'directory') throw new RemoteError('NotADirectory', t('This is not a folder.'), { path: root, host: host.name });
    });
    return undefined;
  } catch (error) {
    return toRemoteError(error);
  }
}

async function askAfterFailure(host: Host, failure: RemoteError): Promise<'save' | 'edit' | 'openssh' | 'cancel'> {
  const openssh = t('Use Your Own “ssh”');
  const edit = t('Edit Again');
  const anyway = t('Save Anyway');
  const message =
    failure.code === 'Cancelled'
      ? t('The try to connect was cancelled.')
      : t('The connection to {0} does not work yet.', safeText(host.name, 80));
  const detail = failure.code === 'Cancelled' ? '' : describeError(failure);
  const answer = await window.showWarningMessage(
    message,
    { modal: true, detail },
    ...(failure.remedy === 'openssh' ? [openssh] : []),
    edit,
    anyway,
  );
  if (answer === openssh) return 'openssh';
  return answer === edit ? 'edit' : answer === anyway ? 'save' : 'cancel';
}

/** What belonged to the host before it was edited and to no host now goes. */
async function leave({ hosts, pool, secrets, typed }: HostWizardContext, old: Host, edited: Host): Promise<void> {
  if (old.name.toLowerCase() !== edited.name.toLowerCase()) await pool.disconnect(old.name);
  if (samePlace(old, edited) || hosts.all.some((host) => host.name !== old.name && samePlace(host, old))) return;
  typed.forgetAll(old);
  await secrets.forgetAll(old);
}

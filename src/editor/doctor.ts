import { env, ProgressLocation, window } from 'vscode';
import type { ConnectContext } from '../core/connect.ts';
import { recommended } from '../core/diagnosis/advice.ts';
import { titleOf, type Diagnose, type Diagnosis } from '../core/diagnosis/diagnosis.ts';
import { documentOf, shareableLog } from '../core/diagnosis/document.ts';
import { RemoteError } from '../core/errors.ts';
import type { Guard } from '../core/guard.ts';
import type { Host } from '../core/host.ts';
import { hostFromAuthority } from '../core/hosts.ts';
import { t } from '../core/l10n.ts';
import { safeText } from '../core/text.ts';
import { applyRecommended } from './applyRecommended.ts';
import { askChoice, type Choice } from './choice.ts';
import type { DiagnosisDocuments } from './diagnosisDocuments.ts';
import { parsePasted } from './pastedAddress.ts';
import { hostChoices } from './hostChoices.ts';
import type { SavedHosts } from './hosts.ts';
import type { SshConfigHosts } from './sshConfigHosts.ts';
import { hostRowOf, isRow } from './tree/rows.ts';
import { askText, back } from './textInput.ts';

export interface DoctorContext {
  readonly hosts: SavedHosts;
  readonly configured: Pick<SshConfigHosts, 'load' | 'placeOf'>;
  /** Also one of the ssh config, or one that is not saved but open. */
  readonly findHost: (name: string) => Host | undefined;
  readonly guard: Guard;
  readonly diagnose: Diagnose;
  readonly documents: DiagnosisDocuments;
  /** All that connecting needs, but for the signal. */
  readonly connecting: (host: Host) => Omit<ConnectContext, 'signal'>;
  /** Why this host must not be connected to now. */
  refusal(host: Host): RemoteError | undefined;
  /** Its log-in succeeded: secrets that are to be kept are kept now. */
  accepted(host: Host): void;
}

/** Looks at a host step by step and shows what came out. Asks before anything is sent: the argument may be in a link that anybody wrote. */
export async function diagnoseHost(context: DoctorContext, chosen: unknown): Promise<void> {
  const host = await hostToDiagnose(context, chosen);
  if (host === undefined) return;
  const refusal = context.refusal(host);
  if (refusal !== undefined) throw refusal;
  const mayWrite = await askHowFar(host, context.guard.isReadOnly(host));
  if (mayWrite === undefined) return;
  if (mayWrite) await context.guard.admit(host, 'change');
  const diagnosis = await visit(context, host, mayWrite);
  if (diagnosis.loggedIn) context.accepted(host);
  await context.documents.show(diagnosis, documentOf(diagnosis));
  await offerWhatFollows(context, diagnosis);
}

async function hostToDiagnose({ hosts, configured, findHost }: DoctorContext, chosen: unknown): Promise<Host | undefined> {
  const row = isRow(chosen) ? hostRowOf(chosen) : undefined;
  if (row !== undefined) return findHost(row.name);
  if (typeof chosen === 'string') return findHost(chosen);
  if (chosen !== undefined) return undefined;
  const choices: Choice<Host | 'address'>[] = [
    ...hostChoices(hosts.all, await configured.load(), configured),
    { value: 'address', label: t('Another Address…'), description: 'sftp://user@example.org' },
  ];
  const answer = await askChoice({ title: t('Diagnose Connection'), placeholder: t('Which host?'), choices });
  if (answer === undefined || answer === back) return undefined;
  return answer.value === 'address' ? askAddress() : answer.value;
}

async function askAddress(): Promise<Host | undefined> {
  const answer = await askText({
    title: t('Diagnose Connection'),
    prompt: t('Address of the server: sftp://, ftps:// or ftp://, with the user. No password.'),
    placeholder: 'sftp://user@example.org:22',
    validate: (value) => {
      const host = hostOfAddress(value);
      return host instanceof RemoteError ? host.message : undefined;
    },
  });
  if (answer === undefined || answer === back) return undefined;
  const host = hostOfAddress(answer.value);
  return host instanceof RemoteError ? undefined : host;
}

function hostOfAddress(text: string): Host | RemoteError {
  const pasted = parsePasted(text);
  if (pasted === undefined || pasted.kind === 'ftpsImplicit')
    return new RemoteError('BadPath', t('Begin with sftp://, ftps:// or ftp://, like sftp://user@example.org.'));
  const user = pasted.user === '' ? '' : `${encodeURIComponent(pasted.user)}@`;
  const address = pasted.address.includes(':') ? `[${pasted.address}]` : pasted.address;
  const host = hostFromAuthority(pasted.kind, `${user}${address}${pasted.port === '' ? '' : `:${pasted.port}`}`);
  if (host instanceof RemoteError) return host;
  return pasted.path === '' || pasted.path === '/' ? host : { ...host, root: pasted.path };
}

/** Whether a scratch file may be written; undefined: nothing is to be done at all. */
async function askHowFar(host: Host, isReadOnly: boolean): Promise<boolean | undefined> {
  const choices: Choice<boolean>[] = [
    { value: false, label: t('Only Look'), detail: t('Connects and logs in like opening the host does; changes nothing on the server') },
    {
      value: true,
      label: t('Look and Try Writing'),
      detail: t(
        'Also writes, renames and deletes a scratch file of a new name in {0}',
        safeText(host.root ?? t('the folder that the log-in starts in'), 120),
      ),
    },
  ];
  const title = t('Diagnose {0}', safeText(host.name, 80));
  const answer = await askChoice({ title, placeholder: t('How far may Ferry go?'), choices: choices.slice(0, isReadOnly ? 1 : 2) });
  return answer === undefined || answer === back ? undefined : answer.value;
}

async function visit({ diagnose, connecting }: DoctorContext, host: Host, mayWrite: boolean): Promise<Diagnosis> {
  const options = { location: ProgressLocation.Notification, cancellable: true, title: t('Diagnosing {0}', safeText(host.name, 80)) };
  return window.withProgress(options, (progress, token) => {
    const stop = new AbortController();
    token.onCancellationRequested(() => stop.abort());
    const onStep = (id: Parameters<typeof titleOf>[0]) => progress.report({ message: titleOf(id) });
    return diagnose(host, { ...connecting(host), signal: stop.signal, mayWrite, onStep });
  });
}

async function offerWhatFollows(context: DoctorContext, diagnosis: Diagnosis): Promise<void> {
  const count = recommended(diagnosis.findings, diagnosis.host).length;
  if (count === 0) return;
  const apply = t('Apply…');
  const name = safeText(diagnosis.host.name, 80);
  const message = count === 1 ? t('One setting of {0} should be another.', name) : t('{0} settings of {1} should be others.', count, name);
  if ((await window.showInformationMessage(message, apply)) === apply) await applyRecommended(context.hosts, diagnosis);
}

/** What may be shared of the diagnosis in front: nothing secret in any case, names and addresses if the person wishes. */
export async function copyDiagnosis(documents: DiagnosisDocuments, chosen: unknown): Promise<void> {
  const diagnosis = documents.of(chosen);
  if (diagnosis === undefined) return;
  const choices: Choice<boolean>[] = [
    { value: true, label: t('Without Names'), detail: t('Users, addresses and home folders are replaced') },
    { value: false, label: t('With Names'), detail: t('As it is; passwords are in neither') },
  ];
  const answer = await askChoice({ title: t('Copy Log to Share'), placeholder: t('What may be in it?'), choices });
  if (answer === undefined || answer === back) return;
  await env.clipboard.writeText(shareableLog(diagnosis, { names: answer.value }));
  void window.showInformationMessage(t('The diagnosis and its log are in the clipboard.'));
}

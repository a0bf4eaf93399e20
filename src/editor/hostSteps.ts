import { homedir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { Uri, window } from 'vscode';
import { t } from '../core/l10n.ts';
import { askChoice } from './choice.ts';
import { complaints } from './hostAnswers.ts';
import { defaultPorts, type HostDraft, type Login } from './hostDraft.ts';
import { suggestName } from './hostNames.ts';
import { bareAddress, type HostKind, parsePasted } from './pastedAddress.ts';
import { askReach, isReaching, reachChoices, type Reaching } from './hostReachSteps.ts';
import { askText, back } from './textInput.ts';

/** What the steps of the wizard work on. */
export interface HostQuestions {
  readonly title: string;
  readonly draft: HostDraft;
  /** Names of the other hosts. */
  readonly taken: readonly string[];
  /** Hosts of the ssh config. */
  readonly configuredNames: readonly string[];
  /** The host's name until now, when it is edited. */
  readonly oldName: string | undefined;
  /** A password that a pasted address held; goes to the keychain, never into the settings. */
  password: string | undefined;
  /** The person wants to be asked for other settings too, after the steps. */
  wantsMore: boolean;
}

type Position = readonly [step: number, of: number];
export type StepResult = 'next' | 'again' | typeof back | undefined;
type Step = (questions: HostQuestions, position: Position) => Promise<StepResult>;

/** Asks all steps, with a way back; `from` is the first one, counted from 0. False when the person cancels. */
export async function askSteps(questions: HostQuestions, from = 0): Promise<boolean> {
  let index = from;
  for (;;) {
    const steps = stepsFor(questions.draft);
    const step = steps[index];
    if (step === undefined) return true;
    const result = await step(questions, [index + 1, steps.length]);
    if (result === undefined) return false;
    if (result === back) index = Math.max(index - 1, 0);
    else if (result === 'next') index++;
  }
}

function stepsFor({ kind, sshConfigHost, login }: HostDraft): readonly Step[] {
  if (sshConfigHost !== '') return [askKind, ...(login === 'asConfigured' ? [] : [askClient]), askRoot, askName];
  return [askKind, askAddress, askPort, askUser, ...(kind === 'sftp' ? [askLogin] : []), askRoot, askName];
}

async function askKind(questions: HostQuestions, step: Position): Promise<StepResult> {
  const { title, draft, configuredNames } = questions;
  const choices: { value: HostKind | Reaching; label: string; detail: string }[] = [
    { value: 'sftp', label: 'SFTP', detail: t('Files over SSH: encrypted; the usual choice for servers that you log in to') },
    { value: 'ftps', label: 'FTPS', detail: t('FTP with TLS (explicit, AUTH TLS): encrypted; the usual choice for web space') },
    { value: 'ftpsImplicit', label: t('FTPS, implicit'), detail: t('FTP with TLS from the first byte, port 990: some old servers') },
    { value: 'ftp', label: 'FTP', detail: t('Not encrypted: password and files can be read on the way') },
    ...reachChoices(draft, configuredNames),
  ];
  const active = draft.sshConfigHost === '' ? draft.kind : 'sshConfig';
  const answer = await askChoice<HostKind | Reaching>({ title, step, choices, active, placeholder: t('How do you reach the server?') });
  if (answer === undefined || answer === back) return answer;
  if (isReaching(answer.value)) return await askReach(answer.value, questions, step);
  draft.sshConfigHost = '';
  if (answer.value !== draft.kind) draft.port = '';
  draft.kind = answer.value;
  return 'next';
}

async function askAddress(questions: HostQuestions, step: Position): Promise<StepResult> {
  const { title, draft } = questions;
  const answer = await askText({
    title,
    step,
    back: true,
    value: draft.address,
    prompt: t('Address of the server. A whole address like sftp://user@example.org:2222/folder fills in the rest.'),
    placeholder: 'example.org',
    validate: (value) =>
      parsePasted(value) === undefined ? complaints.address(value) : complaints.address(parsePasted(value)?.address ?? ''),
  });
  if (answer === undefined || answer === back) return answer;
  const pasted = parsePasted(answer.value);
  if (pasted === undefined) draft.address = bareAddress(answer.value);
  else {
    draft.kind = pasted.kind;
    draft.address = pasted.address;
    draft.port = pasted.port;
    if (pasted.user !== '') draft.user = pasted.user;
    if (pasted.path !== '' && pasted.path !== '/') draft.root = pasted.path;
    questions.password = pasted.password;
  }
  return 'next';
}

async function askPort({ title, draft }: HostQuestions, step: Position): Promise<StepResult> {
  const answer = await askText({
    title,
    step,
    back: true,
    value: draft.port === '' ? String(defaultPorts[draft.kind]) : draft.port,
    prompt: t('Port. The usual one is {0}.', defaultPorts[draft.kind]),
    validate: (value) => complaints.port(value.trim()),
  });
  if (answer === undefined || answer === back) return answer;
  draft.port = answer.value.trim();
  return 'next';
}

async function askUser({ title, draft }: HostQuestions, step: Position): Promise<StepResult> {
  const answer = await askText({
    title,
    step,
    back: true,
    value: draft.user,
    prompt:
      draft.kind === 'sftp'
        ? t('User name. Leave it empty to be asked at each log-in.')
        : t('User name. Leave it empty for an anonymous log-in.'),
    validate: (value) => complaints.user(value),
  });
  if (answer === undefined || answer === back) return answer;
  draft.user = answer.value.trim();
  return 'next';
}

function opensshChoice(proxy: string): readonly { value: 'openssh'; label: string; detail: string }[] {
  const detail = t('Certificates, FIDO keys, GSSAPI, ControlMaster: all as in your terminal, asked here');
  return proxy === '' ? [{ value: 'openssh', label: t('Your own “ssh” program'), detail }] : [];
}

async function askClient({ title, draft }: HostQuestions, step: Position): Promise<StepResult> {
  const choices: { value: 'builtIn' | 'openssh'; label: string; detail: string }[] = [
    { value: 'builtIn', label: t('Ferry’s own SSH'), detail: t('With keys, agent, jump hosts and all else that your ssh config says') },
    ...opensshChoice(draft.proxy),
  ];
  const active = draft.login === 'openssh' ? 'openssh' : 'builtIn';
  const answer = await askChoice({ title, step, back: true, choices, active, placeholder: t('What carries the connection?') });
  if (answer === undefined || answer === back) return answer;
  if (answer.value === 'openssh') draft.login = 'openssh';
  else if (draft.login === 'openssh') draft.login = 'usual';
  return 'next';
}

async function askLogin({ title, draft }: HostQuestions, step: Position): Promise<StepResult> {
  const choices: { value: Login; label: string; detail: string }[] = [
    { value: 'usual', label: t('Automatic'), detail: t('SSH agent and the usual keys of ~/.ssh first, then a password, like “ssh” does') },
    { value: 'password', label: t('Password'), detail: t('Asked at the log-in; saved in the keychain only if you say so') },
    { value: 'key', label: t('Private key file…'), detail: draft.keyFile === '' ? t('OpenSSH, PEM or PuTTY .ppk') : draft.keyFile },
    { value: 'agent', label: t('SSH agent'), detail: t('Only keys that the agent holds') },
    ...opensshChoice(draft.proxy),
  ];
  if (draft.login === 'asConfigured') {
    choices.unshift({
      value: 'asConfigured',
      label: t('As in the settings'),
      detail: t('Keep “client”, “privateKeys” and “agent” as they are'),
    });
  }
  const answer = await askChoice({ title, step, back: true, choices, active: draft.login, placeholder: t('How do you log in?') });
  if (answer === undefined || answer === back) return answer;
  if (answer.value === 'key') {
    const file = await pickKeyFile(draft.keyFile);
    if (file === undefined) return 'again';
    draft.keyFile = file;
  }
  draft.login = answer.value;
  return 'next';
}

async function pickKeyFile(current: string): Promise<string | undefined> {
  const folder = current === '' ? join(homedir(), '.ssh') : current.replace(/^~(?=[/\\])/, homedir());
  const [file] =
    (await window.showOpenDialog({
      title: t('Private Key File'),
      openLabel: t('Use This Key'),
      defaultUri: Uri.file(folder),
      canSelectMany: false,
    })) ?? [];
  if (file === undefined) return undefined;
  if (file.scheme !== 'file') {
    // The key is read by Ferry itself, on the machine it runs on.
    void window.showErrorMessage(t('The key must be a file on this computer.'));
    return undefined;
  }
  const below = relative(homedir(), file.fsPath);
  return below.startsWith('..') || below.includes(':') ? file.fsPath : `~/${below.split(sep).join('/')}`;
}

async function askRoot({ title, draft }: HostQuestions, step: Position): Promise<StepResult> {
  const answer = await askText({
    title,
    step,
    back: true,
    value: draft.root,
    prompt: t('Folder to open on the server. Leave it empty for the one that the log-in starts in.'),
    placeholder: '/var/www',
    validate: (value) => complaints.root(value.trim()),
  });
  if (answer === undefined || answer === back) return answer;
  draft.root = answer.value.trim();
  return 'next';
}

async function askName(questions: HostQuestions, step: Position): Promise<StepResult> {
  const { title, draft, taken, oldName } = questions;
  const named = t('Name of the host in Ferry and in the addresses of its files.');
  const answer = await askText({
    title,
    step,
    back: true,
    value: draft.name === '' ? suggestName(draft.address, taken) : draft.name,
    prompt: oldName === undefined ? named : `${named} ${t('Folders that are open under another name have to be opened again.')}`,
    validate: (value) => complaints.name(value, taken),
    toggle: {
      on: { icon: 'check', tooltip: t('Go on without other settings'), prompt: t('Then you are asked for other settings.') },
      off: { icon: 'settings-gear', tooltip: t('Ask for other settings too: time zone, charset, trash, connections…'), prompt: '' },
    },
  });
  if (answer === undefined || answer === back) return answer;
  draft.name = answer.value.trim();
  questions.wantsMore = answer.toggled;
  return 'next';
}

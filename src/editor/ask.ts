import { commands, ProgressLocation, window } from 'vscode';
import type { Memento } from 'vscode';
import { t } from '../core/l10n.ts';
import type { AdmitRequest, AnswersRequest, Identity, Prompts, SecretRequest } from '../core/prompts.ts';
import { safeText } from '../core/text.ts';
import type { SecretSlot, Secrets } from './secrets.ts';
import { askText, back } from './textInput.ts';
import type { TextToggle } from './textInput.ts';
import { createTurns } from './turns.ts';
import type { TypedSecrets } from './typedSecrets.ts';

export interface AskOptions {
  readonly secrets: Secrets;
  readonly typed: TypedSecrets;
  /** Remembers which warnings were said. */
  readonly state: Memento;
  /** Whether a host is a saved one, which can be edited. */
  readonly isSaved?: (hostName: string) => boolean;
}

/** The questions of transports, asked in VS Code's own inputs and dialogs, one at a time. */
export function createAsk({ secrets, typed, state, isSaved = () => false }: AskOptions): Prompts {
  const turns = createTurns();

  const isForAnother = (slot: SecretSlot) => slot.peer !== undefined && secrets.isForAnother(slot);

  const known = async (hostName: string, slot: SecretSlot) => {
    const given = typed.get(slot);
    if (given !== undefined) return given;
    const secret = await secrets.get(slot);
    // As if it were typed now: once this server accepted it, it is for no other.
    if (secret !== undefined && secrets.isUnbound(slot)) typed.set(hostName, slot, secret, true);
    return secret;
  };

  const askSecret = (request: Omit<SecretRequest, 'refused'>, prompt: string, refused: boolean) => {
    const since = typed.now();
    return turns(request.signal, async () => {
      // A question that waited behind the same one has its answer by now.
      const meanwhile = typed.get(request, since);
      if (meanwhile !== undefined) return meanwhile;
      const answer = await askText({
        title: logInTitle(request),
        prompt,
        password: true,
        warning: refused
          ? t('The server did not accept the last one.')
          : isForAnother(request)
            ? otherServer(request.owner.protocol)
            : undefined,
        toggle: keepToggle(),
        signal: request.signal,
      });
      if (answer === undefined || answer === back) return undefined;
      typed.set(request.hostName, request, answer.value, answer.toggled);
      return answer.value;
    });
  };

  return {
    async secret(request) {
      if (request.silent === true) return request.refused ? undefined : await known(request.hostName, request);
      if (request.refused) {
        typed.forget(request, typed.now());
        await secrets.forget(request);
      } else {
        const secret = await known(request.hostName, request);
        if (secret !== undefined) return secret;
      }
      return await askSecret(request, secretPrompt(request), request.refused);
    },

    async answers(request) {
      const slot: SecretSlot = { owner: request.owner, kind: 'password', peer: request.peer };
      if (request.prompts.length === 0) return [];
      if (request.silent === true) {
        const secret = asksForPassword(request) && request.refused === 0 ? await known(request.hostName, slot) : undefined;
        return secret === undefined ? undefined : [secret];
      }
      if (!asksForPassword(request)) return await turns(request.signal, () => askAnswers(request));
      if (request.refused === 0) {
        const secret = await known(request.hostName, slot);
        if (secret !== undefined) return [secret];
      } else {
        typed.forget(slot, typed.now());
        await secrets.forget(slot);
      }
      const answer = await askSecret({ ...request, kind: 'password' }, answersPrompt(request, 0), request.refused > 0);
      return answer === undefined ? undefined : [answer];
    },

    user: ({ hostName, address, signal }) =>
      turns(signal, async () => {
        const answer = await askText({
          title: t('Log in to {0}', safeText(hostName, 80)),
          prompt: t('User name for {0}', safeText(address, 200)),
          validate: (value) => (value.trim() === '' ? t('Enter the name of your account on the server.') : undefined),
          signal,
        });
        return answer === undefined || answer === back ? undefined : answer.value.trim();
      }),

    async admit(request) {
      return (await turns(request.signal, () => admit(request))) === true;
    },

    notice: showNotice,

    warn(topic, hostName) {
      void warnOnce(state, topic, hostName, isSaved(hostName)).catch(() => undefined);
    },
  };
}

/** As long as the signal does not abort. */
function showNotice({ hostName, text, signal }: Parameters<Prompts['notice']>[0]): void {
  if (signal.aborted) return;
  const title = `${safeText(hostName, 80)}: ${safeText(text, 300)}`;
  const over = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  void window.withProgress({ location: ProgressLocation.Notification, title }, () => over);
}

function logInTitle({ hostName, station }: Pick<SecretRequest, 'hostName' | 'station'>): string {
  const host = safeText(hostName, 80);
  return station === undefined ? t('Log in to {0}', host) : t('Log in to {0}, on the way to {1}', safeText(station, 200), host);
}

function keepToggle(): TextToggle {
  return {
    off: {
      icon: 'circle-large-outline',
      tooltip: t("Save in this computer's keychain: off"),
      prompt: t("It is forgotten when this window closes; the button above saves it in this computer's keychain."),
    },
    on: {
      icon: 'pass-filled',
      tooltip: t("Save in this computer's keychain: on"),
      prompt: t("It is saved in this computer's keychain once the server accepts it."),
    },
  };
}

function otherServer(protocol: string): string {
  return protocol === 'sftp'
    ? t('The saved one was given to a server with another key, and is not sent to this one.')
    : t('The saved one was given to a server with another certificate, and is not sent to this one.');
}

function secretPrompt({ owner, kind, file }: SecretRequest): string {
  if (kind === 'passphrase') return t('Passphrase of {0}.', safeText(file ?? '', 200));
  return t('Password for {0}@{1}, port {2}.', safeText(owner.user, 80), safeText(owner.address, 200), owner.port);
}

/** Whether a round is the plain password question, for which a saved password may stand in; one-time codes never are. */
function asksForPassword({ prompts, program }: AnswersRequest): boolean {
  if (program !== undefined) return false;
  const [only, ...others] = prompts;
  if (only === undefined || others.length > 0 || only.echo) return false;
  return /passw|kennwort|mot de passe/i.test(only.serverPrompt) && !/one|time|otp|token|code|verif|new|expired/i.test(only.serverPrompt);
}

function answersPrompt(request: AnswersRequest, index: number): string {
  const said = [request.serverName, request.serverInstructions, request.prompts[index]?.serverPrompt ?? ''];
  return said
    .map((text) => safeText(text))
    .filter((text) => text !== '')
    .join(' · ');
}

async function askAnswers(request: AnswersRequest): Promise<string[] | undefined> {
  const answers: string[] = [];
  for (const [index, { echo }] of request.prompts.entries()) {
    const answer = await askText({
      title:
        request.program === undefined
          ? t('{0}: the server asks', logInTitle(request))
          : t('{0}: {1} asks', logInTitle(request), request.program),
      prompt: answersPrompt(request, index),
      password: !echo,
      step: request.prompts.length > 1 ? [index + 1, request.prompts.length] : undefined,
      warning: index === 0 && request.refused > 0 ? t('The server did not accept the last answers.') : undefined,
      signal: request.signal,
    });
    if (answer === undefined || answer === back) return undefined;
    answers.push(answer.value);
  }
  return answers;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** A modal dialog can't be taken back: an answer that comes after the abort counts as no. */
async function admit(request: AdmitRequest): Promise<boolean> {
  const trust = t('Trust and Connect');
  const { station } = request;
  const host = safeText(request.hostName, 80);
  const who = station === undefined ? host : t('{0}, on the way to {1},', capitalized(safeText(station, 200)), host);
  const place = `${safeText(request.address, 200)}:${request.port}`;
  const question =
    request.identity.kind === 'hostKey'
      ? t('{0} ({1}) is new to you. Is this its key?', who, place)
      : t('{0} ({1}) shows a certificate that this computer does not trust.', who, place);
  const detail = [describeIdentity(request.identity), ...(request.note === undefined ? [] : ['', safeText(request.note)])].join('\n');
  const answer = await window.showWarningMessage(question, { modal: true, detail }, trust);
  return answer === trust && !request.signal.aborted;
}

/** The identity in lines of plain text, for dialogs. */
function describeIdentity(identity: Identity): string {
  if (identity.kind === 'hostKey') {
    return [
      t('{0} key with the fingerprint', safeText(identity.algorithm, 80)),
      safeText(identity.fingerprint, 120),
      '',
      t('Compare it with what the people who run the server tell you. It is remembered once the log-in succeeds.'),
    ].join('\n');
  }
  return [
    safeText(identity.problem),
    '',
    t('Issued to: {0}', safeText(identity.subject)),
    t('Names: {0}', safeText(identity.names.slice(0, 20).join(', ')) || '—'),
    t('Issued by: {0}', safeText(identity.issuer)),
    t('Valid: {0} to {1}', safeText(identity.validFrom, 60), safeText(identity.validTo, 60)),
    t('SHA-256: {0}', safeText(identity.fingerprint, 120)),
    '',
    t('If you trust it, exactly this certificate is accepted from now on, and no other in its place.'),
  ].join('\n');
}

const warnedKey = 'warnedHosts';

async function warnOnce(state: Memento, topic: Parameters<Prompts['warn']>[0], hostName: string, canEdit: boolean): Promise<void> {
  const warned = state.get<readonly string[]>(warnedKey, []);
  const name = `${topic} ${hostName.toLowerCase()}`;
  if (warned.includes(name)) return;
  await state.update(warnedKey, [...warned, name]);
  const host = safeText(hostName, 80);
  const text = {
    plaintext: t('{0}: plain FTP. Your password and every file can be read on the way. Use SFTP or FTPS if the server offers it.', host),
    oldTls: t('{0}: an old version of TLS is allowed for this host. What you send may be readable on the way.', host),
    legacyAlgorithms: t('{0}: old SSH algorithms are allowed for this host. What you send may be readable on the way.', host),
  }[topic];
  const edit = t('Edit Host…');
  if ((await window.showWarningMessage(text, ...(canEdit ? [edit] : []))) === edit)
    await commands.executeCommand('ferry.editHost', hostName);
}

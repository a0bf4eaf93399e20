import { t } from '../core/l10n.ts';
import { safeText } from '../core/text.ts';
import { askChoice } from './choice.ts';
import { complaints } from './hostAnswers.ts';
import type { HostDraft } from './hostDraft.ts';
import { suggestName } from './hostNames.ts';
import type { HostQuestions, StepResult } from './hostSteps.ts';
import { askText, back } from './textInput.ts';

/** What may be said about the way to a server, beside its protocol. */
const reachings = ['sshConfig', 'jump', 'proxy'] as const;
export type Reaching = (typeof reachings)[number];

export function isReaching(value: string): value is Reaching {
  return reachings.some((reaching) => reaching === value);
}

export function reachChoices(
  { kind, jump, proxy, login }: HostDraft,
  configured: readonly string[],
): readonly { value: Reaching; label: string; detail: string }[] {
  const following = {
    value: 'sshConfig',
    label: t('Host of your ssh config…'),
    detail: t('SFTP, with what ~/.ssh/config says about it'),
  } as const;
  const jumping = {
    value: 'jump',
    label: t('Through jump hosts…'),
    detail: jump === '' ? t('SFTP behind other SSH servers') : safeText(jump, 200),
  } as const;
  const proxying = {
    value: 'proxy',
    label: t('Through a proxy…'),
    detail: proxy === '' ? t('SOCKS or HTTP') : safeText(proxy, 200),
  } as const;
  return [
    ...(configured.length > 0 ? [following] : []),
    ...(kind === 'sftp' ? [jumping] : []),
    ...(login === 'openssh' && proxy === '' ? [] : [proxying]),
  ];
}

/** `again`: back to the choice that it came from, where what was said now shows. */
export async function askReach(reaching: Reaching, questions: HostQuestions, step: readonly [number, number]): Promise<StepResult> {
  if (reaching === 'sshConfig') return await askConfigured(questions, step);
  const { title, draft } = questions;
  const isJump = reaching === 'jump';
  const answer = await askText({
    ...{ title, step, back: true, value: draft[reaching] },
    prompt: isJump
      ? t('Hosts to go through, in this order: saved ones, or addresses like user@bastion:22. Empty: none.')
      : t('Address of the proxy. Its password is asked for when it connects. Empty: none.'),
    placeholder: isJump ? 'user@bastion, inner' : 'socks5://user@proxy:1080',
    validate: (value) => complaints[reaching](value),
  });
  if (answer === undefined) return undefined;
  if (answer !== back) draft[reaching] = answer.value.trim();
  return 'again';
}

async function askConfigured(
  { title, draft, taken, configuredNames }: HostQuestions,
  step: readonly [number, number],
): Promise<StepResult> {
  const choices = configuredNames.map((name) => ({ value: name, label: name }));
  const answer = await askChoice({ title, step, back: true, choices, active: draft.sshConfigHost, placeholder: t('Which host?') });
  if (answer === undefined) return undefined;
  if (answer === back) return 'again';
  draft.kind = 'sftp';
  draft.sshConfigHost = answer.value;
  draft.address = answer.value;
  if (draft.name === '') draft.name = suggestName(answer.value, taken);
  return 'next';
}

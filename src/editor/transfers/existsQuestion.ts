import { abortError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import { basename } from '../../core/path.ts';
import { safeText } from '../../core/text.ts';
import type { OnExists } from '../../core/transfers/item.ts';
import type { AskAboutMeeting, Meeting } from '../../core/transfers/meeting.ts';
import { askChoice, type Choice } from '../choice.ts';
import { formatBytes } from '../transferText.ts';

type Answer = Exclude<OnExists, 'ask'>;

/** What was said of a group's files. */
interface Said {
  forAll: Answer | undefined;
  /** Of those that can not be gone on with, where the others are. */
  forOthers: Answer | undefined;
}

/**
 * Asks for one file after another, whatever runs at once; an answer for all counts for the rest of its group, and one for a file for its further
 * attempts. Who leaves it skips the file.
 */
export function createExistsQuestion(): AskAboutMeeting {
  const groups = new Map<number, Said>();
  const files = new Map<number, Answer>();
  let line: Promise<unknown> = Promise.resolve();

  const ask: AskAboutMeeting = async (meeting, signal) => {
    const { item, group, mayResume } = meeting;
    const said = groups.get(group.id) ?? { forAll: undefined, forOthers: undefined };
    groups.set(group.id, said);
    const fits = (answer: Answer | undefined) => answer !== undefined && (mayResume || answer !== 'resume');
    const known = [files.get(item.id), said.forAll, said.forOthers].find(fits);
    if (known !== undefined) return known;
    assertWanted(signal);
    const answer = await askAbout(meeting, signal);
    assertWanted(signal);
    if (answer === undefined) return 'skip';
    if (!answer.isForAll) files.set(item.id, answer.way);
    else if (said.forAll === 'resume') said.forOthers = answer.way;
    else said.forAll = answer.way;
    return answer.way;
  };
  return (meeting, signal) => {
    const asked = line.then(() => ask(meeting, signal));
    line = asked.catch(() => undefined);
    return asked;
  };
}

function assertWanted(signal: AbortSignal): void {
  if (signal.aborted) throw abortError(signal);
}

async function askAbout(
  { item, there, mayResume }: Meeting,
  signal: AbortSignal,
): Promise<{ readonly way: Answer; readonly isForAll: boolean } | undefined> {
  const ways: readonly (readonly [Answer, string])[] = [
    ['overwrite', t('Overwrite')],
    ['newer', t('Overwrite If Newer')],
    ...(mayResume ? [['resume', t('Resume')] as const] : []),
    ['rename', t('Keep Both')],
    ['skip', t('Skip')],
  ];
  const choices: Choice<{ readonly way: Answer; readonly isForAll: boolean }>[] = [
    ...ways.map(([way, label]) => ({ value: { way, isForAll: false }, label, ...detailOf(way) })),
    ...ways.map(([way, label]) => ({ value: { way, isForAll: true }, label: t('{0}: All of These', label) })),
  ];
  const title = t('There Is Already “{0}”', safeText(basename(item.to.path), 100));
  const sizes = t('{0} there, {1} to come', formatBytes(there.size), formatBytes(item.size));
  const placeholder = `${safeText(`${item.to.host}${item.to.path}`, 200)}: ${sizes}`;
  const answer = await askChoice({ title, placeholder, choices, stays: true, signal });
  return typeof answer === 'object' ? answer.value : undefined;
}

function detailOf(way: Answer): { readonly description?: string } {
  return way === 'resume' ? { description: t('what is there is the beginning of it') } : {};
}

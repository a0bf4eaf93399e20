import { t } from '../../core/l10n.ts';
import { basename } from '../../core/path.ts';
import { safeText } from '../../core/text.ts';
import { abortError } from '../../core/errors.ts';
import type { BringItemParts } from '../../core/transfers/bringItem.ts';
import type { OnExists } from '../../core/transfers/item.ts';
import { askChoice, type Choice } from '../choice.ts';

type Answer = Exclude<OnExists, 'ask'>;

/** Asks for one file after another, whatever runs at once; an answer for all counts for the rest of its group. Who leaves it skips the file. */
export function createExistsQuestion(): BringItemParts['ask'] {
  const forAll = new Map<number, Answer>();
  let line: Promise<unknown> = Promise.resolve();

  const ask: BringItemParts['ask'] = async ({ to }, { id }, signal) => {
    const known = forAll.get(id);
    if (known !== undefined) return known;
    if (signal.aborted) throw abortError(signal);
    const ways: readonly (readonly [Answer, string])[] = [
      ['overwrite', t('Overwrite')],
      ['newer', t('Overwrite If Newer')],
      ['rename', t('Keep Both')],
      ['skip', t('Skip')],
    ];
    const choices: Choice<{ readonly way: Answer; readonly isForAll: boolean }>[] = [
      ...ways.map(([way, label]) => ({ value: { way, isForAll: false }, label })),
      ...ways.map(([way, label]) => ({ value: { way, isForAll: true }, label: t('{0}: All of These', label) })),
    ];
    const title = t('There Is Already “{0}”', safeText(basename(to.path), 100));
    const answer = await askChoice({ title, placeholder: safeText(`${to.host}${to.path}`, 200), choices });
    if (typeof answer !== 'object') return 'skip';
    if (answer.value.isForAll) forAll.set(id, answer.value.way);
    return answer.value.way;
  };
  return (item, group, signal) => {
    const asked = line.then(() => ask(item, group, signal));
    line = asked.catch(() => undefined);
    return asked;
  };
}

import { QuickInputButtons, window } from 'vscode';
import type { QuickInput, QuickInputButton, QuickPickItem } from 'vscode';
import { onAbort } from './abort.ts';
import { back } from './textInput.ts';

export interface Choice<T> extends QuickPickItem {
  readonly value: T;
}

export interface ChoiceQuestion<T> {
  readonly title: string;
  readonly placeholder: string;
  readonly choices: readonly Choice<T>[];
  readonly active?: T | undefined;
  readonly step?: readonly [step: number, of: number] | undefined;
  readonly back?: boolean | undefined;
  /** It waits for an answer, whatever the person does elsewhere meanwhile. Default: only where it is one of several steps. */
  readonly stays?: boolean | undefined;
  /** It goes away, unanswered, when this aborts. */
  readonly signal?: AbortSignal | undefined;
  /** A button of a choice was pressed: that ends the question, unanswered, and the caller may ask anew. */
  readonly onButton?: ((value: T, button: QuickInputButton) => void) | undefined;
}

/** One of several, asked from the person; undefined when cancelled. */
export async function askChoice<T>(question: ChoiceQuestion<T>): Promise<Choice<T> | typeof back | undefined> {
  const pick = window.createQuickPick<Choice<T>>();
  pick.title = question.title;
  pick.placeholder = question.placeholder;
  pick.items = question.choices;
  pick.activeItems = question.choices.filter(({ value }) => value === question.active);
  pick.ignoreFocusOut = question.stays ?? question.step !== undefined;
  pick.matchOnDescription = true;
  if (question.step !== undefined) [pick.step, pick.totalSteps] = question.step;
  if (question.back === true) pick.buttons = [QuickInputButtons.Back];
  const answer = Promise.withResolvers<Choice<T> | typeof back | undefined>();
  pick.onDidTriggerButton(() => answer.resolve(back));
  pick.onDidTriggerItemButton(({ item, button }) => {
    question.onButton?.(item.value, button);
    answer.resolve(undefined);
  });
  pick.onDidAccept(() => {
    const [chosen] = pick.selectedItems;
    if (chosen !== undefined) answer.resolve(chosen);
  });
  const ending = onAbort(question.signal, () => answer.resolve(undefined));
  try {
    return await answered(pick, answer);
  } finally {
    ending.dispose();
  }
}

/** Shows `pick` until `answer` is there, and takes it away then; hiding it answers with undefined. */
export async function answered<T>(
  pick: Pick<QuickInput, 'onDidHide' | 'show' | 'dispose'>,
  answer: PromiseWithResolvers<T | undefined>,
): Promise<T | undefined> {
  pick.onDidHide(() => answer.resolve(undefined));
  pick.show();
  try {
    return await answer.promise;
  } finally {
    pick.dispose();
  }
}

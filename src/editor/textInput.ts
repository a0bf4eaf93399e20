import { InputBoxValidationSeverity, QuickInputButtons, ThemeIcon, window } from 'vscode';
import type { InputBox, QuickInputButton } from 'vscode';
import { onAbort } from './abort.ts';

/** A line of text asked from the person. All text in it must be safe to show (`safeText` for what a server said). */
export interface TextQuestion {
  readonly title: string;
  readonly prompt: string;
  readonly value?: string | undefined;
  readonly placeholder?: string | undefined;
  readonly password?: boolean;
  readonly step?: readonly [step: number, of: number] | undefined;
  readonly back?: boolean | undefined;
  /** Shown before the prompt until the person types. */
  readonly warning?: string | undefined;
  /** What is wrong with the value, as one types; undefined: nothing. */
  readonly validate?: ((value: string) => string | undefined) | undefined;
  readonly toggle?: TextToggle | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A button in the input's title that is on or off; off at first. `on`/`off` say what that state means. */
export interface TextToggle {
  readonly on: { readonly icon: string; readonly tooltip: string; readonly prompt: string };
  readonly off: { readonly icon: string; readonly tooltip: string; readonly prompt: string };
}

export interface TextAnswer {
  readonly value: string;
  readonly toggled: boolean;
}

/** The person wants the step before. */
export const back = Symbol('back');

/** Undefined when the person cancels or the signal aborts. */
export async function askText(question: TextQuestion): Promise<TextAnswer | typeof back | undefined> {
  const box = window.createInputBox();
  box.title = question.title;
  box.value = question.value ?? '';
  box.placeholder = question.placeholder;
  box.password = question.password ?? false;
  box.ignoreFocusOut = true;
  if (question.step !== undefined) [box.step, box.totalSteps] = question.step;
  if (question.warning !== undefined) {
    // VS Code shows it in place of the prompt.
    box.validationMessage = { message: `${question.warning} ${question.prompt}`, severity: InputBoxValidationSeverity.Warning };
  }
  const answer = Promise.withResolvers<TextAnswer | typeof back | undefined>();
  const stop = onAbort(question.signal, () => answer.resolve(undefined));
  const toggle = showButtons(box, question, () => answer.resolve(back));
  const complaint = () => question.validate?.(box.value);
  box.onDidChangeValue(() => (box.validationMessage = complaint()));
  box.onDidAccept(() => {
    const wrong = complaint();
    if (wrong === undefined) answer.resolve({ value: box.value, toggled: toggle.on });
    else box.validationMessage = wrong;
  });
  box.onDidHide(() => answer.resolve(undefined));
  if (question.signal?.aborted !== true) box.show();
  try {
    return await answer.promise;
  } finally {
    stop.dispose();
    box.dispose();
  }
}

function showButtons(box: InputBox, question: TextQuestion, goBack: () => void): { readonly on: boolean } {
  const state = { on: false };
  const show = () => {
    const buttons: QuickInputButton[] = question.back === true ? [QuickInputButtons.Back] : [];
    const side = question.toggle?.[state.on ? 'on' : 'off'];
    if (side !== undefined) buttons.push({ iconPath: new ThemeIcon(side.icon), tooltip: side.tooltip });
    box.buttons = buttons;
    box.prompt = side === undefined ? question.prompt : `${question.prompt} ${side.prompt}`;
  };
  box.onDidTriggerButton((button) => {
    if (button === QuickInputButtons.Back) {
      goBack();
      return;
    }
    state.on = !state.on;
    show();
  });
  show();
  return state;
}

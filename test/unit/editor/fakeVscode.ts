import { registerHooks } from 'node:module';
import { desk, tabGroups, type Uri, workspaceParts } from './fakeWorkspace.ts';

/** How a test answers an input box: text, with the toggle pressed before or not; undefined: Escape. */
export type Answer = { readonly text: string; readonly toggled?: boolean } | undefined;

export interface ShownBox {
  readonly title: string;
  readonly prompt: string;
  readonly password: boolean;
  readonly warning: string | undefined;
}

/** The person before the fake VS Code: answers in order, and what was shown. */
export const person = {
  answers: [] as Answer[],
  boxes: [] as ShownBox[],
  dialogs: [] as { readonly message: string; readonly detail: string; readonly buttons: readonly string[] }[],
  /** The buttons that are pressed, one dialog after another; then `dialogAnswer` for each. */
  presses: [] as string[],
  dialogAnswer: undefined as string | undefined,
  /** What is picked from lists, one after another. */
  picks: [] as string[],
  /** What was said without a question. */
  told: [] as string[],
  /** The button that is pressed in what was said so. */
  toldAnswer: undefined as string | undefined,
  /** What is chosen where a folder or file is asked for. */
  place: undefined as Uri | undefined,
  /** Presses Cancel, of each progress that was shown. */
  cancels: [] as (() => void)[],
  open: 0,
  reset() {
    person.cancels = [];
    person.answers = [];
    person.boxes = [];
    person.dialogs = [];
    person.presses = [];
    person.picks = [];
    person.dialogAnswer = undefined;
    person.told = [];
    person.toldAnswer = undefined;
    person.place = undefined;
    desk.reset();
    person.open = 0;
  },
};

class InputBox {
  title = '';
  prompt = '';
  value = '';
  password = false;
  buttons: unknown[] = [];
  validationMessage: { message: string } | string | undefined;
  #accept: () => void = () => {};
  #hide: () => void = () => {};
  #press: (button: unknown) => void = () => {};

  onDidChangeValue(): void {}
  onDidAccept(listener: () => void): void {
    this.#accept = listener;
  }
  onDidHide(listener: () => void): void {
    this.#hide = listener;
  }
  onDidTriggerButton(listener: (button: unknown) => void): void {
    this.#press = listener;
  }
  dispose(): void {
    person.open--;
  }

  show(): void {
    if (++person.open > 1) throw new Error('two questions at a time');
    const warning = typeof this.validationMessage === 'object' ? this.validationMessage.message : this.validationMessage;
    person.boxes.push({ title: this.title, prompt: this.prompt, password: this.password, warning });
    const answer = person.answers.shift();
    setImmediate(() => {
      if (answer === undefined) this.#hide();
      else {
        if (answer.toggled) this.#press(this.buttons[0]);
        this.value = answer.text;
        this.#accept();
      }
    });
  }
}

/** The item with the next label of `person.picks` is chosen, else the first. */
class QuickPick {
  items: { readonly label: string }[] = [];
  selectedItems: unknown[] = [];
  #accept: () => void = () => {};

  onDidTriggerItemButton(): void {}
  onDidTriggerButton(): void {}
  onDidHide(): void {}
  onDidAccept(listener: () => void): void {
    this.#accept = listener;
  }
  dispose(): void {}
  show(): void {
    setImmediate(() => {
      const label = person.picks.shift();
      this.selectedItems = this.items.filter((item, index) => (label === undefined ? index === 0 : item.label === label));
      this.#accept();
    });
  }
}

const fake = {
  ...workspaceParts,
  window: {
    activeTextEditor: undefined,
    tabGroups,
    createInputBox: () => new InputBox(),
    showWarningMessage: (message: string, options: { detail?: string } | string | undefined, ...rest: string[]) => {
      const buttons = typeof options === 'string' ? [options, ...rest] : rest;
      person.dialogs.push({ message, detail: typeof options === 'object' ? (options.detail ?? '') : '', buttons });
      return Promise.resolve(person.presses.shift() ?? person.dialogAnswer);
    },
    showInformationMessage: (message: string) => {
      person.told.push(message);
      return Promise.resolve(person.toldAnswer);
    },
    showOpenDialog: () => Promise.resolve(person.place && [person.place]),
    showSaveDialog: () => Promise.resolve(person.place),
    createQuickPick: () => new QuickPick(),
    showErrorMessage: () => Promise.resolve(undefined),
    withProgress: (_: unknown, task: (progress: unknown, token: unknown) => unknown) => {
      const cancelled = new workspaceParts.EventEmitter<undefined>();
      person.cancels.push(() => cancelled.fire(undefined));
      return Promise.resolve(task({ report: () => {} }, { onCancellationRequested: cancelled.event }));
    },
  },
  ProgressLocation: { SourceControl: 1, Window: 10, Notification: 15 },
  InputBoxValidationSeverity: { Info: 1, Warning: 2, Error: 3 },
  QuickInputButtons: { Back: {} },
  ThemeColor: class {
    readonly fake = true;
  },
  ThemeIcon: class {
    readonly fake = true;
  },
};

(globalThis as unknown as { fakeVscode: typeof fake }).fakeVscode = fake;
const source = Object.keys(fake)
  .map((name) => `export const ${name} = globalThis.fakeVscode.${name};`)
  .join('');

/** Puts the fake in the place of the module `vscode`, which only VS Code has, for the imports of this process. */
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'vscode'
      ? { url: `data:text/javascript,${encodeURIComponent(source)}`, format: 'module', shortCircuit: true }
      : next(specifier, context),
});

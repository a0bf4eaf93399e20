import { registerHooks } from 'node:module';

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
  dialogs: [] as { readonly message: string; readonly detail: string }[],
  dialogAnswer: undefined as string | undefined,
  open: 0,
  reset() {
    person.answers = [];
    person.boxes = [];
    person.dialogs = [];
    person.dialogAnswer = undefined;
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

const fake = {
  window: {
    createInputBox: () => new InputBox(),
    showWarningMessage: (message: string, options: { detail?: string } | string | undefined) => {
      person.dialogs.push({ message, detail: typeof options === 'object' ? (options.detail ?? '') : '' });
      return Promise.resolve(person.dialogAnswer);
    },
    showInformationMessage: () => Promise.resolve(undefined),
    showErrorMessage: () => Promise.resolve(undefined),
  },
  commands: { executeCommand: () => Promise.resolve() },
  InputBoxValidationSeverity: { Info: 1, Warning: 2, Error: 3 },
  QuickInputButtons: { Back: {} },
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

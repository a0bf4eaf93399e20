import * as vscode from 'vscode';
import { demo } from './demo.ts';

/*
 * The person in front of this VS Code: trusts the demo servers, knows their password. Answers in the place of the dialogs that a real one
 * would see; the user interface tests use the real ones.
 */

type Window = { -readonly [Name in 'createInputBox' | 'showWarningMessage' | 'showErrorMessage']: (typeof vscode.window)[Name] };

export function takePlace(): void {
  const window = vscode.window as Window;
  const createInputBox = window.createInputBox.bind(vscode.window);
  window.createInputBox = () => typing(createInputBox(), demo.password);
  window.showWarningMessage = (_message: string, ...rest: unknown[]) =>
    Promise.resolve(rest.find((button) => button === 'Trust and Connect'));
  window.showErrorMessage = () => Promise.resolve(undefined);
}

/** The same box, but in it is typed and Enter pressed as soon as it shows. */
function typing(box: vscode.InputBox, text: string): vscode.InputBox {
  const accepted = new vscode.EventEmitter<void>();
  return new Proxy(box, {
    get: (target, name) => {
      if (name === 'onDidAccept') return accepted.event;
      if (name === 'show')
        return () => {
          target.value = text;
          setTimeout(() => accepted.fire(), 10);
        };
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
    set: (target, name, value) => Reflect.set(target, name, value),
  });
}

import * as vscode from 'vscode';
import { demo } from './demo.ts';
import { realServers } from './real.ts';

/*
 * The person in front of this VS Code: trusts the servers of the tests, knows their passwords. Answers in the place of the dialogs that a real one
 * would see; the user interface tests use the real ones.
 */

type Window = { -readonly [Name in 'createInputBox' | 'showWarningMessage' | 'showErrorMessage']: (typeof vscode.window)[Name] };

/** What the person is told from now on, in warnings. */
export function takePlace(): string[] {
  const window = vscode.window as Window;
  const createInputBox = window.createInputBox.bind(vscode.window);
  window.createInputBox = () => typing(createInputBox());
  const told: string[] = [];
  window.showWarningMessage = (message: string, ...rest: unknown[]) => {
    told.push(message);
    return Promise.resolve(rest.find((button) => button === 'Trust and Connect'));
  };
  window.showErrorMessage = () => Promise.resolve(undefined);
  return told;
}

/** By the user's name, which the question names. */
function passwordFor(question: string): string {
  const server = realServers.find(({ setting, password }) => password !== undefined && question.includes(` ${setting.user}@`));
  return server?.password ?? demo.password;
}

/** The same box, but in it is typed and Enter pressed as soon as it shows. */
function typing(box: vscode.InputBox): vscode.InputBox {
  const accepted = new vscode.EventEmitter<void>();
  return new Proxy(box, {
    get: (target, name) => {
      if (name === 'onDidAccept') return accepted.event;
      if (name === 'show')
        return () => {
          target.value = passwordFor(target.prompt ?? '');
          setTimeout(() => accepted.fire(), 10);
        };
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
    set: (target, name, value) => Reflect.set(target, name, value),
  });
}

export { eventually } from '../support/eventually.ts';
import assert from 'node:assert/strict';
import * as vscode from 'vscode';

/** Replaces all that is in a document, as a person would who typed. */
export async function typeText(document: vscode.TextDocument, text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, document.validateRange(new vscode.Range(0, 0, document.lineCount, 0)), text);
  assert.ok(await vscode.workspace.applyEdit(edit));
}

/** What is typed into a box; `toggled`: after its button was pressed. */
export type Typed = string | { readonly text: string; readonly toggled: true };

/**
 * Runs `act`; in each box that opens the next of `texts` is typed, and Enter pressed, again after a complaint. A box that there is no
 * text for is left. Resolves to the complaints; fails if a text was never asked for.
 */
export async function answeringBoxes(texts: readonly Typed[], act: () => Thenable<unknown>): Promise<string[]> {
  const window = vscode.window as { createInputBox: typeof vscode.window.createInputBox };
  const { createInputBox } = window;
  const left = [...texts];
  const complaints: string[] = [];
  window.createInputBox = () => answered(createInputBox.call(vscode.window), left, complaints);
  try {
    await act();
  } finally {
    window.createInputBox = createInputBox;
  }
  assert.deepEqual(left, [], 'never asked for');
  return complaints;
}

function answered(box: vscode.InputBox, left: Typed[], complaints: string[]): vscode.InputBox {
  const accepted = new vscode.EventEmitter<void>();
  const pressed = new vscode.EventEmitter<vscode.QuickInputButton>();
  const answer = () =>
    setTimeout(() => {
      const typed = left.shift();
      // Before all others there may be the one that leads back.
      const button = box.buttons.findLast((each) => each !== vscode.QuickInputButtons.Back);
      if (typeof typed === 'object' && button !== undefined) pressed.fire(button);
      if (typed === undefined) box.hide();
      else {
        box.value = typeof typed === 'object' ? typed.text : typed;
        accepted.fire();
      }
    }, 20);
  const show = () => {
    box.show();
    answer();
  };
  return new Proxy(box, {
    get: (target, name) => {
      if (name === 'onDidAccept') return accepted.event;
      if (name === 'onDidTriggerButton') return pressed.event;
      if (name === 'show') return show;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
    set: (target, name, value: unknown) => {
      if (name === 'validationMessage' && typeof value === 'string') {
        complaints.push(value);
        answer();
      }
      return Reflect.set(target, name, value);
    },
  });
}

import * as vscode from 'vscode';

/*
 * The person again, before lists and questions with buttons: what is chosen in each list that opens, in order, and which buttons are
 * pressed. A list that nobody has an answer for is left.
 */

interface Plan {
  /** A row's label, or how it begins; of a list with ticks all that are ticked in the end. */
  readonly rows: (string | readonly string[])[];
  readonly buttons: readonly string[];
}

type Window = {
  -readonly [Name in 'createQuickPick' | 'showInformationMessage' | 'showWarningMessage']: (typeof vscode.window)[Name];
};

/** Runs `act`, which sees the questions so far, with the plan; fails if a row that was to be chosen never came. Resolves to the questions that were asked. */
export async function choosing({ rows, buttons }: Plan, act: (asked: readonly string[]) => Thenable<unknown>): Promise<string[]> {
  const window = vscode.window as Window;
  const before = { ...window };
  const { createQuickPick } = window;
  const left = [...rows];
  const asked: string[] = [];
  const answer = (message: string, ...rest: unknown[]) => {
    asked.push(message);
    return Promise.resolve(rest.find((button) => typeof button === 'string' && buttons.includes(button)));
  };
  window.createQuickPick = (() => pressing(createQuickPick.call(vscode.window), left)) as typeof createQuickPick;
  window.showInformationMessage = answer;
  window.showWarningMessage = answer;
  try {
    await act(asked);
  } finally {
    Object.assign(window, {
      createQuickPick: before.createQuickPick,
      showInformationMessage: before.showInformationMessage,
      showWarningMessage: before.showWarningMessage,
    });
  }
  if (left.length > 0) throw new Error(`never chosen: ${left.join(', ')}`);
  return asked;
}

/** The same list, but the row is chosen as soon as it is there. */
function pressing<T extends vscode.QuickPickItem>(pick: vscode.QuickPick<T>, left: Plan['rows']): vscode.QuickPick<T> {
  const accepted = new vscode.EventEmitter<void>();
  const ticked = new vscode.EventEmitter<readonly T[]>();
  let chosen: readonly T[] = [];
  const look = () => {
    const wanted = left[0];
    if (wanted === undefined) {
      pick.hide();
      return;
    }
    const labels = typeof wanted === 'string' ? [wanted] : wanted;
    const rows = labels.map((begin) => pick.items.find(({ label }) => label.startsWith(begin)));
    if (rows.includes(undefined)) return;
    left.shift();
    chosen = rows.filter((row) => row !== undefined);
    clearInterval(timer);
    if (typeof wanted !== 'string') ticked.fire(chosen);
    accepted.fire();
  };
  const timer = setInterval(look, 50);
  pick.onDidHide(() => clearInterval(timer));
  return new Proxy(pick, {
    get: (target, name) => {
      if (name === 'onDidAccept') return accepted.event;
      if (name === 'onDidChangeSelection') return ticked.event;
      if (name === 'selectedItems' || (name === 'activeItems' && chosen.length > 0)) return chosen;
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
    set: (target, name, value) => Reflect.set(target, name, value),
  });
}

import { window } from 'vscode';
import { t } from '../core/l10n.ts';
import { safeText } from '../core/text.ts';
import type { Location } from './uri.ts';

/**
 * VS Code says names of files as they are in messages of its own (“Failed to save '…'”), and makes links of `[words](command:…)` and
 * `[words](file:…)` there: one click on the name that a server chose would run any command. The closing bracket may be in a folder below.
 */
const link = /\]\((?:command|file):[^)\s]/i;

/** Keeps names from VS Code that it would make a link of; the person is told once of each folder in which there are such. */
export class LinkNames {
  readonly #told = new Set<string>();

  /** The `entries` of a folder that can be shown. */
  leaveOut<T extends { readonly name: string }>({ host, path, key }: Location, entries: readonly T[]): readonly T[] {
    const hidden = entries.filter(({ name }) => link.test(name));
    const [first] = hidden;
    if (first === undefined) return entries;
    if (!this.#told.has(key)) {
      this.#told.add(key);
      const [name, folder, server] = [safeText(first.name, 100), safeText(path, 200), safeText(host.name, 80)];
      const message =
        hidden.length === 1
          ? t('{0} in {1} on {2} is not shown: VS Code would take its name for a link that can run a command.', name, folder, server)
          : t(
              '{0} and {1} more in {2} on {3} are not shown: VS Code would take their names for links that can run a command.',
              name,
              hidden.length - 1,
              folder,
              server,
            );
      void window.showWarningMessage(message);
    }
    return entries.filter(({ name }) => !link.test(name));
  }
}

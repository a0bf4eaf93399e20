import { Disposable } from 'vscode';
import type { Memento } from 'vscode';
import type { RegisterCommand } from './command.ts';
import type { ImportContext } from './importHosts.ts';
import { offerImport } from './importOffer.ts';
import { registerReports } from './reports.ts';

/** Hosts from files of other tools, and into a file, and the reports on that. What reads and writes these is loaded when it is needed. */
export function registerImportCommands(
  register: RegisterCommand,
  context: ImportContext,
  state: Memento,
  failed: (error: unknown) => void,
): Disposable {
  return Disposable.from(
    register('ferry.importHosts', async () => (await import('./importHosts.ts')).importHosts(context)),
    register('ferry.exportHosts', async () => (await import('./exportHosts.ts')).exportHosts(context.hosts)),
    registerReports(),
    offerImport(context, state, failed),
  );
}

import { join } from 'node:path';
import type { ExtensionContext } from 'vscode';
import { runModule } from './compiledCode.ts';
import type * as extension from './extension.ts';

/* What VS Code loads: it runs `main.cjs`, which is the extension. */

/** What `main.cjs` exports, for the parts that are loaded later. */
export const parts: Record<string, unknown> = {};

/** So long after the window opened, in ms, nothing is in a hurry any more. */
const quiet = 30_000;
let main: typeof extension | undefined;

export function activate(context: ExtensionContext): void {
  const kept = join(context.globalStorageUri.fsPath, 'compiled');
  const { exports, isKept, keep } = runModule(join(__dirname, 'main.cjs'), kept, require);
  Object.assign(parts, exports);
  main = exports as unknown as typeof extension;
  main.activate(context);
  if (isKept) return;
  // A disk that takes nothing costs time at the next start.
  const timer = setTimeout(() => void keep().catch(() => {}), quiet);
  context.subscriptions.push({ dispose: () => clearTimeout(timer) });
}

export async function deactivate(): Promise<void> {
  await main?.deactivate();
}

import { Disposable, Uri, window, workspace } from 'vscode';

const scheme = 'ferry-report';

/** While they are open. */
const shown = new Map<string, string>();
let count = 0;

/** Makes texts of Ferry's readable as documents that VS Code asks nobody to save. */
export function registerReports(): Disposable {
  return Disposable.from(
    workspace.registerTextDocumentContentProvider(scheme, { provideTextDocumentContent: (uri) => shown.get(uri.toString()) ?? '' }),
    workspace.onDidCloseTextDocument(({ uri }) => void shown.delete(uri.toString())),
  );
}

/** Shows a text, its long lines folded as in a Markdown file. What others wrote stands in it by `safeText` only. */
export async function showReport(title: string, text: string): Promise<void> {
  count += 1;
  const uri = Uri.from({ scheme, path: `/${title.replaceAll('/', '-')}.md`, query: String(count) });
  shown.set(uri.toString(), text);
  await window.showTextDocument(await workspace.openTextDocument(uri));
}

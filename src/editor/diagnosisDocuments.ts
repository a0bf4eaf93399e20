import { Uri, window, workspace, type TextDocumentContentProvider } from 'vscode';
import type { Diagnosis } from '../core/diagnosis/diagnosis.ts';
import type { Disposable } from '../core/events.ts';

export const diagnosisScheme = 'ferry-diagnosis';

/** Diagnoses as read-only documents, while they are open. */
export class DiagnosisDocuments implements TextDocumentContentProvider, Disposable {
  readonly #shown = new Map<string, { readonly diagnosis: Diagnosis; readonly text: string }>();
  readonly #closing = workspace.onDidCloseTextDocument(({ uri }) => this.#shown.delete(uri.toString()));

  provideTextDocumentContent(uri: Uri): string {
    return this.#shown.get(uri.toString())?.text ?? '';
  }

  async show(diagnosis: Diagnosis, text: string): Promise<Uri> {
    const name = diagnosis.host.name.replace(/[^\w.@-]+/g, '-');
    // Each its own: what a document holds never changes.
    const uri = Uri.from({ scheme: diagnosisScheme, path: `/${name}.md`, query: String(diagnosis.startedAt) });
    this.#shown.set(uri.toString(), { diagnosis, text });
    await window.showTextDocument(await workspace.openTextDocument(uri), { preview: false });
    return uri;
  }

  /** The diagnosis of a document, else of the one in front. */
  of(chosen: unknown): Diagnosis | undefined {
    const uri = chosen instanceof Uri ? chosen : window.activeTextEditor?.document.uri;
    return uri === undefined ? undefined : this.#shown.get(uri.toString())?.diagnosis;
  }

  dispose(): void {
    this.#closing.dispose();
  }
}

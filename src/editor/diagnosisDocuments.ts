import { Uri, window, workspace, type TextDocumentContentProvider } from 'vscode';
import type { Diagnosis } from '../core/diagnosis/diagnosis.ts';
import { documentOf } from '../core/diagnosis/document.ts';
import type { Disposable } from '../core/events.ts';

export const diagnosisScheme = 'ferry-diagnosis';

/** Diagnoses as read-only documents, while they are open. */
export class DiagnosisDocuments implements TextDocumentContentProvider, Disposable {
  readonly #diagnoses = new Map<string, Diagnosis>();
  readonly #closing = workspace.onDidCloseTextDocument(({ uri }) => this.#diagnoses.delete(uri.toString()));

  provideTextDocumentContent(uri: Uri): string {
    const diagnosis = this.#diagnoses.get(uri.toString());
    return diagnosis === undefined ? '' : documentOf(diagnosis);
  }

  async show(diagnosis: Diagnosis): Promise<Uri> {
    const name = diagnosis.host.name.replace(/[^\w.@-]+/g, '-');
    // Each its own: what a document holds never changes.
    const uri = Uri.from({ scheme: diagnosisScheme, path: `/${name}.md`, query: String(diagnosis.startedAt) });
    this.#diagnoses.set(uri.toString(), diagnosis);
    await window.showTextDocument(await workspace.openTextDocument(uri), { preview: false });
    return uri;
  }

  /** The diagnosis of a document, else of the one in front. */
  of(chosen: unknown): Diagnosis | undefined {
    const uri = chosen instanceof Uri ? chosen : window.activeTextEditor?.document.uri;
    return uri === undefined ? undefined : this.#diagnoses.get(uri.toString());
  }

  dispose(): void {
    this.#closing.dispose();
  }
}

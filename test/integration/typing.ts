export { eventually } from '../support/eventually.ts';
import assert from 'node:assert/strict';
import * as vscode from 'vscode';

/** Replaces all that is in a document, as a person would who typed. */
export async function typeText(document: vscode.TextDocument, text: string): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.replace(document.uri, document.validateRange(new vscode.Range(0, 0, document.lineCount, 0)), text);
  assert.ok(await vscode.workspace.applyEdit(edit));
}

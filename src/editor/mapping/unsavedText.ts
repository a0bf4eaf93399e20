import { type Uri, window, workspace } from 'vscode';
import { t } from '../../core/l10n.ts';
import { basename } from '../../core/path.ts';
import { safeText } from '../../core/text.ts';

const mostNames = 10;

/**
 * What is on disk is what is uploaded: where editors hold other text of these files the person says whether it is saved first. Resolves to
 * whether to go on: not where the question was left, or something could not be saved.
 */
export async function settleUnsaved(uris: readonly Uri[]): Promise<boolean> {
  const chosen = new Set(uris.map(String));
  const unsaved = [...workspace.textDocuments, ...workspace.notebookDocuments].filter(
    ({ isDirty, uri }) => isDirty && chosen.has(String(uri)),
  );
  const [first] = unsaved;
  if (first === undefined) return true;
  const [save, upload] = [t('Save and Upload'), t('Upload Without')];
  const names = unsaved.slice(0, mostNames).map(({ uri }) => safeText(basename(uri.path), 80));
  const message =
    unsaved.length === 1
      ? t('{0} has changes that are not saved. Save it before it is uploaded?', names[0] ?? '')
      : t('{0} files have changes that are not saved. Save them before they are uploaded?', unsaved.length);
  const more = unsaved.length > names.length ? ['…'] : [];
  const detail = unsaved.length === 1 ? '' : [...names, ...more].join('\n');
  const answer = await window.showWarningMessage(message, { modal: true, detail }, save, upload);
  if (answer !== save) return answer === upload;
  // One after another: each may ask something itself. What could not be saved VS Code has said.
  for (const document of unsaved) if (document.isDirty && !(await document.save())) return false;
  return true;
}

import { readFileSync, writeFileSync } from 'node:fs';
import * as vscode from 'vscode';
import { takePlace } from '../integration/person.ts';
import type { EditorHost, EditorJob, EditorOperation, EditorServer } from './editorJob.ts';
import { calm, watched } from './extensionHost.ts';
import { Nothing } from './nothing.ts';
import { timesOf, type Times } from './times.ts';

const { fs } = vscode.workspace;
const firstOfMore = '00000 of the files.txt';

/** VS Code calls this in its extension host; FERRY_BENCH_JOB names a file with the `EditorJob`. */
export async function run(): Promise<void> {
  const job = JSON.parse(readFileSync(process.env['FERRY_BENCH_JOB'] ?? '', 'utf8')) as EditorJob;
  takePlace();
  // What VS Code does while its window opens would be in all figures.
  await calm();
  const ferry = vscode.extensions.getExtension('ferry.ferry');
  if (ferry === undefined || ferry.isActive) throw new Error('The extension is missing, or ran before it was needed.');
  const activationMs = await timed(() => ferry.activate());
  if (job.hosts.length === 0) {
    writeFileSync(job.result, JSON.stringify({ activationMs }));
    return;
  }
  await calm();
  const alone = await measureNothing(job);
  const servers: EditorServer[] = [];
  for (const host of job.hosts) servers.push(await measure(host, job.runs));
  writeFileSync(job.result, JSON.stringify({ version: vscode.version, activationMs, alone, servers }));
}

async function timed(work: () => PromiseLike<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** The first run does not count. */
async function repeated(
  runs: number,
  work: (run: number) => PromiseLike<unknown>,
  prepare: (run: number) => PromiseLike<unknown> = () => Promise.resolve(),
): Promise<Times> {
  const times: number[] = [];
  for (let run = 0; run <= runs; run++) {
    await prepare(run);
    times.push(await timed(() => work(run)));
  }
  return timesOf(times.slice(1));
}

async function measure({ server, line, protocol, authority, root }: EditorHost, runs: number): Promise<EditorServer> {
  const uri = (name: string): vscode.Uri => vscode.Uri.from({ scheme: protocol, authority, path: `${root === '/' ? '' : root}/${name}` });
  const times = await measureFiles(uri, line, runs);
  await fs.readDirectory(uri('more'));
  const listing = await watched(() => fs.readDirectory(uri('more')));
  return { server, line, times, listing, ...(line === 'near' && { expanding: await expand(uri('')) }) };
}

/** The folder `more`, in the Explorer of a window that has `root` open. */
async function expand(root: vscode.Uri): Promise<EditorServer['listing']> {
  const { workspace, commands } = vscode;
  const count = workspace.workspaceFolders?.length ?? 0;
  const opened = new Promise((resolve) => workspace.onDidChangeWorkspaceFolders(resolve));
  if (!workspace.updateWorkspaceFolders(count, 0, { uri: root })) throw new Error('The folder could not be opened.');
  await opened;
  await commands.executeCommand('workbench.view.explorer');
  await calm();
  const file = vscode.Uri.joinPath(root, 'more', firstOfMore);
  const work = await watched(async () => {
    await commands.executeCommand('revealInExplorer', file);
    await commands.executeCommand('copyFilePath');
  });
  const shown = await vscode.env.clipboard.readText();
  if (!shown.includes(firstOfMore)) throw new Error(`The Explorer did not show the folder's files, but: ${shown}`);
  workspace.updateWorkspaceFolders(count, 1);
  return work;
}

async function measureNothing({ runs, size }: EditorJob): Promise<EditorServer['times']> {
  const files = new Nothing();
  const registered = vscode.workspace.registerFileSystemProvider(Nothing.scheme, files);
  const uri = (name: string): vscode.Uri => vscode.Uri.from({ scheme: Nothing.scheme, path: `/${name}` });
  const content = Buffer.alloc(size, 'x');
  for (let run = 0; run <= runs; run++) files.writeFile(uri(`near${run}.txt`), content);
  files.writeFile(uri('small'), content);
  const times = await measureFiles(uri, 'near', runs);
  registered.dispose();
  return times;
}

async function measureFiles(uri: (name: string) => vscode.Uri, line: string, runs: number): Promise<Record<EditorOperation, Times>> {
  const small = uri('small');
  const content = (await fs.readFile(small)).slice();
  const stat = await repeated(runs, () => fs.stat(small));
  const read = await repeated(runs, () => fs.readFile(small));
  const save = await repeated(runs, (run) => {
    content[0] = run;
    return fs.writeFile(small, content);
  });
  const documents: vscode.TextDocument[] = [];
  const openDocument = await repeated(runs, async (run) => {
    documents.push(await vscode.workspace.openTextDocument(uri(`${line}${run}.txt`)));
  });
  const saveDocument = await repeated(
    runs,
    (run) => saveChanged(documents[run]!),
    (run) => change(documents[run]!),
  );
  return { stat, read, save, openDocument, saveDocument };
}

async function change({ uri }: vscode.TextDocument): Promise<void> {
  const edit = new vscode.WorkspaceEdit();
  edit.insert(uri, new vscode.Position(0, 0), 'changed ');
  await vscode.workspace.applyEdit(edit);
}

async function saveChanged(document: vscode.TextDocument): Promise<void> {
  if (!document.isDirty) throw new Error('A document was saved before its time was taken.');
  const saved = await document.save();
  if (!saved) throw new Error('A document was not saved.');
}

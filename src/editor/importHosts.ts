import { Uri, window, workspace } from 'vscode';
import { RemoteError } from '../core/errors.ts';
import type { ImportedSecret } from '../core/import/imported.ts';
import { t } from '../core/l10n.ts';
import { safeText } from '../core/text.ts';
import { askChoice } from './choice.ts';
import type { Choice } from './choice.ts';
import type { SavedHosts } from './hosts.ts';
import { type ImportFind, readChosen, readKnown, shownPlace } from './importFiles.ts';
import { type ImportPlace, knownPlaces, workspacePlaces } from './importPlaces.ts';
import { type ImportStep, planImport } from './importPlan.ts';
import { candidatesOf, chooseCandidates } from './importPreview.ts';
import { offerLinks } from './importLinks.ts';
import { askAboutSecrets, keepSecrets, offerScrubbing } from './importSecrets.ts';
import { withLateProgress } from './lateProgress.ts';
import { showReport } from './reports.ts';
import type { Secrets } from './secrets.ts';
import { back } from './textInput.ts';
import { isRemote } from './uri.ts';

export interface ImportContext {
  readonly hosts: SavedHosts;
  readonly secrets: Secrets;
  /** Where VS Code keeps what is Ferry's. */
  readonly storage: Uri;
}

/** Takes over hosts of other tools: shows them, and does what the person chose. */
export async function importHosts(context: ImportContext): Promise<void> {
  const known = await withLateProgress(t('Looking for hosts of other programs'), async () => readKnown(await knownPlaces(context.storage)));
  const finds = await chooseFinds(known);
  if (finds !== undefined) await importFrom(context, finds);
}

/** The same with what is in the open workspace only. */
export async function importFromWorkspace(context: ImportContext): Promise<void> {
  const finds = await readKnown(workspacePlaces());
  if (finds.length > 0) await importFrom(context, finds);
}

async function importFrom({ hosts, secrets }: ImportContext, finds: readonly ImportFind[]): Promise<void> {
  const problems = finds.flatMap((find) => find.problems);
  const candidates = candidatesOf(finds, hosts.all);
  const chosen = candidates.length === 0 ? [] : await chooseCandidates(candidates);
  if (chosen === undefined) return;
  const steps = chosen.length === 0 ? [] : await planImport(chosen, hosts);
  if (steps === undefined) return;
  const along = await askAboutSecrets(steps);
  if (along === undefined) return;
  await hosts.saveAll(steps);
  let removed: ReadonlySet<ImportedSecret> = new Set();
  try {
    if (along === 'keep') {
      await keepSecrets(steps, secrets);
      removed = await offerScrubbing(steps);
    }
  } finally {
    // The report is an extra: what was imported is imported.
    void tell(steps, problems, removed).catch(() => undefined);
  }
  await offerLinks(candidates, steps, hosts);
}

type Source = readonly ImportFind[] | 'file';

async function chooseFinds(known: readonly ImportFind[]): Promise<readonly ImportFind[] | undefined> {
  const count = (finds: readonly ImportFind[]) => finds.reduce((sum, { hosts }) => sum + hosts.length, 0);
  const hostsIn = (finds: readonly ImportFind[]) => (count(finds) === 1 ? t('1 host') : t('{0} hosts', count(finds)));
  const choices: Choice<Source>[] = groupsOf(known).map(([label, finds]) => ({
    value: finds,
    label,
    description: hostsIn(finds),
    detail: [...new Set(finds.map(({ place }) => safeText(shownPlace(place.uri), 200)))].slice(0, 3).join(', '),
  }));
  if (choices.length > 1) choices.push({ value: known, label: t('All of Them'), description: hostsIn(known) });
  const answer = await askChoice<Source>({
    title: t('Import Hosts'),
    placeholder: known.length === 0 ? t('Nothing was found where other programs keep their hosts') : t('From where?'),
    choices: [
      ...choices,
      {
        value: 'file',
        label: t('Choose a File…'),
        description: 'FileZilla, WinSCP.ini, PuTTY (.reg), sftp.json, settings.json …',
        alwaysShow: true,
      },
    ],
  });
  if (answer === undefined || answer === back) return undefined;
  return answer.value === 'file' ? await chooseFile() : answer.value;
}

/** By the tool that they are of. */
function groupsOf(finds: readonly ImportFind[]): readonly (readonly [label: string, finds: readonly ImportFind[]])[] {
  const sources = [...new Set(finds.map(({ source }) => source))];
  return sources.map((source) => [source, finds.filter((find) => find.source === source)]);
}

async function chooseFile(): Promise<readonly ImportFind[] | undefined> {
  const [uri] = (await window.showOpenDialog({ title: t('Import Hosts'), openLabel: t('Import'), canSelectMany: false })) ?? [];
  return uri === undefined ? undefined : await readChosen(placeOf(uri));
}

/** What belongs to a workspace that is not trusted is not read, not even when it is chosen. */
function placeOf(uri: Uri): ImportPlace {
  const isOfWorkspace = isRemote(uri) || workspace.getWorkspaceFolder(uri) !== undefined;
  if (isOfWorkspace && !workspace.isTrusted)
    throw new RemoteError('Untrusted', t('The file belongs to a workspace that you have not trusted.'), {
      path: shownPlace(uri),
      hint: t('Trust the workspace first, with "Workspaces: Manage Workspace Trust".'),
    });
  return { uri, isOfWorkspace };
}

/** Says what was done; what was left out can be read in full. */
async function tell(steps: readonly ImportStep[], problems: readonly string[], removed: ReadonlySet<ImportedSecret>): Promise<void> {
  const none = steps.length === 0 ? t('No host was imported.') : undefined;
  const done = none ?? (steps.length === 1 ? t('1 host was imported.') : t('{0} hosts were imported.', steps.length));
  const report = reportOf(steps, problems, removed);
  if (report === '') {
    void window.showInformationMessage(done);
    return;
  }
  const show = t('What Was Left Out');
  if ((await window.showInformationMessage(done, show)) !== show) return;
  await showReport(show, report);
}

function reportOf(steps: readonly ImportStep[], problems: readonly string[], removed: ReadonlySet<ImportedSecret>): string {
  const noted = steps.filter(({ candidate }) => candidate.imported.notes.length > 0);
  const lines = noted.flatMap(({ item, candidate }) => [`${item.name}:`, ...candidate.imported.notes.map((note) => `  ${note}`), '']);
  const kept = steps.some(({ candidate }) => candidate.imported.secrets.some((secret) => !removed.has(secret)));
  const rest = kept ? [t('The other programs keep their own copies of the passwords. Remove them there.')] : [];
  return [...lines, ...problems, ...rest].join('\n');
}

import { t } from '../core/l10n.ts';
import type { ImportedHost } from '../core/import/imported.ts';
import { askChoice } from './choice.ts';
import { suggestName } from './hostNames.ts';
import type { SavedHosts } from './hosts.ts';
import type { ImportCandidate } from './importPreview.ts';
import type { HostItem } from './settings.ts';
import { back } from './textInput.ts';

/** What is to be done with one host. */
export interface ImportStep {
  readonly candidate: ImportCandidate;
  /** As it will be in the setting. */
  readonly item: HostItem & { readonly name: string };
  /** The saved host that gives way to it. */
  readonly replaces: string | undefined;
}

type Way = 'update' | 'both' | 'skip';

/** Asks what is to become of hosts that are there already; undefined where the person leaves. */
export async function planImport(chosen: readonly ImportCandidate[], hosts: SavedHosts): Promise<readonly ImportStep[] | undefined> {
  const known = chosen.filter(({ existing }) => existing !== undefined);
  const forAll = known.length > 1 ? await askForAll(known.length) : 'each';
  if (forAll === undefined) return undefined;
  const steps: ImportStep[] = [];
  const taken = hosts.all.map(({ name }) => name);
  for (const candidate of chosen) {
    const { existing } = candidate;
    const way = existing === undefined ? 'both' : forAll === 'each' ? await askForOne(candidate, existing.name) : forAll;
    if (way === undefined) return undefined;
    if (way === 'skip') continue;
    const replaces = way === 'update' ? existing?.name : undefined;
    const name = replaces ?? nameFor(candidate.imported, taken);
    const old = replaces === undefined ? {} : hosts.item(replaces);
    taken.push(name);
    steps.push({ candidate, item: { ...old, ...candidate.imported.item, ...keptOf(old), name }, replaces });
  }
  return steps;
}

/** A file takes no host out of its group, and no protection from it. */
function keptOf(old: HostItem = {}): HostItem {
  return Object.fromEntries(['group', 'protect'].filter((key) => old[key] !== undefined).map((key) => [key, old[key]]));
}

function nameFor({ label, folders, item }: ImportedHost, taken: readonly string[]): string {
  const address = String(item['address']);
  const plain = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '');
  const own = /[A-Za-z0-9]/.test(plain(label)) ? plain(label) : address;
  const isTaken = (name: string) => taken.some((other) => other.toLowerCase() === name.toLowerCase());
  const name = suggestName(own, []);
  if (!isTaken(name)) return name;
  const whole = suggestName([...folders.map(plain), own].join('-'), []);
  return suggestName(whole, taken);
}

async function askForAll(count: number): Promise<Way | 'each' | undefined> {
  const answer = await askChoice<Way | 'each'>({
    title: t('Import Hosts'),
    placeholder: t('{0} of them are there already', count),
    choices: [
      { value: 'update', label: t('Update All'), description: t('they keep their names and what the file does not say') },
      { value: 'both', label: t('Keep All Twice'), description: t('what is new gets other names') },
      { value: 'skip', label: t('Skip All'), description: t('what is there stays as it is') },
      { value: 'each', label: t('Ask for Each…') },
    ],
  });
  return answer === undefined || answer === back ? undefined : answer.value;
}

async function askForOne({ host, imported }: ImportCandidate, name: string): Promise<Way | undefined> {
  const other = imported.item['root'] === undefined ? '' : String(host.root);
  const answer = await askChoice<Way>({
    title: t('Import Hosts'),
    placeholder: t('{0} is there already', name),
    choices: [
      { value: 'update', label: t('Update {0}', name), description: t('it keeps its name and what the file does not say') },
      { value: 'both', label: t('Keep Both'), description: other },
      { value: 'skip', label: t('Skip'), description: t('{0} stays as it is', name) },
    ],
  });
  return answer === undefined || answer === back ? undefined : answer.value;
}

import { QuickPickItemKind, window } from 'vscode';
import type { QuickPickItem } from 'vscode';
import type { Host } from '../core/host.ts';
import { parseHosts } from '../core/hosts.ts';
import type { ImportedHost } from '../core/import/imported.ts';
import { t } from '../core/l10n.ts';
import { safeText } from '../core/text.ts';
import { answered } from './choice.ts';
import type { ImportFind } from './importFiles.ts';
import { shownPlace } from './importFiles.ts';
import { describeHost } from './tree/hostItem.ts';
import { samePlace } from './secrets.ts';

/** A host that may be taken over. */
export interface ImportCandidate {
  readonly imported: ImportedHost;
  readonly from: ImportFind;
  /** As Ferry would have it, under the name of the other tool. */
  readonly host: Host;
  /** The saved host for the same log-in at the same server. */
  readonly existing: Host | undefined;
}

export function candidatesOf(finds: readonly ImportFind[], saved: readonly Host[]): readonly ImportCandidate[] {
  return finds.flatMap((from) =>
    from.hosts.flatMap((imported) => {
      const [host] = parseHosts([{ ...imported.item, name: 'host' }]).hosts;
      if (host === undefined) return [];
      return [{ imported, from, host, existing: saved.find((other) => samePlace(other, host)) }];
    }),
  );
}

interface CandidateRow extends QuickPickItem {
  readonly candidate?: ImportCandidate;
}

/** Shows what would be taken over, all but duplicates ticked; resolves to what the person ticked, or undefined. */
export async function chooseCandidates(candidates: readonly ImportCandidate[]): Promise<readonly ImportCandidate[] | undefined> {
  const pick = window.createQuickPick<CandidateRow>();
  const places = [...new Set(candidates.map(({ from }) => shownPlace(from.place.uri)))];
  pick.title = places.length === 1 ? t('Import Hosts from {0}', safeText(places[0] ?? '', 100)) : t('Import Hosts');
  pick.placeholder = t('Which of them? Nothing is connected yet');
  pick.canSelectMany = true;
  pick.matchOnDescription = true;
  pick.matchOnDetail = true;
  pick.ignoreFocusOut = true;
  pick.items = rowsOf(candidates);
  pick.selectedItems = pick.items.filter(({ candidate }) => candidate !== undefined && candidate.existing === undefined);
  const answer = Promise.withResolvers<readonly ImportCandidate[] | undefined>();
  pick.onDidAccept(() => answer.resolve(pick.selectedItems.flatMap(({ candidate }) => candidate ?? [])));
  return await answered(pick, answer);
}

function rowsOf(candidates: readonly ImportCandidate[]): CandidateRow[] {
  const froms = [...new Set(candidates.map(({ from }) => from))];
  return froms.flatMap((from) => [
    { label: from.source, kind: QuickPickItemKind.Separator },
    ...candidates.filter((candidate) => candidate.from === from).map(rowOf),
  ]);
}

function rowOf(candidate: ImportCandidate): CandidateRow {
  const { imported, host, existing } = candidate;
  const about: string[] = [];
  if (existing !== undefined) about.push(t('There already as {0}.', existing.name));
  const kinds = new Set(imported.secrets.map(({ kind }) => kind));
  const description = [
    describeHost(host),
    ...(kinds.has('password') ? [t('with password')] : []),
    ...(kinds.has('passphrase') ? [t('with passphrase')] : []),
  ].join(' · ');
  about.push(...wayOf(host));
  about.push(...imported.notes);
  const label = [...imported.folders, imported.label].map((part) => safeText(part, 80)).join(' / ');
  const row = { label, description, candidate };
  return about.length === 0 ? row : { ...row, detail: about.join(' ') };
}

/** What else decides where a log-in goes and with what: a file may be by somebody else. */
function wayOf({ sftp: { jump, privateKeys, agent } }: Host): string[] {
  const list = (texts: readonly string[]) => texts.map((text) => safeText(text, 100)).join(', ');
  return [
    ...(jump === undefined || jump.length === 0 ? [] : [t('Through {0}.', list(jump))]),
    ...(privateKeys === undefined || privateKeys.length === 0 ? [] : [t('Key: {0}.', list(privateKeys))]),
    ...(typeof agent === 'string' ? [t('Agent: {0}.', list([agent]))] : []),
  ];
}

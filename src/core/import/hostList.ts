import { type HostKey, hostFields } from '../hostFields.ts';
import { parseHosts } from '../hosts.ts';
import { t } from '../l10n.ts';
import { safeText } from '../text.ts';
import type { Imported, ImportedHost } from './imported.ts';
import type { JsonNode } from './json.ts';

/** Ferry's own list of hosts, as in its setting and as it is exported. */
export function exportHosts(items: readonly Readonly<Record<string, unknown>>[]): string {
  // Only what Ferry knows: whatever else somebody wrote into a host, such as a password, stays where it is.
  const known = items.map((item) => Object.fromEntries(Object.entries(item).filter(([key]) => Object.hasOwn(hostFields, key))));
  return `${JSON.stringify({ 'ferry.hosts': known }, undefined, 2)}\n`;
}

/** The hosts of a list as `ferry.hosts` has it. */
export function parseHostList(node: JsonNode): Imported {
  const hosts: ImportedHost[] = [];
  const problems: string[] = [];
  for (const value of node.kind === 'list' ? node.items : []) {
    const item = plain(value);
    const { hosts: parsed, problems: wrong } = parseHosts([item]);
    const [host] = parsed;
    if (host === undefined || typeof item !== 'object' || item === null) problems.push(...wrong.map((problem) => safeText(problem)));
    else {
      const known = Object.entries(item).filter(([key]) => Object.hasOwn(hostFields, key as HostKey));
      const notes = wrong.map((problem) => t('Left out: {0}', safeText(problem)));
      hosts.push({ label: host.name, folders: [], item: Object.fromEntries(known), secrets: [], notes });
    }
  }
  return { hosts, problems };
}

/** The value itself, without keys that mean something to JavaScript. */
function plain(node: JsonNode): unknown {
  if (node.kind === 'leaf') return node.value;
  if (node.kind === 'list') return node.items.map(plain);
  return Object.fromEntries(node.members.filter(({ key }) => key !== '__proto__').map(({ key, node: value }) => [key, plain(value)]));
}

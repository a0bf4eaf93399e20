import { window } from 'vscode';
import { shownValue } from '../core/diagnosis/document.ts';
import { RemoteError } from '../core/errors.ts';
import type { Protocol } from '../core/host.ts';
import { hostFields, type HostKey } from '../core/hostFields.ts';
import { t } from '../core/l10n.ts';
import { askChoice, type Choice } from './choice.ts';
import { hostOf } from './hostDraft.ts';
import type { HostItem } from './settings.ts';
import { askText, back } from './textInput.ts';

/** How package.json describes a setting of hosts, in the person's language. */
interface Described {
  readonly type?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly markdownDescription?: string;
  readonly markdownEnumDescriptions?: readonly string[];
}

export interface SettingsQuestion {
  readonly title: string;
  readonly item: HostItem;
  /** Asked elsewhere. */
  readonly without: readonly string[];
  /** package.json. */
  readonly manifest: unknown;
  /** Keeps each change at once; without it there is a row to go on with. */
  readonly save?: ((item: HostItem) => Promise<void>) | undefined;
}

/** A value; `value` undefined: the default, so that the item says nothing about it. */
type Answer = { readonly value: unknown } | typeof back | undefined;

/** A list of all settings of a host, each to be changed by itself. Undefined where the person leaves it. */
export async function askSettings({ title, item: given, without, manifest, save }: SettingsQuestion): Promise<HostItem | undefined> {
  const described = describedIn(manifest);
  let item = given;
  let active: HostKey | undefined;
  for (;;) {
    const keys = (Object.keys(hostFields) as HostKey[]).filter((key) => !without.includes(key) && means(key, item));
    const done: Choice<HostKey | undefined>[] = save === undefined ? [{ value: undefined, label: t('Go On'), alwaysShow: true }] : [];
    const rows = keys.map((value) => ({ value, label: value, ...rowTexts(item[value], described[value]) }));
    const answer = await askChoice({ title, placeholder: t('Which setting is to change?'), choices: [...done, ...rows], active });
    if (answer === undefined || answer === back) return undefined;
    if (answer.value === undefined) return item;
    const key = (active = answer.value);
    const changed = await askValue(title, key, item[key], described[key] ?? {});
    if (changed === undefined) return undefined;
    if (changed !== back) item = await tryChange(item, key, changed.value, save);
  }
}

async function tryChange(item: HostItem, key: HostKey, value: unknown, save: SettingsQuestion['save']): Promise<HostItem> {
  const others = Object.fromEntries(Object.entries(item).filter(([name]) => name !== key));
  const changed = value === undefined ? others : { ...item, [key]: value };
  try {
    // What contradicts the rest would be no host any more.
    hostOf(changed);
  } catch (error) {
    if (!(error instanceof RemoteError)) throw error;
    void window.showWarningMessage(error.message);
    return item;
  }
  await save?.(changed);
  return changed;
}

function describedIn(manifest: unknown): Readonly<Partial<Record<string, Described>>> {
  type Manifest = { contributes: { configuration: { properties: Record<string, { items: { properties: Record<string, Described> } }> } } };
  return (manifest as Manifest).contributes.configuration.properties['ferry.hosts']?.items.properties ?? {};
}

function means(key: HostKey, item: HostItem): boolean {
  const field: { readonly only?: readonly Protocol[] } = hostFields[key];
  return field.only?.includes(item['protocol'] as Protocol) ?? true;
}

function rowTexts(value: unknown, { default: usual, markdownDescription = '' }: Described = {}): { description: string; detail: string } {
  const shown = value === undefined ? (usual === undefined ? t('default') : t('default: {0}', shownValue(usual))) : shownValue(value);
  return { description: shown, detail: plain(markdownDescription) };
}

function plain(markdown: string): string {
  return markdown.replaceAll('`', '');
}

async function askValue(title: string, key: HostKey, value: unknown, described: Described): Promise<Answer> {
  if (key === 'clientCertificate') return await askCertificate(title, value);
  const values = described.enum ?? (described.type === 'boolean' ? [true, false] : undefined);
  if (values !== undefined) return await askOne(title, key, value, values, described);
  if (key === 'agent') return await askAgent(title, value, described);
  return await askTyped(title, key, value, described);
}

async function askOne(title: string, key: HostKey, value: unknown, values: readonly unknown[], described: Described): Promise<Answer> {
  const { markdownEnumDescriptions: details = [] } = described;
  const rows = values.map((each, index) => ({ value: each, label: shownValue(each), detail: plain(details[index] ?? '') }));
  const usual: Choice<unknown> = {
    value: undefined,
    label: t('Default'),
    ...rowTexts(undefined, { default: described.default }),
    detail: '',
  };
  return await askChoice({
    ...{ title, back: true, active: value, choices: [usual, ...rows] },
    placeholder: `${key}: ${plain(described.markdownDescription ?? '')}`,
  });
}

async function askAgent(title: string, value: unknown, described: Described): Promise<Answer> {
  const path = 'socket';
  const chosen = await askOne(title, 'agent', value, [true, false, path], {
    ...described,
    markdownEnumDescriptions: [t('The keys of the SSH agent'), t('No agent'), t('The agent at a socket or pipe that you name…')],
  });
  if (chosen === undefined || chosen === back || chosen.value !== path) return chosen;
  return await askTyped(title, 'agent', typeof value === 'string' ? value : '', described);
}

async function askTyped(title: string, key: HostKey, value: unknown, { type, markdownDescription = '' }: Described): Promise<Answer> {
  const field = hostFields[key];
  const read = (text: string): unknown => {
    if (type === 'integer') return /^\d{1,9}$/.test(text) ? Number(text) : text;
    return type === 'array' ? listIn(text) : text;
  };
  const answer = await askText({
    title: `${title}: ${key}`,
    back: true,
    value: Array.isArray(value) ? value.join(', ') : typeof value === 'string' || typeof value === 'number' ? String(value) : '',
    prompt: `${plain(markdownDescription)} ${type === 'array' ? t('Commas between them; empty: the default.') : t('Empty: the default.')}`,
    validate: (text) => (text.trim() === '' || field.read(read(text.trim())) !== undefined ? undefined : t('Enter {0}.', field.expected())),
  });
  if (answer === undefined || answer === back) return answer;
  const text = answer.value.trim();
  return { value: text === '' ? undefined : read(text) };
}

function listIn(text: string): string[] {
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

async function askCertificate(title: string, value: unknown): Promise<Answer> {
  const { certificate = '', key = '' } = hostFields.clientCertificate.read(value) ?? {};
  const ask = (of: string, prompt: string) => askText({ title: `${title}: clientCertificate`, back: true, value: of, prompt });
  const first = await ask(certificate, t('The file of the certificate, PEM or PFX. Empty: none.'));
  if (first === undefined || first === back || first.value.trim() === '') return first && first !== back ? { value: undefined } : first;
  const second = await ask(key, t('The file of its private key. Empty: it is in the same file.'));
  if (second === undefined || second === back) return second;
  return { value: { certificate: first.value.trim(), ...(second.value.trim() !== '' && { key: second.value.trim() }) } };
}

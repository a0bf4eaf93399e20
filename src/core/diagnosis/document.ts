import { t } from '../l10n.ts';
import { safeText } from '../text.ts';
import { adviceOn, recommended } from './advice.ts';
import type { Advice } from './weights.ts';
import { titleOf, type Diagnosis, type Step, type StepResult } from './diagnosis.ts';

const marks: Readonly<Record<StepResult, string>> = { works: '✓', attention: '!', fails: '✗', skipped: '–' };

/** The diagnosis for a person to read: plain text, whatever the server said. */
export function documentOf(diagnosis: Diagnosis): string {
  const { host, startedAt, steps, findings } = diagnosis;
  const advices = findings.map((finding) => adviceOn(finding, host));
  const place = `${host.protocol}://${host.address.includes(':') ? `[${host.address}]` : host.address}:${host.port}`;
  return [
    `# ${t('Diagnosis of {0}', safeText(host.name, 80))}`,
    '',
    `${place.replace('://', '\u2236//')}, ${new Date(startedAt).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    '',
    ...section(
      t('What does not work'),
      ofWeight(advices, 'problem'),
      diagnosis.loggedIn ? t('Nothing: all that was tried works.') : undefined,
    ),
    ...section(t('Good to know'), ofWeight(advices, 'info'), undefined),
    ...settings(diagnosis),
    `## ${t('Step by step')}`,
    '',
    ...steps.flatMap(stepLines),
    '',
  ].join('\n');
}

function ofWeight(advices: readonly Advice[], weight: Advice['weight']): Advice[] {
  return advices.filter((advice) => advice.weight === weight);
}

function section(title: string, advices: readonly Advice[], nothing: string | undefined): string[] {
  if (advices.length === 0 && nothing === undefined) return [];
  const lines = advices.flatMap(({ what, todo }) => [
    `- ${safeText(what, 900)}`,
    ...(todo === undefined ? [] : [`  → ${safeText(todo, 500)}`]),
  ]);
  return [`## ${title}`, '', ...(lines.length === 0 ? [nothing ?? ''] : lines), ''];
}

function settings({ host, findings }: Diagnosis): string[] {
  const changes = recommended(findings, host);
  if (changes.length === 0) return [];
  const lines = changes.map(
    ({ key, value, weakens }) => `- ${key}: ${shownValue(value)}${weakens ? ` (${t('less safe: only if you choose it')})` : ''}`,
  );
  return [
    `## ${t('Recommended settings')}`,
    '',
    ...lines,
    '',
    t('“Ferry: Apply Recommended Settings…” (the button above) shows each change before it is made.'),
    '',
  ];
}

/** A value of a setting in words. */
export function shownValue(value: unknown): string {
  if (value === undefined) return t('default');
  return safeText(typeof value === 'string' ? value : JSON.stringify(value), 200);
}

function stepLines({ id, subject, ms, result, notes }: Step): string[] {
  const time = result === 'skipped' ? t('skipped') : t('{0} ms', Math.round(ms));
  const title = subject === undefined ? titleOf(id) : `${titleOf(id)}: ${safeText(subject, 120)}`;
  return [`${marks[result]} ${title}, ${time}`, ...notes.map((note) => `    ${safeText(note, 600)}`)];
}

/** What a log to share must not tell of the person: replaced by what it is. */
export interface Redaction {
  /** Users, addresses and folders go too, not only secrets (which never are in it). */
  readonly names: boolean;
}

/** The diagnosis and its dialogue, to be shared. */
export function shareableLog(diagnosis: Diagnosis, { names }: Redaction): string {
  const text = `${documentOf(diagnosis)}\n${diagnosis.log.map((line) => safeText(line, 2000)).join('\n')}\n`;
  return names ? withoutNames(text, diagnosis) : text;
}

function withoutNames(text: string, { host, others }: Diagnosis): string {
  const named: readonly (readonly [string | undefined, string])[] = [
    [host.root === '/' ? undefined : host.root, '/FOLDER'],
    ...others.toSorted((one, other) => other.length - one.length).map((name) => [name, 'OTHER'] as const),
    [host.address, 'ADDRESS'],
    [host.name, 'HOST'],
    [host.user, 'USER'],
  ];
  let line = text;
  for (const [name, instead] of named) {
    if (name === undefined || name.length < 2) continue;
    const literal = name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
    line = line.replace(new RegExp(`(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])`, 'giu'), instead);
  }
  return line
    .replace(/\b(?:\d{1,3}\.){3}\d{1,3}\b/g, 'IPV4')
    .replace(/\b\d{1,3}(?:,\d{1,3}){3}(?=,\d{1,3},\d{1,3})/g, 'IPV4')
    .replace(/(?<![\w:])(?=[0-9a-f:]*::|(?:[0-9a-f]{1,4}:){4})(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])/gi, 'IPV6')
    .replace(/\/(?:home|Users|export\/home)\/[^/\s"'’”]+/g, '/home/USER');
}

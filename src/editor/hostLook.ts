import { ThemeColor, ThemeIcon } from 'vscode';
import type { Host } from '../core/host.ts';
import { hostColors, type HostColor, isIconName } from '../core/hostLook.ts';
import { t } from '../core/l10n.ts';
import { askChoice } from './choice.ts';
import type { SavedHosts } from './hosts.ts';
import { askText, back } from './textInput.ts';

/** Lets the person choose a host's colour, icon and protection; each choice is saved at once, and nothing is connected for it. */
export async function askHostLook(hosts: SavedHosts, name: string): Promise<void> {
  for (;;) {
    const host = hosts.find(name);
    if (host === undefined) return;
    const answer = await askChoice<'color' | 'icon' | 'protect'>({
      title: host.name,
      placeholder: t('What is to change?'),
      choices: [
        { value: 'color', label: t('Colour'), description: host.look.color ?? t('none') },
        { value: 'icon', label: t('Icon'), description: host.look.icon ?? t('the usual one') },
        { value: 'protect', label: t('Protection'), description: describeProtection(host) },
      ],
    });
    if (answer === undefined || answer === back) return;
    const value = await { color: askColor, icon: askIcon, protect: askProtection }[answer.value](host);
    if (value === back) continue;
    if (value === undefined) return;
    await hosts.arrange((items) =>
      items.map((item) => {
        if (item['name'] !== host.name) return item;
        const others = Object.fromEntries(Object.entries(item).filter(([key]) => key !== answer.value));
        return value.set === undefined ? others : { ...others, [answer.value]: value.set };
      }),
    );
  }
}

type Answer = { readonly set: string | boolean | undefined } | typeof back | undefined;

function describeProtection({ protect }: Host): string {
  if (protect === undefined) return t('none');
  return protect === 'ask' ? t('asks before the first change in each window') : t('read-only');
}

async function askColor({ name, look }: Host): Promise<Answer> {
  const answer = await askChoice<HostColor | 'none'>({
    ...{ title: name, back: true, active: look.color ?? 'none' },
    placeholder: t('Colour of its icon'),
    choices: [
      { value: 'none', label: t('None') },
      ...hostColors.map((color) => ({
        value: color,
        label: color,
        iconPath: new ThemeIcon(look.icon ?? 'vm', new ThemeColor(`charts.${color}`)),
      })),
    ],
  });
  if (answer === undefined || answer === back) return answer;
  return { set: answer.value === 'none' ? undefined : answer.value };
}

const usualIcons = ['rocket', 'beaker', 'tools', 'globe', 'database', 'server', 'cloud', 'home', 'flame', 'star-full', 'shield', 'archive'];

async function askIcon(host: Host): Promise<Answer> {
  const answer = await askChoice<string>({
    ...{ title: host.name, back: true, active: host.look.icon ?? 'none' },
    placeholder: t('Its icon'),
    choices: [
      { value: 'none', label: t('The Usual One') },
      ...usualIcons.map((icon) => ({ value: icon, label: icon, iconPath: new ThemeIcon(icon) })),
      { value: 'other', label: t('Another One of VS Code…'), alwaysShow: true },
    ],
  });
  if (answer === undefined || answer === back) return answer;
  if (answer.value !== 'other') return { set: answer.value === 'none' ? undefined : answer.value };
  const typed = await askText({
    title: host.name,
    back: true,
    prompt: t('Name of the icon, as in VS Code’s list of codicons.'),
    placeholder: 'rocket',
    validate: (text) => (isIconName(text.trim()) ? undefined : t('Use the name of an icon: lower-case letters, digits and “-”.')),
  });
  return typed === undefined || typed === back ? typed : { set: typed.value.trim() };
}

async function askProtection({ name, protect }: Host): Promise<Answer> {
  const answer = await askChoice<'none' | 'ask' | 'readOnly'>({
    ...{ title: name, back: true, active: protect ?? 'none' },
    placeholder: t('Is it a host on which mistakes are expensive?'),
    choices: [
      { value: 'none', label: t('No Protection') },
      { value: 'ask', label: t('Ask before Changes'), detail: t('Before the first change in each window; its files are marked') },
      { value: 'readOnly', label: t('Read-Only'), detail: t('Ferry changes nothing on it. A terminal is not held back') },
    ],
  });
  if (answer === undefined || answer === back) return answer;
  return { set: answer.value === 'none' ? undefined : answer.value === 'ask' ? true : 'readOnly' };
}

import { isAddress, isPort, isUser } from '../core/authority.ts';
import { hostFields } from '../core/hostFields.ts';
import { t } from '../core/l10n.ts';
import { bareAddress } from './pastedAddress.ts';

/** What is wrong with an answer, or undefined. */
export const complaints = {
  address(value: string): string | undefined {
    if (value.trim() === '') return t('Enter the name or IP address of the server.');
    return isAddress(bareAddress(value)) ? undefined : t('This is no server name or IP address.');
  },
  port: (value: string): string | undefined =>
    value === '' || (/^\d{1,5}$/.test(value) && isPort(Number(value))) ? undefined : t('Enter a number from 1 to 65535.'),
  user: (value: string): string | undefined =>
    value.trim() === '' || isUser(value.trim()) ? undefined : t('This can not be a user name.'),
  root: (value: string): string | undefined =>
    value === '' || hostFields.root.read(value) !== undefined
      ? undefined
      : t('Enter a folder from the root on, like /var/www, or nothing.'),
  jump: (value: string): string | undefined =>
    hostFields.jump.read(jumpsIn(value)) === undefined
      ? t('Enter names of saved hosts or addresses like user@bastion:22, with commas between.')
      : undefined,
  proxy(value: string): string | undefined {
    if (value.trim() === '' || hostFields.proxy.read(value.trim()) !== undefined) return undefined;
    return t('Enter an address like socks5://user@proxy:1080 or http://proxy:3128, without a password; or vscode.');
  },
  name(value: string, taken: readonly string[]): string | undefined {
    if (value.trim() === '') return t('Enter a name for the host.');
    if (taken.some((name) => name.toLowerCase() === value.trim().toLowerCase())) return t('There is a host of this name already.');
    if (hostFields.name.read(value.trim()) !== undefined) return undefined;
    return t('Use letters, digits, “.”, “_” and “-”, beginning with a letter or digit.');
  },
};

/** Hosts to go through, as they are typed. */
export function jumpsIn(text: string): readonly string[] {
  return text
    .split(',')
    .map((hop) => hop.trim())
    .filter((hop) => hop !== '');
}

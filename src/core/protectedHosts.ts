import type { Host, Protocol } from './host.ts';
import type { Protection } from './hostLook.ts';

export interface Protected {
  readonly protocol: Protocol;
  /** Of the saved host that protects the server, which may be reached under other names. */
  readonly name: string;
  readonly protection: Protection;
}

type Place = Pick<Host, 'protocol' | 'address' | 'port' | 'user'>;

/**
 * Whether a host is protected: a saved one by its own settings; an address that is opened without being saved by those of the saved host
 * that it leads to. `place`: where it leads, where an ssh config says so. Where several protect it, the strictest counts.
 */
export function protectionAmong(saved: readonly Host[], host: Host, place: Place = host): Protected | undefined {
  const own = saved.find(({ name, protocol }) => name.toLowerCase() === host.name.toLowerCase() && protocol === host.protocol);
  const all = (own === undefined ? saved.filter((other) => leadsTo(host, place, other)) : [own]).flatMap(
    ({ protocol, name, protect }): Protected[] => (protect === undefined ? [] : [{ protocol, name, protection: protect }]),
  );
  return all.find(({ protection }) => protection === 'readOnly') ?? all[0];
}

/** Without a user it may be any login. */
function leadsTo(host: Host, place: Place, saved: Host): boolean {
  if (host.protocol !== saved.protocol) return false;
  const followed = saved.sftp.sshConfig?.host;
  if (followed !== undefined && followed === host.sftp.sshConfig?.host) return true;
  const isSameUser = place.user === undefined || saved.user === undefined || place.user === saved.user;
  return isSameUser && place.port === saved.port && place.address.toLowerCase() === saved.address.toLowerCase();
}

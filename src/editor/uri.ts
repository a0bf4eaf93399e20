import * as vscode from 'vscode';
import { RemoteError } from '../core/errors.ts';
import type { Host, Protocol } from '../core/host.ts';
import { hostFromAuthority } from '../core/hosts.ts';
import { t } from '../core/l10n.ts';
import { normalize } from '../core/path.ts';

/** The only place that knows how a URI names a host and a path (design, decision 1). */

export const schemes = ['sftp', 'ftp', 'ftps'] as const satisfies readonly Protocol[];

export function isRemote(uri: vscode.Uri): boolean {
  return schemes.some((scheme) => scheme === uri.scheme);
}

/** What a command is given may come from anywhere. */
export function isUri(argument: unknown): argument is vscode.Uri {
  try {
    return argument instanceof vscode.Uri;
  } catch {
    // It does not even let itself be looked at.
    return false;
  }
}

export interface Location {
  readonly host: Host;
  /** Absolute and normal. */
  readonly path: string;
  /** Identifies the file in this window: the same for every spelling of one place. */
  readonly key: string;
}

/** Throws `Unsupported` for a URI that names no host, `BadPath` for a path that can't be one. */
export function locate(uri: vscode.Uri, savedHosts: () => readonly Host[]): Location {
  const protocol = schemes.find((scheme) => scheme === uri.scheme);
  if (protocol === undefined) throw new RemoteError('Unsupported', t('Ferry does not open {0}: addresses.', uri.scheme));
  const named = savedHosts().find(({ name }) => name.toLowerCase() === uri.authority.toLowerCase());
  if (named && named.protocol !== protocol) throw otherProtocol(named, protocol);
  const host = named ?? hostFromAuthority(protocol, uri.authority);
  if (host instanceof RemoteError) throw host;
  const path = normalize(uri.path);
  return { host, path, key: keyOf(host, path) };
}

/** `path` on `host` as VS Code names it. */
export function uriOf(host: Host, path: string): vscode.Uri {
  return vscode.Uri.from({ scheme: host.protocol, authority: host.name, path });
}

function keyOf(host: Host, path: string): string {
  return `/${host.protocol}/${host.name.toLowerCase()}${path === '/' ? '' : path}`;
}

function otherProtocol({ name, protocol }: Host, asked: Protocol): RemoteError {
  return new RemoteError('Unsupported', t('The host {0} is reached over {1}, not over {2}.', name, protocol, asked), {
    host: name,
    hint: t('Open {0} instead.', `${protocol}://${name}/`),
  });
}

import { RemoteError, type RemoteErrorCode } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import { safeText } from '../../core/text.ts';
import { sshError } from '../sftp/sshErrors.ts';

export interface OpensshEnd {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** SFTP was there already. */
  readonly isOpen: boolean;
  /** What `ssh` had to say, from its log, in order. */
  readonly messages: readonly string[];
  /** What was said beside it: by the programs on the way, and banners. */
  readonly beside: string;
}

type Words = (end: OpensshEnd, match: RegExpExecArray) => RemoteError;

const retryable = false;

/** The words of OpenSSH for what ends a connection, and what they mean. The first that fits counts. */
const meanings: readonly (readonly [RegExp, Words])[] = [
  [/REVOKED HOST KEY|is marked as revoked/, (end) => changedKey(end, t('The host key of {0} is revoked.', end.address))],
  [
    /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    (end) => changedKey(end, t('The host key of {0} is not the one that is in known_hosts. “ssh” refused it.', end.address)),
  ],
  [
    /No \S+ host key is known for .* and you have requested strict checking/,
    ({ address }) =>
      new RemoteError('Untrusted', t('The host key of {0} is not in known_hosts, and your ssh config refuses unknown ones.', address), {
        hint: t('Add the key to known_hosts, or change “StrictHostKeyChecking” of your ssh config.'),
      }),
  ],
  [/Host key verification failed/, (end) => changedKey(end, t('“ssh” refused the host key of {0}.', end.address))],
  [/ssh_askpass: exec\((.*?)\): (.*)/, (_, match) => noAskpass(match)],
  [/^(?:(\S+)@(\S+): )?Permission denied \(([^)]*)\)|Too many authentication failures/, refusedLogin],
  [
    /Could not resolve hostname (\S+): /,
    (end, [, name = '']) => sshError({ code: 'ENOTFOUND' }, { ...situation(end), address: safeText(name, 200) }),
  ],
  [/: (Connection refused)\b/, (end) => unreachable(end, 'ECONNREFUSED')],
  [/: (?:No route to host|Network is unreachable)/, (end) => unreachable(end, 'ENETUNREACH')],
  [/: (?:Connection|Operation) timed out/, (end) => unreachable(end, 'ETIMEDOUT')],
  [/Timeout, server .* not responding/, () => new RemoteError('Lost', t('The server no longer answers.'))],
  [/Unable to negotiate with .*: no matching (.*?) found\. Their offer: (.*)/, (_, match) => nothingInCommon(match)],
  [
    /subsystem request failed on channel/,
    () =>
      new RemoteError('Unsupported', t('The log-in succeeded, but the server offers no SFTP to it.'), {
        hint: t('Ask the administrator of the server to allow SFTP for this login.'),
        dropsConnection: true,
      }),
  ],
  [
    /Bad configuration option|bad configuration options|Bad owner or permissions on|unsupported option/i,
    (_, match) =>
      new RemoteError('Unreachable', t('“ssh” does not take your ssh config: {0}', safeText(match.input, 300)), {
        hint: t('Correct that line; “ssh” in a terminal says the same.'),
        retryable,
      }),
  ],
];

/** Why `ssh` ended, in plain words; its own last word where nothing else is known. */
export function opensshError(end: OpensshEnd): RemoteError {
  const lines = [...end.messages, ...end.beside.split(/\r?\n/)].filter((line) => line.trim() !== '');
  for (const [pattern, words] of meanings) {
    for (const line of lines) {
      const match = pattern.exec(line);
      if (match !== null) return words(end, match);
    }
  }
  const code: RemoteErrorCode = end.isOpen ? 'Lost' : 'Unreachable';
  const last = end.messages.at(-1) ?? lines.at(-1);
  if (last === undefined) return new RemoteError(code, t('“ssh” ended the connection and gave no reason.'));
  return new RemoteError(code, t('“ssh” ended the connection: {0}', safeText(last, 300)));
}

function situation({ address, port }: OpensshEnd) {
  return { address, port, phase: 'connecting', greeting: '' } as const;
}

/** The words say which host: one on the way, perhaps. */
function unreachable(end: OpensshEnd, code: string): RemoteError {
  const line = [...end.messages, ...end.beside.split('\n')]
    .map((text) => /connect to host (\S+) port (\d+): /.exec(text))
    .find((found) => found !== null);
  return sshError({ code }, { ...situation(end), ...(line && { address: safeText(line[1] ?? '', 200), port: Number(line[2]) }) });
}

function changedKey({ messages, address }: OpensshEnd, message: string): RemoteError {
  const line = messages.map((text) => /Offending (?:\S+ )?key in (.*):(\d+)/.exec(text)).find((found) => found !== null);
  const shown = messages.flatMap((text) => /^(SHA256:[\w+/]+)\.$/.exec(text)?.[1] ?? []).join(', ');
  const [, file = '', number = ''] = line ?? [];
  const details = [
    shown === '' ? '' : t('It shows {0}.', shown),
    file === '' ? '' : t('The other one is in {0}, line {1}.', safeText(file, 200), number),
  ];
  return new RemoteError('Untrusted', [message, ...details].filter((part) => part !== '').join(' '), {
    hint: t('Ask the administrator of the server. If the change is right, “ssh-keygen -R {0}” in a terminal removes the old key.', address),
  });
}

/** The line names who refused whom: a host on the way, perhaps. */
function refusedLogin(end: OpensshEnd, [, user = end.user, address = end.address, offered]: RegExpExecArray): RemoteError {
  return new RemoteError('Auth', t('{0} refused the log-in of {1}.', safeText(address, 200), safeText(user, 80)), {
    hint: [
      ...(offered === undefined ? [] : [t('The server accepts: {0}.', safeText(offered, 200))]),
      t('“ssh” in a terminal, with the same ssh config, should get in where Ferry does.'),
    ].join(' '),
  });
}

function nothingInCommon([, kind = '', offer = '']: RegExpExecArray): RemoteError {
  return new RemoteError(
    'Unsupported',
    t('The server and “ssh” have no {0} in common; the server offers {1}.', safeText(kind, 60), safeText(offer, 200)),
    {
      hint: t('Your ssh config can allow one of them for this host.'),
      dropsConnection: true,
    },
  );
}

function noAskpass([, program = '', reason = '']: RegExpExecArray): RemoteError {
  return new RemoteError(
    'Unreachable',
    t('“ssh” could not ask for a password: {0} can’t be run ({1}).', safeText(program, 200), safeText(reason, 80)),
    {
      hint: t('Programs may not be run from that folder; allow it, or log in with a key of your agent.'),
      retryable,
    },
  );
}

import type { StationKind } from '../connect.ts';
import type { Host, TlsVersion } from '../host.ts';
import { t } from '../l10n.ts';
import type { Finding } from './finding.ts';
import { nameOf, otherService, settingsFor } from './services.ts';
import { byOpenssh, type SettingChange } from './settingChange.ts';
import { info, problem, type Advice } from './weights.ts';
import { otherZone } from './zoneAdvice.ts';

type Table = { readonly [Kind in Finding['kind']]: (finding: Extract<Finding, { readonly kind: Kind }>, host: Host) => Advice };

/** What to do about a finding on this host. */
export function adviceOn(finding: Finding, host: Host): Advice {
  const advise = advices[finding.kind] as (finding: Finding, host: Host) => Advice;
  return advise(finding, host);
}

/** The changes of all findings, each setting once: what comes first counts. */
export function recommended(findings: readonly Finding[], host: Host): SettingChange[] {
  const changes = new Map<string, SettingChange>();
  for (const finding of findings)
    for (const change of adviceOn(finding, host).changes ?? []) if (!changes.has(change.key)) changes.set(change.key, change);
  return [...changes.values()];
}

const advices: Table = {
  nameUnknown: ({ said }, { address }) =>
    problem(
      t('The name {0} leads to no address ({1}).', address, said),
      t('Check “address” of the host, and whether this computer is online.'),
    ),
  portClosed: (_, { address, port }) =>
    problem(
      t('{0} is there, but nothing listens at port {1}.', address, port),
      t('Check “port” of the host, and whether the server runs.'),
    ),
  noAnswer: (_, { address, port }) =>
    problem(
      t('{0}, port {1}, does not answer at all.', address, port),
      t('A firewall may be in between, a VPN may be needed, or the address is wrong.'),
    ),
  familyBroken: ({ family, address }) =>
    info(
      t(
        'The server’s name also leads to the IPv{0} address {1}, which does not answer. Each connection tries it in vain first.',
        family,
        address,
      ),
      t(
        'Set “addressFamily”, so that it is not tried. Ask whoever runs the name to take that address out, or have IPv{0} repaired, there or in this network.',
        family,
      ),
      [onlyFamily(family === 4 ? 6 : 4)],
    ),
  otherService: ({ service, said }, host) => otherService(service, said, host),
  serviceElsewhere: ({ service, port }) => {
    const what = t('At port {0} there is {1}.', port, nameOf(service));
    if (service === 'ftp')
      return info(what, t('It would carry passwords and files readably. If you want that, set “protocol” to ftp yourself.'));
    return info(what, t('Use that.'), settingsFor(service, port));
  },
  noExplicitTls: ({ said }) =>
    problem(
      t('The server does not encrypt here: it refused AUTH TLS ({0}).', said),
      t(
        'Ask its administrator for FTPS or SFTP. Only if it has none, and you accept that password and files can be read, set “protocol” to ftp.',
      ),
    ),
  tlsOffered: (_, { port }) =>
    info(
      t('The host is set to plain FTP, though the server offers encryption: password and files can be read on the way.'),
      t('Use FTPS.'),
      settingsFor('ftpWithTls', port),
    ),
  certificateName: ({ names }, { address }) =>
    problem(
      t('The certificate was made for another name than {0}: {1}.', address, names.slice(0, 20).join(', ')),
      t('Set “address” to the name in the certificate if that is your server; else ask its administrator.'),
    ),
  certificateProblem: ({ problem: why }) =>
    info(
      t('No authority vouches for the certificate. {0}', why),
      t('Compare its fingerprint with what the people who run the server tell you. Ferry accepts exactly this one once you trusted it.'),
    ),
  identityChanged: ({ said }) =>
    problem(said, t('Ask the administrator. If the change is right, run “Ferry: Replace Host Key or Certificate…”.')),
  tlsVersion: ({ version, said }) =>
    isOldTls(version)
      ? problem(
          t('The server has {0} at best, which is no longer held safe; “minTlsVersion” refuses it.', version),
          t('Have the server updated. Until then an older version can be allowed.'),
          [{ key: 'minTlsVersion', value: version, weakens: true }],
        )
      : problem(t('TLS could not be agreed on: {0}', said), t('Check “minTlsVersion” and “maxTlsVersion” of the host.')),
  noCommonAlgorithm: ({ said }) =>
    problem(said, t('Have the server updated. Until then old SSH algorithms can be allowed.'), [
      { key: 'legacyAlgorithms', value: true, weakens: true },
    ]),
  keyRefused: ({ methods, tried }) =>
    problem(
      tried.length === 0
        ? t('The server takes keys only ({0}), and Ferry found none.', methods.join(', '))
        : t('The server refused the keys. It accepts: {0}. Tried: {1}.', methods.join(', '), tried.join(', ')),
      t('Add the public half of your key to the server’s list for this user, or name the right key in “privateKeys”.'),
    ),
  needsOpenssh: ({ said, hint }, host) =>
    problem(
      hint === undefined ? said : t('{0} {1}', said, hint),
      t('Let your own “ssh” program carry the connection: it is on this computer, and may have what Ferry’s SSH has not.'),
      byOpenssh(host),
    ),
  loginRefused: ({ said, hint }) => problem(said, hint ?? t('Check user and password.')),
  loginWantsTls: ({ said }, { port }) =>
    problem(t('The server lets nobody in without encryption: {0}', said), t('Use FTPS.'), settingsFor('ftpWithTls', port)),
  crowded: ({ said }, { connections }) =>
    problem(
      t('The server takes no more connections now: {0}', said),
      t('End connections of other programs, or wait some minutes; and have Ferry use fewer.'),
      connections > 1 ? [{ key: 'connections', value: 1 }] : [],
    ),
  noSftp: ({ said }) =>
    problem(
      t('The log-in succeeds, but then no SFTP server speaks: {0}', said),
      t(
        'The account may have no shell, or its shell prints something when it starts. Ask the administrator for “internal-sftp”, or make the shell silent.',
      ),
    ),
  noShell: ({ said }) => info(t('This login has no shell ({0}). Files don’t need one; only “Open Terminal Here” does not work.', said)),
  stationFailed: ({ what, name, said, hint }) => stationFailed(what, name, said, hint),
  connectFailed: ({ said, hint }) => problem(said, hint),
  passiveWrongAddress: ({ named, real }) =>
    info(
      t(
        'In passive mode the server names {0} as its address instead of {1}: it stands behind a router and does not know its own.',
        named,
        real,
      ),
      t('Ferry uses the right one by itself. Other programs may fail until the server’s passive address is set.'),
    ),
  passiveBlocked: (_, { ftp }) =>
    info(
      t('No passive data connection comes about: a firewall seems to close the server’s passive ports. Active mode works.'),
      t('Set “mode” to active, so that nothing is tried in vain.'),
      ftp.mode === 'active' ? [] : [{ key: 'mode', value: 'active' }],
    ),
  activeBlocked: (_, { ftp }) =>
    ftp.mode === 'active'
      ? problem(
          t('No active data connection comes about: this computer can’t be reached by the server. Passive mode works.'),
          t('Set “mode” to passive.'),
          [{ key: 'mode', value: 'passive' }],
        )
      : info(t('No active data connection comes about, which is usual behind a router or firewall. Passive mode works.')),
  dataBlocked: (_, { proxy }) =>
    proxy !== undefined
      ? problem(
          t('No data connection comes about through the proxy: files and listings can’t be moved.'),
          t('The proxy has to let connections to the server’s passive ports through too: ask whoever runs it.'),
        )
      : problem(
          t('No data connection comes about, neither passive nor active: files and listings can’t be moved.'),
          t('Ask the administrator which passive ports are open. Behind a router, active mode needs “activeAddress” and “activePorts”.'),
        ),
  familyData: ({ family, address }) =>
    info(
      t('At the server’s IPv{0} address {1} the log-in works, but no data connection comes about.', family, address),
      t(
        'Whether folders open depends on which address answers first: set “addressFamily”, and ask the administrator to open the passive ports there too.',
      ),
      [onlyFamily(family === 4 ? 6 : 4)],
    ),
  sessionReuseRequired: () =>
    info(t('The server wants data connections to resume the TLS session of the control connection. Ferry does that by itself.')),
  rootMissing: ({ root, instead }) =>
    instead === undefined
      ? problem(t('The folder {0} is not there for this login.', root), t('Check “root” of the host.'))
      : problem(
          t('The folder {0} is not there for this login, which sees only a part of the server; {1} is.', root, instead),
          t('Use that.'),
          [{ key: 'root', value: instead }],
        ),
  listing: ({ command, refused, hidden }) =>
    refused === undefined
      ? problem(
          t('MLSD leaves out {0} entries of the folder that LIST shows, such as: {1}', hidden.length, hidden.slice(0, 3).join(', ')),
          t('Set “listing” to {0}.', command),
          [{ key: 'listing', value: command }],
        )
      : info(t('The server lists nothing by {0}: each connection tries it in vain first.', refused), t('Set “listing” to {0}.', command), [
          { key: 'listing', value: command },
        ]),
  charset: ({ charset, example }, host) =>
    problem(
      t('Names on the server are not in the charset {0}. In {1} they read like: {2}', host.charset, charset, example),
      t('Set “charset” to {0} if that looks right.', charset),
      [{ key: 'charset', value: charset === 'utf-8' ? undefined : charset }],
    ),
  notWritable: ({ folder, said }) =>
    problem(
      t('Nothing can be written in {0}: {1}', folder, said),
      t('Open a folder in which this login may write, or ask the administrator.'),
    ),
  scratchLeft: ({ path }) => problem(t('The scratch file {0} could not be removed.', path), t('Please delete it yourself.')),
  clockOff: ({ seconds }) =>
    info(
      seconds > 0
        ? t('The server’s clock is {0} ahead of this computer’s.', duration(seconds))
        : t('The server’s clock is {0} behind this computer’s.', duration(seconds)),
      t('Ferry does not compare the two clocks; tools on the server may.'),
    ),
  timeZone: (finding, host) => otherZone(finding, host),
  connectionLimit: ({ count }, { connections }) =>
    info(
      t('The server takes {0} connections of yours at once; the host is set to {1}.', count, connections),
      t('Set “connections” to that.'),
      [{ key: 'connections', value: count }],
    ),
};

function stationFailed(what: StationKind, name: string, said: string, hint: string | undefined): Advice {
  const sentences: Record<StationKind, () => string> = {
    jumpHost: () => t('The way ends at the jump host {0}: {1}', name, said),
    proxy: () => t('The way ends at the proxy {0}: {1}', name, said),
    proxyCommand: () => t('The “ProxyCommand” of your ssh config brings no connection: {0}', said),
  };
  return problem(sentences[what](), hint ?? t('The settings of the host itself have no part in it.'));
}

function onlyFamily(family: 4 | 6): SettingChange {
  return { key: 'addressFamily', value: family === 4 ? 'inet' : 'inet6' };
}

function isOldTls(version: string | undefined): version is TlsVersion {
  return version === 'TLSv1' || version === 'TLSv1.1';
}

function duration(seconds: number): string {
  const whole = Math.abs(Math.round(seconds));
  return whole < 120 ? t('{0} seconds', whole) : t('{0} minutes', Math.round(whole / 60));
}

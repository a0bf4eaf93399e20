import { t } from '../l10n.ts';
import { ConfigFields, type FieldNames, type JsonLayer, objectsIn, setFtpProtocol } from './configFields.ts';
import { ftpKrLink, sftpLink } from './folderLink.ts';
import { HostSketch, type ImportedHop, quoted } from './hostSketch.ts';
import { type FolderLink, ImportError, type Imported, type ImportedHost } from './imported.ts';
import { type JsonNode, memberOf } from './json.ts';
import { proxyKinds } from '../proxy.ts';

/** How most extensions of VS Code name things. */
const names: FieldNames = {
  ...{ user: 'username', password: 'password', passphrase: 'passphrase', key: 'privateKeyPath', agent: 'agent', root: 'remotePath' },
  asks: 'nothing',
};

/** With the folder that goes with it, if there is one. */
function withLink(host: ImportedHost | string, found: FolderLink | undefined): ImportedHost | string {
  if (typeof host === 'string' || found === undefined) return host;
  const linked: ImportedHost = { ...host, link: found };
  return linked;
}

type Read = (layers: readonly JsonLayer[], label: string) => ImportedHost | string;

function gather(read: readonly (ImportedHost | string)[]): Imported {
  return {
    hosts: read.filter((host) => typeof host === 'object'),
    problems: read.filter((problem) => typeof problem === 'string'),
  };
}

function labelOf(layers: readonly JsonLayer[]): string {
  const fields = new ConfigFields(layers);
  return fields.text('name') ?? fields.text('host') ?? '';
}

/** What concerns how files are kept in step, which these extensions do and Ferry does otherwise. */
const syncing = [
  ...['name', 'context', 'watcher', 'defaultProfile', 'profiles', 'uploadOnSave', 'useTempFile', 'openSsh', 'downloadOnOpen', 'syncOption'],
  ...['filePerm', 'dirPerm'],
  ...['ignore', 'ignoreFile', 'remoteExplorer', 'limitOpenFilesOnRemote', 'connectTimeout', 'interactiveAuth', 'concurrency', 'debug'],
];

/** `.vscode/sftp.json` of the SFTP extensions: one host or a list, each with profiles or without. */
export function parseVscodeSftp(node: JsonNode): Imported {
  const configs = objectsIn({ node, path: [] }).filter((layer) =>
    ['host', 'profiles', 'remote'].some((key) => memberOf(layer.node, key) !== undefined),
  );
  if (configs.length === 0) throw new ImportError(t('There is no host in the file.'));
  return gather(configs.flatMap((config) => sftpHosts(config)));
}

function sftpHosts(config: JsonLayer): readonly (ImportedHost | string)[] {
  const profiles = memberOf(config.node, 'profiles')?.node;
  const label = labelOf([config]);
  const read = (layers: readonly JsonLayer[], name: string, target: string) =>
    withLink(sftpHost(layers, name), sftpLink(new ConfigFields(layers), layers, JSON.stringify(config.path), target));
  if (profiles?.kind !== 'object' || profiles.members.length === 0) return [read([config], label, label)];
  return profiles.members
    .filter((profile) => memberOf(profiles, profile.key) === profile)
    .map(({ key, node }) => read([{ node, path: [...config.path, 'profiles', key] }, config], label === '' ? key : `${label} ${key}`, key));
}

const sftpHost: Read = (layers, label) => {
  const fields = new ConfigFields(layers);
  const sketch = new HostSketch(label);
  const protocol = fields.text('protocol') ?? 'sftp';
  if (protocol === 'ftp') setFtpProtocol(sketch, fields.value('secure'));
  else if (protocol === 'sftp') sketch.set('protocol', 'sftp');
  else return t('{0}: Ferry does not speak its protocol.', quoted(label));
  const hops = fields.layers('hop');
  if (protocol === 'sftp' && hops.length > 0) setTarget(sketch, fields, hops);
  else {
    sketch.set('address', fields.text('host')?.trim());
    sketch.set('port', fields.number('port'));
    fields.logIn(sketch, names);
  }
  const remote = fields.text('remote');
  if (remote !== undefined)
    sketch.note(t('It refers to {0} of “remotefs.remote”: what is only there is not taken over with it.', quoted(remote)));
  fields.sayTheRest(sketch, syncing);
  return sketch.finish();
};

/** Here the first host is the one to go through, and the last of its hops the one where the files are. */
function setTarget(sketch: HostSketch, first: ConfigFields, hops: readonly JsonLayer[]): void {
  const [target, ...between] = hops.map((layer) => new ConfigFields([layer])).toReversed();
  if (target === undefined) return;
  sketch.set('address', target.text('host')?.trim());
  sketch.set('port', target.number('port'));
  sketch.user(target.text(names.user)?.trim());
  sketch.root(first.text(names.root)?.trim());
  const password = target.value(names.password);
  sketch.password(typeof password === 'string' ? password : undefined, target.place(names.password, names.asks));
  if (target.text(names.key) !== undefined)
    sketch.note(t('The key that lies on the jump host is left out: Ferry uses keys of this computer.'));
  sketch.jump([first, ...between.toReversed()].map((hop) => hop.hop(names)));
  for (const key of [names.agent, names.passphrase]) first.value(key);
}

const ftpKrSyncing = [
  ...['name', 'ignore', 'altServer', 'localBasePath', 'followLink', 'autoUpload', 'autoDelete', 'autoDownload', 'autoDownloadAlways'],
  ...['logLevel', 'keepPasswordInMemory', 'connectionTimeout', 'ignoreWrongFileEncoding', 'autoDownloadRefreshTime'],
  ...['blockDetectingDuration', 'refreshTime', 'showGreeting', 'viewSizeLimit', 'downloadTimeExtraThreshold', 'ignoreJsonUploadCaution'],
  ...['noticeFileCount', 'createSyncCache', 'dontOpenRemoteExplorer', 'ignoreRemoteModification'],
];

/** `.vscode/ftp-kr.json`: a host, and others that have what it says unless they say otherwise. */
export function parseFtpKr(node: JsonNode): Imported {
  if (memberOf(node, 'host') === undefined) throw new ImportError(t('There is no host in the file.'));
  const main: JsonLayer = { node, path: [] };
  const others = memberOf(node, 'altServer')?.node;
  const alternatives = others === undefined ? [] : objectsIn({ node: others, path: ['altServer'] });
  const read = (layers: readonly JsonLayer[]) => {
    const label = labelOf(layers);
    return withLink(ftpKrHost(layers, label), ftpKrLink(new ConfigFields(layers), layers, label));
  };
  return gather([read([main]), ...alternatives.map((layer) => read([layer, main]))]);
}

const ftpKrHost: Read = (layers, label) => {
  const fields = new ConfigFields(layers);
  const sketch = new HostSketch(label);
  const protocol = fields.text('protocol') ?? 'ftp';
  const isSecure = fields.value('secure') === true;
  if (protocol === 'ftp' || protocol === 'ftps') {
    sketch.set('protocol', protocol === 'ftps' || isSecure ? 'ftps' : 'ftp');
    if (fields.text('fileNameEncoding') !== undefined) sketch.set('charset', charsetName(fields.text('fileNameEncoding') ?? ''));
  } else sketch.set('protocol', protocol === 'sftp' ? 'sftp' : undefined);
  sketch.set('address', fields.text('host')?.trim());
  sketch.set('port', fields.number('port') === 0 ? undefined : fields.number('port'));
  fields.logIn(sketch, { ...names, key: 'privateKey' });
  fields.sayTheRest(sketch, ftpKrSyncing);
  return sketch.finish();
};

/** iconv's names as browsers write them. */
function charsetName(name: string): string {
  if (/^utf-?8$/i.test(name)) return 'utf-8';
  return name.replace(/^(?:cp|win|windows)-?(125\d|874)$/i, 'windows-$1').replace(/^(?:cp|windows)-?949$|^KS_C_5601$/i, 'euc-kr');
}

/** The setting `remotefs.remote`: hosts by their names. */
export function parseRemoteFs(node: JsonNode, path: JsonLayer['path']): Imported {
  if (node.kind !== 'object') return { hosts: [], problems: [] };
  return gather(node.members.map(({ key, node: remote }) => remoteFsHost([{ node: remote, path: [...path, key] }], key)));
}

const remoteFsHost: Read = (layers, label) => {
  const fields = new ConfigFields(layers);
  const sketch = new HostSketch(label);
  const scheme = fields.text('scheme');
  if (scheme !== 'sftp' && scheme !== 'ftp') return t('{0}: Ferry does not speak its protocol.', quoted(label));
  sketch.set('protocol', scheme);
  sketch.set('address', fields.text('host')?.trim());
  sketch.set('port', fields.number('port'));
  fields.logIn(sketch, { ...names, root: 'rootPath' });
  fields.sayTheRest(sketch, ['connectTimeout', 'interactiveAuth']);
  return sketch.finish();
};

const sshFsHarmless = [
  'name',
  'label',
  'group',
  'merge',
  'interactiveAuth',
  'newFileMode',
  'flags',
  'encoding',
  'terminalCommand',
  'taskCommand',
];

/** The setting `sshfs.configs` of SSH FS. */
export function parseSshFs(node: JsonNode, path: JsonLayer['path']): Imported {
  const configs = objectsIn({ node, path });
  return gather(configs.map((layer) => sshFsHost(layer, configs)));
}

const sshFsNames: FieldNames = { ...names, root: 'root', asks: 'true' };

function sshFsHost(config: JsonLayer, all: readonly JsonLayer[]): ImportedHost | string {
  const fields = new ConfigFields([config]);
  const sketch = new HostSketch(fields.text('label') ?? labelOf([config]), fields.text('group')?.split('.') ?? []);
  sketch.set('protocol', 'sftp');
  sketch.set('address', fields.text('host')?.trim());
  sketch.set('port', fields.number('port'));
  fields.logIn(sketch, sshFsNames);
  sketch.jump(hopsTo(fields, all));
  for (const layer of fields.layers('proxy').slice(0, 1)) setProxy(sketch, new ConfigFields([layer]));
  fields.sayTheRest(sketch, sshFsHarmless);
  return sketch.finish();
}

function setProxy(sketch: HostSketch, fields: ConfigFields): void {
  const kind = proxyKinds.find((known) => known === fields.text('type'));
  const port = fields.number('port');
  if (kind === undefined || port === undefined) sketch.note(t('Its proxy is left out: Ferry does not go through one of that kind.'));
  else sketch.proxy({ kind, address: fields.text('host')?.trim() ?? '', port, user: undefined }, undefined);
}

const mostHops = 16;

/** Each config may name another one that is gone through before it. */
function hopsTo(fields: ConfigFields, all: readonly JsonLayer[]): readonly ImportedHop[] {
  const hops: ImportedHop[] = [];
  for (let name = fields.text('hop'); name !== undefined && hops.length <= mostHops;) {
    const found = all.find((layer) => new ConfigFields([layer]).text('name') === name);
    if (found === undefined) return [{ user: undefined, address: name, port: undefined, hasKey: false }, ...hops];
    const hop = new ConfigFields([found]);
    hops.unshift(hop.hop(sshFsNames));
    name = hop.text('hop');
  }
  return hops;
}

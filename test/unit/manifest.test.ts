import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { hostFields, protocols, tlsVersions } from '../../src/core/hostFields.ts';
import { parseHosts } from '../../src/core/hosts.ts';

/** package.json says what the code does. */

interface Menu {
  readonly command: string;
  readonly when: string;
}

interface Schema {
  readonly type?: string | string[];
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly scope?: string;
  readonly markdownDescription?: string;
  readonly markdownEnumDescriptions?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly additionalProperties?: boolean;
}

interface Manifest {
  readonly icon: string;
  readonly files: readonly string[];
  readonly activationEvents: readonly string[];
  readonly capabilities: {
    readonly untrustedWorkspaces: { readonly supported: string; readonly restrictedConfigurations: readonly string[] };
  };
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string }[];
    readonly menus: Readonly<Record<string, readonly Menu[]>>;
    readonly configuration: { readonly properties: Readonly<Record<string, Schema>> };
    readonly views: Readonly<Record<string, readonly { readonly id: string; readonly icon: string }[]>>;
    readonly viewsContainers: { readonly activitybar: readonly { readonly id: string; readonly icon: string }[] };
    readonly resourceLabelFormatters: readonly { readonly scheme: string }[];
  };
}

const root = join(import.meta.dirname, '../..');
const text = readFileSync(join(root, 'package.json'), 'utf8');
const manifest = JSON.parse(text) as Manifest;
const words = JSON.parse(readFileSync(join(root, 'package.nls.json'), 'utf8')) as Readonly<Record<string, string>>;
const { commands, menus, configuration, views, viewsContainers, resourceLabelFormatters } = manifest.contributes;
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(root, 'src', name), 'utf8'))
  .join('\n');

const hosts = configuration.properties['ferry.hosts']!;
const hostSchema = hosts.items!.properties!;

/** The lines of the sources that hold it. */
function found(pattern: RegExp): string[] {
  return [...sources.matchAll(new RegExp(`.*(?:${pattern.source}).*`, 'g'))].map(([line]) => line.trim());
}

function all(pattern: RegExp, from: string): string[] {
  return [...new Set([...from.matchAll(pattern)].map(([, found]) => found!))].sort();
}

describe('package.json', () => {
  it('contributes exactly the commands that are registered', () => {
    const registered = all(/\b(?:register|registerCommand)\(\s*'(ferry\.[^']+)'/g, sources);
    assert.deepEqual(commands.map(({ command }) => command).sort(), registered);
  });

  it('runs no command that nobody contributes', () => {
    const known = new Set(commands.map(({ command }) => command));
    const used = [
      ...Object.values(menus)
        .flat()
        .map(({ command }) => command),
      ...all(/\(command:([\w.]+)\)/g, text + JSON.stringify(words)),
    ];
    const run = all(/executeCommand\(\s*'(ferry\.[^']+)'/g, sources);
    for (const command of [...used, ...run]) assert.ok(known.has(command), command);
  });

  it('hides from the palette what works on a row or a conflict only', () => {
    const hidden = new Map(menus['commandPalette']!.map(({ command, when }) => [command, when]));
    for (const command of ['openFolder', 'openInNewWindow', 'addToWorkspace', 'duplicateHost', 'copyUri']) {
      assert.equal(hidden.get(`ferry.${command}`), 'false');
    }
    for (const { command } of commands.filter((each) => each.command.startsWith('ferry.conflict.'))) {
      assert.match(hidden.get(command) ?? '', /ferry\.conflicts/);
    }
    for (const { command } of commands.filter((each) => each.command.startsWith('ferry.save.'))) {
      assert.match(hidden.get(command) ?? '', /ferry\.saveTroubles/);
    }
    assert.match(hidden.get('ferry.completeMerge') ?? '', /isMergeEditor && mergeEditorResultUri =~ \/\^ferry-merge:\//);
  });

  it('has every text in package.nls.json, and no other', () => {
    assert.deepEqual(all(/"%([^%"]+)%"/g, text), Object.keys(words).sort());
    for (const [key, word] of Object.entries(words)) assert.ok(word.trim() !== '', key);
  });

  it('is activated by the file systems and by hosts of others to offer and settings that may link folders; the view and the commands do so by themselves', () => {
    const others = ['sftp.json', 'ftp-kr.json', 'settings.json'].map((name) => `workspaceContains:.vscode/${name}`);
    assert.deepEqual(manifest.activationEvents, ['onFileSystem:sftp', 'onFileSystem:ftp', 'onFileSystem:ftps', ...others]);
    assert.deepEqual(resourceLabelFormatters.map(({ scheme }) => scheme).sort(), [...protocols].sort());
  });

  it('keeps every setting but the linked folders, which are the workspace’s own, out of the reach of a workspace', () => {
    for (const [key, setting] of Object.entries(configuration.properties))
      assert.equal(setting.scope, key === 'ferry.mappings' ? 'resource' : 'application', key);
    assert.equal(manifest.capabilities.untrustedWorkspaces.supported, 'limited');
    assert.deepEqual(
      [...manifest.capabilities.untrustedWorkspaces.restrictedConfigurations].sort(),
      Object.keys(configuration.properties).sort(),
    );
  });

  it('opens no way in from outside: no link of vscode:// reaches it, and nothing of another extension', () => {
    assert.ok(!manifest.activationEvents.some((event) => event === 'onUri' || event === '*'));
    assert.deepEqual(found(/registerUriHandler|registerExternalUriOpener|\.exports\b/), []);
    assert.match(sources, /export function activate\(context: vscode\.ExtensionContext\): void/);
    for (const part of [
      'authentication',
      'terminal',
      'debuggers',
      'taskDefinitions',
      'customEditors',
      'walkthroughs',
      'languageModelTools',
    ]) {
      assert.ok(!(part in manifest.contributes), part);
    }
  });

  it('expands no variable in what comes from settings, workspaces or servers', () => {
    assert.deepEqual(found(/\$\{(?:env|command|input|config):|\$\{(?:workspaceFolder|userHome)\b/), []);
    assert.deepEqual(found(/'\$\{|resolveVariables/), []);
    // The person's own ssh config may name variables of the environment (ssh_config(5)); imports know a few by sight and expand none.
    assert.deepEqual(found(/\\\$\\?\{/), [
      ".replace(/^\\$\\{workspace(?:Folder|Root)\\}\\/?/, '')",
      "if (typeof value !== 'string' || value === '' || /^(?:pageant|\\$\\{?(?:env:)?SSH_AUTH_SOCK\\}?)$/i.test(value)) return;",
      ".replace(/^(?:\\$HOME|\\$\\{(?:env:)?HOME\\}|%USERPROFILE%|%HOMEDRIVE%%HOMEPATH%)(?=[/\\\\])/i, '~')",
      'if (/[\\0\\r\\n]/.test(file) || /\\$\\{|^\\$|%\\w+%/.test(file)) return undefined;',
      'const parts = text.split(/(\\$\\{[^}]*\\})/);',
    ]);
  });

  it('shows no server text where markdown is read', () => {
    assert.deepEqual(found(/new (?:vscode\.)?MarkdownString\b|isTrusted = true|supportThemeIcons|supportHtml|createWebviewPanel/), []);
  });

  it('has no setting that nobody reads', () => {
    for (const key of Object.keys(configuration.properties)) {
      const name = key.replace(/^ferry\./, '').replaceAll('.', '\\.');
      assert.match(sources, new RegExp(`(?:inspect|get(?:<[^>]*>)?)\\(\\s*'${name}'`), key);
    }
  });

  it('describes every option of a host, and has a default where the code has one', () => {
    assert.deepEqual(Object.keys(hostSchema).sort(), Object.keys(hostFields).sort());
    assert.deepEqual(hosts.items!.required, ['name', 'protocol']);
    assert.deepEqual(hosts.items!.anyOf, [{ required: ['address'] }, { required: ['sshConfigHost'] }]);
    assert.equal(hosts.items!.additionalProperties, false);
    for (const [key, option] of Object.entries(hostSchema)) {
      assert.ok(option.markdownDescription, key);
      if (option.markdownEnumDescriptions) assert.equal(option.markdownEnumDescriptions.length, option.enum?.length, key);
    }
    assert.deepEqual(hostSchema['protocol']!.enum!.toSorted(), protocols.toSorted());
    assert.deepEqual(hostSchema['minTlsVersion']!.enum, tlsVersions);
    assert.deepEqual(hostSchema['maxTlsVersion']!.enum, tlsVersions);
  });

  it('offers only values that the code takes, and the defaults that it has', () => {
    const parse = (item: object) => parseHosts([{ name: 'a', protocol: 'sftp', address: 'example.org', ...item }]);
    for (const [key, option] of Object.entries(hostSchema)) {
      const field: { readonly only?: readonly string[] } = hostFields[key as keyof typeof hostFields];
      const protocol = field.only?.[0] ?? 'sftp';
      const lowest = key === 'maxTlsVersion' ? { minTlsVersion: 'TLSv1' } : {};
      const values = [...(option.enum ?? []), ...(option.minimum === undefined ? [] : [option.minimum, option.maximum])];
      for (const value of values) assert.deepEqual(parse({ protocol, ...lowest, [key]: value }).problems, [], `${key}: ${String(value)}`);
      if (option.maximum !== undefined) assert.notDeepEqual(parse({ [key]: option.maximum + 1 }).problems, [], key);
      if (option.default === undefined) continue;
      assert.deepEqual(parse({ protocol, [key]: option.default }), parse({ protocol }), `default of ${key}`);
    }
  });

  it('takes and refuses the same names and port ranges as the code', () => {
    const name = new RegExp(hostSchema['name']!.pattern!);
    for (const value of ['a', 'web-1.example_org', '1', '-a', '', '.a', 'a b', 'a/b', 'ä', 'x'.repeat(63), 'x'.repeat(64)]) {
      assert.equal(name.test(value), hostFields.name.read(value) !== undefined, JSON.stringify(value));
    }
    const ports = new RegExp(hostSchema['activePorts']!.pattern!);
    for (const value of ['50000-50100', '50000', '50000 - 50100', 'x', '1-', '-1']) {
      assert.equal(ports.test(value), hostFields.activePorts.read(value) !== undefined, JSON.stringify(value));
    }
  });

  it('names pictures and files that are there', () => {
    const icons = [
      manifest.icon,
      ...viewsContainers.activitybar.map(({ icon }) => icon),
      ...Object.values(views)
        .flat()
        .map(({ icon }) => icon),
    ];
    for (const icon of icons) assert.ok(statSync(join(root, icon)).size > 0, icon);
    for (const container of Object.keys(views))
      assert.ok(
        viewsContainers.activitybar.some(({ id }) => id === container),
        container,
      );
    for (const { id } of Object.values(views).flat()) assert.ok(sources.includes(`'${id}'`), id);
    const png = readFileSync(join(root, manifest.icon));
    assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [256, 256]);
    assert.ok(manifest.files.includes('package.nls.json'));
  });
});

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/* What keys and menus do, by the conditions of package.json, as VS Code reads them. */

interface Binding {
  readonly command: string;
  readonly key?: string;
  readonly mac?: string;
  readonly when?: string;
}

const root = join(import.meta.dirname, '../..');
const { contributes } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly contributes: {
    readonly keybindings: readonly Binding[];
    readonly menus: Readonly<Record<string, readonly Binding[]>>;
    readonly views: Readonly<Record<string, readonly { readonly when?: string }[]>>;
  };
};
const { keybindings, menus, views } = contributes;
const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(join(root, 'src', name), 'utf8'))
  .join('\n');

type Contexts = Readonly<Record<string, string | boolean | undefined>>;

/** The parts of a condition: all of them have to hold. */
function partsOf(when: string): string[] {
  assert.doesNotMatch(when, /\|\|(?![^/]*\/)/, 'no alternatives: this test reads none');
  return when.split('&&').map((part) => part.trim());
}

function holds(part: string, contexts: Contexts): boolean {
  const [, name = '', operator, right = ''] = /^!?([\w.]+)(?:\s*(==|!=|=~)\s*(.+))?$/.exec(part) ?? assert.fail(part);
  const value = contexts[name];
  if (operator === undefined) return part.startsWith('!') !== Boolean(value);
  if (operator === '=~') return new RegExp(right.replace(/^\/(.*)\/$/, '$1')).test(String(value ?? ''));
  const isEqual = value === right.replace(/^'(.*)'$/, '$1');
  return isEqual === (operator === '==');
}

const matches = ({ when = '' }: Binding, contexts: Contexts) => partsOf(when).every((part) => holds(part, contexts));

/** Of several that match, VS Code takes the last. */
function commandOf(key: string, on: 'key' | 'mac', contexts: Contexts): string | undefined {
  return keybindings.findLast((binding) => (binding[on] ?? binding.key) === key && matches(binding, contexts))?.command;
}

describe('keys', () => {
  const view: Contexts = { focusedView: 'ferry.hosts', 'ferry.canPaste': true };
  const keys: readonly (readonly [key: string, mac: string, ofKinds: Readonly<Record<string, string | undefined>>])[] = [
    ['f2', 'enter', { file: 'files.rename', host: 'renameRow', group: 'renameRow', bookmark: 'renameRow' }],
    ['delete', 'cmd+backspace', { file: 'files.delete', host: 'removeRows', group: 'removeRows', bookmark: 'removeRows' }],
    ['ctrl+c', 'cmd+c', { file: 'files.copy', host: 'copyRows', group: undefined, bookmark: 'copyRows' }],
    ['ctrl+x', 'cmd+x', { file: 'files.cut', host: undefined, group: undefined }],
    ['ctrl+v', 'cmd+v', { file: 'files.paste', host: 'files.paste', bookmark: 'files.paste', group: undefined }],
    ['ctrl+enter', 'ctrl+enter', { file: 'files.openToSide', host: undefined, group: undefined }],
    ['alt+up', 'alt+up', { host: 'moveUp', group: 'moveUp', file: undefined, bookmark: 'moveUp' }],
    ['alt+down', 'alt+down', { host: 'moveDown', group: 'moveDown', file: undefined, bookmark: 'moveDown' }],
  ];

  for (const [key, mac, kinds] of keys)
    it(`${key} does what fits the selected rows, and only in the view`, () => {
      for (const [kind, command] of Object.entries(kinds)) {
        const selected = { ...view, 'ferry.selected': kind };
        const expected = command && `ferry.${command}`;
        assert.equal(commandOf(key, 'key', selected), expected, kind);
        assert.equal(commandOf(mac, 'mac', selected), expected, `${kind}, Mac`);
        // What is typed into a box of the view is no command.
        assert.equal(commandOf(key, 'key', { ...selected, inputFocus: true }), undefined);
        assert.equal(commandOf(key, 'key', { ...selected, focusedView: 'workbench.explorer.fileView' }), undefined);
      }
    });

  const ofEditors: Readonly<Record<string, string>> = { u: 'upload', d: 'download', r: 'compareWithRemote' };

  for (const [letter, command] of Object.entries(ofEditors))
    it(`ctrl+k ctrl+shift+${letter} is for the text of a linked folder that is edited`, () => {
      const editing: Contexts = { 'ferry.hasMappings': true, isWorkspaceTrusted: true, editorTextFocus: true, resourceScheme: 'file' };
      assert.equal(commandOf(`ctrl+k ctrl+shift+${letter}`, 'key', editing), `ferry.${command}`);
      assert.equal(commandOf(`cmd+k cmd+shift+${letter}`, 'mac', editing), `ferry.${command}`);
      for (const without of Object.keys(editing))
        assert.equal(commandOf(`ctrl+k ctrl+shift+${letter}`, 'key', { ...editing, [without]: undefined }), undefined, without);
    });

  it('are all in the lists above', () => {
    const known = [
      ...keys.flatMap(([key, , kinds]) => Object.values(kinds).map((command) => `${key} ferry.${command}`)),
      ...Object.entries(ofEditors).map(([letter, command]) => `ctrl+k ctrl+shift+${letter} ferry.${command}`),
    ];
    for (const { key, command } of keybindings) assert.ok(known.includes(`${key} ${command}`), `${key} ${command}`);
  });

  it('leave hosts alone where files are selected too', () => {
    for (const [key, , { file }] of keys.filter(([, , kinds]) => kinds['file'] !== undefined))
      assert.equal(commandOf(key, 'key', { ...view, 'ferry.selected': undefined }), `ferry.${file}`);
  });

  it('paste only after something was taken', () => {
    assert.equal(commandOf('ctrl+v', 'key', { ...view, 'ferry.selected': 'file', 'ferry.canPaste': false }), undefined);
  });
});

describe('conditions', () => {
  const all = [...keybindings, ...Object.values(menus).flat(), ...Object.values(views).flat()].flatMap(({ when }) => when ?? []);
  it('name what Ferry sets, where they are Ferry’s own', () => {
    const names = new Set(all.flatMap((when) => partsOf(when).map((part) => part.replace(/^!/, '').split(/[\s=!]/)[0] ?? '')));
    for (const name of names) if (name.startsWith('ferry.')) assert.ok(sources.includes(`'${name}'`), name);
    assert.ok(names.has('ferry.selected'));
  });

  it('of menus of rows are true for rows that there are', () => {
    const states = ['disconnected', 'connecting', 'waiting', 'connected', 'loginNeeded', 'error', 'untrusted'];
    const protocols = ['sftp', 'ftp', 'ftps'];
    const files = ['file', 'folder', 'file.link', 'folder.link'].flatMap((kind) => protocols.map((scheme) => `entry.${kind}.${scheme}`));
    const items: Readonly<Record<string, readonly string[]>> = {
      'ferry.hosts': [
        ...['host', 'configHost'].flatMap((kind) => states.flatMap((state) => protocols.map((protocol) => `${kind}.${state}.${protocol}`))),
        ...['group.own', 'group.sshConfig', 'note', ...protocols.map((scheme) => `bookmark.${scheme}`)],
        ...files.flatMap((file) => (file.includes('link') ? [file] : [file, `${file}.mode`])),
      ],
    };
    const own = menus['view/item/context']!.filter(({ when }) => when?.startsWith('view == ferry.hosts '));
    assert.ok(own.length > 50);
    for (const { when = '', command } of own) {
      const part = partsOf(when).find((each) => each.startsWith('viewItem '));
      assert.ok(part !== undefined, command);
      assert.ok(
        items['ferry.hosts']!.some((viewItem) => holds(part, { viewItem })),
        `${command}: ${when}`,
      );
    }
  });
});

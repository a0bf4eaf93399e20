import assert from 'node:assert/strict';
import { bundleExtension, entry, loadedWith, main, type Bundle } from '../setup/bundle.ts';

const { files, main: named } = (await import('../../package.json', { with: { type: 'json' } })).default;

describe('the bundle', () => {
  let bundle: Bundle;
  /** Files of `src` and of libraries. */
  let early: string[];
  let late: string[];

  before(async () => {
    bundle = await bundleExtension();
    const loaded = loadedWith(main, bundle.metafile);
    const inputsOf = (isEarly: boolean): string[] =>
      Object.entries(bundle.metafile.outputs).flatMap(([path, { inputs }]) => (loaded.has(path) === isEarly ? Object.keys(inputs) : []));
    [early, late] = [inputsOf(true), inputsOf(false)];
  });

  it('begins with what package.json names, and all of it is in the package', () => {
    assert.equal(named, `./${entry}`);
    for (const path of [entry, main]) assert.ok(bundle.files.has(path), path);
    assert.ok(files.includes('dist/*.cjs'));
    for (const path of bundle.files.keys()) assert.match(path, /^dist\/[\w-]+\.cjs(?:\.map)?$/);
  });

  // VS Code compiles all of it when a window opens.
  it('loads less than 340 KB with a window', () => {
    const [starts, runs] = [entry, main].map((path) => bundle.files.get(path)?.length ?? 0) as [number, number];
    const bytes = starts + runs;
    assert.ok(starts > 0 && runs > 0 && bytes < 340_000, `${bytes} bytes`);
  });

  it('loads no transport and no library before a host is used', () => {
    assert.ok(early.includes('src/editor/fileSystem.ts'));
    assert.deepEqual(
      early.filter((path) => path.includes('node_modules') || path.startsWith('src/transport')),
      [],
    );
    for (const path of ['src/transport/sftp/sshLink.ts', 'node_modules/ssh2/lib/client.js']) assert.ok(late.includes(path), path);
  });

  it('has each module once', () => {
    const all = [...early, ...late];
    assert.deepEqual(
      all.filter((path, index) => all.indexOf(path) !== index),
      [],
    );
  });

  it('asks for no file of its own that is not there', () => {
    for (const [path, code] of bundle.files) {
      if (path.endsWith('.map')) continue;
      for (const [, name = ''] of code.matchAll(/(?:require|import)\("\.\/([^"]+)"\)/g))
        assert.ok(bundle.files.has(`dist/${name}`), `${path}: ${name}`);
    }
  });

  it('has the program that ssh asks with, which runs by itself', () => {
    const code = bundle.files.get('dist/askpass.cjs') ?? '';
    assert.match(code, /FERRY_ASKPASS_PLACE/);
    assert.deepEqual(
      [...code.matchAll(/require\("([^"]+)"\)/g)].map(([, name]) => name),
      ['node:net'],
    );
  });

  it('copies nothing of the API of VS Code', () => {
    for (const [path, code] of bundle.files) assert.doesNotMatch(code, /\w\(require\("vscode"\)/, path);
  });
});

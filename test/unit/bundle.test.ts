import assert from 'node:assert/strict';
import { build, type Metafile } from 'esbuild';
import { inRepository } from '../setup/commands.ts';

const { files, scripts } = (await import('../../package.json', { with: { type: 'json' } })).default;

/** Libraries that are loaded when they are needed. */
const apart = ['ssh2', 'bcrypt-pbkdf'];

describe('the bundle', () => {
  let metafile: Metafile;
  let bytes: number;

  before(async () => {
    const result = await build({
      entryPoints: [inRepository('src', 'extension.ts')],
      bundle: true,
      write: false,
      metafile: true,
      format: 'cjs',
      platform: 'node',
      alias: Object.fromEntries(apart.map((name) => [name, `./${name}.cjs`])),
      external: ['vscode', 'cpu-features', '*.node', ...apart.map((name) => `./${name}.cjs`)],
      minifySyntax: true,
      minifyWhitespace: true,
      absWorkingDir: inRepository(),
    });
    metafile = result.metafile;
    bytes = result.outputFiles[0]?.contents.length ?? 0;
  });

  it('is made by the build script with the same options', () => {
    const own = apart.flatMap((name) => [`--alias:${name}=./${name}.cjs`, `--external:./${name}.cjs`]);
    for (const option of ['--bundle', '--format=cjs', '--external:vscode', '--minify-syntax', '--minify-whitespace', ...own]) {
      assert.ok(scripts.build.includes(option), option);
    }
  });

  // VS Code compiles all of it when a window opens.
  it('is smaller than 800 KB', () => {
    assert.ok(bytes > 0 && bytes < 800_000, `${bytes} bytes`);
  });

  it('loads no transport and no library before a host is used', () => {
    const loaded = reachable(metafile, 'src/extension.ts');
    assert.ok(loaded.has('src/editor/fileSystem.ts'));
    assert.deepEqual(
      [...loaded].filter((path) => path.includes('node_modules') || path.startsWith('src/transport')),
      [],
    );
    assert.ok('src/transport/sftp/sshLink.ts' in metafile.inputs);
  });

  it('leaves large libraries in files of their own, which the package holds', () => {
    for (const name of apart) {
      assert.deepEqual(
        Object.keys(metafile.inputs).filter((path) => path.startsWith(`node_modules/${name}/`)),
        [],
      );
      assert.ok(files.includes(`dist/${name}.cjs`));
    }
  });
});

/** What running a module runs with it; not what it only loads later. */
function reachable({ inputs }: Metafile, from: string, seen = new Set<string>()): Set<string> {
  if (seen.has(from)) return seen;
  seen.add(from);
  for (const { path, kind, external } of inputs[from]?.imports ?? []) {
    if (kind !== 'dynamic-import' && external !== true) reachable({ inputs, outputs: {} }, path, seen);
  }
  return seen;
}

import assert from 'node:assert/strict';
import { build, type Metafile } from 'esbuild';
import { inRepository } from '../setup/commands.ts';

const { scripts } = (await import('../../package.json', { with: { type: 'json' } })).default;

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
      external: ['vscode', 'cpu-features', '*.node'],
      minifySyntax: true,
      minifyWhitespace: true,
      absWorkingDir: inRepository(),
    });
    metafile = result.metafile;
    bytes = result.outputFiles[0]?.contents.length ?? 0;
  });

  it('is made by the build script with the same options', () => {
    for (const option of ['--bundle', '--format=cjs', '--external:vscode', '--minify-syntax', '--minify-whitespace']) {
      assert.ok(scripts.build.includes(option), option);
    }
  });

  it('is smaller than 1 MB', () => {
    assert.ok(bytes > 0 && bytes < 1_000_000, `${bytes} bytes`);
  });

  it('loads no transport and no library before a host is used', () => {
    const loaded = reachable(metafile, 'src/extension.ts');
    assert.ok(loaded.has('src/editor/fileSystem.ts'));
    assert.deepEqual(
      [...loaded].filter((path) => path.includes('node_modules') || path.startsWith('src/transport')),
      [],
    );
    assert.ok('node_modules/ssh2/lib/index.js' in metafile.inputs);
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

import { build, transform, type BuildOptions, type Metafile, type OutputFile, type Plugin } from 'esbuild';
import { inRepository } from './commands.ts';

/** What is shipped, before it is written. */
export interface Bundle {
  /** Content by path in the repository. */
  readonly files: ReadonlyMap<string, string>;
  readonly metafile: Metafile;
}

/** VS Code loads it, and it runs `main`. Beside them there is `dist/askpass.cjs`, a program of its own that `ssh` runs. */
export const entry = 'dist/extension.cjs';
/** The extension. */
export const main = 'dist/main.cjs';
const shape = { platform: 'node', target: 'node22', minifySyntax: true, minifyWhitespace: true, sourcesContent: false } as const;
const common = {
  ...shape,
  ...{ bundle: true, outdir: 'dist', outExtension: { '.js': '.cjs' }, legalComments: 'eof' },
  ...{ metafile: true, write: false, absWorkingDir: inRepository() },
} satisfies BuildOptions;

/**
 * `dist/main.cjs` with all that runs when a window opens, and a file for each part that is imported when it is needed first.
 * esbuild splits ES modules only, and by what shares them: what is needed at once is put together again (a file costs more than what is in
 * it), and all of it is made CommonJS, which VS Code loads without a turn for each file.
 */
export async function bundleExtension(): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    ...common,
    entryPoints: { main: 'src/extension.ts', askpass: 'src/transport/openssh/askpassProgram.ts' },
    format: 'esm',
    splitting: true,
    chunkNames: '[name]-[hash]',
    external: ['vscode', 'cpu-features', '*.node'],
    sourcemap: 'inline',
  });
  const modules = new Map(outputFiles.map(({ path, text }) => [inDist(path), text]));
  const early = loadedWith(main, metafile);
  const late = [...modules].filter(([path]) => !early.has(path));
  const made = [makeEntry(), joinEarly(early, modules), ...late.map(([path, text]) => makeLate(path, text, early))];
  return { files: new Map((await Promise.all(made)).flat()), metafile };
}

/** Paths of the files that loading one loads with it. */
export function loadedWith(path: string, metafile: Metafile, found = new Set<string>()): Set<string> {
  if (found.has(path)) return found;
  found.add(path);
  for (const { path: next, kind, external } of metafile.outputs[path]?.imports ?? [])
    if (kind === 'import-statement' && external !== true) loadedWith(next, metafile, found);
  return found;
}

type Files = readonly (readonly [path: string, content: string])[];

async function joinEarly(early: ReadonlySet<string>, modules: ReadonlyMap<string, string>): Promise<Files> {
  const shared = [...early].filter((path) => path !== main);
  const contents = [
    "export { activate, deactivate } from './main.cjs';",
    ...shared.map((path) => `export * as ${exportOf(path)} from './${nameOf(path)}';`),
  ];
  const { outputFiles } = await build({
    ...common,
    stdin: { contents: contents.join('\n'), resolveDir: inRepository('dist'), sourcefile: 'main.js' },
    entryNames: 'main',
    format: 'cjs',
    external: ['vscode'],
    plugins: [serve(early, modules)],
    supported: { 'dynamic-import': false },
    sourcemap: 'external',
  });
  return madeOf(main, outputFiles);
}

async function makeEntry(): Promise<Files> {
  const entryPoints = { extension: 'src/start.ts' };
  const { outputFiles } = await build({ ...common, entryPoints, format: 'cjs', external: ['vscode'], sourcemap: 'external' });
  return madeOf(entry, outputFiles);
}

function madeOf(path: string, outputFiles: readonly OutputFile[]): Files {
  const [map, code] = ['.map', '.cjs'].map((end) => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '');
  return written(path, code!, map!);
}

/** Early files from memory; everything else stays a file of its own. */
function serve(early: ReadonlySet<string>, modules: ReadonlyMap<string, string>): Plugin {
  return {
    name: 'early',
    setup(building) {
      building.onResolve({ filter: /^\.\// }, ({ path }) => {
        const file = inDist(path);
        return early.has(file) ? { path: file, namespace: 'early' } : { path, external: true };
      });
      building.onLoad({ filter: /./, namespace: 'early' }, ({ path }) => ({ contents: modules.get(path) ?? '', loader: 'js' }));
    },
  };
}

async function makeLate(path: string, text: string, early: ReadonlySet<string>): Promise<Files> {
  const { code, map } = await transform(text, {
    ...{ ...shape, format: 'cjs', sourcemap: 'external', sourcefile: nameOf(path), legalComments: 'inline' },
    supported: { 'dynamic-import': false },
  });
  const joined = code.replaceAll(/require\("\.\/([\w-]+\.cjs)"\)/g, (require, name: string) =>
    early.has(inDist(name)) ? `require("./extension.cjs").parts.${exportOf(name)}` : require,
  );
  return written(path, joined, map);
}

function written(path: string, code: string, map: string): Files {
  // `import * as vscode` would copy VS Code's whole API, name by name, for each module that says so; it needs no copy.
  const plain = code.replaceAll(/__toESM\(require\("vscode"\)(?:,1)?\)/g, 'require("vscode")');
  return [
    [path, `${plain}//# sourceMappingURL=${nameOf(path)}.map\n`],
    [`${path}.map`, map],
  ];
}

function nameOf(path: string): string {
  return path.split(/[\\/]/).at(-1) ?? '';
}

function inDist(path: string): string {
  return `dist/${nameOf(path)}`;
}

/** By which name `dist/main.cjs` hands on what a file in it has. */
function exportOf(path: string): string {
  return nameOf(path).replaceAll(/\W/g, '_');
}

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type FolderRules, isIgnored, parseIgnorePatterns } from '../../../../src/core/mapping/ignorePatterns.ts';
import { removeFolder, temporaryFolder } from '../../../servers/folder.ts';
import { chosenSeed, randomFrom } from '../../../torture/random.ts';

/** Our reading of gitignore's patterns against git's own answers, on what is made at random. `FERRY_SEED` repeats a run. */

const repositories = 60;
const paths = 60;

describe('ignore patterns: our reading and that of git', () => {
  const folder = temporaryFolder('ignore');
  after(() => removeFolder(folder));

  it(`agree in ${repositories} repositories`, () => {
    const seed = chosenSeed();
    console.log(`      seed ${seed}`);
    let ignored = 0;
    for (let number = 0; number < repositories; number += 1) {
      const random = randomFrom(seed + number);
      const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
      const root = join(folder, String(number));
      const files = new Map(
        ['', 'a', 'a/b', 'src']
          .slice(0, 1 + (number % 4))
          .map((at) => [at, Array.from({ length: 1 + Math.floor(random() * 5) }, () => makePattern(pick))]),
      );
      mkdirSync(root);
      spawnSync('git', ['init', '-q'], { cwd: root });
      for (const [at, lines] of files) write(join(root, at, '.gitignore'), `${lines.join('\n')}\n`);
      const asked = [
        ...new Set(Array.from({ length: paths }, () => Array.from({ length: 1 + Math.floor(random() * 4) }, () => pick(names)).join('/'))),
      ].filter((path) => !existsSync(join(root, path)));
      const theirs = askGit(root, asked);
      const rules = new Map<string, FolderRules>([...files].map(([at, lines]) => [at, parseIgnorePatterns(lines)]));
      for (const path of asked) {
        const ours = isIgnored(path, (at) => rules.get(at));
        assert.equal(ours, theirs.has(path), `${path} in ${JSON.stringify([...files])}, seed ${seed + number}`);
        if (ours) ignored += 1;
      }
    }
    assert.ok(ignored > repositories * 5, `only ${ignored} were ignored: the test says nothing`);
  });
});

const names = ['a', 'b', 'src', 'ab', 'a.txt', 'b.txt', 'x y', '#c', '!d', 'A', 'é', '[z]', 'a-b', '9', 'b ', 'a\\b'];
const pieces = [
  'a',
  'b',
  'src',
  '*',
  '?',
  '*.txt',
  'a*',
  '**',
  '[ab]',
  '[!a]',
  '[a-c]*',
  '[[:alpha:]]',
  '[[:digit:]]',
  '\\a',
  'x y',
  '\\#c',
  '[z',
  '\\[z]',
  'é',
  '***',
  'a**',
  '[]-a]',
  '[^b]*',
  '[9-0]',
  'b\\ ',
  'a\\\\b',
];

function makePattern(pick: <T>(from: readonly T[]) => T): string {
  const length = pick([1, 1, 1, 2, 2, 3]);
  const body = Array.from({ length }, () => pick(pieces)).join('/');
  return `${pick(['', '', '', '!', '\\!'])}${pick(['', '', '/'])}${body}${pick(['', '', '/', ' '])}`;
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** With --no-index and no file there, git takes what is asked for files. */
function askGit(root: string, asked: readonly string[]): ReadonlySet<string> {
  const { stdout, stderr, status } = spawnSync('git', ['check-ignore', '--no-index', '--stdin', '-z'], {
    cwd: root,
    input: `${asked.join('\0')}\0`,
    encoding: 'utf8',
  });
  assert.ok(status === 0 || status === 1, stderr);
  return new Set(stdout.split('\0').filter(Boolean));
}

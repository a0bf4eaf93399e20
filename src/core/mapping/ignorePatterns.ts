/** One line of a file of patterns, gitignore(5). */
interface Pattern {
  readonly matcher: RegExp;
  /** Only folders. */
  readonly isFolder: boolean;
  readonly includes: boolean;
}

/** What the patterns of one folder say of a path below it; undefined: nothing. */
export type Verdict = 'ignored' | 'included' | undefined;

/** The patterns that stand in one folder. `path`: relative to it, `/` between names. The last pattern that matches decides. */
export type FolderRules = (path: string, isFolder: boolean) => Verdict;

export function parseIgnorePatterns(lines: readonly string[]): FolderRules {
  const patterns = lines.flatMap((line) => parseLine(line) ?? []);
  return (path, isFolder) => {
    const bytes = bytesOf(path);
    const found = patterns.findLast((pattern) => (isFolder || !pattern.isFolder) && pattern.matcher.test(bytes));
    if (found === undefined) return undefined;
    return found.includes ? 'included' : 'ignored';
  };
}

/**
 * Whether `relative` (below the root, `/` between names) is left out: what is within a folder that is left out is left out, and can't be
 * included again; else the rules of the nearest folder that say anything decide. `rulesOf`: by the folder's path relative to the root,
 * empty for the root itself; undefined where it has none.
 */
export function isIgnored(relative: string, rulesOf: (folder: string) => FolderRules | undefined, isFolder = false): boolean {
  const names = relative.split('/');
  return names.some((_, index) => verdictOf(names.slice(0, index + 1), isFolder || index + 1 < names.length, rulesOf) === 'ignored');
}

function verdictOf(names: readonly string[], isFolder: boolean, rulesOf: (folder: string) => FolderRules | undefined): Verdict {
  for (let depth = names.length - 1; depth >= 0; depth -= 1) {
    const verdict = rulesOf(names.slice(0, depth).join('/'))?.(names.slice(depth).join('/'), isFolder);
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}

/** A character for each byte of its UTF-8: git compares bytes, so that its `?` is half an `é`. */
function bytesOf(text: string): string {
  return String.fromCharCode(...new TextEncoder().encode(text));
}

function parseLine(line: string): Pattern | undefined {
  let text = bytesOf(withoutTrailingSpaces(line));
  if (text === '' || text.startsWith('#')) return undefined;
  const includes = text.startsWith('!');
  if (includes) text = text.slice(1);
  const isFolder = text.endsWith('/');
  if (isFolder) text = text.slice(0, -1);
  if (text === '') return undefined;
  const isAnchored = text.includes('/');
  const source = sourceOf(text.replace(/^\//, ''), isAnchored);
  return source === undefined ? undefined : { matcher: new RegExp(`^${isAnchored ? '' : '(?:.*/)?'}${source}$`, 's'), isFolder, includes };
}

/** Those with a backslash before them stay. */
function withoutTrailingSpaces(line: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === ' ') {
    const backslashes = /\\*$/.exec(line.slice(0, end - 1))?.[0].length ?? 0;
    if (backslashes % 2 === 1) break;
    end -= 1;
  }
  return line.slice(0, end);
}

interface Piece {
  readonly source: string;
  /** Where the rest of the pattern begins. */
  readonly end: number;
}

/** As a regular expression over whole paths; undefined for a pattern that matches nothing. */
function sourceOf(pattern: string, isAnchored: boolean): string | undefined {
  // Git compares what comes before the first of these by itself, so that what follows stands at the beginning.
  const plain = isAnchored ? pattern.search(/[*?[\\]/) : 0;
  let source = '';
  for (let at = 0; at < pattern.length;) {
    const piece = pattern[at] === '*' ? stars(pattern, at, at === plain) : single(pattern, at);
    if (piece === undefined) return undefined;
    source += piece.source;
    at = piece.end;
  }
  return source;
}

/** Two or more between slashes stand for any number of folders, else they are as good as one. */
function stars(pattern: string, at: number, isFirst: boolean): Piece {
  const end = at + (/^\*+/.exec(pattern.slice(at))?.[0].length ?? 1);
  const [before, after] = [isFirst ? undefined : pattern[at - 1], pattern[end]];
  if (end - at === 1 || !(before === undefined || before === '/')) return { source: '[^/]*', end };
  if (after === '/') return { source: '(?:.*/)?', end: end + 1 };
  return { source: after === undefined ? '.*' : '[^/]*', end };
}

function single(pattern: string, at: number): Piece | undefined {
  const char = pattern.charAt(at);
  if (char === '?') return { source: '[^/]', end: at + 1 };
  if (char === '[') return bracket(pattern, at);
  if (char !== '\\') return { source: literal(char), end: at + 1 };
  // A backslash at the end matches nothing.
  return at + 1 < pattern.length ? { source: literal(pattern.charAt(at + 1)), end: at + 2 } : undefined;
}

function literal(char: string): string {
  return `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`;
}

const classes: Readonly<Record<string, string>> = {
  alnum: 'A-Za-z0-9',
  alpha: 'A-Za-z',
  blank: ' \\t',
  cntrl: '\\x00-\\x1f\\x7f',
  digit: '0-9',
  graph: '\\x21-\\x7e',
  lower: 'a-z',
  print: '\\x20-\\x7e',
  punct: '!-\\/:-@\\[-`\\{-~',
  space: ' \\t\\n\\v\\f\\r',
  upper: 'A-Z',
  xdigit: '0-9A-Fa-f',
};

/** `[…]`; never a slash. Undefined where it does not end, or names a class that is none: that matches nothing. */
function bracket(pattern: string, start: number): Piece | undefined {
  const negated = /[!^]/.test(pattern.charAt(start + 1));
  let set = '';
  let at = start + (negated ? 2 : 1);
  for (let first = true; first || pattern[at] !== ']'; first = false) {
    const piece = named(pattern, at) ?? range(pattern, at);
    if (piece === undefined || piece === 'unknown') return undefined;
    set += piece.source;
    at = piece.end;
  }
  return { source: `(?!/)[${negated ? '^' : ''}${set}]`, end: at + 1 };
}

function named(pattern: string, at: number): Piece | 'unknown' | undefined {
  const found = /^\[:([^\]]*):\]/.exec(pattern.slice(at));
  if (found === null) return undefined;
  const source = classes[found[1] ?? ''];
  return source === undefined ? 'unknown' : { source, end: at + found[0].length };
}

function range(pattern: string, at: number): Piece | undefined {
  const low = member(pattern, at);
  if (low === undefined || pattern[low.end] !== '-' || pattern[low.end + 1] === ']') return low;
  const high = member(pattern, low.end + 1);
  if (high === undefined) return undefined;
  // One that ends before it begins is its first character.
  return low.source <= high.source ? { source: `${low.source}-${high.source}`, end: high.end } : { source: low.source, end: high.end };
}

function member(pattern: string, at: number): Piece | undefined {
  const place = at + (pattern[at] === '\\' ? 1 : 0);
  return place < pattern.length ? { source: literal(pattern.charAt(place)), end: place + 1 } : undefined;
}

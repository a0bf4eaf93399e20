/** OpenSSH takes no longer pattern of a list. */
const longestPattern = 1023;

/** `*` any number of characters, `?` exactly one; linear in time, whatever the pattern (ssh_config(5), PATTERNS). */
export function matchesPattern(text: string, pattern: string): boolean {
  let p = 0;
  let n = 0;
  let star = -1;
  let resume = 0;
  while (n < text.length) {
    if (pattern[p] === '*') {
      star = p++;
      resume = n;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[n])) {
      p++;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++resume;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

/** Whether a comma list of patterns takes `text`; one with `!` that matches refuses it, whatever else does. */
export function matchesPatternList(text: string, list: string, ignoreCase = false): boolean {
  let found = false;
  for (const part of (ignoreCase ? list.toLowerCase() : list).split(',')) {
    const negated = part.startsWith('!');
    const pattern = negated ? part.slice(1) : part;
    if (pattern.length > longestPattern) return false;
    if (!matchesPattern(text, pattern)) continue;
    if (negated) return false;
    found = true;
  }
  return found;
}

/** Whether the patterns of a `Host` line take `name` (case counts). */
export function matchesHostLine(name: string, patterns: readonly string[]): boolean {
  let found = false;
  for (const pattern of patterns) {
    if (pattern.startsWith('!')) {
      if (matchesPattern(name, pattern.slice(1))) return false;
    } else found ||= matchesPattern(name, pattern);
  }
  return found;
}

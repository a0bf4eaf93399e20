/**
 * A path on this computer as a tool's file has it, with `~` for the home folder where it says so by a variable; undefined for one that is
 * not whole. No other variable is looked up: a file that somebody else wrote decides over none of them.
 */
export function localFile(path: string): string | undefined {
  const file = path
    .trim()
    .replace(/^(?:\$HOME|\$\{(?:env:)?HOME\}|%USERPROFILE%|%HOMEDRIVE%%HOMEPATH%)(?=[/\\])/i, '~')
    .replace(/^file:\/\/(?=\/)/i, '');
  if (/[\0\r\n]/.test(file) || /\$\{|^\$|%\w+%/.test(file)) return undefined;
  return /^(?:~?[/\\]|[A-Za-z]:[/\\]|\\\\)/.test(file) ? file : undefined;
}

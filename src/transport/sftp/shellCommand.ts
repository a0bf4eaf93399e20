import type { Charset } from '../../core/charset.ts';

/**
 * A command for a POSIX shell (csh and fish take it too) that goes to a folder and becomes the person's own shell there. It is handed over
 * as a command and never typed, so that no key binding of theirs reads a name.
 */
export function shellCommandIn(folder: string, charset: Charset): string {
  return `cd ${quotedFor(folder, charset)}; exec "$SHELL" -l`;
}

/** As one word of the shell, which holds the bytes of the name. */
export function quotedFor(folder: string, charset: Charset): string {
  const bytes = charset.encode(folder);
  const asText = new TextDecoder().decode(bytes);
  // SSH's commands are sent in UTF-8: other bytes have to be spelled.
  if (asText === folder) return singleQuoted(folder.replaceAll("'", String.raw`'\''`));
  const spelled = [...bytes].map((byte) => {
    const character = String.fromCharCode(byte);
    return /[\w/.-]/.test(character) && byte < 0x80 ? character : `\\0${byte.toString(8).padStart(3, '0')}`;
  });
  return `"$(printf '%b' ${singleQuoted(spelled.join(''))})"`;
}

function singleQuoted(text: string): string {
  return ["'", text, "'"].join('');
}

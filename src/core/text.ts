/* Controls, all that shows as nothing (marks of direction, joiners, selectors, fillers, tags), line and paragraph separators, lone surrogates. */
const invisible = /[\p{Cc}\p{Default_Ignorable_Code_Point}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Surrogate}\ufff9-\ufffb]/gu;

/* ECMA-48: control sequences, then strings for the terminal (titles, links) with or without their end, then short escapes; 7 or 8 bits. */
const escapes = [
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]/g,
  /(?:\u001b[\]PX^_]|[\u0090\u0098\u009d-\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?/g,
  /\u001b[ -/]*[0-~]/g,
];

/* What shows as a blank, one or several: a name can't push its end out of sight. */
const blanks = /[\s\u0085\u2800]+/g;

/* Marks above and below a letter, more than any script needs: they would cover the lines around. */
const pile = /(\p{M}{4})\p{M}+/gu;

/* Syntax of VS Code, Markdown and HTML, each with what looks alike and does nothing. In this order. */
const syntax: readonly (readonly [RegExp, string])[] = [
  [/\]\s*\(/g, ']\u2768'],
  [/\]\s*\[/g, ']\uff3b'],
  [/\]\s*:/g, ']\u2236'],
  [/\$\(/g, '$\u2768'],
  [/</g, '‹'],
  [/&(?=#?\w{1,40};)/g, '\uff06'],
  [/(command|vscode(?:-\w+)*|javascript|vbscript|data|mailto):/gi, '$1\u2236'],
  // Not sftp and the like: Ferry's own advice names such addresses.
  [/(https?|file):(?=\/\/)/gi, '$1\u2236'],
  [/\bwww\./gi, 'www\u2024'],
];

/**
 * Text from a server, a listing or a workspace as it may be shown anywhere in VS Code: one line, no control, escape, direction or other
 * character that is not seen, nothing that would become a link (`[x](command:…)`, `[x][y]`, `https://…`), an icon (`$(name)`), an entity
 * or HTML; at most `max` characters.
 */
export function safeText(text: string, max = 500): string {
  let line = text.slice(0, max * 8);
  for (const escape of escapes) line = line.replace(escape, '');
  line = line.replace(blanks, ' ').replace(invisible, '').replace(/ {2,}/g, ' ').replace(pile, '$1');
  for (const [active, inert] of syntax) line = line.replace(active, inert);
  line = line.trim();
  return line.length > max ? `${line.slice(0, max - 1).replace(/\p{Surrogate}$/u, '')}…` : line;
}

/* What the view of a log would make a link of. */
const address = /\b([a-z][a-z0-9+.-]{0,30}):(?=\/\/)|\b(command):/gi;

/**
 * Text for a log: all of it, with what is not seen spelled out, so that nothing moves the cursor, hides text or fakes another line; and no
 * address in it is a link.
 */
export function spelledOut(text: string): string {
  const visible = text.replace(invisible, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16);
    return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, '0')}`;
  });
  return visible.replace(address, '$1$2\u2236');
}

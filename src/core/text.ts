/* C0 and C1 controls, soft hyphen, zero-width and bidirectional marks, line and paragraph separators, tags, lone surrogates. */
const invisible =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]|\p{Surrogate}/gu;

/**
 * Text from a server, a listing or a workspace as it may be shown: one line, no control, escape or direction characters, nothing that
 * VS Code would make a link (`[x](command:…)`), an icon (`$(name)`) or HTML of, at most `max` characters.
 */
export function safeText(text: string, max = 500): string {
  const line = text
    .slice(0, max * 8)
    .replace(/[\r\n\t\u2028\u2029]+/g, ' ')
    .replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?)/g, '')
    .replace(invisible, '')
    .replace(/\]\s*\(/g, ']\u2009\u2768')
    .replace(/\$\(/g, '$\u2009(')
    .replace(/</g, '‹')
    .replace(/\b(command|vscode|vscode-insiders|javascript|data):/gi, '$1\u2236')
    .replace(/ {2,}/g, ' ')
    .trim();
  return line.length > max ? `${line.slice(0, max - 1)}…` : line;
}

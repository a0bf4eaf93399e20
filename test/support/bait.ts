/** Text that would run a command on a click, be an icon, a picture, a link, an escape sequence or reversed, if anybody showed it as it is. */
const live = [
  '[click me](command:canary.run)',
  '![picture](command:canary.run)',
  '$(bug)',
  'command:canary.run',
  '[reference][r]',
  '[r]: command:canary.run',
  '<command:canary.run>',
  '<a href="command:canary.run">click me<b>',
  '\u202egpj.exe',
].join(' ');

/** One line for replies, prompts and the like. */
export const bait = `${live} </a> https://evil.example/ vscode://ferry-test.canary/run file:///etc/passwd \u001b]8;;command:canary.run\u0007osc\u001b]8;;\u0007 \u001b[31mred <img src=x onerror=alert(1)>`;

/** Names of files. VS Code would make a link of the first one, so Ferry does not show it; the other is shown. */
export const baitName = `${live}.txt`;
export const shownBaitName = `${live.replaceAll('](', '] (')}.txt`;

/** As servers that speak bytes send it. */
export const baitBytes = (text: string = bait): string => Buffer.from(text).toString('latin1');

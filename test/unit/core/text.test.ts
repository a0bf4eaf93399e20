import assert from 'node:assert/strict';
import { safeText, spelledOut } from '../../../src/core/text.ts';
import { chosenSeed, randomFrom } from '../../torture/random.ts';

const seed = chosenSeed();
const random = randomFrom(seed);
const below = (limit: number): number => Math.floor(random() * limit);

/** What must be in no text that VS Code shows, by the sink that would act on it. */
const active: Readonly<Record<string, RegExp>> = {
  'a link of a notification, a question or Markdown': /\]\s*\(/,
  'a reference-style link or its definition': /\]\s*[[:]/,
  'an icon of a label, a title or the status bar': /\$\(/,
  'HTML or an autolink': /</,
  'an entity': /&#?\w+;/,
  'a link to a command or a script': /(?:command|vscode|vscode-insiders|javascript|vbscript|data|mailto):/i,
  'an address that becomes a link': /(?:https?|file|command|vscode|data):\/\/|\bwww\./i,
  'a control character or an escape of a terminal': /\p{Cc}/u,
  'a mark of direction': /\p{Bidi_Control}/u,
  'something that is not seen': /[\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\ufff9-\ufffb\u2800]/u,
  'half a character': /\p{Surrogate}/u,
  'a pile of marks': /\p{M}{5}/u,
  'blanks that push text out of sight': / {2}/,
};

function assertInert(text: string, source: string): void {
  for (const [what, pattern] of Object.entries(active)) assert.doesNotMatch(text, pattern, `${what} from ${JSON.stringify(source)}`);
}

describe('text of a server as it is shown', () => {
  for (const [source, shown] of [
    ['550 No such file', '550 No such file'],
    ['  Grüße,\r\n\tÄnne  😀 ', 'Grüße, Änne 😀'],
    ['R&D & Co; AT&T', 'R&D & Co; AT&T'],
    ['Open sftp://web/ instead.', 'Open sftp://web/ instead.'],
    ['100 $ (about)', '100 $ (about)'],
    ['a [b] c (d)', 'a [b] c (d)'],
    ['\x1b[1;31mred\x1b[0m \x1b]8;;http://x\x07link\x1b]8;;\x07 \x1b(Bend', 'red link end'],
    ['\x9b31mred \x9d0;title\x9cend', 'red end'],
    ['\u202egpj.exe', 'gpj.exe'],
    ['pass\u200bword\u00ad \u{e0041}\ufe0f', 'password'],
    ['a\ud800b', 'ab'],
  ] as const) {
    it(JSON.stringify(source), () => assert.equal(safeText(source), shown));
  }

  const payloads = [
    '[Retry](command:workbench.action.terminal.sendSequence?%7B%7D)',
    '[a] (command:x)',
    '[a]\n(command:x)',
    '[a]\u200b(command:x)',
    '[a]\x1b[0m(command:x)',
    '[a][1]\n[1]: command:x',
    '<command:x>',
    '<a href="command:x">',
    '&lt;img src=x&gt; &#36;&#x28;zap)',
    'co\u00admmand:x coMMand:x xcommand:x',
    'javascript\u2060:x data:text/html,x vscode://x vscode-insiders://x',
    '$(zap) $\u200d(zap) $\x00(zap) \\$(zap)',
    'https://evil.example www.evil.example file:///etc/passwd',
    'a\u034f\u034f\u115f\u3164\uffa0\u2800b',
    'z' + '\u0301'.repeat(300),
    'x' + ' '.repeat(300) + 'y',
    'x' + '\u00a0'.repeat(300) + 'y',
  ];
  for (const payload of payloads) {
    it(`${JSON.stringify(payload.slice(0, 60))} does nothing`, () => {
      assertInert(safeText(payload), payload);
      assertInert(safeText(`550 ${payload} x`.repeat(3)), payload);
    });
  }

  it(`anything, put together from such pieces (seed ${seed})`, () => {
    const pieces = [
      ...payloads,
      ...payloads.join(' ').match(/./gsu)!,
      ']',
      '(',
      '[',
      ':',
      '$',
      '<',
      '&',
      ';',
      '#x28',
      '\r\n',
      '\t',
      '\x1b',
      '\x9b',
      '\ud83d',
      '\ude00',
      '\u0301',
      'command',
      ' ',
    ];
    for (let round = 0; round < 20_000; round++) {
      const source = Array.from({ length: 1 + below(12) }, () => pieces[below(pieces.length)]!).join('');
      const max = 1 + below(120);
      const text = safeText(source, max);
      assertInert(text, source);
      assert.ok(text.length <= max, `${text.length} > ${max}`);
      assert.equal(safeText(text, max), text, `twice is not the same as once: ${JSON.stringify(source)}`);
    }
  });

  it('any characters at all', () => {
    for (let round = 0; round < 5000; round++) {
      const units = Array.from({ length: below(200) }, () => below(below(2) === 0 ? 0x100 : 0x10000));
      const source = String.fromCharCode(...units);
      assertInert(safeText(source, 60), source);
    }
  });

  it('text of megabytes is quick', () => {
    const started = performance.now();
    for (const piece of ['a', '\x1b]', '[a](', '\x1b[', '\u0301', ' ', '$(', '&a', 'www.', ']\u2009', '\r\n'])
      safeText(piece.repeat(1_000_000));
    assert.ok(performance.now() - started < 5000, `${performance.now() - started} ms`);
  });
});

describe('text of a server as it is logged', () => {
  it('is all there, what is not seen spelled out', () => {
    assert.equal(
      spelledOut('a\r\nb\x1b[2J\u202e\u{e0041}\ud800 [x](command:y) é'),
      'a\\u000d\\u000ab\\u001b[2J\\u202e\\u{e0041}\\ud800 [x](command\u2236y) é',
    );
  });

  it('holds no address that the view of a log would open', () => {
    const line =
      '220 https://evil.example FILE:///etc/passwd file://evil.example/share vscode-insiders://x/y C:\\x 12:30 user@host:22 a://b';
    assert.doesNotMatch(spelledOut(line), /\w:\/\//);
    assert.equal(spelledOut(line).replaceAll('\u2236', ':'), line);
    assert.ok(spelledOut(line).includes('C:\\x 12:30 user@host:22'));
  });
});

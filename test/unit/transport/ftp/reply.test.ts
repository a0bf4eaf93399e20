import assert from 'node:assert/strict';
import {
  isCompletion,
  isNotImplemented,
  isPreliminary,
  isRefusal,
  NotFtp,
  quotedPath,
  ReplyParser,
  type Reply,
} from '../../../../src/transport/ftp/reply.ts';

function parse(...pieces: string[]): Reply[] {
  const parser = new ReplyParser();
  return pieces.flatMap((piece) => parser.feed(Buffer.from(piece, 'latin1')));
}

const reply = (text: string): Reply => ({ code: 257, lines: [text] });

describe('FTP replies', () => {
  it('reads single lines, several in one piece, with any line end', () => {
    assert.deepEqual(parse('220 Ready\r\n331 Password?\n200\r\n'), [
      { code: 220, lines: ['Ready'] },
      { code: 331, lines: ['Password?'] },
      { code: 200, lines: [''] },
    ]);
  });

  it('reads a reply that comes byte by byte', () => {
    assert.deepEqual(parse(...Array.from('211-Features:\r\n MDTM\r\n211 End\r\n')), [{ code: 211, lines: ['Features:', ' MDTM', 'End'] }]);
  });

  it('takes other codes within several lines for text', () => {
    const text = '220-Welcome\r\n331 users so far\r\n220-and more\r\n  220 indented\r\n220 Go\r\n';
    assert.deepEqual(parse(text), [{ code: 220, lines: ['Welcome', '331 users so far', 'and more', '  220 indented', 'Go'] }]);
  });

  it('keeps every byte as one character', () => {
    assert.deepEqual(parse('550 caf\xe9 \xff\r\n'), [{ code: 550, lines: ['caf\xe9 \xff'] }]);
  });

  it('tells lines that are no reply, and whether something waits', () => {
    const noise: string[] = [];
    const parser = new ReplyParser((line) => noise.push(line));
    assert.deepEqual(parser.feed(Buffer.from('SSH-2.0-OpenSSH_9.2\r\n\r\n999 x\r\n22')), []);
    assert.deepEqual(noise, ['SSH-2.0-OpenSSH_9.2', '999 x']);
    assert.equal(parser.hasRest, true);
    parser.feed(Buffer.from('0 Ready\r\n'));
    assert.equal(parser.hasRest, false);
  });

  it('gives up on what never ends', () => {
    assert.throws(() => parse('2'.repeat(70_000)), NotFtp);
    const parser = new ReplyParser();
    parser.feed(Buffer.from('220-hello\r\n'));
    assert.throws(() => {
      for (let i = 0; i < 10_000; i++) parser.feed(Buffer.from('and on\r\nand'));
    }, NotFtp);
  });

  it('knows the kinds of RFC 959', () => {
    const of = (code: number): Reply => ({ code, lines: [''] });
    assert.ok(isPreliminary(of(150)) && !isPreliminary(of(226)));
    assert.ok(isCompletion(of(226)) && !isCompletion(of(350)));
    assert.ok(isRefusal(of(421)) && isRefusal(of(550)) && !isRefusal(of(331)));
    assert.ok(isNotImplemented(of(502)) && !isNotImplemented(of(550)));
  });

  for (const [text, path] of [
    ['"/home/ann" is current directory', '/home/ann'],
    ['"/a ""b"" c" created', '/a "b" c'],
    ['"/" ""', '/'],
    ['/home/ann', undefined],
    ['"/open', undefined],
  ] as const) {
    it(`finds the path in 257 ${text}`, () => assert.equal(quotedPath(reply(text)), path));
  }
});

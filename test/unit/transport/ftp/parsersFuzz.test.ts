import assert from 'node:assert/strict';
import { charsetOf } from '../../../../src/core/charset.ts';
import { child, contains, isSafeName, normalize, resolveTarget } from '../../../../src/core/path.ts';
import { parseFeatures, parseTime, factOptions } from '../../../../src/transport/ftp/features.ts';
import { parseListing, parseMlst, type ListedEntry } from '../../../../src/transport/ftp/listing.ts';
import { said } from '../../../../src/transport/ftp/controlConnection.ts';
import { isCrowded } from '../../../../src/transport/ftp/reply.ts';
import { byReply, saysDenied } from '../../../../src/transport/ftp/ftpErrors.ts';
import { sizeOf } from '../../../../src/transport/ftp/lookup.ts';
import { epsvPort, pasvAddress } from '../../../../src/transport/ftp/passive.ts';
import { NotFtp, quotedPath, ReplyParser, type Reply } from '../../../../src/transport/ftp/reply.ts';
import { startOwnWork } from '../../../support/ownWork.ts';
import { chosenSeed, randomFrom } from '../../../torture/random.ts';

const seed = chosenSeed();
const random = randomFrom(seed);
const below = (limit: number): number => Math.floor(random() * limit);
const oneOf = <T>(values: readonly T[]): T => values[below(values.length)]!;
const decode = (bytes: Uint8Array): string => charsetOf('utf-8').decode(bytes);

/** As real servers sent them. */
const listings = [
  'total 12\r\ndrwxr-xr-x   2 root     other        512 Apr  8  1994 etc\r\nlrwxrwxrwx   1 root     other          7 Jan 25 00:17 bin -> usr/bin\r\n',
  '-rw-r--r--   1 1000     1000     5000000000 Jan  1  2020 numeric ids\r\ncrw-rw-rw-   1 root root     1,   3 Jan  1  2020 null\r\n',
  'drwxrwsr-x+  9 ann   web dev    4096 2024-01-01 12:00:01.123456789 +0200 www\r\n-rw-r--r-- 1 u g 12 26. Juli, 20:10 deutsch\r\n',
  '-rw-r--r-- 1 u g 12 мар  8  2016 по-русски\r\n-rw-r--r-- 1 u g 12 2月16日 14:25 日本語\r\n0100644   500  101   12345    123456789       numbers\r\n',
  '04-27-00  09:09PM       <DIR>          licensed\r\n07-18-24  10:16AM                   1,024 file.txt\r\n2024-07-18  10:16       <SYMLINKD>     link [C:\\target]\r\n',
  '+i8388621.48594,m825718503,r,s280,up644\tdjb.html\r\n+i8388621.50690,m824255907,/,\tbin\r\n',
  'Directory DISK:[FTP]\r\n\r\nCII-MANUAL.TEX;1  213/216  29-JAN-1996 03:33:12  [ANONYMOU,ANONYMOUS]   (RWED,RWED,,)\r\nLONGNAME.TXT;1\r\n   12/15  2-JUL-2003 10:30:08.59  [A,B] (RWED)\r\nTotal of 2 files, 3 blocks.\r\n',
  'd [R----F--] supervisor            512       Jan 16 18:53    login\r\n- [R----F--] rhesus             214059       Oct 20 15:27    cx.exe\r\n',
  'QSYS            77824 02/23/00 15:09:55 *DIR       folder/\r\nWYOSPT 3420   2003/05/21  1  200  FB      80  8053  PS  48-MVS.FILE\r\nMEMBER01   01.01 2004/06/22 2004/06/22 16:32   128   128    0 USER\r\n',
  'type=cdir;modify=20200101000000;UNIX.mode=0755; /\r\ntype=file;size=5;modify=20200101000000.123;perm=adfrw;unique=1U2;UNIX.ownername=ann; a b\r\ntype=OS.unix=slink:../x y; link\r\ntype=dir;sizd=4096; sub\r\n',
];

/** What breaks parsers that were not meant for it. */
const nasty = [
  ...['/', '..', '../', '\\', '\0', '\r', '\n', '\t', '\x1b[2J', ' -> ', ' -> ../../../etc/passwd', '; ', ';', '=', ' ', '  ', ';1'],
  ...[
    '-1',
    '1e30',
    'NaN',
    '99999999999999999999',
    '0',
    '24:61',
    '99-99-9999',
    '31 Feb',
    '__proto__',
    'constructor',
    'type=',
    'size=',
    'modify=',
  ],
  ...['\xff', '\xc3', '\xe2\x80\xae', '\xed\xa0\x80', '\xc0\xaf', '<DIR>', '*DIR', '[', ']', '(', '|||', '"', '""', ','],
];
/** Longest line that the listings' parsers are given. */
const longest = 16 * 1024;
const longestReply = 64 * 1024 - 1;
const starts = [
  '',
  '-rw-r--r-- ',
  '-rw-r--r-- 1 u g 7 Jan  1  2020 ',
  'lrwxrwxrwx 1 u g 7 Jan  1  2020 ',
  '04-27-00  09:09PM ',
  '04-27-00  09:09PM   <DIR> ',
  '+i838',
  'a;1 ',
  'a;1 12/15 ',
  'd [R----F--] ',
  'QSYS ',
  'QSYS 77824 02/23/00 15:09:55 ',
  'WYOSPT 3420 ',
  'WYOSPT 3420 2003/05/21 ',
  'MEMBER01 01.01 2004/06/22 2004/06/22 16:32 1 2 ',
  'type=file;',
  'type=OS.unix=slink:',
  'type=file; ',
  '0100644 500 101 12345 123456789 ',
  'A Tape ',
];
const atoms = [
  'a',
  ' ',
  '1',
  '\t',
  ';',
  '=',
  '.',
  ',',
  '-',
  '/',
  ':',
  'a ',
  ' 1',
  '1,',
  'a;',
  'a=',
  '1.',
  '1-',
  '12:',
  ' Jan',
  ' a1',
  '\xff',
  '\xe6\x9c\x88',
  'x\xff',
  '[',
  ' -> ',
  '; ',
  '""',
  '\xc3\xa9',
];

function mutated(source: string): string {
  let text = source;
  for (let change = below(6); change >= 0; change--) {
    const at = below(text.length + 1);
    const kind = below(8);
    if (kind === 0) text = text.slice(0, at) + oneOf(nasty) + text.slice(at);
    else if (kind === 1) text = text.slice(0, at) + text.slice(at + 1 + below(8));
    else if (kind === 2) text = text.slice(0, at) + String.fromCharCode(below(256)) + text.slice(at + 1);
    else if (kind === 3) text = text.slice(0, at) + text.slice(below(text.length + 1));
    else if (kind === 4) text = text.slice(0, at) + oneOf(nasty).repeat(1 + below(40)) + text.slice(at);
    else if (kind === 5) text = text.slice(0, at);
    else if (kind === 6) text = text.slice(0, at) + oneOf(listings).slice(below(60)) + text.slice(at);
    else text = text.slice(0, at) + text.slice(at, at + 20).repeat(1 + below(20)) + text.slice(at);
  }
  return text;
}

function assertSound(entry: ListedEntry, source: string): void {
  const told = `seed ${seed}: ${JSON.stringify(entry)} from ${JSON.stringify(source.slice(0, 300))}`;
  assert.ok(isSafeName(entry.name) && !/[/\0\r\n]/.test(entry.name), told);
  for (const folder of ['/', '/home/ann']) {
    const path = child(folder, entry.name);
    assert.ok(contains(folder, path) && path !== folder && normalize(path) === path, told);
  }
  if (entry.target !== undefined && !/[\r\n\0]/.test(entry.target))
    assert.equal(normalize(resolveTarget('/a/b', entry.target)), resolveTarget('/a/b', entry.target), told);
  assert.ok(Number.isSafeInteger(entry.size) && entry.size >= 0, told);
  assert.ok(entry.mode === undefined || (Number.isInteger(entry.mode) && entry.mode >= 0 && entry.mode <= 0o7777), told);
  assert.ok(entry.links === undefined || (Number.isSafeInteger(entry.links) && entry.links >= 0), told);
  for (const time of [entry.mtime, entry.approximateMtime]) assert.ok(time === undefined || !Number.isNaN(new Date(time).getTime()), told);
  assert.deepEqual(
    [...charsetOf('utf-8').encode(entry.name)].some((byte) => byte === 10 || byte === 13 || byte === 0 || byte === 47),
    false,
    told,
  );
}

describe(`FTP parsers and what nobody foresaw (seed ${seed})`, function () {
  this.timeout(60_000);

  it('listings: nothing thrown, every entry sound, a millisecond a line at most', async () => {
    let [lines, entries, spent, kept] = [0, 0, 0, 0];
    for (let round = 0; round < 6000; round++) {
      const source = mutated(oneOf(listings));
      const bytes = Buffer.from(`-rw-r--r-- 1 u g 7 Jan  1  2020 first\r\n${source}\r\n-rw-r--r-- 1 u g 7 Jan  1  2020 last\r\n`, 'latin1');
      const started = performance.now();
      const results = [await parseListing(bytes, { format: 'list', decode }), await parseListing(bytes, { format: 'mlsd', decode })];
      spent += performance.now() - started;
      lines += 2 * source.split('\n').length;
      for (const { entries: found, skipped } of results) {
        for (const entry of found) assertSound(entry, source);
        assert.equal(new Set(found.map(({ name }) => name)).size, found.length);
        assert.ok(skipped.length <= 200 && skipped.every((line) => line.length <= 200));
        entries += found.length;
      }
      const names = results[0]!.entries.map(({ name }) => name);
      if (names.includes('first') && names.some((name) => name.endsWith('last'))) kept++;
    }
    process.stderr.write(`      ${lines} lines, ${entries} entries, ${((1000 * spent) / lines).toFixed(1)} µs a line\n`);
    assert.ok(spent / lines < 1, `${spent / lines} ms a line`);
    assert.ok(kept > 5900, `only in ${kept} of 6000 the good lines were there`);
  });

  it('lines made to make patterns slow, as long as they may be: each within milliseconds', async () => {
    const slow: string[] = [];
    let worst = 0;
    for (const start of starts) {
      for (const atom of [...atoms, oneOf(atoms) + oneOf(atoms) + oneOf(atoms)]) {
        const line = (start + atom.repeat(longest)).slice(0, longest);
        for (const text of [`${line.slice(0, -13)} 1 Jan 2020 x`, `${line.slice(0, -3)}; x`]) {
          const bytes = Buffer.from(text, 'latin1');
          const took = await fastest(async () => {
            await parseListing(bytes, { format: 'list', decode });
            await parseListing(bytes, { format: 'mlsd', decode });
          });
          worst = Math.max(worst, took);
          if (took > 10) slow.push(`${took.toFixed(1)} ms: ${JSON.stringify(text.slice(0, 40))}… ${JSON.stringify(atom)}`);
        }
      }
    }
    process.stderr.write(`      slowest: ${worst.toFixed(2)} ms for all formats\n`);
    assert.deepEqual(slow, []);
  });

  const replies = [
    '220-Welcome\r\n220 Hello\r\n',
    '229 Passive (|||50001|)\r\n',
    '227 Passive (127,0,0,1,19,137)\r\n',
    '257 "/home/a""nn" is here\r\n',
    '213 12345\r\n',
    '213 20200101000000.123\r\n',
    '250-Listing\r\n type=file;size=1; /a\r\n250 End\r\n',
    '211-Features:\r\n MLST type*;size*;\r\n211 End\r\n',
    '421 Too many connections\r\n',
    '550 Permission denied\r\n',
  ];

  it('replies: nothing thrown but "no FTP", all within bounds', () => {
    let [count, spent] = [0, 0];
    for (let round = 0; round < 20_000; round++) {
      const source = mutated(oneOf(replies));
      const parser = new ReplyParser();
      const started = performance.now();
      try {
        const bytes = Buffer.from(source, 'latin1');
        const cut = below(bytes.length + 1);
        for (const reply of [...parser.feed(bytes.subarray(0, cut)), ...parser.feed(bytes.subarray(cut))]) {
          readEverything(reply, source);
          count++;
        }
      } catch (error) {
        assert.ok(error instanceof NotFtp, `seed ${seed}: ${String(error)} from ${JSON.stringify(source)}`);
      }
      spent += performance.now() - started;
    }
    process.stderr.write(`      ${count} replies, ${((1000 * spent) / count).toFixed(1)} µs each\n`);
    assert.ok(spent / count < 1);
  });

  it('replies of 64 KB made to make patterns slow: none does', async () => {
    const slow: string[] = [];
    for (const start of ['', '"', '(', '|||', '1,', '2020', 'too many', 'limit ', ' MLST ', 'disk ']) {
      for (const atom of [
        'a',
        ' ',
        '1',
        '1,',
        ' , ',
        '"',
        '""',
        '"a',
        '|',
        '||1',
        '!',
        '20',
        'max ',
        'limit',
        'not enough ',
        '\n',
        '\n A',
        '\xff',
        '[',
        '$(',
        '&a',
        '\x1b[',
      ]) {
        const text = (start + atom.repeat(longestReply)).slice(0, longestReply);
        const reply = { code: 229, lines: text.split('\n') };
        const took = await fastest(() => {
          readEverything(reply, text);
        });
        // Tens of thousands of lines: milliseconds all together, where a pattern that backtracks takes minutes.
        if (took > 200) slow.push(`${took.toFixed(1)} ms: ${JSON.stringify(start + atom)}`);
      }
    }
    assert.deepEqual(slow, []);
  });
});

/** All that Ferry reads out of replies. */
function readEverything(reply: Reply, source: string): void {
  const told = `seed ${seed}: ${JSON.stringify(source.slice(0, 200))}`;
  assert.ok(reply.code >= 100 && reply.code <= 599 && reply.lines.length > 0, told);
  const port = epsvPort(reply) ?? pasvAddress(reply)?.port ?? 1;
  assert.ok(Number.isInteger(port) && port >= 1 && port <= 65535, told);
  const size = sizeOf({ ...reply, code: 213 });
  assert.ok(size === undefined || (Number.isSafeInteger(size) && size >= 0), told);
  const time = parseTime(reply.lines.join(' '));
  assert.ok(time === undefined || !Number.isNaN(new Date(time).getTime()), told);
  quotedPath(reply);
  for (const code of [211, 421, 451, 550]) {
    byReply({ ...reply, code });
    isCrowded({ ...reply, code });
  }
  saysDenied(reply);
  const options = factOptions(parseFeatures({ ...reply, code: 211 }).get('MLST') ?? '');
  assert.doesNotMatch(options ?? '', /[\r\n\0]/, told);
  assert.ok(said(reply).length <= 305, told);
  for (const line of reply.lines.slice(0, 50)) parseMlst(Buffer.from(line, 'latin1'), decode);
}

/** The least of some tries in ms of this thread's own work: what the machine does besides is not counted. */
async function fastest(task: () => unknown): Promise<number> {
  let least = Infinity;
  for (let round = 0; round < 5 && least > 5; round++) {
    const worked = startOwnWork();
    await task();
    least = Math.min(least, worked());
  }
  return least;
}

import assert from 'node:assert/strict';
import { RemoteError } from '../../../../src/core/errors.ts';
import { parseListing, parseMlst, type ListedEntry } from '../../../../src/transport/ftp/listing.ts';

const utf8 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
const latin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

type Told = Partial<ListedEntry> & { readonly time?: string };

async function listingOf(text: string | Buffer, format: 'mlsd' | 'list' = 'list', decode = utf8) {
  return parseListing(Buffer.from(text), { format, decode });
}

/** `line` gives one entry that says at least what `told` says. `time`: the approximate time in ISO form, `-` for the month and day alone. */
async function assertLine(line: string | Buffer, told: Told, format: 'mlsd' | 'list' = 'list', decode = utf8): Promise<void> {
  const { entries, skipped } = await listingOf(line, format, decode);
  assert.deepEqual(skipped, []);
  assert.equal(entries.length, 1);
  const entry = entries[0]!;
  const { time, ...facts } = told;
  const iso = entry.approximateMtime === undefined ? undefined : new Date(entry.approximateMtime).toISOString();
  if (time?.startsWith('-')) assert.ok(iso?.slice(4).startsWith(time), `${iso} is not ${time}`);
  else if (time !== undefined) assert.ok(iso?.startsWith(time), `${iso} is not ${time}`);
  for (const [fact, value] of Object.entries(facts)) assert.deepEqual(entry[fact as keyof ListedEntry], value, fact);
  if (format === 'list') assert.equal(entry.mtime, undefined, 'the time of a LIST line is of no known zone');
}

function table(lines: readonly (readonly [string | Buffer, Told])[], format: 'mlsd' | 'list' = 'list'): void {
  for (const [line, told] of lines) {
    it(JSON.stringify(line.toString().slice(0, 100)), () => assertLine(line, told, format));
  }
}

const file = 'file' as const;
const directory = 'directory' as const;
const symlink = 'symlink' as const;

describe('listing: ls -l', () => {
  table([
    [
      '-rw-r--r--   1 owner    group        531 Jan 29 03:26 plain',
      {
        kind: file,
        name: 'plain',
        size: 531,
        exactSize: true,
        mode: 0o644,
        owner: 'owner',
        group: 'group',
        links: 1,
        time: '-01-29T03:26',
      },
    ],
    [
      'drwxr-xr-x   2 root     other        512 Apr  8  1994 a folder',
      { kind: directory, name: 'a folder', size: 0, mode: 0o755, links: 2, time: '1994-04-08' },
    ],
    [
      'dr-xr-xr-x   2 root                  512 Apr  8  1994 no group',
      { kind: directory, name: 'no group', owner: 'root', group: undefined },
    ],
    [
      '-rw-r--r--   1 1000     1000     5000000000 Jan  1  2020 numeric ids',
      { name: 'numeric ids', size: 5_000_000_000, owner: '1000', group: '1000', time: '2020-01-01' },
    ],
    ['-rw-r--r--   1 1000     7        12 Jan  1  2020 owner looks like a size', { size: 12, owner: '1000', group: '7' }],
    ['-rw-r--r--+  1 u g 7 Jan  1  2020 acl', { name: 'acl', mode: 0o644 }],
    ['-rw-r--r--.  1 u g 7 Jan  1  2020 selinux', { name: 'selinux', mode: 0o644 }],
    ['-rw-r--r--@  1 u g 7 Jan  1  2020 attributes', { name: 'attributes' }],
    ['-rwsr-xr-x   1 u g 7 Jan  1  2020 setuid', { mode: 0o4755 }],
    ['-rwxr-sr-x   1 u g 7 Jan  1  2020 setgid', { mode: 0o2755 }],
    ['-rwSr-Sr-T   1 u g 7 Jan  1  2020 capitals', { mode: 0o7644 }],
    ['drwxrwxrwt   9 u g 7 Jan  1  2020 sticky', { mode: 0o1777 }],
    [
      'crw-rw-rw-   1 root root     1,   3 Jan  1  2020 null',
      { kind: 'other', name: 'null', owner: 'root', group: 'root', size: 0, exactSize: false },
    ],
    ['brw-rw----   1 root disk     8,0 Jan  1  2020 sda', { kind: 'other', name: 'sda' }],
    ['prw-r--r--   1 u g 0 Jan  1  2020 pipe', { kind: 'other' }],
    ['srw-r--r--   1 u g 0 Jan  1  2020 socket', { kind: 'other' }],
    [
      '-rw-r--r--   1 group domain user 531 Jan 29 03:26 words in the group',
      { name: 'words in the group', size: 531, owner: 'group', group: 'domain user' },
    ],
    ['-r-xr-xr-x longowner longgroup123456 Feb 12 17:20 size touches group', { name: 'size touches group', size: 123456 }],
    ['-rw-r--r--   1 u g  33.5k Oct  5 21:22 rounded', { name: 'rounded', size: 34304, exactSize: false }],
    ['-r--r--r-- 0125039 12 Nov 11 2005 neither owner nor group', { name: 'neither owner nor group', size: 12, owner: undefined }],
    ['drwxr-xr-x 3 user group 512 dateless', { kind: directory, name: 'dateless', approximateMtime: undefined }],
    ['drwxrwxr-x               folder        2 May 10  1996 netpresenz', { kind: directory, name: 'netpresenz' }],
    [
      '0100644   500  101   12345    123456789       as numbers',
      { kind: file, name: 'as numbers', size: 12345, mode: 0o644, owner: '500', time: '1973-11-29T21:33:09' },
    ],
    ['0040755   500  101   4096    123456789       folder as numbers', { kind: directory, mode: 0o755 }],
    ['-rw-------      1  99999999 0              3 Apr   4 24:00 midnight', { name: 'midnight', size: 3, time: '-04-05T00:00' }],
  ]);
});

describe('listing: names of ls -l are kept exactly', () => {
  table([
    ['-rw-r--r-- 1 u g 7 Jan  1  2020   leading blanks', { name: '  leading blanks' }],
    ['-rw-r--r-- 1 u g 7 Jan  1 12:34  leading blank', { name: ' leading blank' }],
    ['-rw-r--r-- 1 u g 7 Jan  1 12:34 trailing blanks  ', { name: 'trailing blanks  ' }],
    ['-rw-r--r-- 1 u g 7 Jan  1 12:34 \ttab', { name: '\ttab' }],
    ['-rw-r--r-- 1 u g 7 Jan  1 12:34 2014 Invoices', { name: '2014 Invoices' }],
    ['-rw-r--r-- 1 u g 7 Jan  1 12:34 12 Feb  2 10:00 nested date', { name: '12 Feb  2 10:00 nested date', size: 7 }],
    ['-rw-r--r-- 1 u g 7 Jan  1 12:34 not -> a link', { kind: file, name: 'not -> a link', target: undefined }],
    ['-rw-r--r-- 1 u g 7 Jan  1 12:34 __proto__', { name: '__proto__' }],
    ['-rw-r--r-- 1 u g 7 Jan  1 12:34 Grüße 😀', { name: 'Grüße 😀' }],
    ['-rw-r--r-- 1 u g 7 Jan  1 12:34 back\\slash "quote" *?[x]', { name: 'back\\slash "quote" *?[x]' }],
    ['lrwxrwxrwx 1 u g 7 Jan 25 00:17 link -> usr/bin', { kind: symlink, name: 'link', target: 'usr/bin', size: 0 }],
    ['lrwxrwxrwx 1 u g 6 Jan 25 00:17 a -> b -> target', { name: 'a -> b', target: 'target' }],
    ['lrwxrwxrwx 1 u g 11 Jan 25 00:17 a -> b -> target', { name: 'a', target: 'b -> target' }],
    ['lrwxrwxrwx 1 u g 0 Jan 25 00:17 a -> b -> c', { name: 'a', target: 'b -> c' }],
    ['lrwxrwxrwx 1 u g 3 Jan 25 00:17 hidden target', { kind: symlink, name: 'hidden target', target: undefined }],
  ]);
  it('in Latin-1', () =>
    assertLine(Buffer.from('-rw-r--r-- 1 u g 7 Jan  1 12:34 Gr\xfc\xdfe', 'latin1'), { name: 'Grüße' }, 'list', latin1));
});

describe('listing: dates of ls -l', () => {
  const lines: [string, string, string][] = [
    ['2005-06-07 21:22 iso', 'iso', '2005-06-07T21:22'],
    ['2024-01-01 12:00:01.123456789 +0200 full-iso', 'full-iso', '2024-01-01T12:00:01'],
    ['2004.07.15   dotted', 'dotted', '2004-07-15'],
    ['1999/10/12 17:12 slashes', 'slashes', '1999-10-12T17:12'],
    ['24-04-2003 17:12 day first', 'day first', '2003-04-24T17:12'],
    ['01-jun-99 short', 'short', '1999-06-01'],
    ['09-26 2000 month-day', 'month-day', '2000-09-26'],
    ['09-26 13:45 month-day time', 'month-day time', '-09-26T13:45'],
    ['3 29 03:26 numbers', 'numbers', '-03-29T03:26'],
    ['09 23  2003 numbers and year', 'numbers and year', '2003-09-23'],
    ['Oct 08, 2002 09:47 both', 'both', '2002-10-08T09:47'],
    ['Jan  1 12:34:56 2020 seconds', 'seconds', '2020-01-01T12:34:56'],
    ['Jan  1 12:34 2020', '2020', '-01-01T12:34'],
    ['29 Jul 02:27 2014 Invoices', '2014 Invoices', '-07-29T02:27'],
    ['01 oct 2004 swapped', 'swapped', '2004-10-01'],
    ['26. Juli, 20:10 deutsch', 'deutsch', '-07-26T20:10'],
    ['2.   Okt.  2003 deutsch', 'deutsch', '2003-10-02'],
    ['30. Jan., 12:40 deutsch', 'deutsch', '-01-30T12:40'],
    ['Mär  3  2021 deutsch', 'deutsch', '2021-03-03'],
    ['Dez 24 18:00 deutsch', 'deutsch', '-12-24T18:00'],
    ['févr. 12  2019 français', 'français', '2019-02-12'],
    ['14 juil. 09:00 français', 'français', '-07-14T09:00'],
    ['déc.  1  2018 français', 'français', '2018-12-01'],
    ['ene  2  2017 español', 'español', '2017-01-02'],
    ['ago 15 08:01 español', 'español', '-08-15T08:01'],
    ['мар  8  2016 по-русски', 'по-русски', '2016-03-08'],
    ['26 окт  2010 по-русски', 'по-русски', '2010-10-26'],
    ['szept 26 20:10 magyar', 'magyar', '-09-26T20:10'],
    ['2月 16  2020 中文', '中文', '2020-02-16'],
    ['2月 16 14:25 中文', '中文', '-02-16T14:25'],
    ['2月16日 14:25 中文', '中文', '-02-16T14:25'],
    ['12月 31日 2019年 日本語', '日本語', '2019-12-31'],
    ['2005년  1월  6일 한국어', '한국어', '2005-01-06'],
    ['2월 16  2020 한국어', '한국어', '2020-02-16'],
  ];
  for (const [rest, name, time] of lines) {
    it(rest, () =>
      assertLine(`-rw-r--r--   1 root     sys           8473 ${rest}`, { kind: file, name, size: 8473, owner: 'root', group: 'sys', time }),
    );
  }
  it('a month in an unknown language still gives the entry', () =>
    assertLine('-rw-r--r-- 1 root sys 8473 qwertz 12 09:00 name', { name: 'name', size: 8473, approximateMtime: undefined }));
  it('bytes of no known charset still give the entry', async () => {
    await assertLine(Buffer.from('-rw-r--r-- 1 root sys 8473  4\x8c\x8e 18\x93\xfa 2003\x94\x4e name', 'latin1'), {
      name: 'name',
      size: 8473,
      time: '2003-04-18',
    });
    await assertLine(Buffer.from('-r--r--r-- 1 root root 2096 8\xed 17 08:52 name', 'latin1'), {
      name: 'name',
      size: 2096,
      time: '-08-17T08:52',
    });
    await assertLine(Buffer.from('-rwxrwxrwx 1 root staff 0 2003   3\xed\xef 20 name', 'latin1'), { name: 'name', time: '2003-03-20' });
  });
  it('a time without a year is never more than a day ahead', async () => {
    const { entries } = await listingOf(
      ['Jan', 'Apr', 'Jul', 'Oct', 'Dec'].map((month) => `-rw-r--r-- 1 u g 7 ${month} 28 12:34 ${month}`).join('\n'),
    );
    assert.equal(entries.length, 5);
    for (const { approximateMtime } of entries) {
      const age = Date.now() - approximateMtime!;
      assert.ok(age > -86_400_000 && age < 367 * 86_400_000);
    }
  });
});

describe('listing: Windows', () => {
  table([
    ['04-27-00  12:09PM       <DIR>          a folder', { kind: directory, name: 'a folder', time: '2000-04-27T12:09' }],
    ['04-06-00  03:47PM                  589 a file', { kind: file, name: 'a file', size: 589, time: '2000-04-06T15:47' }],
    ['04-06-00  12:07AM                  589 midnight', { time: '2000-04-06T00:07' }],
    ['01-31-2024  03:05PM       <DIR>          long year', { kind: directory, name: 'long year', time: '2024-01-31T15:05' }],
    ['2002-09-02  18:48       <DIR>          iso folder', { kind: directory, name: 'iso folder', time: '2002-09-02T18:48' }],
    ['2002-09-02  19:06                9,730 iso file', { size: 9730, time: '2002-09-02T19:06' }],
    ['31.12.2023  23:59            1.234.567 german', { size: 1234567, name: 'german', time: '2023-12-31T23:59' }],
    ['23-04-2003  17:12       <DIR>          day first', { time: '2003-04-23' }],
    ['04-06-00  03:47PM                  589   leading blanks', { name: '  leading blanks' }],
    ['04-27-00  12:09PM       <DIR>             leading blanks', { name: '   leading blanks' }],
    ['04-27-00  12:09PM       <DIR> few blanks', { kind: directory, name: 'few blanks' }],
    ['10-02-19  11:06AM    <SYMLINKD>     link [C:\\data]', { kind: symlink, name: 'link', target: 'C:\\data' }],
    ['10-02-19  11:06AM    <JUNCTION>     junction', { kind: symlink, name: 'junction', target: undefined }],
  ]);
});

describe('listing: EPLF, NetWare, VMS, IBM', () => {
  table([
    [
      '+i8388621.48594,m825718503,r,s280,up755\teplf file',
      { kind: file, name: 'eplf file', size: 280, mode: 0o755, time: '1996-03-01T22:15:03' },
    ],
    ['+i8388621.50690,m824255907,/,\teplf dir', { kind: directory, name: 'eplf dir' }],
    [
      'd [R----F--] supervisor            512       Jan 16 18:53    netware dir',
      { kind: directory, name: 'netware dir', owner: 'supervisor' },
    ],
    ['- [R----F--] rhesus             214059       Oct 20 15:27    netware file', { kind: file, name: 'netware file', size: 214059 }],
    ['-[RWCEAFMS] user 17 Oct 20  2003 netware.txt', { kind: file, name: 'netware.txt', size: 17, time: '2003-10-20' }],
    [
      'FOLDER.DIR;1  1 19-NOV-2001 21:41 [root,root] (RWE,RWE,RE,RE)',
      { kind: directory, name: 'FOLDER', owner: 'root', time: '2001-11-19T21:41' },
    ],
    [
      'FILE.TXT;2       155   2-JUL-2003 10:30:13.64',
      { kind: file, name: 'FILE.TXT;2', size: 79360, exactSize: false, time: '2003-07-02T10:30:13' },
    ],
    [
      'FILE.TXT;1    2/8    7-JAN-2000    [IV2_XXX]   (RWED,RWED,RE,)',
      { name: 'FILE.TXT;1', size: 1024, owner: 'IV2_XXX', time: '2000-01-07' },
    ],
    [
      'A-LONG-NAME.TXT;1\r\n170774/170775     24-APR-2003 08:16:15  [GROUP,OWNER]      (RWED,RWED,RE,)',
      { name: 'A-LONG-NAME.TXT;1', size: 87436288, group: 'GROUP', owner: 'OWNER' },
    ],
    ['ORDER.TXT;1   [SUMMARY]    1/3     2-AUG-2006 13:05  (RWE,RWE,RE,)', { size: 512, owner: 'SUMMARY', time: '2006-08-02T13:05' }],
    ['ORDER.TXT;1       17-JUN-1994 17:25:37     6308/13     (RWED,RWED,R,)', { size: 3229696, time: '1994-06-17T17:25:37' }],
    ['SIZE.TXT;1 2KB 23-SEP-2005 14:57:07.27', { size: 2048 }],
    [
      'QSYS            77824 02/23/00 15:09:55 *DIR as400 dir/',
      { kind: directory, name: 'as400 dir', owner: 'QSYS', time: '2000-02-23T15:09:55' },
    ],
    ['QSYS            77824 23/02/00 15:09:55 *FILE as400 file', { kind: file, name: 'as400 file', size: 77824, time: '2000-02-23' }],
    ['QPGMR           36864 18.09.06 14:21:26 *FILE      AS400.FILE', { kind: file, name: 'AS400.FILE', time: '2006-09-18' }],
    [
      'WYOSPT 3420   2003/05/21  1  200  FB      80  8053  PS  MVS.FILE',
      { kind: file, name: 'MVS.FILE', time: '2003-05-21', exactSize: false },
    ],
    ['WPTA01 3290   2004/03/04  1    3  FB      80  3125  PO  MVS.DATASET', { kind: directory, name: 'MVS.DATASET' }],
    ['WYOSPT 3420   2003/05/21  1 3 U 6447    6447  PO-E MVS.DIR', { kind: directory, name: 'MVS.DIR' }],
    ['NRP004 3390   **NONE**    1   15  NONE     0     0  PO  NONEDATE.DATASET', { kind: directory, approximateMtime: undefined }],
    ['TSO005 3390   2005/06/06 213000 U 0 27998 PO MANY.BLOCKS', { kind: directory, name: 'MANY.BLOCKS' }],
    ['GISBWI 3390   2011/08/25  2 ++++  FB     904 18080  PS  PLUS.FILE', { kind: file, name: 'PLUS.FILE' }],
    ['TSO004 3390   VSAM VSAM.FILE', { kind: file, name: 'VSAM.FILE' }],
    ['V43525 Tape                                             TAPE.FILE', { kind: file, name: 'TAPE.FILE' }],
    ['Migrated\t\t\t\tOLD.FILE', { kind: file, name: 'OLD.FILE' }],
    [' MEMBER   01.01 2004/06/22 2004/06/22 16:32   128   128    0 BOBY12', { kind: file, name: 'MEMBER', time: '2004-06-22T16:32' }],
  ]);
});

describe('listing: MLSD', () => {
  const at = Date.UTC(2008, 10, 5, 16, 52, 15);
  table(
    [
      [
        'Type=file;mOdIfY=20081105165215;size=1234; name',
        { kind: file, name: 'name', size: 1234, mtime: at, exactSize: true, approximateMtime: undefined },
      ],
      ['type=file;modify=20081105165215.678; name', { mtime: at + 678, size: 0, exactSize: false }],
      ['type=file;modify=19681105165215; before the epoch', { mtime: Date.UTC(1968, 10, 5, 16, 52, 15) }],
      ['type=dir;sizd=4096;modify=20081105165215; folder', { kind: directory, size: 0 }],
      ['modify=garbage;type=file;size=5; name', { name: 'name', size: 5, mtime: undefined }],
      ['modify=20081305165215;type=file;size=5; name', { mtime: undefined }],
      ['type=file;size=-5; name', { size: 0, exactSize: false }],
      ['__proto__=x;constructor=y;type=file;size=5; __proto__', { name: '__proto__', size: 5 }],
      ['type=OS.unix=slink:/foo; link', { kind: symlink, name: 'link', target: '/foo' }],
      ['type=OS.unix=slink:my target; link', { kind: symlink, name: 'link', target: 'my target' }],
      ['size=3;type=OS.unix=slink:Grüße;x=y; link; with -> signs', { kind: symlink, name: 'link; with -> signs', target: 'Grüße' }],
      ['type=OS.UNIX=symlink; link', { kind: symlink, target: undefined }],
      ['type=OS.unix=slink; link', { kind: symlink, target: undefined }],
      ['type=OS.unix=chr-13/29; null', { kind: 'other', name: 'null' }],
      ['type=file;   leading blanks', { name: '  leading blanks' }],
      ['type=file; \t leading tab', { name: '\t leading tab' }],
      ['type=file; trailing\t ', { name: 'trailing\t ' }],
      ['type=file name', { kind: file, name: 'name' }],
      ['type=file; a; b=c; d', { name: 'a; b=c; d' }],
      [
        'type=file;perm=adfrw;size=1;unix.mode=0640;unix.uid=7;unix.gid=8;unix.ownername=me;unix.groupname=us; f',
        { writable: true, mode: 0o640, owner: 'me', group: 'us' },
      ],
      [
        'type=file;perm=r;UNIX.mode=0100444;UNIX.owner=7;UNIX.group=8;unique=fd01g2; f',
        { writable: false, mode: 0o444, owner: '7', group: '8' },
      ],
      ['type=file;unix.mode=0o644; f', { mode: 0o644 }],
      ['type=file;perm=;UNIX.mode=00; f', { writable: false, mode: 0 }],
      ['type=dir;perm=flcdmpe; d', { writable: true }],
      ['type=dir;perm=fle; d', { writable: false }],
      ['type=dir; d', { writable: undefined }],
      ['size=5; untyped', { kind: file, size: 5 }],
      ['sizd=5; untyped', { kind: directory }],
    ],
    'mlsd',
  );

  it('leaves the folder and its parent out, but not an entry whose name says so', async () => {
    const { entries, skipped } = await listingOf(
      'type=cdir; .\r\ntype=pdir; ..\r\ntype=cdir; /home\r\ntype=dir; .\r\ntype=file; type=cdir; x\r\n',
      'mlsd',
    );
    assert.deepEqual(
      entries.map((entry) => entry.name),
      ['type=cdir; x'],
    );
    assert.deepEqual(skipped, []);
  });

  it('reports malformed lines and unsafe names and keeps the rest', async () => {
    const { entries, skipped } = await listingOf(
      'nonsense\r\ntype=file; ../x\r\n; y\r\ntype=file;\r\ntype=file; a/b\r\ntype=file; good\r\ntype=file; nul\0\r\n',
      'mlsd',
    );
    assert.deepEqual(
      entries.map((entry) => entry.name),
      ['good'],
    );
    assert.deepEqual(skipped, ['nonsense', 'type=file; ../x', '; y', 'type=file;', 'type=file; a/b', 'type=file; nul\0']);
  });

  it('reads the line of MLST with and without its leading blank', () => {
    for (const line of [' type=cdir;modify=20081105165215; /home', 'type=dir;modify=20081105165215; /home']) {
      const told = parseMlst(Buffer.from(line), utf8);
      assert.equal(told?.kind, 'directory');
      assert.equal(told.mtime, at);
    }
    assert.equal(parseMlst(Buffer.from('250 End'), utf8), undefined);
    assert.equal(parseMlst(Buffer.from(''), utf8), undefined);
  });
});

describe('listing: whole listings', () => {
  const whole = [
    'total 12',
    'drwxr-xr-x  2 u g 4096 Jan  1 12:00 .',
    'drwxr-xr-x  9 u g 4096 Jan  1 12:00 ..',
    '',
    '-rw-r--r--  1 u g 1 Jan  1 12:00 .dot',
    '-rw-r--r--  1 u g 1 Jan  1 12:00 ../escape',
    'ls: cannot access x: No such file',
    '01-31-24  03:05PM       <DIR>          mixed',
    'drwxr-xr-x  2 u g 4096 Jan  1 12:00 last',
  ];

  for (const [title, end] of [
    ['CRLF', '\r\n'],
    ['LF', '\n'],
  ] as const) {
    it(`with ${title}: totals, dots and blanks left out, bad lines reported`, async () => {
      const { entries, skipped } = await listingOf(whole.join(end));
      assert.deepEqual(
        entries.map((entry) => entry.name),
        ['.dot', 'mixed', 'last'],
      );
      assert.deepEqual(skipped, [whole[5], whole[6]]);
    });
  }

  it('in chunks of any size', async () => {
    const bytes = Buffer.from(whole.join('\r\n'));
    const expected = await listingOf(bytes);
    for (const size of [1, 2, 7, 100]) {
      // eslint-disable-next-line @typescript-eslint/require-await -- a stream of chunks, as a socket gives them
      const chunks = async function* () {
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
      };
      assert.deepEqual(await parseListing(chunks(), { format: 'list', decode: utf8 }), expected);
    }
  });

  it('the first line in other languages', async () => {
    for (const total of ['insgesamt 12', 'итого 12', '总用量 12', '合計 12K', 'total 4.0K']) {
      assert.deepEqual(await listingOf(`${total}\r\n`), { entries: [], skipped: [] });
    }
  });

  it('headings of VMS and MVS', async () => {
    const { entries, skipped } = await listingOf(
      'Directory DISK:[FTP]\r\n\r\nA.TXT;1 1 2-JUL-2003 10:30\r\n\r\nTotal of 1 file, 1 block.\r\nVolume Unit    Referred Ext Used Recfm Lrecl BlkSz Dsorg Dsname\r\n',
    );
    assert.deepEqual([entries.length, skipped], [1, []]);
  });

  it('an empty listing', async () => {
    assert.deepEqual(await listingOf(''), { entries: [], skipped: [] });
    assert.deepEqual(await listingOf('\r\n', 'mlsd'), { entries: [], skipped: [] });
  });
});

describe('listing: hostile input', () => {
  it('a line of megabytes costs only itself', async () => {
    const long = Buffer.alloc(5_000_000, 'a');
    const bytes = Buffer.concat([Buffer.from('type=file; '), long, Buffer.from('\r\ntype=file; good\r\n'), long]);
    for (const format of ['mlsd', 'list'] as const) {
      const { entries, skipped } = await parseListing(bytes, { format, decode: utf8 });
      assert.equal(entries.length, format === 'mlsd' ? 1 : 0);
      assert.ok(skipped.length >= 2 && skipped.every((line) => line.length <= 200));
    }
  });

  it('lines made to make patterns slow are still quick', async () => {
    const blanks = ' '.repeat(60_000);
    const lines = [
      `-rw-r--r-- 1${blanks}x`,
      'a '.repeat(30_000),
      `04-27-00  12:09PM${blanks}`,
      `a;1${blanks}2-JUL-2003`,
      `QSYS 1${blanks}x`,
      `- [RWCEAFMS]${blanks}x`,
      `A 3390${blanks}`,
      `+${','.repeat(60_000)}`,
      `0100644${blanks}`,
    ];
    const started = performance.now();
    const { entries } = await listingOf(lines.join('\n'));
    assert.equal(entries.length, 0);
    assert.ok(performance.now() - started < 10_000, 'a pattern backtracks without end');
  });

  it('more than 200,000 entries are refused', async () => {
    const bytes = Buffer.from('type=file;size=1; n\n'.repeat(200_001));
    await assert.rejects(
      parseListing(bytes, { format: 'mlsd', decode: utf8 }),
      (error) => error instanceof RemoteError && error.code === 'Unsupported',
    );
  });

  it('more than 64 MB are refused', async () => {
    const chunk = Buffer.alloc(1024 * 1024, `${'x'.repeat(1023)}\n`);
    let sent = 0;
    // eslint-disable-next-line @typescript-eslint/require-await -- a stream of chunks, as a socket gives them
    const endless = async function* () {
      for (;;) {
        sent += chunk.length;
        yield chunk;
      }
    };
    await assert.rejects(parseListing(endless(), { format: 'list', decode: utf8 }), { code: 'Unsupported' });
    assert.equal(sent, 65 * 1024 * 1024);
  });

  it('other work goes on while a large listing is read', async () => {
    const lines = Array.from({ length: 100_000 }, (_, index) => `-rw-r--r--   1 owner    group        531 Jan 29 03:26 name${index}\r\n`);
    const bytes = Buffer.from(lines.join(''));
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    try {
      assert.equal((await parseListing(bytes, { format: 'list', decode: utf8 })).entries.length, 100_000);
    } finally {
      clearInterval(timer);
    }
    assert.ok(turns >= 3, `${turns} turns`);
  });

  it('an aborted signal ends it', async () => {
    const abort = new AbortController();
    const bytes = Buffer.from('type=file; n\n'.repeat(150_000));
    const listing = parseListing(bytes, { format: 'mlsd', decode: utf8, signal: abort.signal });
    setImmediate(() => abort.abort());
    await assert.rejects(listing, { code: 'Cancelled' });
  });
});

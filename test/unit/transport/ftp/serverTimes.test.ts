import assert from 'node:assert/strict';
import { parseListing, parseMlst, type ListedEntry } from '../../../../src/transport/ftp/listing.ts';
import { serverTimes } from '../../../../src/transport/ftp/serverTimes.ts';

const decode = (name: Uint8Array): string => Buffer.from(name).toString();
const noon = Date.UTC(2026, 6, 1, 12);
const ten = Date.UTC(2026, 6, 1, 10);

async function only(text: string, format: 'list' | 'mlsd', zone: Parameters<typeof serverTimes>[0]): Promise<ListedEntry> {
  const { entries } = await parseListing(Buffer.from(text), { format, decode, times: serverTimes(zone) });
  assert.equal(entries.length, 1);
  return entries[0]!;
}

describe('times of an FTP server', () => {
  const line = '-rw-r--r-- 1 ann ann 3 2026-07-01 12:00 a.txt\r\n';
  const facts = 'type=file;size=3;modify=20260701120000; a.txt\r\n';

  it('of LIST lines are of the zone that the host names, and of none where it names none', async () => {
    const berlin = { timeZone: 'Europe/Berlin', localTimes: false };
    assert.deepEqual([(await only(line, 'list', berlin)).shownTime, (await only(line, 'list', berlin)).mtime], [ten, undefined]);
    assert.equal((await only(line, 'list', { timeZone: undefined, localTimes: false })).shownTime, undefined);
    assert.equal((await only(line, 'list', { ...berlin, timeZone: '+05:45' })).shownTime, noon - 345 * 60_000);
  });

  it('that are seconds since the epoch have no zone', async () => {
    const zone = { timeZone: '+02:00', localTimes: true };
    const seconds = noon / 1000;
    assert.equal((await only(`+i8388621.48594,m${seconds},r,s280,\ta.txt\r\n`, 'list', zone)).shownTime, noon);
    assert.equal((await only(`0100644 500 101 12345 ${seconds} a.txt\r\n`, 'list', zone)).shownTime, noon);
  });

  it('that are exact are UTC, unless the host says otherwise', async () => {
    assert.equal((await only(facts, 'mlsd', { timeZone: '+02:00', localTimes: false })).mtime, noon);
    assert.equal((await only(facts, 'mlsd', { timeZone: undefined, localTimes: true })).mtime, noon);
    const local = { timeZone: 'Europe/Berlin', localTimes: true };
    assert.equal((await only(facts, 'mlsd', local)).mtime, ten);
    assert.equal(parseMlst(Buffer.from(` ${facts.trim()}`), decode, serverTimes(local))?.mtime, ten);
    assert.equal(serverTimes(local).told(ten), noon);
  });
});

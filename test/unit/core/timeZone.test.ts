import assert from 'node:assert/strict';
import { formatOffset, minutesAhead, parseTimeZone, type TimeZone } from '../../../src/core/timeZone.ts';

const hour = 3_600_000;

function zoneOf(text: string): TimeZone {
  const zone = parseTimeZone(text);
  assert.ok(zone, text);
  return zone;
}

describe('time zones', () => {
  it('are names or offsets, and nothing else', () => {
    const now = Date.UTC(2026, 0, 15);
    const offsets = [
      ['+02:00', 120],
      ['-0330', -210],
      ['+5', 300],
      ['UTC+5:45', 345],
      ['GMT-8', -480],
      ['UTC', 0],
      ['Europe/Berlin', 60],
      ['Asia/Kolkata', 330],
      ['America/Argentina/Buenos_Aires', -180],
      ['Etc/GMT+3', -180],
    ] as const;
    for (const [text, minutes] of offsets) assert.equal(minutesAhead(text, now), minutes, text);
    for (const text of ['', ' ', 'Nowhere/Land', 'Europe/', '+15:00', '+2:60', '+-2', '2', '../../etc', 'Europe/Berlin\n', '[+02:00]'])
      assert.equal(parseTimeZone(text), undefined, JSON.stringify(text));
    for (const minutes of [0, 60, -60, 345, -210, 840]) assert.equal(minutesAhead(formatOffset(minutes), now), minutes);
  });

  it('have their summer time, to the hour', () => {
    const berlin = zoneOf('Europe/Berlin');
    // Clocks went forward at 01:00 UTC on 29 March 2026, and went back at 01:00 UTC on 25 October 2026.
    for (const [change, before, after] of [
      [Date.UTC(2026, 2, 29, 1), 1, 2],
      [Date.UTC(2026, 9, 25, 1), 2, 1],
    ] as const) {
      assert.equal(berlin.shown(change - 1000) - (change - 1000), before * hour);
      assert.equal(berlin.shown(change) - change, after * hour);
    }
    assert.equal(berlin.instant(Date.UTC(2026, 6, 1, 12)), Date.UTC(2026, 6, 1, 10));
    assert.equal(berlin.instant(Date.UTC(2026, 11, 1, 12)), Date.UTC(2026, 11, 1, 11));
    // 02:30 is there twice on that day, and not at all on the other.
    assert.equal(berlin.instant(Date.UTC(2026, 9, 25, 2, 30)), Date.UTC(2026, 9, 25, 0, 30));
    assert.equal(berlin.instant(Date.UTC(2026, 2, 29, 2, 30)), Date.UTC(2026, 2, 29, 1, 30));
  });

  it('tell an instant again from what clocks show then, but for the hour that comes twice', () => {
    for (const name of ['Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe', 'Pacific/Apia', '+05:45']) {
      const zone = zoneOf(name);
      let ambiguous = 0;
      for (let instant = Date.UTC(2010, 0, 1); instant < Date.UTC(2013, 0, 1); instant += 2.75 * hour) {
        const again = zone.instant(zone.shown(instant));
        if (again === instant) continue;
        assert.equal(zone.shown(again), zone.shown(instant), name);
        assert.ok(again < instant, name);
        ambiguous++;
      }
      assert.ok(ambiguous < 8, `${name}: ${ambiguous}`);
    }
  });
});

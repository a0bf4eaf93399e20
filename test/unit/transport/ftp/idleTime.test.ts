import assert from 'node:assert/strict';
import { idleTimeSaid } from '../../../../src/transport/diagnosis/idleTime.ts';

describe('the time that a server bears silence', () => {
  const cases: readonly (readonly [said: string, seconds: number | undefined])[] = [
    ['     Session timeout in seconds is 300', 300],
    ['You will be disconnected after 15 minutes of inactivity.', 900],
    ['You will be disconnected after 1 minute of inactivity.', 60],
    ['closed after 90 seconds of inactivity', 90],
    ['Idle timeout: 600', 600],
    ['Session timeout in seconds is 0', undefined],
    ['Session timeout in seconds is 999999', undefined],
    ['FTP server status: 300', undefined],
    ['', undefined],
  ];
  for (const [said, seconds] of cases) it(JSON.stringify(said), () => assert.equal(idleTimeSaid(said), seconds));
});

import assert from 'node:assert/strict';
import { factOptions, formatTime, parseFeatures, parseTime } from '../../../../src/transport/ftp/features.ts';
import { insideHostile } from '../../../support/hostile.ts';

describe('FTP features', () => {
  it('reads FEAT in the forms that servers give it', () => {
    const lines = ['Features:', ' MDTM', ' REST STREAM', '  mlst type*;size*;', 'UTF8', 'End'];
    const offered = parseFeatures({ code: 211, lines });
    assert.equal(offered.get('MLST'), 'type*;size*;');
    assert.equal(offered.get('REST'), 'STREAM');
    assert.ok(offered.has('MDTM') && offered.has('UTF8'));
  });

  it('takes a refusal for no features', () => {
    assert.equal(parseFeatures({ code: 500, lines: ['MLST', ' MLST'] }).size, 0);
  });

  it('switches on the facts that it reads, where one is off', () => {
    assert.equal(factOptions('type*;size*;modify*;media-type;'), undefined);
    assert.equal(factOptions('Type*;Size;Modify*;UNIX.mode;media-type;'), 'OPTS MLST Type;Size;Modify;UNIX.mode;');
    assert.equal(factOptions(''), undefined);
    assert.equal(factOptions('modify*;unique*;UNIX.owner*;UNIX.ownername*;'), undefined);
  });

  it('switches off what it does not read, where it should be sparing', () => {
    const all = 'modify*;perm*;size*;type*;unique*;UNIX.group*;UNIX.groupname*;UNIX.mode*;UNIX.owner*;';
    assert.equal(factOptions(all, true), 'OPTS MLST modify;perm;size;type;UNIX.groupname;UNIX.mode;UNIX.owner;');
    assert.equal(factOptions('type*;size*;unique;UNIX.group;UNIX.groupname*;', true), undefined);
    assert.equal(factOptions('type*;size;unique;', true), 'OPTS MLST type;size;');
    assert.equal(factOptions('unique*;', true), undefined);
  });

  for (const [software, expected] of [
    ['ProFTPD Server', ['OPTS MLST type;size;UNIX.mode;']],
    ['Some Server', []],
  ] as const)
    it(`${software}: ${expected.length === 0 ? 'has its facts as they are' : 'tells what is read, and nothing else'}`, () => {
      const FEAT = '211-Features:\r\n MLST type*;size*;unique*;UNIX.mode*;\r\n211 End';
      return insideHostile({ greeting: `220 ${software}`, on: { FEAT } }, async (remote, server) => {
        await remote.ping();
        assert.deepEqual(server.heard.match(/^OPTS MLST.*$/gm) ?? [], expected);
      });
    });

  it('reads and writes times in UTC', () => {
    assert.equal(parseTime('20240229123456'), Date.UTC(2024, 1, 29, 12, 34, 56));
    assert.equal(parseTime('20240229123456.789'), Date.UTC(2024, 1, 29, 12, 34, 56, 789));
    assert.equal(parseTime('20241329123456'), undefined);
    assert.equal(parseTime('yesterday'), undefined);
    assert.equal(formatTime(Date.UTC(2024, 1, 29, 12, 34, 56, 789)), '20240229123456');
  });
});

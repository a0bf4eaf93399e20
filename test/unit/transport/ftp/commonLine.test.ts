import assert from 'node:assert/strict';
import { parseUnixLine } from '../../../../src/transport/ftp/unixListing.ts';

const decode = (name: Uint8Array): string => Buffer.from(name).toString('utf8');
const parsed = (text: string) => parseUnixLine({ bytes: Buffer.from(text, 'latin1'), text }, decode);

const permissions = ['-rwsr-Sr-t', 'drwxr-xr-x+', 'lrwxrwxrwx'];
const owners = ['1001', 'www-data', 'mar', 'may', '12', '0', '2004', 'Ferry', 'a.user', 'domain users', '01-jan-99'];
const sizes = ['10', '2004', '1,'];
const dates = [
  'Nov 22 20:48',
  'Jan  1  2004',
  'Mai 22 20:48',
  'Xyz 22 20:48',
  'Nov 32 20:48',
  'Nov 22 25:99',
  'Nov 22 20:48:30 2004',
  'Nov 22  1850',
];
const names = ['a -> b', ' 2004 b'];

function* lines(): Generator<readonly [string, string]> {
  for (const permitted of permissions)
    for (const owner of owners)
      for (const group of owners)
        for (const size of sizes)
          for (const date of dates)
            for (const name of names) {
              const rest = `${owner} ${group} ${size} ${date} ${name}`;
              yield [`${permitted}    1 ${rest}`, `${permitted}    1\t${rest}`];
            }
}

describe('a line of the commonest form', () => {
  it('is read in one step as it is step by step', () => {
    let read = 0;
    // A tab is a blank, and not of that form.
    for (const [common, odd] of lines()) {
      const entry = parsed(common);
      if (entry) read += 1;
      assert.equal(JSON.stringify(entry), JSON.stringify(parsed(odd)), common);
    }
    assert.ok(read > 10_000, `${read}`);
  });
});

import assert from 'node:assert/strict';
import { below, nearest, relativeTo } from '../../../../src/core/mapping/mappedPath.ts';
import { type Mapping, parseMappings } from '../../../../src/core/mapping/mapping.ts';

const folder = '/projects/shop';

function parsed(...items: unknown[]): { readonly mappings: readonly Mapping[]; readonly problems: readonly string[] } {
  return parseMappings(items, folder);
}

describe('mappings', () => {
  it('take what they need from a short item, and what is usual for the rest', () => {
    const { mappings, problems } = parsed({ remote: 'sftp://shop/var/www' });
    assert.deepEqual(problems, []);
    const [mapping] = mappings;
    assert.deepEqual(mapping?.targets, [{ name: 'sftp://shop/var/www', remote: 'sftp://shop/var/www' }]);
    assert.equal(mapping.local, folder);
    assert.deepEqual(
      [mapping.uploadOnSave, mapping.uploadOnCreate, mapping.deleteOnDelete, mapping.renameOnRename],
      [true, true, false, false],
    );
    assert.ok(mapping.ignore.includes('.git/'));
  });

  it('have several targets, in the order of the setting', () => {
    const { mappings } = parsed({ local: 'web/', targets: { staging: 'ftps://s/a', production: 'sftp://ann@p.example:2222/b' } });
    assert.equal(mappings[0]?.local, '/projects/shop/web');
    assert.deepEqual(
      mappings[0].targets.map(({ name }) => name),
      ['staging', 'production'],
    );
  });

  it('never leave the workspace folder, nor hold a password', () => {
    const remote = 'sftp://shop/www';
    for (const local of ['..', '../other', 'a/../../..', '/etc', 'C:\\Users', '\\\\server\\share', 'a\0b'])
      assert.match(parsed({ local, remote }).problems[0] ?? '', /“local”/, local);
    for (const bad of ['http://x/', 'sftp:///www', 'sftp://a b/', 'sftp://shop/www?x=1', 7])
      assert.equal(parsed({ remote: bad }).mappings.length, 0);
    assert.match(parsed({ remote: 'sftp://ann:pa55word@shop/www' }).problems[0] ?? '', /password/);
    assert.ok(!parsed({ remote: 'sftp://ann:pa55word@shop/www' }).problems.join().includes('pa55word'));
  });

  it('tell what is wrong in one item, and keep the others', () => {
    const { mappings, problems } = parsed(
      ...['x', {}, { remote: 'sftp://a/', targets: {} }, { targets: {} }, { remote: 'sftp://a/', ignore: 'x' }],
      ...[{ remote: 'sftp://a/', uploadOnSave: 1 }, { targets: { a: 'sftp://a/', A: 'sftp://b/' } }, { remote: 'sftp://good/' }],
    );
    assert.equal(problems.length, 7);
    assert.equal(mappings.length, 1);
    assert.deepEqual(parseMappings('x', folder).problems.length, 1);
    assert.deepEqual(parseMappings(undefined, folder), { mappings: [], problems: [] });
  });

  it('take permissions in octal for what is new', () => {
    const permissionsOf = (permissions: unknown) => {
      const { mappings, problems } = parsed({ remote: 'sftp://a/', permissions });
      return mappings[0]?.permissions ?? problems.length;
    };
    const none = { files: undefined, folders: undefined };
    assert.deepEqual(permissionsOf(undefined), none);
    assert.deepEqual(permissionsOf({}), none);
    assert.deepEqual(permissionsOf({ files: '0640', folders: '2775' }), { files: 0o640, folders: 0o2775 });
    assert.deepEqual(permissionsOf({ folders: '711' }), { ...none, folders: 0o711 });
    for (const wrong of ['644', ['644'], { files: 644 }, { files: '9' }, { folders: '644' }, { links: '777' }, { folders: 'rwx' }])
      assert.equal(permissionsOf(wrong), 1, JSON.stringify(wrong));
  });

  it('the nearest wins, and paths lead to the same place below it', () => {
    const { mappings } = parsed({ remote: 'sftp://a/' }, { local: 'web', remote: 'sftp://b/www/' });
    const [outer, inner] = mappings;
    assert.equal(nearest(mappings, '/projects/shop/web/a.html'), inner);
    assert.equal(nearest(mappings, '/projects/shop/webber/a.html'), outer);
    assert.equal(nearest(mappings, '/projects/other'), undefined);
    assert.equal(relativeTo(inner!, '/projects/shop/web/x/a.html'), 'x/a.html');
    assert.equal(below('/www/', 'x/a.html'), '/www/x/a.html');
    assert.equal(below('/www', ''), '/www');
    assert.throws(() => below('/www', 'x/../../etc'), /can't be used/);
  });
});

import assert from 'node:assert/strict';
import { isRemoteError, RemoteError } from '../../../../src/core/errors.ts';
import type { Host } from '../../../../src/core/host.ts';
import { below, relativeTo } from '../../../../src/core/mapping/mappedPath.ts';
import { type Mapping, parseMappings } from '../../../../src/core/mapping/mapping.ts';
import type { Exchanges } from '../../../../src/editor/mapping/exchanges.ts';
import type { MappedFile, Mappings } from '../../../../src/editor/mapping/mappings.ts';
import { testHost } from '../../../support/poolOf.ts';
import '../fakeVscode.ts';
import { Uri } from '../fakeWorkspace.ts';

const { linkedPlace } = await import('../../../../src/editor/sync/linkedPlace.ts');

describe('the place of a linked folder that a plan was made for', () => {
  let targets: Record<string, string>;
  let host: Host;
  const read = (): readonly Mapping[] => parseMappings([{ targets }], '/project').mappings;
  let all: readonly Mapping[];
  const mappings = {
    get all() {
      return all;
    },
    find(uri: Uri, name?: string): MappedFile | undefined {
      const [mapping] = all;
      if (mapping === undefined) return undefined;
      const target = name === undefined ? mapping.targets[0] : mapping.targets.find((each) => each.name === name);
      if (target === undefined) return undefined;
      const relative = relativeTo(mapping, uri.path);
      const path = below(target.remote.replace('sftp://test', ''), relative);
      return { uri, mapping, target, relative, location: { host, path, key: `/sftp/test${path}` } } as unknown as MappedFile;
    },
    folderOf: () => Uri.file('/project'),
  } as unknown as Mappings;
  const exchanges = { bases: new Map(), localTime: () => undefined } as unknown as Exchanges;
  const planned = () => {
    const folder = mappings.find(Uri.file('/project') as never, 'staging');
    assert.ok(folder);
    return linkedPlace(mappings, exchanges, folder);
  };

  beforeEach(() => {
    targets = { production: 'sftp://test/www', staging: 'sftp://test/staging' };
    all = read();
    host = testHost();
  });

  it('is the same one after the settings were read again', async () => {
    const place = planned();
    all = read();
    assert.equal(await place.omits('index.html', false), false);
    assert.equal(place.at('index.html').location.path, '/staging/index.html');
  });

  it('is no other one where the settings or the host were changed meanwhile', () => {
    const refuses = (place: ReturnType<typeof planned>) =>
      assert.throws(
        () => place.at('index.html'),
        (error) => error instanceof RemoteError && isRemoteError(error, 'Conflict'),
      );
    const place = planned();
    delete targets['staging'];
    all = read();
    refuses(place);
    targets['staging'] = 'sftp://test/elsewhere';
    all = read();
    refuses(place);
    targets['staging'] = 'sftp://test/staging';
    all = read();
    assert.equal(place.at('index.html').location.path, '/staging/index.html');
    host = { ...host, address: 'another' };
    refuses(place);
    all = [];
    refuses(place);
  });
});

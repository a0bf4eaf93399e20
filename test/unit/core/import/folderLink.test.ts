import assert from 'node:assert/strict';
import { mappingItems } from '../../../../src/core/import/folderLink.ts';
import { readHosts } from '../../../../src/core/import/formats.ts';
import type { FolderLink } from '../../../../src/core/import/imported.ts';
import { parseMappings } from '../../../../src/core/mapping/mapping.ts';

async function linksIn(config: unknown, name = 'sftp.json'): Promise<(FolderLink | undefined)[]> {
  const found = await readHosts(new TextEncoder().encode(JSON.stringify(config)), name);
  return found.flatMap(({ hosts }) => hosts.map(({ link }) => link));
}

/** As the setting gets it, each host under its target's name. */
async function itemsOf(config: unknown, name?: string): Promise<readonly unknown[]> {
  const links = (await linksIn(config, name)).filter((link) => link !== undefined);
  const items = mappingItems(links.map((link) => ({ link, address: `sftp://${link.target}${link.path}` })));
  assert.deepEqual(parseMappings(items, '/project').problems, []);
  return items;
}

describe('folders that other tools upload', () => {
  const host = { host: 'shop.example.org', username: 'ann' };

  it('of sftp.json: where, when and what not', async () => {
    const config = { ...host, name: 'shop', remotePath: '/www', context: './web/', uploadOnSave: true, ignore: ['*.map', '.git/'] };
    assert.deepEqual(await itemsOf(config), [
      {
        ...{ local: 'web', remote: 'sftp://shop/www', uploadOnSave: true, uploadOnCreate: true },
        ignore: ['.vscode/', '.git/', '*.map'],
      },
    ]);
  });

  it('of profiles: one folder with several targets; what a profile says counts more', async () => {
    const profiles = { dev: { host: 'dev.example.org', remotePath: '/dev' }, live: { remotePath: '/live' } };
    const watcher = { files: 'dist/**', autoUpload: true, autoDelete: true };
    const [item, ...more] = await itemsOf({ ...host, remotePath: '/all', watcher, profiles });
    assert.deepEqual(more, []);
    assert.deepEqual(item, {
      ...{ local: '.', targets: { dev: 'sftp://dev/dev', live: 'sftp://live/live' }, uploadOnSave: false, uploadOnCreate: false },
      ...{ deleteOnDelete: true, watch: ['dist/**'] },
    });
  });

  it('of profiles: the one that is meant first comes first', async () => {
    const profiles = { live: { remotePath: '/live' }, dev: { host: 'dev.example.org', remotePath: '/dev' } };
    const [item] = await itemsOf({ ...host, profiles, defaultProfile: 'dev' });
    assert.deepEqual(Object.entries((item as { targets: object }).targets), [
      ['dev', 'sftp://dev/dev'],
      ['live', 'sftp://live/live'],
    ]);
  });

  it('with the permissions of what is new, those that there are', async () => {
    const given = async (filePerm: unknown, dirPerm: unknown) => {
      const [item] = await itemsOf({ ...host, name: 'a', remotePath: '/a', filePerm, dirPerm });
      return (item as { permissions?: unknown }).permissions;
    };
    assert.deepEqual(await given(664, '0775'), { files: '664', folders: '0775' });
    assert.deepEqual(await given('640', 644), { files: '640' });
    assert.deepEqual(await given('rw-r--r--', true), undefined);
  });

  it('with the patterns of the file that names what stays at home; nothing goes by itself where that can not be read', async () => {
    const config = { ...host, name: 'a', remotePath: '/a', uploadOnSave: true, watcher: { files: '**', autoUpload: true } };
    const item = async (more: object, ignored?: readonly string[]) => {
      const [link] = await linksIn({ ...config, ...more });
      assert.ok(link);
      return mappingItems([{ link, address: 'sftp://a/a', ignored }])[0];
    };
    const place = { local: '.', remote: 'sftp://a/a' };
    const goes = { ...place, uploadOnSave: true, uploadOnCreate: true, watch: ['**'] };
    assert.deepEqual(await item({ ignoreFile: '.gitignore' }), { ...goes, useGitignore: true });
    assert.deepEqual(await item({ ignoreFile: '${workspaceFolder}/.gitignore' }), { ...goes, useGitignore: true });
    const files = { ...goes, ignore: ['.vscode/', '.git/', '*.map', 'secret.php'] };
    assert.deepEqual(await item({ ignoreFile: '.sftpignore', ignore: ['*.map'] }, ['secret.php']), files);
    assert.deepEqual(await item({ ignoreFile: '.sftpignore' }), { ...place, uploadOnSave: false, uploadOnCreate: false });
  });

  it('of several configs: each its own, though their folders are one', async () => {
    const items = await itemsOf([
      { ...host, name: 'a', remotePath: '/a', context: 'a' },
      { ...host, name: 'b', remotePath: '/b', context: '${workspaceFolder}/b' },
    ]);
    assert.deepEqual(
      items.map((item) => (item as { local: string }).local),
      ['a', 'b'],
    );
  });

  it('of ftp-kr.json', async () => {
    const config = { ...host, protocol: 'sftp', remotePath: '/www', autoUpload: true, autoDelete: false, ignore: ['/node_modules'] };
    assert.deepEqual(await itemsOf({ ...config, name: 'main' }, 'ftp-kr.json'), [
      {
        ...{ local: '.', remote: 'sftp://main/www', uploadOnSave: true, uploadOnCreate: true },
        ignore: ['.vscode/', '.git/', '/node_modules'],
      },
    ]);
  });

  it('are none where no absolute folder is named', async () => {
    for (const remotePath of [undefined, './', 'www', '~/www', '/a?b', '/a\nb'])
      assert.deepEqual(await linksIn({ ...host, remotePath }), [undefined]);
  });
});

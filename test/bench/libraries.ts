import { createReadStream, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { Client as FtpClient } from 'basic-ftp';
import SftpClient from 'ssh2-sftp-client';
import basicFtpManifest from 'basic-ftp/package.json' with { type: 'json' };
import sftpManifest from 'ssh2-sftp-client/package.json' with { type: 'json' };
import type { Client, Driver } from './driver.ts';
import type { Target } from './target.ts';

/* The two libraries for Node that most editors' extensions stand on, each used as its README shows. */

export const ssh2SftpClient: Client = {
  name: 'ssh2-sftp-client',
  isLibrary: true,
  speaks: ({ host }) => host.protocol === 'sftp',
  missing: () => undefined,
  start: startSftpClient,
};

export const basicFtp: Client = {
  name: 'basic-ftp',
  isLibrary: true,
  speaks: ({ host }) => host.protocol !== 'sftp',
  missing: () => undefined,
  start: startFtpClient,
};

async function connectSftp({ host, user, privateKey }: Target): Promise<SftpClient> {
  const client = new SftpClient();
  const key = privateKey === undefined ? {} : { privateKey: readFileSync(privateKey) };
  await client.connect({ host: host.address, port: host.port, username: user, ...key });
  return client;
}

async function startSftpClient(target: Target): Promise<Driver> {
  const client = await connectSftp(target);
  const read = async (path: string): Promise<number> => ((await client.get(path)) as Buffer).length;
  return {
    client: `ssh2-sftp-client ${sftpManifest.version}`,
    how: 'one connection, defaults; get and put; a replace is put, stat, posixRename',
    stat: (path) => client.stat(path),
    list: async (path) => (await client.list(path)).length,
    read,
    async replace(path, content) {
      const temporary = `${dirname(path)}/.${basename(path)}.new`;
      await client.put(content, temporary);
      if ((await client.stat(temporary)).size !== content.length) throw new Error('It was not written in full.');
      await client.posixRename(temporary, path);
    },
    readMany: async (paths) => (await Promise.all(paths.map(read))).reduce((sum, size) => sum + size, 0),
    upload: async (from, to) => {
      await client.uploadDir(from, to);
    },
    download: async (from, to) => {
      await client.downloadDir(from, to);
    },
    remove: async (path) => {
      await client.rmdir(path, true);
    },
    rename: async (from, to) => {
      await client.rename(from, to);
    },
    async connectAndList(path) {
      const other = await connectSftp(target);
      await other.list(path);
      return async () => {
        await other.end();
      };
    },
    async readLarge(path) {
      const counted = counter();
      await client.get(path, counted.stream);
      return counted.bytes();
    },
    writeLarge: async (from, path) => {
      await client.put(createReadStream(from), path);
    },
    close: async () => {
      await client.end();
    },
  };
}

async function connectFtp({ host, user, password }: Target): Promise<FtpClient> {
  const client = new FtpClient();
  const secureOptions = host.protocol === 'ftps' ? { rejectUnauthorized: false } : {};
  await client.access({
    ...{ host: host.address, port: host.port, user, password: password ?? '' },
    ...{ secure: host.protocol === 'ftps', secureOptions },
  });
  return client;
}

async function startFtpClient(target: Target): Promise<Driver> {
  const client = await connectFtp(target);
  const read = async (path: string): Promise<number> => {
    const counted = counter();
    await client.downloadTo(counted.stream, path);
    return counted.bytes();
  };
  return {
    client: `basic-ftp ${basicFtpManifest.version}`,
    how: 'one connection, defaults; a stat is size; a replace is uploadFrom, size, rename; many files one after the other',
    stat: (path) => client.size(path),
    list: async (path) => (await client.list(path)).length,
    read,
    async replace(path, content) {
      const temporary = `${dirname(path)}/.${basename(path)}.new`;
      await client.uploadFrom(Readable.from([content]), temporary);
      if ((await client.size(temporary)) !== content.length) throw new Error('It was not written in full.');
      await client.rename(temporary, path);
    },
    async readMany(paths) {
      let bytes = 0;
      for (const path of paths) bytes += await read(path);
      return bytes;
    },
    upload: async (from, to) => client.uploadFromDir(from, to),
    download: async (from, to) => client.downloadToDir(to, from),
    remove: async (path) => client.removeDir(path),
    rename: async (from, to) => {
      await client.rename(from, to);
    },
    async connectAndList(path) {
      const other = await connectFtp(target);
      await other.list(path);
      return () => {
        other.close();
        return Promise.resolve();
      };
    },
    readLarge: read,
    writeLarge: async (from, path) => {
      await client.uploadFrom(createReadStream(from), path);
    },
    close: () => {
      client.close();
      return Promise.resolve();
    },
  };
}

/** Takes bytes as fast as they come. */
function counter(): { readonly stream: Writable; bytes(): number } {
  let bytes = 0;
  const stream = new Writable({
    highWaterMark: 1_048_576,
    write(chunk: Buffer, _, done) {
      bytes += chunk.length;
      done();
    },
  });
  return { stream, bytes: () => bytes };
}

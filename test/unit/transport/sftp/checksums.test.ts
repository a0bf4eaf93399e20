import assert from 'node:assert/strict';
import { hostDefaults } from '../../../../src/core/hostDefaults.ts';
import { silentLog } from '../../../../src/core/log.ts';
import type { Remote } from '../../../../src/core/remote.ts';
import { packetType, statusCode } from '../../../../src/transport/sftp/protocol.ts';
import type { RunCommand } from '../../../../src/transport/sftp/remoteCommand.ts';
import { fails } from '../../../support/hostileSftp.ts';
import { ScriptedSftp } from '../../../support/scriptedSftp.ts';
import { openOn } from '../../../support/sftpServer.ts';

const hello = Buffer.from('hello');
const sums = {
  sha256: '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
  sha1: 'aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d',
};

interface Desk {
  readonly remote: Remote;
  /** What was asked for, in order. */
  readonly asked: string[];
  readonly warnings: string[];
}

/** A server whose `check-file-name` is answered by `tell`: the name that it repeats, the algorithm, the checksum; a status else. */
async function inside(
  tell: (algorithm: string) => readonly string[] | number,
  run: (desk: Desk) => Promise<void>,
  command?: RunCommand,
  serverIdent?: string,
): Promise<void> {
  const server = new ScriptedSftp();
  const [asked, warnings]: string[][] = [[], []];
  server.onRequest = ({ type, id, reader }) => {
    if (type === packetType.OPEN) server.reply(packetType.HANDLE, id, Buffer.from('h'));
    else if (type === packetType.FSTAT) server.reply(packetType.ATTRS, id, 1, 5n);
    else if (type !== packetType.EXTENDED) server.status(id, statusCode.OK);
    else {
      const [name, path, algorithm] = [reader.text(), reader.text(), reader.text()];
      asked?.push(`${name} ${path} ${algorithm}`);
      const told = tell(algorithm);
      if (typeof told === 'number') server.status(id, told);
      else {
        const words = told.slice(0, -1).map((word) => Buffer.from(word));
        // The checksum comes without a length before it.
        const sum = Buffer.from(told.at(-1) ?? '', 'hex');
        server.reply(packetType.EXTENDED_REPLY, id, ...words, ...Array.from(sum.length % 4 === 0 ? words32(sum) : []));
      }
    }
  };
  const host = { ...hostDefaults('sftp'), name: 'scripted', address: '127.0.0.1', verify: command ? 'command' : 'checksum' } as const;
  const log = { ...silentLog, warn: (message: string) => void warnings?.push(message) };
  const remote = await openOn(server, { host, log, run: command, serverIdent });
  try {
    await run({ remote, asked: asked ?? [], warnings: warnings ?? [] });
  } finally {
    await remote.close();
  }
}

function words32(bytes: Buffer): number[] {
  return Array.from({ length: bytes.length / 4 }, (_, index) => bytes.readUInt32BE(index * 4));
}

const store = (remote: Remote): Promise<void> => remote.write('/file', hello, { disposition: 'truncate' });

describe('SFTP checksums', () => {
  it('asks for check-file and takes it with and without the name before it', async () => {
    for (const told of [
      ['sha256', sums.sha256],
      ['check-file', 'sha256', sums.sha256],
    ])
      await inside(
        () => told,
        async ({ remote, asked, warnings }) => {
          await store(remote);
          assert.deepEqual(asked, ['check-file-name /file sha256']);
          assert.deepEqual(warnings, []);
        },
      );
  });

  it('fails where the checksum is another', () =>
    inside(
      () => ['sha256', sums.sha256.replace('2', '3')],
      async ({ remote }) => {
        await fails(store(remote), 'Corrupt');
        await fails(store(remote), 'Corrupt');
      },
    ));

  it('asks for another algorithm the next time where the server does not know this one', () =>
    inside(
      (algorithm) => (algorithm === 'sha1' ? ['sha1', sums.sha1] : statusCode.FAILURE),
      async ({ remote, asked, warnings }) => {
        await store(remote);
        await store(remote);
        assert.deepEqual(asked, ['check-file-name /file sha256', 'check-file-name /file sha1']);
        assert.equal(warnings.length, 1);
      },
    ));

  it('does not ask again what the server does not have, nor take another algorithm for it', () =>
    inside(
      () => ['crc32', '00000000'],
      async ({ remote, asked, warnings }) => {
        for (let count = 0; count < 5; count += 1) await store(remote);
        assert.equal(asked.length, 3);
        assert.equal(warnings.length, 5);
      },
    ));

  it('runs a program where that is allowed, and the next where the first is not there', async () => {
    const ran: string[] = [];
    const run: RunCommand = (command) => {
      ran.push(command);
      const isThere = command.startsWith('shasum');
      return Promise.resolve({ exitCode: isThere ? 0 : 127, output: isThere ? `${sums.sha256}  -\n` : 'sh: not found\n' });
    };
    await inside(
      () => statusCode.OP_UNSUPPORTED,
      async ({ remote, warnings }) => {
        await store(remote);
        await store(remote);
        assert.deepEqual(warnings, []);
      },
      run,
    );
    assert.deepEqual(ran, [`sha256sum < '/file'`, `shasum -a 256 < '/file'`, `shasum -a 256 < '/file'`]);
  });

  describe('of a file, by mod_sftp', () => {
    const ident = 'mod_sftp/1.3.8';

    it('are told in one round trip', () =>
      inside(
        () => ['check-file', 'sha256', sums.sha256],
        async ({ remote, asked }) => {
          assert.equal(await remote.sha256?.('/file'), sums.sha256);
          assert.deepEqual(asked, ['check-file-name /file sha256']);
        },
        undefined,
        ident,
      ));

    it('are told of no file that it can not read, and of the next one all the same', () => {
      const answers: (readonly string[] | number)[] = [statusCode.PERMISSION_DENIED, ['sha256', sums.sha256]];
      return inside(
        () => answers.shift() ?? statusCode.FAILURE,
        async ({ remote }) => {
          assert.equal(await remote.sha256?.('/secret'), undefined);
          assert.equal(await remote.sha256?.('/file'), sums.sha256);
        },
        undefined,
        ident,
      );
    });

    it('are not asked for again where it has no such thing', () =>
      inside(
        () => statusCode.OP_UNSUPPORTED,
        async ({ remote }) => {
          assert.equal(await remote.sha256?.('/file'), undefined);
          assert.ok(!('sha256' in remote));
        },
        undefined,
        ident,
      ));

    it('are asked of no other server', () =>
      inside(
        () => ['sha256', sums.sha256],
        ({ remote }) => {
          assert.ok(!('sha256' in remote));
          return Promise.resolve();
        },
      ));
  });
});

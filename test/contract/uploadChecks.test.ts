import assert from 'node:assert/strict';
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/core/clock.ts';
import type { Verify } from '../../src/core/host.ts';
import { silentLog } from '../../src/core/log.ts';
import { isTemporaryName } from '../../src/core/operations/temporary.ts';
import { save, type SaveOptions } from '../../src/core/operations/save.ts';
import type { Remote } from '../../src/core/remote.ts';
import { createBandwidth } from '../../src/core/transfers/bandwidth.ts';
import { fillPartial } from '../../src/core/transfers/partialFile.ts';
import { connect } from '../../src/transport/index.ts';
import { createLocalRemote } from '../../src/transport/local/localRemote.ts';
import { removeFolder, temporaryFolder } from '../servers/folder.ts';
import { startOpenssh } from '../servers/openssh.ts';
import { startProftpd } from '../servers/proftpd.ts';
import { startProftpdSftp } from '../servers/proftpdSftp.ts';
import { requireServer, type TestServer } from '../servers/server.ts';
import { memoryJournal } from '../support/memoryJournal.ts';
import { connectContext } from '../support/prompts.ts';
import { fails, makeDisk, pathsIn, pattern, readAll, stream } from './ground.ts';

interface Checked {
  readonly name: string;
  readonly start: () => Promise<TestServer>;
  readonly verify: Verify;
  /** What asks for the checksum, in the log; undefined: this server tells none. */
  readonly asks: RegExp | undefined;
  /** It may answer from memory by the second of a file's time. */
  readonly remembers?: boolean;
}

const digest = ['LoadModule mod_digest.c'];
/** Without the memory of what passed by, which a change of the disk does not touch. */
const fresh = 'DigestCache off';

const servers: readonly Checked[] = [
  { name: 'ProFTPD as it comes', start: () => startProftpd({ config: digest }), verify: 'checksum', asks: /> XSHA256 /, remembers: true },
  {
    name: 'ProFTPD with old algorithms, TLS',
    start: () => startProftpd({ tls: 'explicit', config: [...digest, fresh, 'DigestAlgorithms md5 crc32'] }),
    ...{ verify: 'checksum', asks: /> XMD5 / },
  },
  { name: 'ProFTPD mod_sftp, check-file', start: () => startProftpdSftp(), verify: 'checksum', asks: /check-file-name/ },
  { name: 'OpenSSH, a command', start: () => startOpenssh({ shell: true }), verify: 'command', asks: /SSH > sha256sum/ },
  { name: 'OpenSSH without a shell', start: () => startOpenssh(), verify: 'command', asks: undefined },
  { name: 'ProFTPD without mod_digest', start: () => startProftpd(), verify: 'checksum', asks: undefined },
];

for (const { name, start, verify, asks, remembers = false } of servers) {
  describe(`uploads compared by checksum: ${name}`, () => {
    let server: TestServer;
    let remote: Remote;
    let said: string[] = [];
    /** Called when the checksum is asked for, before it is. */
    let beforeAsking: () => void = () => {};

    const path = (name: string): string => pathsIn(server.rootOnServer)(name);
    const note = (message: string): void => {
      said.push(message);
      if (asks?.test(message) === true) beforeAsking();
    };
    const options = (): SaveOptions => ({
      ...{ create: true, overwrite: true, journal: memoryJournal(), saveMode: 'auto', profile: {}, learn() {} },
    });
    const left = (): string[] => readdirSync(server.root).filter(isTemporaryName);
    /** One byte of what was uploaded last is another. */
    const damage = (): void => {
      for (const each of [...left(), 'streamed'].filter((file) => readdirSync(server.root).includes(file))) {
        const bytes = readFileSync(join(server.root, each));
        bytes[0] = (bytes[0] ?? 0) ^ 1;
        writeFileSync(join(server.root, each), bytes);
      }
    };
    const assertCompared = (): void => {
      if (asks !== undefined) assert.match(said.join('\n'), asks);
      assert.equal(
        said.some((line) => line.includes('only its size was compared')),
        asks === undefined,
        said.join('\n'),
      );
    };

    before(async function () {
      server = await requireServer(this, start);
    });
    beforeEach(async () => {
      said = [];
      beforeAsking = () => {};
      const log = { ...silentLog, wantsTrace: true, trace: note, warn: note };
      remote = await connect({ ...server.host, verify }, connectContext({ ...server.secrets, admit: true }, { log }));
    });
    afterEach(async () => {
      await remote.close();
    });
    after(() => server.stop());

    it('saves, new files and over old ones', async () => {
      const base = await save(remote, path('saved here'), pattern(3000), options());
      await save(remote, path('saved here'), pattern(4000, 8), { ...options(), base });
      assert.deepEqual(readFileSync(join(server.root, 'saved here')), pattern(4000, 8));
      assertCompared();
    });

    it('uploads streams, and files without content', async () => {
      await remote.write(path('streamed'), stream(pattern(900_000)), { disposition: 'truncate' });
      assert.deepEqual(await readAll(remote, path('streamed')), pattern(900_000));
      assertCompared();
      said = [];
      await remote.write(path('empty'), new Uint8Array(), { disposition: 'create' });
      if (asks !== undefined) assert.doesNotMatch(said.join('\n'), asks);
    });

    if (asks === undefined) return;

    it('does not put in place what is not what was sent', async () => {
      await remote.write(path('kept'), Buffer.from('before'), { disposition: 'truncate' });
      const base = { size: 6, mtime: (await remote.stat(path('kept'))).mtime, hash: undefined };
      beforeAsking = damage;
      await fails(save(remote, path('kept'), pattern(5000), { ...options(), base }), 'Corrupt');
      await fails(save(remote, path('new'), pattern(5000), options()), 'Corrupt');
      await fails(remote.write(path('streamed'), stream(pattern(300_000)), { disposition: 'truncate' }), 'Corrupt', path('streamed'));
      beforeAsking = () => {};
      assert.equal(readFileSync(join(server.root, 'kept'), 'utf8'), 'before');
      assert.ok(!readdirSync(server.root).includes('new'));
      assert.deepEqual(left(), []);
      await save(remote, path('new'), pattern(5000), options());
      assert.deepEqual(readFileSync(join(server.root, 'new')), pattern(5000));
    });

    if (remembers) return;

    it('compares all of a file that it goes on with, and begins anew where its beginning is damaged', async () => {
      const local = temporaryFolder('checked');
      try {
        const content = pattern(3 * 2 ** 20);
        const source = join(local, 'source');
        writeFileSync(source, content);
        const here = createLocalRemote();
        const { mtime, size } = await here.stat(source);
        const fill = (partial: string): Promise<void> =>
          fillPartial(
            {
              ...{ from: here, to: remote, source, partial, size, mtime },
              ...{ given: { mode: undefined, mtime: undefined }, bandwidth: createBandwidth(systemClock, () => 0) },
            },
            { signal: new AbortController().signal },
          );
        const disk = makeDisk(server, server.root);
        const half = content.subarray(0, 2 ** 21);
        for (const [name, begun] of [
          ['half', half],
          ['damaged', Buffer.concat([Buffer.from('?'), half.subarray(1)])],
        ] as const) {
          disk.file(name, begun);
          said = [];
          await fill(path(name));
          assert.ok(disk.read(name).equals(content), name);
          assertCompared();
        }
        // What is damaged again is not gone on with later.
        disk.file('hopeless', half);
        beforeAsking = () => truncateSync(disk.pathOf('hopeless'), size - 1);
        await fails(fill(path('hopeless')), 'Corrupt');
        assert.ok(!disk.exists('hopeless'));
      } finally {
        removeFolder(local);
      }
    });
  });
}

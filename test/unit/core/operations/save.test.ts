import assert from 'node:assert/strict';
import { isRemoteError, RemoteError } from '../../../../src/core/errors.ts';
import type { HostProfile } from '../../../../src/core/host.ts';
import { readFile } from '../../../../src/core/operations/readFile.ts';
import { save, type SaveOptions } from '../../../../src/core/operations/save.ts';
import { hashOf } from '../../../../src/core/operations/version.ts';
import { ConflictError } from '../../../../src/core/operations/saveErrors.ts';
import { type MemoryJournal, memoryJournal } from '../../../support/memoryJournal.ts';
import { type MemoryOptions, MemoryRemote, MemoryServer } from '../../../support/memoryRemote.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

const kinds: readonly { readonly name: string; readonly drafts: boolean; readonly kind: MemoryOptions }[] = [
  { name: 'save', drafts: false, kind: {} },
  { name: 'save, with a draft ahead', drafts: true, kind: { drafts: true } },
  { name: 'save, one thing at a time', drafts: true, kind: { drafts: true, facts: { parallel: 1 } } },
];

for (const { name, drafts, kind } of kinds)
  describe(name, () => {
    let server: MemoryServer;
    let journal: MemoryJournal;
    let learned: HostProfile;

    beforeEach(() => {
      server = new MemoryServer();
      server.file('/www/a.txt', 'old', 0o640);
      journal = memoryJournal();
      learned = {};
    });

    const options = (more: Partial<SaveOptions> = {}): SaveOptions => ({
      create: false,
      overwrite: true,
      journal,
      saveMode: 'auto',
      profile: {},
      learn: (facts) => (learned = { ...learned, ...facts }),
      ...more,
    });

    const remoteTo = (more: MemoryOptions = {}) => new MemoryRemote(server, { ...kind, ...more, facts: { ...kind.facts, ...more.facts } });
    const nothingLeft = (folder = '/www') => {
      assert.deepEqual([...journal.temporaries, ...journal.kept], []);
      assert.deepEqual(
        server.names(folder).filter((name) => name.startsWith('.ferry-')),
        [],
      );
    };

    it('replaces a file, with its mode and group', async () => {
      server.find('/www/a.txt', true)!.group = 'web';
      const remote = remoteTo();
      const { version: base } = await readFile(remote, '/www/a.txt');
      const version = await save(remote, '/www/a.txt', bytes('newer'), options({ base }));
      const inode = server.find('/www/a.txt', true)!;
      assert.equal(server.text('/www/a.txt'), 'newer');
      assert.deepEqual([inode.mode, inode.group], [0o640, 'web']);
      assert.deepEqual((await readFile(remote, '/www/a.txt')).version, version);
      nothingLeft();
    });

    it('makes nothing before the journal has it, however slow that is', async () => {
      const slow = async (path: string) => {
        for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        await journal.addTemporary(path);
      };
      const made = () => server.names('/www').filter((name) => name.startsWith('.ferry-'));
      const unnoted: string[] = [];
      const look = () => void unnoted.push(...made().filter((name) => !journal.temporaries.has(`/www/${name}`)));
      const remote = remoteTo({ onStep: look });
      const { version: base } = await readFile(remote, '/www/a.txt');
      await save(remote, '/www/a.txt', bytes('newer'), options({ base, journal: { ...journal, addTemporary: slow } }));
      assert.deepEqual([server.text('/www/a.txt'), unnoted], ['newer', []]);
      nothingLeft();
    });

    it('leaves everything as it was where the journal fails', async () => {
      const addTemporary = async () => {
        await new Promise((resolve) => setImmediate(resolve));
        throw new Error('The disk is full.');
      };
      const remote = remoteTo();
      const { version: base } = await readFile(remote, '/www/a.txt');
      const saving = save(remote, '/www/a.txt', bytes('newer'), options({ base, journal: { ...journal, addTemporary } }));
      await assert.rejects(saving, { message: 'The disk is full.' });
      assert.equal(server.text('/www/a.txt'), 'old');
      nothingLeft();
    });

    it('keeps to create and overwrite', async () => {
      const remote = remoteTo();
      await assert.rejects(save(remote, '/www/b', bytes('x'), options()), { code: 'NotFound' });
      await assert.rejects(save(remote, '/www/a.txt', bytes('x'), options({ create: true, overwrite: false })), { code: 'Exists' });
      await assert.rejects(save(remote, '/www', bytes('x'), options()), { code: 'IsADirectory' });
      await assert.rejects(save(remote, '/none/b', bytes('x'), options({ create: true })), { code: 'NotFound' });
      await save(remote, '/www/b', bytes('x'), options({ create: true, overwrite: false }));
      assert.equal(server.text('/www/b'), 'x');
      nothingLeft();
    });

    it('follows symbolic links, also relative ones, and keeps them', async () => {
      server.link('/www/l1', 'l2');
      server.folder('/deep/er');
      server.link('/www/l2', '../www/a.txt');
      server.link('/deep/er/up', '../../www/a.txt');
      for (const path of ['/www/l1', '/deep/er/up']) {
        await save(remoteTo(), path, bytes(path), options());
        assert.equal(server.text('/www/a.txt'), path);
        assert.equal(server.find(path, false)?.kind, 'symlink');
      }
      server.link('/www/x', '/www/y');
      server.link('/www/y', '/www/x');
      await assert.rejects(save(remoteTo(), '/www/x', bytes('x'), options({ create: true })), { code: 'Unknown' });
      nothingLeft();
    });

    it('leaves to the server what a link with .. below another link means', async () => {
      server.folder('/real/inner');
      server.file('/real/x', 'right');
      server.file('/www/x', 'wrong');
      server.link('/www/dir', '/real/inner');
      // In the memory server as in POSIX: `..` of a real folder. It resolves textually, so the test looks at what is asked for only.
      server.link('/real/inner/link', '../x');
      const remote = remoteTo();
      await save(remote, '/www/dir/link', bytes('new'), options()).catch(() => undefined);
      assert.equal(server.text('/www/dir/link')?.length, 3);
      assert.deepEqual(
        remote.calls.filter((call) => call.startsWith('write')),
        ['write /www/dir/link'],
      );
    });

    describe('conflicts', () => {
      const cases: [string, (server: MemoryServer) => void][] = [
        ['another size', (it) => void it.file('/www/a.txt', 'theirs')],
        ['the same size, a newer time', (it) => void it.file('/www/a.txt', 'OLD', 0o640)],
        ['the same size, an older time', (it) => (it.file('/www/a.txt', 'OLD', 0o640).mtime = 1000)],
        ['the same size and time', (it) => (it.find('/www/a.txt', true)!.bytes = bytes('OLD'))],
        ['deleted', (it) => void it.find('/www', true)!.children.delete('a.txt')],
      ];
      for (const [name, change] of cases)
        it(`sees ${name} and writes nothing`, async () => {
          const remote = remoteTo();
          const { version: base } = await readFile(remote, '/www/a.txt');
          change(server);
          const before = server.text('/www/a.txt');
          await assert.rejects(save(remote, '/www/a.txt', bytes('mine'), options({ base, create: true })), (error) => {
            assert.ok(error instanceof ConflictError);
            assert.equal(error.theirs?.size, before?.length);
            return true;
          });
          assert.equal(server.text('/www/a.txt'), before);
          nothingLeft();
          await save(remote, '/www/a.txt', bytes('mine'), options({ base, create: true, ignoreConflict: true }));
          assert.equal(server.text('/www/a.txt'), 'mine');
          nothingLeft();
        });

      it('takes a file that only got a new time, or our own content, for none', async () => {
        const remote = remoteTo();
        const { version: base } = await readFile(remote, '/www/a.txt');
        server.find('/www/a.txt', true)!.mtime = 5000;
        await save(remote, '/www/a.txt', bytes('mine!'), options({ base }));
        const { mtime } = await save(remote, '/www/a.txt', bytes('mine!'), options({ base }));
        assert.equal(mtime, server.find('/www/a.txt', true)?.mtime);
        nothingLeft();
      });

      it('sees a change during the upload', async () => {
        const { version: base } = await readFile(remoteTo(), '/www/a.txt');
        const remote = remoteTo({
          onStep: ({ verb, phase }) => {
            // Ahead, the look is part of the flight that ends the upload.
            if (verb === 'write' && phase === (drafts ? 'middle' : 'after')) server.file('/www/a.txt', 'theirs');
          },
        });
        await assert.rejects(save(remote, '/www/a.txt', bytes('mine'), options({ base })), { code: 'Conflict' });
        assert.equal(server.text('/www/a.txt'), 'theirs');
        nothingLeft();
      });

      it('does not overwrite a file that came into being meanwhile', async () => {
        const remote = remoteTo({
          onStep: ({ verb, phase }) => {
            if (verb === 'write' && phase === 'after') server.file('/www/new', 'theirs');
          },
        });
        await assert.rejects(save(remote, '/www/new', bytes('mine'), options({ create: true })), { code: 'Conflict' });
        await assert.rejects(save(remote, '/www/new', bytes('mine'), options({ create: true, overwrite: false })), { code: 'Exists' });
        assert.equal(server.text('/www/new'), 'theirs');
        nothingLeft();
      });

      const somebodyElse: [string, string, MemoryOptions][] = [
        ['of another size', 'theirs, longer', {}],
        ['of the same size', 'THEIR', {}],
        ['of the same size, over one connection at a time', 'THEIR', { facts: { parallel: 1 } }],
        ['much longer', 'theirs '.repeat(20_000), {}],
      ];
      for (const [kind, theirs, more] of somebodyElse) {
        it(`tells of a version ${kind} that somebody saved at the same moment`, async () => {
          const remote = remoteTo({
            ...more,
            onStep: ({ verb, phase }) => {
              if (verb === 'rename' && phase === 'after') server.file('/www/a.txt', theirs);
            },
          });
          const { version: base } = await readFile(remote, '/www/a.txt');
          await assert.rejects(save(remote, '/www/a.txt', bytes('newer'), options({ base })), (error) => {
            assert.ok(error instanceof ConflictError);
            assert.equal(error.theirs?.size, theirs.length);
            return true;
          });
          assert.equal(server.text('/www/a.txt'), theirs);
          nothingLeft();
        });
      }

      describe('where the server tells checksums', () => {
        const told = async (sum: string | undefined, theirs?: string) => {
          const calls: string[] = [];
          const remote = remoteTo({
            facts: { parallel: 8 },
            onStep: ({ verb, phase }) => {
              if (phase === 'before') calls.push(verb);
              if (verb === 'rename' && phase === 'after' && theirs !== undefined) server.file('/www/a.txt', theirs);
            },
          });
          const sha256 = () => {
            calls.push('sha256');
            return Promise.resolve(sum);
          };
          const { version: base } = await readFile(remote, '/www/a.txt');
          const saving = save(Object.assign(remote, { sha256 }), '/www/a.txt', bytes('newer'), options({ base }));
          return { saving, after: () => calls.slice(calls.indexOf('rename') + 1) };
        };

        it('does not read what it says is ours', async () => {
          const { saving, after } = await told(await hashOf(bytes('newer')));
          await saving;
          assert.deepEqual(after().sort(), ['lstat', 'sha256']);
          nothingLeft();
        });

        it('reads where it tells none of this file', async () => {
          const { saving, after } = await told(undefined);
          await saving;
          assert.ok(after().includes('read'));
        });

        it('reads what it says is another', async () => {
          const { saving } = await told(await hashOf(bytes('THEIR')), 'THEIR');
          await assert.rejects(saving, (error) => error instanceof ConflictError && error.theirs?.size === 5);
          assert.equal(server.text('/www/a.txt'), 'THEIR');
          nothingLeft();
        });
      });

      it('says of files that were just seen, and of those only, that they are', async () => {
        const said = async (more: Partial<SaveOptions>) => {
          const remote = remoteTo();
          const given: unknown[] = [];
          const rename = remote.rename.bind(remote);
          remote.rename = (from, to, how) => {
            given.push(how.areFiles);
            return rename(from, to, how);
          };
          const { version: base } = await readFile(remote, '/www/a.txt');
          await save(remote, '/www/a.txt', bytes(`newer ${Math.random()}`), options({ base, ...more }));
          return given;
        };
        assert.deepEqual(await said({}), [true]);
        // With a draft the flight that fills it looks in any case.
        assert.deepEqual(await said({ ignoreConflict: true }), [drafts]);
      });

      for (const parallel of [1, 8]) {
        it(`does not mind a file that got another time right after it was saved (${parallel} at once)`, async () => {
          const remote = remoteTo({
            facts: { parallel },
            onStep: ({ verb, phase }) => {
              if (verb === 'rename' && phase === 'after') server.file('/www/a.txt', 'newer');
            },
          });
          await save(remote, '/www/a.txt', bytes('newer'), options());
          assert.equal(server.text('/www/a.txt'), 'newer');
          nothingLeft();
        });
      }
    });

    describe('in place', () => {
      const inPlace: [string, () => void, MemoryOptions?][] = [
        ['another owner', () => (server.find('/www/a.txt', true)!.owner = '0')],
        ['hard links', () => (server.find('/www/a.txt', true)!.links = 2)],
        ['a read-only folder', () => (server.find('/www', true)!.mode = 0o555)],
        ['a mode that can not be given', () => (server.find('/www/a.txt', true)!.mode = 0o4755), { without: ['chmod'] }],
        ['a group that can not be given', () => (server.find('/www/a.txt', true)!.group = 'web'), { without: ['chgrp'] }],
      ];
      for (const [name, set, more] of inPlace)
        for (const update of [true, false])
          it(`saves in place for ${name}${update ? '' : ', truncating'}`, async () => {
            set();
            const inode = server.find('/www/a.txt', true)!;
            const remote = remoteTo({ ...more, facts: { update } });
            const { version: base } = await readFile(remote, '/www/a.txt');
            await save(remote, '/www/a.txt', bytes('newer'), options({ base }));
            assert.equal(server.find('/www/a.txt', true), inode);
            assert.equal(server.text('/www/a.txt'), 'newer');
            nothingLeft();
          });

      it('sees a conflict there too', async () => {
        const remote = remoteTo();
        const { version: base } = await readFile(remote, '/www/a.txt');
        server.find('/www/a.txt', true)!.bytes = bytes('OLD');
        await assert.rejects(save(remote, '/www/a.txt', bytes('x'), options({ base, saveMode: 'inPlace' })), { code: 'Conflict' });
        assert.equal(server.text('/www/a.txt'), 'OLD');
        nothingLeft();
      });

      it('finishes after a fault, restores where there is no room, keeps a copy where nothing helps', async () => {
        let faults = 1;
        const fail = (code: 'Unknown' | 'NoSpace') => ({
          onStep: ({ verb, phase }: { verb: string; phase: string }) => {
            if (verb === 'write' && phase === 'middle' && faults-- > 0) throw new RemoteError(code, 'Fault.');
          },
        });
        await save(remoteTo(fail('Unknown')), '/www/a.txt', bytes('newer'), options({ saveMode: 'inPlace' }));
        assert.equal(server.text('/www/a.txt'), 'newer');
        faults = 1;
        await assert.rejects(save(remoteTo(fail('NoSpace')), '/www/a.txt', bytes('third'), options({ saveMode: 'inPlace' })), {
          code: 'NoSpace',
        });
        assert.equal(server.text('/www/a.txt'), 'newer');
        nothingLeft();
        faults = 99;
        await assert.rejects(
          save(remoteTo(fail('Unknown')), '/www/a.txt', bytes('XXXXXXXX'), options({ saveMode: 'inPlace' })),
          (error) => {
            assert.ok(isRemoteError(error) && error.hint?.includes('/journal') === true);
            return true;
          },
        );
        assert.equal(journal.kept.size, 1);
      });
    });

    describe('where rename refuses an existing target', () => {
      it('steps aside and learns', async () => {
        const remote = remoteTo({ renameRefusesExisting: true, facts: { atomicReplace: true } });
        await save(remote, '/www/a.txt', bytes('newer'), options());
        assert.equal(server.text('/www/a.txt'), 'newer');
        assert.deepEqual(learned, { renameRefusesExisting: true });
        nothingLeft();
      });

      it('brings the old file back when the new one can not be moved in', async () => {
        let renames = 0;
        const remote = remoteTo({
          renameRefusesExisting: true,
          onStep: ({ verb, phase }) => {
            if (verb === 'rename' && phase === 'before' && ++renames === 2) throw new RemoteError('Denied', 'No.');
          },
        });
        await assert.rejects(save(remote, '/www/a.txt', bytes('newer'), options()), { code: 'Denied' });
        assert.equal(server.text('/www/a.txt'), 'old');
        nothingLeft();
      });
    });

    it('removes the temporary when it is cancelled or there is no room', async () => {
      const controller = new AbortController();
      const cancelling = remoteTo({
        onStep: ({ verb, phase }) => {
          if (verb === 'write' && phase === 'before') controller.abort();
        },
      });
      await assert.rejects(save(cancelling, '/www/a.txt', bytes('newer'), options({ signal: controller.signal })), { code: 'Cancelled' });
      nothingLeft();
      server.capacity = 2;
      await assert.rejects(save(remoteTo(), '/www/a.txt', bytes('newer'), options()), { code: 'NoSpace' });
      assert.equal(server.text('/www/a.txt'), 'old');
      nothingLeft();
    });

    it('never takes a name that is taken', async () => {
      let first: string | undefined;
      const remote = remoteTo({
        onStep: ({ verb, path, phase }) => {
          if (verb !== 'write' || phase !== 'before' || first !== undefined) return;
          first = path;
          server.file(path, 'somebody else’s');
        },
      });
      await save(remote, '/www/a.txt', bytes('newer'), options());
      assert.equal(server.text('/www/a.txt'), 'newer');
      assert.equal(server.text(first!), 'somebody else’s');
    });
  });

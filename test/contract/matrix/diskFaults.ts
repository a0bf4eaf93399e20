import assert from 'node:assert/strict';
import { chownSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { isRoot } from '../../servers/account.ts';
import { mountReadOnly, mountSmallDisk } from '../../servers/mounts.ts';
import type { CellGround, MatrixFault } from './fault.ts';
import { savedHalf } from './operations.ts';

const noMount = (): string | undefined => (isRoot() ? undefined : 'only root can mount a disk');

/** No room for a byte more; on a disk of its own. */
export const diskFull: MatrixFault = {
  ...{ sparesData: true, impossible: noMount },
  prepare({ disk, server }) {
    const unmount = mountSmallDisk(disk.folder, 4, '0755');
    if (server.owner !== undefined) chownSync(disk.folder, server.owner.uid, server.owner.gid);
    return unmount;
  },
  arm({ disk }) {
    const filler = `${disk.folder}/filler`;
    assert.throws(() => {
      for (;;) writeFileSync(filler, Buffer.alloc(2 ** 16), { flag: 'a' });
    }, /ENOSPC/);
    return { struck: () => true, lift: () => rmSync(filler) };
  },
};

/** The file system takes no change. */
export const readOnly: MatrixFault = {
  ...{ sparesData: true, impossible: noMount },
  arm({ disk }) {
    return { struck: () => true, lift: mountReadOnly(`${disk.folder}/work`) };
  },
};

/** What the operation needs is not permitted to the login. */
export const denied: MatrixFault = {
  ...{ sparesData: true },
  arm({ disk, operation }) {
    const closed: Readonly<Record<string, number>> = { list: 0o311, read: 0o222, save: 0o444 };
    const name = operation === 'list' ? 'work/list' : operation === 'read' || operation === 'save' ? 'work/file' : undefined;
    const before = name === undefined ? 0 : Number(disk.stat(name)?.mode) & 0o777;
    if (name !== undefined) disk.chmod(name, closed[operation] ?? 0);
    disk.chmod('work', 0o555);
    return {
      struck: () => true,
      lift() {
        disk.chmod('work', 0o755);
        if (name !== undefined) disk.chmod(name, before);
      },
    };
  },
};

/** The folder goes away, with all in it: before short operations, in the middle of long ones. */
export const vanished: MatrixFault = {
  arm(ground) {
    const { disk, operation, proxy } = ground;
    let gone = false;
    const remove = (): void => {
      rmSync(`${disk.folder}/work`, { recursive: true });
      gone = true;
    };
    if (operation === 'save') void proxy.until('toServer', savedHalf).then(remove);
    else remove();
    return {
      struck: () => gone,
      lift() {},
      verify: (done) => assert.ok(!done && !disk.exists('work'), 'nothing is made where the folder was'),
    };
  },
};

/** Longer than any file system takes. */
export const badName: MatrixFault = {
  ...{ sparesData: true },
  arm({ names, disk, operation, save }) {
    const target = { list: 'work/list', move: 'work/to', copy: 'work/copy' }[operation as string] ?? 'work/file';
    names.set(target, `work/${'n'.repeat(300)}`);
    const before = disk.names('work').join();
    return {
      struck: () => true,
      lift: () => names.clear(),
      // What was opened under another name is another matter.
      ...(operation === 'save' ? { run: () => save('work/file', Buffer.from('new')) } : {}),
      verify: (done) => assert.ok(!done && disk.names('work').join() === before, 'nothing else is changed in its place'),
    };
  },
};

/** What the file holds afterwards where nobody but `change` wrote to it. */
function changedOutside(change: (ground: CellGround) => string | undefined): MatrixFault {
  return {
    ...{ sparesData: true },
    arm(ground) {
      const { disk, operation } = ground;
      const theirs = change(ground);
      const holds = (name: string): boolean => theirs !== undefined && disk.exists(name) && disk.read(name).equals(Buffer.from(theirs));
      const place = { move: 'work/to', copy: 'work/copy/one' }[operation as string];
      return {
        struck: () => true,
        lift() {},
        verify(done, value) {
          if (theirs === undefined || (done && operation === 'delete')) assert.equal(disk.exists(targetOf(ground)), false);
          else assert.ok(holds(done && place !== undefined ? place : targetOf(ground)), 'theirs is there, whole');
          if (done && operation === 'read') assert.equal(Buffer.from((value as { bytes: Uint8Array }).bytes).toString(), theirs);
        },
      };
    },
  };
}

/** The file that somebody else changes, and that the operation is about. */
function targetOf({ operation }: CellGround): string {
  return { move: 'work/from', copy: 'work/tree/one', list: 'work/list/entry 7' }[operation as string] ?? 'work/file';
}

function sizeOf(ground: CellGround): number {
  return Number(ground.disk.stat(targetOf(ground))?.size);
}

export const bigger = changedOutside((ground) => {
  const theirs = 'theirs '.repeat(Math.ceil(sizeOf(ground) / 7) + 1);
  ground.disk.file(targetOf(ground), theirs);
  return theirs;
});

/** And the same time, to the millisecond. */
export const sameSize = changedOutside((ground) => {
  const theirs = 't'.repeat(sizeOf(ground));
  const mtime = ground.disk.stat(targetOf(ground))?.mtime as Date;
  ground.disk.file(targetOf(ground), theirs, { mtime });
  return theirs;
});

export const older = changedOutside((ground) => {
  const theirs = 'of long ago';
  ground.disk.file(targetOf(ground), theirs, { mtime: new Date('2001-02-03T04:05:06Z') });
  return theirs;
});

export const deleted = changedOutside((ground) => {
  rmSync(ground.disk.pathOf(targetOf(ground)));
  return undefined;
});

/** The file becomes shorter while it is read: what arrives is less than what was announced. */
export const shortRead: MatrixFault = {
  arm(ground) {
    const { disk, proxy } = ground;
    disk.sparseFile('work/file', 2 ** 25, 'the end');
    let shortened = false;
    void proxy.until('toClient', 200_000).then(() => {
      truncateSync(disk.pathOf('work/file'), 5000);
      shortened = true;
    });
    return {
      struck: () => shortened,
      lift() {},
      verify(done, value) {
        if (done) assert.ok(Buffer.from((value as { bytes: Uint8Array }).bytes).equals(disk.read('work/file')), 'what is there, whole');
      },
    };
  },
};

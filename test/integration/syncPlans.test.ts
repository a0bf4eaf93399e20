import assert from 'node:assert/strict';
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { choosing } from './choosing.ts';
import { saveHosts } from './demo.ts';
import { takePlace } from './person.ts';
import { coarseServers, farFolder, type FarFolder } from './real.ts';
import { shownSync, type ShownSync } from './shownSync.ts';

const count = 5000;
const hour = 3600_000;
const minute = 60_000;

/** Numbers of files, by what happened to them. The first 60 were exchanged; of the others nothing is known. */
const changes = {
  ...{ changedHere: [0, 10], changedThere: [10, 20], changedBoth: [20, 25], deletedHere: [25, 30], deletedThere: [30, 35] },
  ...{ otherTime: [35, 38], newerHere: [60, 70], newerThere: [70, 80], onlyHere: [80, 85], onlyThere: [85, 90] },
  ...{ otherSize: [90, 95], otherBytes: [95, 100], laterInTheMinute: [100, 103] },
} satisfies Record<string, readonly [from: number, before: number]>;
const exchanged = 60;

/* A plan of thousands of files, on servers whose clocks and lists say little. What is asserted is each row, and the bytes on both disks. */
for (const [index, server] of coarseServers.entries()) {
  describe(`a plan of ${count} files with ${server.name}`, () => {
    const folder = vscode.workspace.workspaceFolders?.[0];
    const site = `planned ${index}`;
    const isExact = !('timeZone' in server.setting);
    // What is shown of it is the minute, in which some seconds have passed.
    const time = Math.floor(Date.now() / minute) * minute - 240 * hour + 20_000;
    let far: FarFolder;
    let shown: ShownSync;

    const here = (name: string): string => join(folder?.uri.fsPath ?? '', site, name);
    const nameOf = (number: number): string => `${number % 20}/${number}.txt`;
    const textOf = (number: number): string => `what both have of ${number}`;
    const own = (path: string): void => {
      if (server.owner !== undefined) chownSync(path, server.owner.uid, server.owner.gid);
    };
    const put = (side: 'here' | 'there', number: number, text: string, later = 0): void => {
      const path = side === 'here' ? here(nameOf(number)) : join(far.disk, nameOf(number));
      if (!existsSync(dirname(path))) {
        mkdirSync(dirname(path), { recursive: true });
        if (side === 'there') own(dirname(path));
      }
      writeFileSync(path, text);
      utimesSync(path, (time + later) / 1000, (time + later) / 1000);
      if (side === 'there') own(path);
    };
    const remove = (side: 'here' | 'there', number: number): void =>
      rmSync(side === 'here' ? here(nameOf(number)) : join(far.disk, nameOf(number)));
    const read = (side: 'here' | 'there', number: number): string | undefined => {
      const path = side === 'here' ? here(nameOf(number)) : join(far.disk, nameOf(number));
      return existsSync(path) ? readFileSync(path, 'utf8') : undefined;
    };
    const each = (what: keyof typeof changes): number[] => {
      const [from, before] = changes[what];
      return Array.from({ length: before - from }, (_, at) => from + at);
    };
    const sync = () => vscode.commands.executeCommand('ferry.syncBothWays', vscode.Uri.file(here('')));
    const apply = () => choosing({ rows: [], buttons: [] }, () => vscode.commands.executeCommand('ferry.sync.apply'));
    const rowsOf = (title: string, ...whats: (keyof typeof changes)[]): string[] =>
      whats.flatMap(each).map((number) => `${title}${nameOf(number)}`);
    /** What nobody ticked, and what nobody can do by itself. */
    const left = (): string[] => [
      ...rowsOf('Conflicts ', 'changedBoth', 'otherSize'),
      ...rowsOf('Download ', 'otherBytes', ...(isExact ? (['laterInTheMinute'] as const) : [])),
      ...rowsOf('Delete on the server ', 'deletedHere'),
      ...rowsOf('Delete on this computer ', 'deletedThere'),
    ];

    before(async () => {
      shown = shownSync();
      far = await farFolder(server, site);
      await saveHosts(far.setting);
      takePlace();
      await vscode.extensions.getExtension('ferry.ferry')?.activate();
      for (let number = 0; number < exchanged; number += 1) put('here', number, textOf(number));
      const mapping = { local: site, remote: String(far.uri('')) };
      await vscode.workspace
        .getConfiguration('ferry', folder?.uri)
        .update('mappings', [mapping], vscode.ConfigurationTarget.WorkspaceFolder);
    });
    after(async () => {
      await vscode.commands.executeCommand('ferry.sync.close');
      for (const made of [join(folder?.uri.fsPath ?? '', '.vscode'), here('')]) rmSync(made, { recursive: true, force: true });
      await far.end();
      await saveHosts();
    });

    it('holds what each side changed, and nothing else', async () => {
      await sync();
      assert.equal(shown.rows().length, exchanged);
      await apply();
      for (let number = exchanged; number < count; number += 1)
        for (const side of ['here', 'there'] as const) put(side, number, textOf(number));
      for (const number of each('changedHere')) put('here', number, `changed here: ${number}`);
      for (const number of each('changedThere')) put('there', number, `changed there: ${number}`);
      for (const number of each('changedBoth'))
        for (const side of ['here', 'there'] as const) put(side, number, `changed ${side}: ${number}`);
      for (const number of each('deletedHere')) remove('here', number);
      for (const number of each('deletedThere')) remove('there', number);
      for (const number of each('otherTime')) put('there', number, textOf(number).toUpperCase(), 2 * hour);
      // By less than the clocks are apart.
      for (const number of each('newerHere')) put('here', number, `newer here: ${number}`, hour);
      for (const number of each('newerThere')) put('there', number, `newer there: ${number}`, hour);
      for (const number of each('onlyHere')) remove('there', number);
      for (const number of each('onlyThere')) remove('here', number);
      for (const number of each('otherSize')) put('there', number, 'longer or shorter', 1000);
      for (const number of each('otherBytes')) put('there', number, textOf(number).toUpperCase(), 2 * hour);
      for (const number of each('laterInTheMinute')) put('there', number, textOf(number), 30_000);
      await sync();
      const proposed = [
        ...rowsOf('Upload +', 'changedHere', 'newerHere', 'onlyHere'),
        // Without times a change that keeps the size is seen by comparing the contents only.
        ...rowsOf('Download +', 'changedThere', 'newerThere', 'onlyThere', ...(isExact ? (['otherTime'] as const) : [])),
      ];
      assert.deepEqual(shown.rows().toSorted(), [...left(), ...proposed].toSorted());
    });

    it('is done as far as it was ticked: what is left is what was not', async () => {
      await apply();
      assert.deepEqual(shown.rows().toSorted(), left().toSorted());
      await sync();
      assert.deepEqual(shown.rows().toSorted(), left().toSorted());
      for (const what of ['changedHere', 'newerHere', 'onlyHere', 'changedThere', 'newerThere', 'onlyThere'] as const)
        for (const number of each(what)) assert.equal(read('here', number), read('there', number), `${what}: ${nameOf(number)}`);
      for (const number of each('changedHere')) assert.equal(read('there', number), `changed here: ${number}`);
      for (const number of each('newerHere')) assert.equal(read('there', number), `newer here: ${number}`);
      for (const number of each('changedThere')) assert.equal(read('here', number), `changed there: ${number}`);
      for (const number of each('newerThere')) assert.equal(read('here', number), `newer there: ${number}`);
      for (const number of each('changedBoth'))
        assert.deepEqual([read('here', number), read('there', number)], [`changed here: ${number}`, `changed there: ${number}`]);
      for (const number of each('deletedHere'))
        assert.deepEqual([read('here', number), read('there', number)], [undefined, textOf(number)]);
      for (const number of each('deletedThere'))
        assert.deepEqual([read('here', number), read('there', number)], [textOf(number), undefined]);
      assert.deepEqual(far.temporaries(), []);
    });
  });
}

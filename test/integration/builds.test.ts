import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import { choosing } from './choosing.ts';
import { saveHosts } from './demo.ts';
import { takePlace } from './person.ts';
import { farFolder, realServers, type FarFolder } from './real.ts';
import { does, itemOf, labelOf, under } from './transferRows.ts';
import { eventually } from './typing.ts';

const count = 3000;

/* What a build writes, as one piece of work. What is asserted is the bytes on the server's disk. */
for (const server of realServers.slice(0, 1)) {
  describe(`builds, uploaded to ${server.name}`, () => {
    const folder = vscode.workspace.workspaceFolders?.[0];
    let far: FarFolder;

    const here = (name: string): string => join(folder?.uri.fsPath ?? '', 'built', name);
    const there = (): string => join(far.disk, 'www', 'dist');
    const nameOf = (number: number): string => `${number % 20}/${number}.js`;
    const build = (files: number, text: (number: number) => string): void => {
      for (let number = 0; number < files; number += 1) {
        const path = here(`dist/${nameOf(number)}`);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, text(number));
      }
    };
    const textThere = (number: number): string => readFileSync(join(there(), nameOf(number)), 'utf8');
    const namesThere = (): string[] =>
      existsSync(there()) ? readdirSync(there()).flatMap((folder) => readdirSync(join(there(), folder))) : [];

    before(async () => {
      far = await farFolder(server, 'builds');
      await saveHosts(far.setting);
      takePlace();
      await vscode.extensions.getExtension('ferry.ferry')?.activate();
      mkdirSync(here(''), { recursive: true });
      const mapping = { local: 'built', remote: String(far.uri('www')), watch: ['dist/**', 'ready/**'] };
      await vscode.workspace
        .getConfiguration('ferry', folder?.uri)
        .update('mappings', [mapping], vscode.ConfigurationTarget.WorkspaceFolder);
      // Until VS Code watches the folder.
      let probes = 0;
      await eventually(() => {
        mkdirSync(here('ready'), { recursive: true });
        writeFileSync(here(`ready/${(probes += 1)}`), '');
        assert.notDeepEqual(existsSync(join(far.disk, 'www', 'ready')) ? readdirSync(join(far.disk, 'www', 'ready')) : [], []);
      }, 60_000);
    });
    after(async () => {
      for (const made of [join(folder?.uri.fsPath ?? '', '.vscode'), here('')]) rmSync(made, { recursive: true, force: true });
      await far.end();
      await saveHosts();
    });

    it(`brings ${count} files, each once, as one piece of work and without a word`, async function () {
      this.timeout(400_000);
      const shown: unknown[] = [];
      const asked = await choosing({ rows: [], buttons: [] }, () =>
        withProgress(
          (title) => shown.push(title),
          async () => {
            build(count, (number) => `// ${number}`);
            await eventually(() => assert.equal(namesThere().filter((name) => !name.startsWith('.ferry-')).length, count), 300_000);
            await eventually(() => assert.equal(namesThere().length, count));
          },
        ),
      );
      for (let number = 0; number < count; number += 1) assert.equal(textThere(number), `// ${number}`);
      assert.deepEqual(asked, []);
      // More than one only where VS Code tells of the files in parts.
      assert.ok(shown.length < 25, `${shown.length} notifications`);
    });

    it('is one group of the view of transfers, and is cancelled there', async () => {
      const begun = 60;
      far.proxy.latencyMs = 300;
      const live = () => under().filter((row) => itemOf(row).contextValue === 'live');
      const asked = await choosing({ rows: [], buttons: ['Upload Them'] }, async (said) => {
        build(begun, (number) => `// seen ${number}`);
        await eventually(() => assert.equal(live().length, 1));
        const [group] = live();
        assert.match(labelOf(group!), /^Uploading to /);
        await eventually(() => assert.match(String(itemOf(group!).description), /^\d+ of \d+ files$/));
        const names = under(group).map((row) => labelOf(row));
        assert.deepEqual(
          names.filter((name) => !/^\d+\.js$/.test(name)),
          [],
        );
        assert.ok(names.length > 0 && names.length <= begun, names.join());
        await does('cancel', group);
        await eventually(() => assert.match(said.join(), /Cancelled: \d+ files were not uploaded\./));
        far.proxy.latencyMs = 0;
        await eventually(() => {
          const old = Array.from({ length: begun }, (_, number) => number).filter((number) => textThere(number) !== `// seen ${number}`);
          assert.deepEqual(old, []);
        }, 60_000);
      });
      assert.equal(asked.length, 1, asked.join());
      await eventually(() => assert.deepEqual(live(), []));
    });

    it('stops where it is cancelled, and offers what was left', async () => {
      const begun = 300;
      // No machine is so quick that it would be over before it is cancelled.
      far.proxy.latencyMs = 100;
      let isCancelled = false;
      const asked = await choosing({ rows: [], buttons: ['Upload Them'] }, (said) =>
        withProgress(
          (_, cancel) => {
            if (!isCancelled) cancel();
            isCancelled = true;
          },
          async () => {
            build(begun, (number) => `// anew ${number}`);
            await eventually(() => assert.match(said.join(), /Cancelled: \d+ files were not uploaded\./), 60_000);
            far.proxy.latencyMs = 0;
            await eventually(() => {
              const old = Array.from({ length: begun }, (_, number) => number).filter(
                (number) => textThere(number) !== `// anew ${number}`,
              );
              assert.deepEqual(old, [], `old; asked: ${said.join(' | ')}`);
            }, 60_000);
          },
        ),
      );
      assert.equal(asked.length, 1, asked.join());
      await eventually(() => assert.equal(namesThere().length, count));
    });
  });
}

/**
 * Runs `act`, until all progress is over; each time that VS Code is to show progress, `show` is told its title, and how to press Cancel.
 */
async function withProgress(show: (title: string | undefined, cancel: () => void) => unknown, act: () => Promise<void>): Promise<void> {
  const window = vscode.window as { withProgress: typeof vscode.window.withProgress };
  const { withProgress: before } = window;
  const shown: Thenable<unknown>[] = [];
  window.withProgress = (options, task) => {
    const source = new vscode.CancellationTokenSource();
    const running = task({ report: () => undefined }, source.token);
    shown.push(running);
    show(options.title, () => source.cancel());
    return running;
  };
  try {
    await act();
    await Promise.all(shown);
  } finally {
    window.withProgress = before;
  }
}

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { type LockstepLink, startLockstepLink } from '../servers/lockstepLink.ts';
import { saveHosts } from './demo.ts';
import { takePlace } from './person.ts';
import { farFolder, realServers, type FarFolder } from './real.ts';
import { eventually, typeText } from './typing.ts';

const { fs } = vscode.workspace;

/** A folder on a real server behind a line that counts round trips, whatever the machine is busy with. */
interface CountedFolder {
  readonly far: FarFolder;
  readonly link: LockstepLink;
  readonly setting: { readonly name: string };
  end(): Promise<void>;
}

/** Most round trips, of Ferry's own and of all that VS Code asks for beside; undefined: not counted. */
interface Budgets {
  readonly stat: number;
  /** Of a file whose folder was listed a moment before. */
  readonly statListed?: number;
  readonly list?: number;
  readonly open: number;
  /** To an editor that was left some seconds ago. */
  readonly back?: number;
  readonly save: number;
  /** A look for changes, at 50 documents. */
  readonly look?: number;
}

const budgets: Readonly<Record<string, Budgets>> = {
  sftp: { stat: 1, statListed: 0, list: 2, open: 1, back: 1, save: 4, look: 1 },
  ftp: { stat: 2, statListed: 1, list: 3, open: 2, back: 2, save: 3 },
};

/** Other things that VS Code does by itself may fall in between: the least of so many runs tells. */
const attempts = 4;

async function counted(far: FarFolder): Promise<CountedFolder> {
  const { setting, dataPorts } = far.server;
  const link = await startLockstepLink(setting.port, { silenceMs: 150, ...(dataPorts.length > 0 && { dataPorts, address: '127.0.0.3' }) });
  return {
    ...{ far, link, setting: { ...far.setting, ...{ address: link.address, port: link.port } } },
    async end() {
      await link.close();
      await far.end();
    },
  };
}

for (const [protocol, budget] of Object.entries(budgets)) {
  describe(`round trips of what VS Code does: ${protocol}`, () => {
    let folder: CountedFolder | undefined;
    let uri: (name: string) => vscode.Uri;
    let run = 0;
    const watching: vscode.Disposable[] = [];

    const setInterval = async (seconds: number | undefined): Promise<void> =>
      vscode.workspace.getConfiguration('ferry').update('watch.interval', seconds, vscode.ConfigurationTarget.Global);

    /** `prepare` makes what is to be looked at, and gives what is counted; where that resolves to a number, it was done so many times. */
    const costs = (name: string, most: number | undefined, prepare: (file: string) => Promise<() => PromiseLike<unknown>>) => {
      if (most === undefined) return;
      it(`${name}: at most ${most}`, async () => {
        const counts: number[] = [];
        do {
          const file = `file${(run += 1)}.txt`;
          for (const name of [file, `of ${file}`]) folder?.far.write(name, `at first ${run}\n`);
          const work = await prepare(file);
          const { link } = folder!;
          await link.quiet();
          const before = link.roundTrips;
          const times = await work();
          counts.push(Math.ceil((link.roundTrips - before) / (typeof times === 'number' ? times : 1)));
        } while (Math.min(...counts) > most && counts.length < attempts);
        assert.ok(Math.min(...counts) <= most, `${counts.join(', ')} round trips; the budget is ${most}`);
      });
    };
    const open = async (file: string) => vscode.workspace.openTextDocument(uri(file));
    const saving = (document: vscode.TextDocument) => {
      assert.ok(document.isDirty);
      return async () => assert.ok(await document.save());
    };

    before(async function () {
      const server = realServers.find(({ setting }) => setting.protocol === protocol);
      if (server === undefined) return this.skip();
      takePlace();
      const made = (folder = await counted(await farFolder(server, 'flights')));
      uri = (name) => made.far.uri(name);
      await setInterval(0);
      await saveHosts(made.setting);
      await fs.stat(uri('.'));
    });

    after(async () => {
      for (const each of watching) each.dispose();
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
      await saveHosts();
      await setInterval(undefined);
      await folder?.end();
    });

    costs('ten stats of one file at once', budget.stat, (file) =>
      Promise.resolve(() => Promise.all(Array.from({ length: 10 }, () => fs.stat(uri(file))))),
    );
    costs('three lists of one folder at once', budget.list, () =>
      Promise.resolve(() => Promise.all([1, 2, 3].map(() => fs.readDirectory(uri('.'))))),
    );
    costs('stat of a file that was just listed', budget.statListed, async (file) => {
      await fs.readDirectory(uri('.'));
      return () => fs.stat(uri(file));
    });
    costs('opening a document', budget.open, (file) => Promise.resolve(() => open(file)));
    costs('showing a document that was just opened', 0, async (file) => {
      const document = await open(file);
      return () => vscode.window.showTextDocument(document);
    });
    costs('going back to an editor', budget.back, async (file) => {
      const document = await open(file);
      await vscode.window.showTextDocument(document);
      await vscode.window.showTextDocument(await open(`of ${file}`));
      await sleep(2500);
      return () => vscode.window.showTextDocument(document);
    });
    costs('saving a document', budget.save, async (file) => {
      const document = await open(file);
      await typeText(document, 'typed\n');
      return saving(document);
    });
    costs('saving it again', budget.save, async (file) => {
      const document = await open(file);
      await typeText(document, 'typed\n');
      await document.save();
      await typeText(document, 'typed again\n');
      return saving(document);
    });
    costs('a look at 50 watched files', budget.look, async (file) => {
      const names = Array.from({ length: 50 }, (_, index) => `${file}.${index}`);
      for (const name of names) folder?.far.write(name, name);
      await Promise.all(names.map(open));
      watching.push(vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(uri('.'), '*')));
      // What was listed before is not looked at: a change of one's own has told what is there.
      await fs.writeFile(uri(file), Buffer.from('changed'));
      // The second look after that save is over.
      await sleep(3000);
      const before = folder?.link.roundTrips ?? 0;
      await setInterval(1);
      // Their first look.
      await eventually(() => assert.ok((folder?.link.roundTrips ?? 0) > before));
      const first = performance.now();
      await sleep(500);
      return async () => {
        const looksSoFar = () => Math.floor((performance.now() - first) / 1000);
        const begun = looksSoFar();
        await sleep(3300);
        await setInterval(0);
        // One each second, so that it is three unless the machine is slow.
        return looksSoFar() - begun;
      };
    });
  });
}

import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { startLockstepLink } from '../servers/lockstepLink.ts';
import { saveHosts } from './demo.ts';
import { takePlace } from './person.ts';
import { farFolder, realServers, type FarFolder } from './real.ts';
import { eventually, typeText } from './typing.ts';

const { fs } = vscode.workspace;

/** A folder on a real server behind a line that counts how often something is sent without waiting for an answer. */
interface CountedFolder {
  readonly far: FarFolder;
  readonly setting: { readonly name: string };
  flights(): number;
  end(): Promise<void>;
}

/** Most flights, of Ferry's own and of all that VS Code asks for beside. */
interface Budgets {
  /** Of a file, first once its folder was listed a moment before. */
  readonly statListed: number;
  readonly stat: number;
  readonly statsAtOnce: number;
  readonly list: number;
  readonly open: number;
  readonly back: number;
  readonly save: number;
  /** A look for changes, at 50 documents. */
  readonly look: number;
}

/**
 * SFTP: all connections together. FTP: control and data connections added up; what goes out on both at once counts twice. Its list does not tell
 * when files changed.
 */
const budgets = {
  sftp: { statListed: 0, stat: 1, statsAtOnce: 1, list: 3, open: 2, back: 1, save: 5, look: 1 },
  ftp: { statListed: 2, stat: 2, statsAtOnce: 2, list: 2, open: 4, back: 2, save: 10, look: 100 },
} satisfies Record<string, Budgets>;

/** A busy machine can only make one flight look like two: the least of so many runs tells. */
const attempts = 4;

async function counted(far: FarFolder): Promise<CountedFolder> {
  if (far.server.setting.protocol !== 'sftp') {
    far.proxy.latencyMs = 10;
    return { far, setting: far.setting, flights: () => far.proxy.counts.roundTrips, end: () => far.end() };
  }
  const link = await startLockstepLink(far.server.setting.port);
  return {
    far,
    setting: { ...far.setting, ...{ address: '127.0.0.1', port: link.port } },
    flights: () => link.flights,
    async end() {
      await link.close();
      await far.end();
    },
  };
}

for (const [protocol, budget] of Object.entries(budgets)) {
  describe(`flights of what VS Code does: ${protocol}`, () => {
    let folder: CountedFolder | undefined;
    let uri: (name: string) => vscode.Uri;
    let run = 0;
    const watching: vscode.Disposable[] = [];

    const setInterval = async (seconds: number | undefined): Promise<void> =>
      vscode.workspace.getConfiguration('ferry').update('watch.interval', seconds, vscode.ConfigurationTarget.Global);

    /** `prepare` makes what is to be looked at, and gives what is counted. */
    const costs = (name: string, most: number, prepare: (file: string) => Promise<() => PromiseLike<unknown>>) =>
      it(`${name}: at most ${most}`, async () => {
        const counts: number[] = [];
        do {
          const file = `file${(run += 1)}.txt`;
          folder?.far.write(file, `at first ${run}\n`);
          const work = await prepare(file);
          const before = folder!.flights();
          await work();
          counts.push(folder!.flights() - before);
        } while (Math.min(...counts) > most && counts.length < attempts);
        console.log(`▏${name} ${counts.join()}`);
        assert.ok(Math.min(...counts) <= most, `${counts.join(', ')} flights; the budget is ${most}`);
      });
    const open = async (file: string) => vscode.workspace.openTextDocument(uri(file));

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

    costs('stat', budget.stat, (file) => Promise.resolve(() => fs.stat(uri(file))));
    costs('ten stats of one file at once', budget.statsAtOnce, (file) =>
      Promise.resolve(() => Promise.all(Array.from({ length: 10 }, () => fs.stat(uri(file))))),
    );
    costs('a list', budget.list, () => Promise.resolve(() => fs.readDirectory(uri('.'))));
    costs('three equal lists at once', budget.list, () =>
      Promise.resolve(() => Promise.all([1, 2, 3].map(() => fs.readDirectory(uri('.'))))),
    );
    costs('stat of a file that was just listed', budget.statListed, async (file) => {
      await fs.readDirectory(uri('.'));
      return () => fs.stat(uri(file));
    });
    costs('opening a document', budget.open, (file) => Promise.resolve(() => open(file)));
    costs('opening it a second time, in an editor', 0, async (file) => {
      const document = await open(file);
      return () => vscode.window.showTextDocument(document);
    });
    costs('back to a tab of some time ago', budget.back, async (file) => {
      const document = await open(file);
      await vscode.window.showTextDocument(document);
      await vscode.window.showTextDocument(await open('file1.txt'));
      await sleep(2500);
      return () => vscode.window.showTextDocument(document);
    });
    costs('saving a document', budget.save, async (file) => {
      const document = await open(file);
      await typeText(document, 'typed\n');
      return () => document.save();
    });
    costs('saving it again', budget.save, async (file) => {
      const document = await open(file);
      await typeText(document, 'typed\n');
      await document.save();
      await typeText(document, 'typed again\n');
      return () => document.save();
    });
    costs('three looks at 50 watched files', 3 * budget.look, async (file) => {
      const names = Array.from({ length: 50 }, (_, index) => `${file}.${index}`);
      for (const name of names) folder?.far.write(name, name);
      await Promise.all(names.map(open));
      watching.push(vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(uri('.'), '*')));
      // What was listed before is not looked at: a change of one's own has told what is there.
      await fs.writeFile(uri(file), Buffer.from('changed'));
      // The second look after that save is over.
      await sleep(3000);
      const before = folder?.flights() ?? 0;
      await setInterval(1);
      // Their first look.
      await eventually(() => assert.ok((folder?.flights() ?? 0) > before));
      await sleep(500);
      return async () => {
        await sleep(3300);
        await setInterval(0);
      };
    });
  });
}

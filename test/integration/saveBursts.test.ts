import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { saveHosts } from './demo.ts';
import { takePlace } from './person.ts';
import { farFolder, realServers, type FarFolder } from './real.ts';
import { eventually, typeText } from './typing.ts';

/** Looks at a folder until `end`: which temporaries there were, and how many at once. */
function watchTemporaries(far: FarFolder): { end(): { readonly uploads: number; readonly atOnce: number } } {
  const seen = new Set<string>();
  let atOnce = 0;
  const timer = setInterval(() => {
    const now = far.temporaries();
    for (const each of now) seen.add(each);
    atOnce = Math.max(atOnce, now.length);
  }, 3);
  return {
    end() {
      clearInterval(timer);
      return { uploads: seen.size, atOnce };
    },
  };
}

describe('bursts of saves', () => {
  const folders: FarFolder[] = [];

  before(async function () {
    if (realServers.length === 0) this.skip();
    takePlace();
    for (const server of realServers) folders.push(await farFolder(server, 'bursts'));
    await saveHosts(...folders.map(({ setting }) => setting));
  });

  /** One round trip, in ms. */
  const setRoundTrip = (ms: number): void => {
    for (const { proxy } of folders) proxy.latencyMs = ms / 2;
  };

  after(async () => {
    await vscode.workspace.getConfiguration('files').update('autoSave', 'off', vscode.ConfigurationTarget.Global);
    await vscode.workspace.getConfiguration('files').update('autoSaveDelay', undefined, vscode.ConfigurationTarget.Global);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await saveHosts();
    for (const far of folders) await far.end();
  });

  async function open(far: FarFolder, file: string): Promise<vscode.TextDocument> {
    far.write(file, 'at first\n');
    return vscode.workspace.openTextDocument(far.uri(file));
  }

  it('ten saves make two uploads at most, and the newest text is the one on the server', async () => {
    const burst = async (far: FarFolder): Promise<void> => {
      const document = await open(far, 'ten.txt');
      const watching = watchTemporaries(far);
      const saves: Thenable<boolean>[] = [];
      for (let number = 1; number <= 10; number++) {
        await typeText(document, `save ${number}\n`);
        saves.push(document.save());
      }
      await Promise.all(saves);
      await eventually(() => assert.equal(document.isDirty, false));
      const { uploads, atOnce } = watching.end();
      assert.equal(far.read('ten.txt'), 'save 10\n');
      assert.ok(uploads >= 1 && uploads <= 2 && atOnce === 1, `${uploads} uploads, ${atOnce} at once, ${far.server.name}`);
      assert.deepEqual(far.temporaries(), []);
    };
    // No machine is so slow that an upload would be over before the tenth save is asked for.
    setRoundTrip(400);
    await Promise.all(folders.map(burst));
  });

  it('typing while VS Code saves by itself ends with the newest text, with one upload at a time', async () => {
    const files = vscode.workspace.getConfiguration('files');
    await files.update('autoSaveDelay', 200, vscode.ConfigurationTarget.Global);
    await files.update('autoSave', 'afterDelay', vscode.ConfigurationTarget.Global);
    const type = async (far: FarFolder): Promise<void> => {
      const document = await open(far, 'typed.txt');
      const watching = watchTemporaries(far);
      let text = '';
      // Words with pauses in which VS Code saves, or begins to, and some in which it does not.
      for (let key = 0; key < 40; key++) {
        text += `${key} `;
        await typeText(document, text);
        const isSaved = (): boolean => !document.isDirty || (key % 10 === 4 && far.temporaries().length > 0);
        if (key % 5 === 4) await eventually(() => assert.ok(isSaved()));
        else await sleep(40);
      }
      await eventually(() => assert.equal(far.read('typed.txt'), text));
      await eventually(() => assert.equal(document.isDirty, false));
      const { uploads, atOnce } = watching.end();
      assert.ok(uploads >= 2 && atOnce === 1, `${uploads} uploads, ${atOnce} at once, ${far.server.name}`);
      assert.deepEqual(far.temporaries(), []);
    };
    setRoundTrip(100);
    await Promise.all(folders.map(type));
  });
});

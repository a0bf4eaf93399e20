import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { Fault } from '../servers/faultyProxy.ts';
import { chosenSeed, randomFrom, weighted, type Random } from '../torture/random.ts';
import { saveHosts } from './demo.ts';
import { mark } from './mark.ts';
import { takePlace } from './person.ts';
import { farFolder, realServers, type FarFolder } from './real.ts';
import { eventually, typeText } from './typing.ts';

const rounds = 12;
const largest = 60_000;

/** What the commands of a save take beside the content, in bytes, roughly. */
const commands = { sftp: 1500, ftp: 250, ftps: 3000 };

/** Somewhere in a save of so many bytes: the commands and the content, both ways. */
function drawFault(random: Random, { server }: FarFolder, bytes: number): Fault {
  const { protocol } = server.setting;
  const kind = weighted(random, { cut: 1, reset: 1 });
  const direction = weighted(random, { toServer: 2, toClient: 1 });
  const channel = protocol === 'sftp' ? undefined : weighted(random, { control: 1, data: 1 });
  const most = channel === 'control' ? commands[protocol] : bytes + (channel === 'data' ? 0 : commands[protocol]);
  const times = Number(weighted(random, { 1: 10, 2: 4, 3: 4, 100: 1 }));
  return { kind, direction, afterBytes: Math.floor(random() * most), times, ...(channel && { channel }) };
}

/** No connection lives long enough for a log-in. */
const deadly: Fault = { kind: 'reset', direction: 'toServer', afterBytes: 20, times: 1000 };

/** As VS Code shows a document after a save that a fault may have struck, and as the server's disk is. */
interface Outcome {
  readonly told: string;
  readonly saved: boolean;
  /** Dirty although the server holds the new content: only where nobody could know. */
  readonly unheard: boolean;
}

async function strikeOneSave(far: FarFolder, document: vscode.TextDocument, text: string, fault: Fault): Promise<Outcome> {
  const file = document.uri.path.split('/').at(-1) ?? '';
  const told = `${far.server.name}: ${JSON.stringify(fault)}, ${text.length} bytes`;
  const before = far.read(file);
  await typeText(document, text);
  const { struck } = far.proxy.counts;
  far.proxy.arm(fault);
  const saved = await document.save();
  const now = far.read(file);
  far.proxy.disarm();
  assert.equal(document.isDirty, !saved, told);
  assert.equal(document.getText(), text, told);
  if (saved) assert.ok(now === text, `saved, and ${now.length} other bytes are on the server; ${told}`);
  else await eventually(() => assert.ok([before, text].includes(far.read(file)), `${now.length} bytes; ${told}`), 3000);
  assert.ok(saved || far.proxy.counts.struck > struck, `failed without a fault; ${told}`);
  return { told, saved, unheard: !saved && far.read(file) === text };
}

/** The line is good again. */
async function saveAtLast(far: FarFolder, document: vscode.TextDocument, { told }: Outcome): Promise<void> {
  assert.equal(await document.save(), true, `not saved at last; ${told}`);
  assert.equal(document.isDirty, false);
  assert.ok(far.read(document.uri.path.split('/').at(-1) ?? '') === document.getText(), told);
}

describe('saving documents on bad lines', () => {
  const seed = chosenSeed();
  const folders: FarFolder[] = [];

  before(async function () {
    if (realServers.length === 0) this.skip();
    takePlace();
    for (const server of realServers) {
      folders.push(await farFolder(server, 'faults'));
      if (server.setting.protocol === 'sftp') folders.push(await farFolder(server, 'faults in place', { saveMode: 'inPlace' }));
    }
    await saveHosts(...folders.map(({ setting }) => setting));
  });

  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await saveHosts();
    for (const far of folders) await far.end();
  });

  it(`leaves a document dirty exactly when the server does not confirm the new content (seed ${seed})`, async function () {
    this.timeout(120_000);
    const run = async (far: FarFolder, index: number): Promise<Outcome[]> => {
      const random = randomFrom(seed + index);
      far.write('rounds.txt', 'at first\n');
      const document = await vscode.workspace.openTextDocument(far.uri('rounds.txt'));
      const outcomes: Outcome[] = [];
      for (let round = 0; round < rounds; round++) {
        const text = `round ${round} `.repeat(1 + Math.floor((random() * largest) / 10));
        const drawn = drawFault(random, far, text.length);
        // By chance alone there would be no fatal one in some runs.
        const fault = index === 0 && round === 0 ? deadly : drawn;
        const outcome = await strikeOneSave(far, document, text, fault);
        outcomes.push(outcome);
        if (!outcome.saved) await saveAtLast(far, document, outcome);
      }
      await eventually(() => assert.deepEqual(far.temporaries(), []));
      return outcomes;
    };
    const outcomes = (await Promise.all(folders.map(run))).flat();
    const count = (is: (outcome: Outcome) => boolean): number => outcomes.filter(is).length;
    console.log(
      `${mark}      ${outcomes.length} saves: ${count((one) => one.saved)} saved, ${count((one) => one.unheard)} saved without an answer`,
    );
    assert.ok(count((one) => !one.saved) > 0, 'no fault was ever fatal');
  });

  it('settles on a line that is dead, by a new one or with an error', async function () {
    this.timeout(60_000);
    const run = async (far: FarFolder): Promise<Outcome> => {
      far.write('dead.txt', 'at first\n');
      const document = await vscode.workspace.openTextDocument(far.uri('dead.txt'));
      const text = 'to a dead line '.repeat(3000);
      const outcome = await strikeOneSave(far, document, text, { kind: 'stall', direction: 'toServer', afterBytes: 20_000 });
      if (!outcome.saved) await saveAtLast(far, document, outcome);
      return outcome;
    };
    const outcomes = await Promise.all(folders.map(run));
    console.log(`${mark}      ${outcomes.filter(({ saved }) => saved).length} of ${outcomes.length} by a new one`);
    for (const far of folders) await eventually(() => assert.deepEqual(far.temporaries(), []));
  });
});

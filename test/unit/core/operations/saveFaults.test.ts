import assert from 'node:assert/strict';
import { RemoteError, type RemoteErrorCode } from '../../../../src/core/errors.ts';
import type { SaveMode } from '../../../../src/core/host.ts';
import { readFile } from '../../../../src/core/operations/readFile.ts';
import { saveThroughPool } from '../../../../src/core/operations/saveThroughPool.ts';
import { type MemoryJournal, memoryJournal } from '../../../support/memoryJournal.ts';
import { type MemoryOptions, MemoryRemote, MemoryServer } from '../../../support/memoryRemote.ts';
import { poolOf, testHost } from '../../../support/poolOf.ts';

const path = '/www/a.txt';
const oldText = 'old content, quite long';
const newText = 'the new content of it';

interface Variant extends MemoryOptions {
  readonly name: string;
  readonly saveMode: SaveMode;
  readonly isNew?: boolean;
}

const variants: Variant[] = [
  { name: 'atomic replace', saveMode: 'auto' },
  { name: 'a draft ahead', saveMode: 'auto', drafts: true },
  { name: 'a draft ahead, FTP-like', saveMode: 'auto', drafts: true, facts: { parallel: 1, update: false } },
  { name: 'a new file', saveMode: 'auto', isNew: true },
  { name: 'rename refuses', saveMode: 'auto', renameRefusesExisting: true },
  { name: 'rename refuses, FTP-like', saveMode: 'auto', renameRefusesExisting: true, terse: true, facts: { parallel: 1, update: false } },
  { name: 'in place', saveMode: 'inPlace' },
  { name: 'in place, truncating', saveMode: 'inPlace', facts: { update: false } },
];

interface Outcome {
  /** How many steps there were before anything failed. */
  readonly steps: number;
  readonly error: unknown;
  readonly server: MemoryServer;
  readonly journal: MemoryJournal;
}

/** One save in which the steps that `fault` names fail. */
async function saveWithFaults(variant: Variant, fault: (step: number) => RemoteErrorCode | undefined): Promise<Outcome> {
  const server = new MemoryServer();
  server.folder('/www');
  if (variant.isNew !== true) server.file(path, oldText);
  const { version: base } = variant.isNew === true ? { version: undefined } : await readFile(new MemoryRemote(server), path);
  const journal = memoryJournal();
  let steps = 0;
  const onStep = () => {
    const code = fault((steps += 1));
    if (code !== undefined) throw new RemoteError(code, 'Injected.');
  };
  const pool = poolOf(() => Promise.resolve(new MemoryRemote(server, { ...variant, onStep })), {
    clock: {
      now: Date.now,
      after: (_, task) =>
        (
          (id) => () =>
            clearImmediate(id)
        )(setImmediate(task)),
    },
  });
  const { saveMode } = variant;
  const host = testHost();
  let error: unknown;
  try {
    const options = { create: true, overwrite: true, base, journal, saveMode, profile: {}, learn() {} };
    await saveThroughPool(pool, host, path, new TextEncoder().encode(newText), options);
  } catch (thrown) {
    error = thrown;
  }
  await pool.dispose();
  return { steps, error, server, journal };
}

/** Old or new in full; and whoever was told that it is saved finds it so. */
function assertNothingLost({ error, server, journal }: Outcome, variant: Variant, label: string): void {
  const text = server.text(path);
  if (error === undefined) assert.equal(text, newText, `${label}: acknowledged`);
  assert.ok(error === undefined || error instanceof RemoteError, `${label}: ${String(error)}`);
  if (text === newText || (text === oldText && variant.isNew !== true) || (text === undefined && variant.isNew === true)) return;
  // Not under its name, then beside it or on this computer, and the person was told.
  const beside = server.names('/www').map((name) => server.text(`/www/${name}`));
  const kept = [...journal.kept].some((entry) => new TextDecoder().decode(entry.new) === newText);
  assert.ok(error !== undefined && kept, `${label}: ${JSON.stringify(text)} and nothing kept`);
  const old =
    beside.includes(oldText) ||
    [...journal.kept].some((entry) => entry.old !== undefined && new TextDecoder().decode(entry.old) === oldText);
  assert.ok(old, `${label}: the old content is gone`);
}

describe('a save with faults', function () {
  this.timeout(60_000);
  for (const variant of variants) {
    for (const code of ['Lost', 'Unknown', 'Denied', 'NoSpace'] as const)
      it(`${variant.name}: ${code} at every single step`, async () => {
        const { steps, error } = await saveWithFaults(variant, () => undefined);
        assert.equal(error, undefined);
        for (let at = 1; at <= steps; at += 1) {
          const outcome = await saveWithFaults(variant, (step) => (step === at ? code : undefined));
          const label = `${variant.name}, ${code} at step ${at}`;
          assertNothingLost(outcome, variant, label);
          const whole = outcome.server.text(path);
          assert.ok(
            whole === newText || whole === (variant.isNew === true ? undefined : oldText),
            `${label}: torn ${JSON.stringify(whole)}`,
          );
          // One cut is nothing that a person has to hear of.
          if (code === 'Lost') assert.equal(outcome.error, undefined, `${label}: ${String(outcome.error)}`);
        }
      });

    it(`${variant.name}: random faults, many of them`, async () => {
      for (let seed = 1; seed <= 150; seed += 1) {
        let state = seed;
        const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
        const rate = 0.02 + random() * 0.3;
        const codes = ['Lost', 'Lost', 'Lost', 'Unknown', 'Denied', 'NoSpace', 'Busy'] as const;
        const fault = () => (random() < rate ? codes[Math.floor(random() * codes.length)] : undefined);
        assertNothingLost(await saveWithFaults(variant, fault), variant, `${variant.name}, seed ${seed}`);
      }
    });
  }
});

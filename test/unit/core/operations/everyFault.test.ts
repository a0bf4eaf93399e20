import assert from 'node:assert/strict';
import { RemoteError } from '../../../../src/core/errors.ts';
import type { SaveMode } from '../../../../src/core/host.ts';
import { makeFolder } from '../../../../src/core/operations/changes.ts';
import { copyThroughPool, moveThroughPool } from '../../../../src/core/operations/moveThroughPool.ts';
import { saveThroughPool } from '../../../../src/core/operations/saveThroughPool.ts';
import { removeAny } from '../../../../src/core/operations/tree.ts';
import { runChange } from '../../../../src/core/operations/unsettled.ts';
import { type Change, type ChangeGround, type ChangeOutcome, here, runOnce, there } from '../../../support/changeRun.ts';
import type { MemoryOptions, MemoryServer } from '../../../support/memoryRemote.ts';

/** What may be true in the end besides the old and the new state. */
type Between = 'nothing' | 'source and new target' | 'part of the old';

interface Case extends Change {
  readonly between: Between;
}

function seed(server: MemoryServer): void {
  server.file('/file', 'a file', 0o600);
  server.file('/tree/one', 'one', 0o755);
  server.file('/tree/sub/two', 'two');
  server.folder('/tree/empty');
  server.link('/tree/link', '../file');
  server.file('/old/kept', 'what was there before');
  server.file('/oldFile', 'old');
}

const seedBoth = (one: MemoryServer, two: MemoryServer): void => {
  seed(one);
  two.file('/taken', 'what was there before');
};

const change = (name: string, run: Case['run'], more: Partial<Case> = {}): Case => ({
  ...{ name, run, seed, between: 'nothing' },
  ...more,
});

const at = (path: string, host = here) => ({ host, path });
const moving = (from: string, to: string) =>
  change(`move ${from} to ${to}`, ({ pool, options }) => moveThroughPool(pool, at(from), at(to), options));
const copying = (from: string, to: string) =>
  change(`copy ${from} to ${to}`, ({ pool, options }) => copyThroughPool(pool, at(from), at(to), options));
const removing = (path: string, more: Partial<Case> = {}) =>
  change(
    `delete ${path}`,
    ({ pool }) => runChange(pool, here, (remote, signal) => removeAny(remote, path, { recursive: true, signal })),
    more,
  );

const between = (from: string, to: string): Case[] => [
  change(`copy ${from} to ${to} on another host`, ({ pool, options }) => copyThroughPool(pool, at(from), at(to, there), options), {
    seed: seedBoth,
  }),
  change(`move ${from} to ${to} on another host`, ({ pool, options }) => moveThroughPool(pool, at(from), at(to, there), options), {
    seed: seedBoth,
    between: 'source and new target',
  }),
];

const saving = (name: string, path: string, saveMode: SaveMode) =>
  change(name, ({ pool, journal }: ChangeGround) =>
    saveThroughPool(pool, here, path, new TextEncoder().encode('new content'), {
      ...{ create: true, overwrite: true, journal, saveMode, profile: {}, learn() {} },
    }),
  );

const cases: Case[] = [
  ...[moving('/file', '/moved'), moving('/tree', '/moved'), moving('/file', '/oldFile')],
  ...[moving('/tree', '/old'), moving('/file', '/old'), moving('/tree', '/oldFile')],
  ...[copying('/file', '/copy'), copying('/tree', '/copy'), copying('/file', '/oldFile'), copying('/tree', '/old')],
  ...[removing('/file'), removing('/tree/empty'), removing('/tree', { between: 'part of the old' })],
  change('make a folder', ({ pool }) => runChange(pool, here, (remote) => makeFolder(remote, '/folder'))),
  ...[...between('/file', '/moved'), ...between('/tree', '/taken')],
  ...[saving('save over a file', '/oldFile', 'auto'), saving('save a new file', '/new', 'auto')],
];
const inPlace = saving('save in place', '/oldFile', 'inPlace');

const servers: [string, MemoryOptions][] = [
  ['that replaces', {}],
  [
    'like FTP',
    {
      renameRefusesExisting: true,
      terse: true,
      facts: { parallel: 1, update: false, exclusiveCreate: false },
      without: ['copyOnServer', 'chgrp'],
    },
  ],
];

const told = (error: unknown) => (error instanceof Error ? error.message : 'done');
const lines = (held: string) => new Set(held.split('\n'));
const pathOf = (line: string) => line.slice(0, line.indexOf(' '));

/** Whether the end is one that this change may have. */
function isAllowed(held: string, before: string, after: string, allowed: Between): boolean {
  if (held === before || held === after) return true;
  if (allowed === 'nothing') return false;
  const [now, old, done] = [lines(held), lines(before), lines(after)];
  const has = (all: ReadonlySet<string>, some: ReadonlySet<string>) => [...some].every((line) => all.has(line));
  if (allowed === 'part of the old') return has(old, now) && has(now, done);
  const donePaths = new Set([...done].map(pathOf));
  // Of a verified copy any part of the source may be gone.
  return has(now, done) && [...now].every((line) => done.has(line) || (old.has(line) && !donePaths.has(pathOf(line))));
}

for (const [server, options] of servers) {
  describe(`every fault, on a server ${server}`, function () {
    this.timeout(60_000);

    for (const each of cases) {
      const states = async () => {
        const { steps, error, held: after, left } = await runOnce(each, options, () => undefined);
        assert.equal(error, undefined);
        assert.deepEqual(left, []);
        const { held: before } = await runOnce({ ...each, run: () => Promise.resolve() }, options, () => undefined);
        return { steps, before, after };
      };
      const assertSound = ({ held, error }: ChangeOutcome, before: string, after: string, label: string) => {
        assert.ok(isAllowed(held, before, after, each.between), `${label}: ${told(error)}\n${held}`);
        if (error === undefined) assert.equal(held, after, `${label}: said to be done`);
        else assert.ok(error instanceof RemoteError, label);
      };

      it(`${each.name}: the link lost at any step`, async () => {
        const { steps, before, after } = await states();
        for (let lost = 1; lost <= steps; lost += 1) {
          const outcome = await runOnce(each, options, (step) => (step === lost ? 'Lost' : undefined));
          const label = `step ${lost}`;
          assertSound(outcome, before, after, label);
          assert.deepEqual(outcome.left, [], label);
          // One cut is nothing that a person has to hear of.
          assert.equal(outcome.error, undefined, `${label}: ${told(outcome.error)}`);
        }
      });

      it(`${each.name}: the link lost at any step, and again soon after`, async () => {
        const { steps, before, after } = await states();
        for (let lost = 1; lost <= steps; lost += 1)
          for (const later of [1, 3]) {
            const fault = (step: number) => (step === lost || step === lost + later ? 'Lost' : undefined);
            assertSound(await runOnce(each, options, fault), before, after, `steps ${lost} and ${lost + later}`);
          }
      });

      for (const code of ['Denied', 'Unknown', 'NoSpace'] as const)
        it(`${each.name}: ${code} at any step`, async () => {
          const { steps, before, after } = await states();
          for (let at = 1; at <= steps; at += 1) {
            const outcome = await runOnce(each, options, (step) => (step === at ? code : undefined));
            assertSound(outcome, before, after, `step ${at}`);
            assert.deepEqual(
              outcome.left.filter(({ noted, path }) => !noted || !outcome.abandoned.has(path)),
              [],
              `step ${at}: hidden names that no later connection takes care of`,
            );
          }
        });

      for (const end of ['crash', 'outage'] as const)
        it(`${each.name}: ${end === 'crash' ? 'the window crashes' : 'the server is gone for long'} from any step on`, async () => {
          const { steps, before, after } = await states();
          for (let at = 1; at <= steps; at += 1) {
            const outcome = await runOnce(each, options, (step) => (step === at ? end : undefined));
            assertSound(outcome, before, after, `step ${at}`);
            assert.deepEqual(outcome.left, [], `step ${at}`);
          }
        });
    }

    it(`${inPlace.name}: the window crashes at any step: both contents are kept on this computer, or one is whole on the server`, async () => {
      const { steps } = await runOnce(inPlace, options, () => undefined);
      for (let at = 1; at <= steps; at += 1) {
        const { held, kept } = await runOnce(inPlace, options, (step) => (step === at ? 'crash' : undefined));
        const isWhole = /oldFile file (?:old|new content)$/m.test(held);
        const texts = [...kept].flatMap((entry) => [entry.old, entry.new]).map((bytes) => new TextDecoder().decode(bytes));
        assert.ok(isWhole || (texts.includes('old') && texts.includes('new content')), `step ${at}: ${held}`);
      }
    });
  });
}

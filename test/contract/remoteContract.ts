import assert from 'node:assert/strict';
import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Host } from '../../src/core/host.ts';
import type { Log } from '../../src/core/log.ts';
import { child } from '../../src/core/path.ts';
import type { Remote } from '../../src/core/remote.ts';
import { connect } from '../../src/transport/index.ts';
import { requireServer, type TestServer } from '../servers/server.ts';
import { connectContext, type Script } from '../support/prompts.ts';
import { reasonToSkip, type Check } from './check.ts';
import { connectionChecks } from './checks/connection.ts';
import { folderChecks } from './checks/folders.ts';
import { linkChecks } from './checks/links.ts';
import { listingChecks } from './checks/listing.ts';
import { nameChecks } from './checks/names.ts';
import { optionalChecks } from './checks/optional.ts';
import { readingChecks } from './checks/reading.ts';
import { renamingChecks } from './checks/renaming.ts';
import { writingChecks } from './checks/writing.ts';
import { makeDisk, pathsIn, type Ground } from './ground.ts';
import { newReport, writeReport, type ContractReport } from './report.ts';

const areas: Readonly<Record<string, readonly Check[]>> = {
  connection: connectionChecks,
  listing: listingChecks,
  names: nameChecks,
  reading: readingChecks,
  writing: writingChecks,
  folders: folderChecks,
  renaming: renamingChecks,
  links: linkChecks,
  'what a server may offer': optionalChecks,
};

/** The one suite that every transport passes on every real server. What it saw goes to `dist/contract/`. */
export function describeRemoteContract(name: string, start: () => Promise<TestServer>): void {
  describe(`contract: ${name}`, function () {
    this.timeout(60_000);
    let session: Session | undefined;
    before(async function () {
      const server = await requireServer(this, start);
      session = openSession(server);
      await session.remote();
    });
    after(async () => session?.end());
    it('logs no secret', () => assert.equal(session?.secretWasLogged(), false));
    afterEach(function () {
      if (this.currentTest?.state === 'failed') session?.showOutput();
    });
    for (const [area, checks] of Object.entries(areas)) {
      describe(area, () => {
        for (const check of checks) {
          it(check.title, async function () {
            const reason = await session?.perform(check);
            if (reason !== undefined) this.skip();
          });
        }
      });
    }
  });
}

interface Session {
  /** The connection that checks share; a new one where the last was lost. */
  remote(): Promise<Remote>;
  /** Resolves with why it was skipped, if it was. */
  perform(check: Check): Promise<string | undefined>;
  secretWasLogged(): boolean;
  showOutput(): void;
  end(): Promise<void>;
}

function openSession(server: TestServer): Session {
  const report = newReport(server);
  const script: Script = { ...server.secrets, admit: server.secrets.fingerprint ?? true };
  const { password = [], passphrase = [], answers = [] } = server.secrets;
  const log = recordingLog([password, passphrase, answers].flat());
  const dial = async (host: Host, given: Script = {}, signal?: AbortSignal): Promise<Remote> =>
    connect(host, connectContext({ ...script, ...given }, { log, reach: server.reach, ...(signal === undefined ? {} : { signal }) }));
  let shared: Remote | undefined;
  let count = 0;
  const output = (): string => `${log.lines.slice(-40).join('\n')}\n${server.output().slice(-2000)}`;
  const remote = async (): Promise<Remote> => {
    if (shared !== undefined) return shared;
    const opened = await dial(server.host);
    void opened.closed.then(() => void (shared = shared === opened ? undefined : shared));
    return (shared = opened);
  };
  return {
    remote,
    async perform(check) {
      const others: Remote[] = [];
      const ground: Ground = {
        ...(await makeFolder(server, count++)),
        ...{ server, remote: await remote() },
        async connect({ port = server.host.port, script, signal } = {}) {
          const other = await dial({ ...server.host, port }, script, signal);
          others.push(other);
          return other;
        },
      };
      try {
        return await reported(report, check, ground);
      } catch (error) {
        // Of a run elsewhere nothing is seen but the failure.
        if (error instanceof Error) error.stack = `${error.stack ?? error.message}\n${output()}`;
        throw error;
      } finally {
        await Promise.all(others.map(async (other) => other.close()));
      }
    },
    secretWasLogged: () => log.leaked,
    showOutput: () => void process.stderr.write(`${output()}\n`),
    async end() {
      await shared?.close();
      writeReport(report);
      await server.stop();
    },
  };
}

async function reported(report: ContractReport, check: Check, ground: Ground): Promise<string | undefined> {
  const reason = reasonToSkip(check, ground);
  if (reason !== undefined) {
    report.checks[check.title] = 'skipped';
    report.reasons[check.title] = reason;
    return reason;
  }
  report.checks[check.title] = 'failed';
  await check.run(ground);
  report.checks[check.title] = 'passed';
  return undefined;
}

async function makeFolder(server: TestServer, count: number): Promise<Pick<Ground, 'folder' | 'disk' | 'path'>> {
  const name = `check-${count}`;
  const local = join(server.root, name);
  mkdirSync(local, { mode: 0o755 });
  if (server.owner !== undefined) chownSync(local, server.owner.uid, server.owner.gid);
  const folder = child(server.rootOnServer, name);
  return Promise.resolve({ folder, disk: makeDisk(server, local), path: pathsIn(folder) });
}

/** Keeps the dialogue for failures, and whether any of these secrets was in it. */
function recordingLog(secrets: readonly string[]): Log & { readonly lines: string[]; leaked: boolean } {
  const log = { lines: [] as string[], leaked: false };
  const keep = (message: string): void => {
    log.leaked ||= secrets.some((secret) => message.includes(secret));
    log.lines.push(message);
    if (log.lines.length > 400) log.lines.splice(0, 200);
  };
  return Object.assign(log, { trace: keep, debug: keep, info: keep, warn: keep, error: keep });
}

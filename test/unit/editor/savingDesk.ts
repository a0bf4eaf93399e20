import type * as vscode from 'vscode';
import { Bases } from '../../../src/core/bases.ts';
import { RemoteError } from '../../../src/core/errors.ts';
import { readFile } from '../../../src/core/operations/readFile.ts';
import { PathLocks } from '../../../src/core/pathLocks.ts';
import type { Pool } from '../../../src/core/pool.ts';
import { createTransfers } from '../../../src/core/transfers.ts';
import type { History } from '../../../src/editor/history.ts';
import type { Location } from '../../../src/editor/uri.ts';
import { type MemoryJournal, memoryJournal } from '../../support/memoryJournal.ts';
import { MemoryRemote, MemoryServer, type Step } from '../../support/memoryRemote.ts';
import { poolOf, testHost } from '../../support/poolOf.ts';
import './fakeVscode.ts';
import { desk, Document, Uri } from './fakeWorkspace.ts';

const { createConflicts } = await import('../../../src/editor/conflicts.ts');
const { KeptVersions } = await import('../../../src/editor/keptVersions.ts');
const { Merges } = await import('../../../src/editor/merges.ts');
const { createSaves } = await import('../../../src/editor/saves.ts');
const { createSaveTroubles } = await import('../../../src/editor/saveTroubles.ts');
const { HeldContents } = await import('../../../src/core/heldContents.ts');

const host = testHost({ name: 'demo', saveMode: 'inPlace' });

/** All that takes part in saving documents to a server in memory, wired as in the extension. */
export class SavingDesk {
  readonly host = host;
  readonly server = new MemoryServer();
  readonly journal: MemoryJournal = memoryJournal();
  readonly bases = new Bases();
  readonly held = new HeldContents();
  readonly pool: Pool;
  readonly conflicts;
  readonly merges;
  readonly versions = new KeptVersions();
  readonly troubles;
  readonly saves;
  /** Of the server; what it throws is the step's outcome. */
  onStep: (step: Step) => void = () => undefined;
  /** What VS Code was told of files. */
  readonly announced: vscode.FileChangeEvent[] = [];
  /** No connection can be made. */
  unreachable = false;

  constructor() {
    this.pool = poolOf(
      () =>
        this.unreachable
          ? Promise.reject(new RemoteError('Unreachable', 'Nobody there.'))
          : Promise.resolve(new MemoryRemote(this.server, { onStep: (step) => this.onStep(step) })),
      { clock: { now: Date.now, after: (_, task) => stopping(setImmediate(task)) } },
    );
    const { bases, versions } = this;
    const locate = (uri: unknown) => this.locate(uri as Uri);
    const read = ({ path }: Location) => this.pool.run(host, (remote, signal) => readFile(remote, path, { signal }), { repeatable: true });
    const history = {
      hold: (key, version, bytes) => this.held.hold(key, version, bytes),
      held: (key, version) => this.held.find(key, version),
      add: () => undefined,
    } as Pick<History, 'hold' | 'held' | 'add'> as History;
    this.merges = new Merges(bases, versions, locate);
    const content = (hash: string) => Promise.resolve(this.held.content(hash));
    this.conflicts = createConflicts({
      bases,
      changes: { fire: (events) => void this.announced.push(...events) },
      versions,
      merges: this.merges,
      locate,
      read,
      content,
    });
    this.troubles = createSaveTroubles({ bases, locate, read, write: (_, location, bytes) => this.saves.put(location, bytes) });
    this.saves = createSaves({
      ...{ pool: this.pool, bases, history, conflicts: this.conflicts, troubles: this.troubles },
      transfers: createTransfers(),
      locks: new PathLocks(),
      profiles: { get: () => ({}), learn: () => undefined },
      journal: () => this.journal,
      isAsking: () => false,
    });
  }

  locate({ path }: Uri): Location {
    return { host, path, key: `/sftp/demo${path}` };
  }

  uri(path: string): Uri {
    return new Uri({ scheme: 'sftp', authority: 'demo', path });
  }

  /** As `commands` get it. */
  chosen(path: string): vscode.Uri {
    return this.uri(path) as unknown as vscode.Uri;
  }

  /** Opens the file in an editor. */
  async open(path: string): Promise<Document> {
    const uri = this.uri(path);
    const location = this.locate(uri);
    const { bytes, version } = await readFile(new MemoryRemote(this.server), path);
    this.bases.set(location.key, version);
    this.held.hold(location.key, version, bytes);
    const write = async (content: Uint8Array) => {
      await this.saves.save(uri as unknown as vscode.Uri, location, content, { create: true, overwrite: true });
    };
    const document = new Document(uri, new TextDecoder().decode(bytes), write);
    desk.documents.push(document);
    return document;
  }

  async dispose(): Promise<void> {
    await this.pool.dispose();
    this.conflicts.dispose();
    this.troubles.dispose();
    this.merges.dispose();
  }
}

function stopping(timer: NodeJS.Immediate): () => void {
  return () => clearImmediate(timer);
}

/** The number that a link with this title in a message runs its command with. */
export function linkOf(message: string | undefined, title: string): number {
  const [, argument] = new RegExp(String.raw`\[${title}\]\(command:ferry\.[.\w]+\?([^)]+)\)`).exec(message ?? '') ?? [];
  if (argument === undefined) throw new Error(`No link ${title} in: ${message}`);
  const [id] = JSON.parse(decodeURIComponent(argument)) as [number];
  return id;
}

import * as vscode from 'vscode';
import { Bases } from './core/bases.ts';
import { systemClock } from './core/clock.ts';
import { guardPool } from './core/guardedPool.ts';
import { HeldTargets } from './core/heldTargets.ts';
import type { Host } from './core/host.ts';
import { useTranslations } from './core/l10n.ts';
import { type ReadFile, readFile } from './core/operations/readFile.ts';
import type { SaveJournal } from './core/operations/save.ts';
import { PathLocks } from './core/pathLocks.ts';
import { createPool, type PoolContext } from './core/pool.ts';
import { safeText } from './core/text.ts';
import { StatCache } from './core/statCache.ts';
import { createTransfers } from './core/transfers.ts';
import { watchDeletes } from './editor/announcedDeletes.ts';
import { createAsk } from './editor/ask.ts';
import { createRememberedFolders, registerBookmarks } from './editor/bookmarks.ts';
import { createCommands } from './editor/command.ts';
import { hostFrom, registerHostCommands } from './editor/commands.ts';
import { registerConflictCommands } from './editor/conflictCommands.ts';
import { createConflicts } from './editor/conflicts.ts';
import { registerDoctor } from './editor/doctorCommands.ts';
import { tellWhatStays } from './editor/discardWords.ts';
import { createFailures } from './editor/failures.ts';
import { RemoteFileSystem } from './editor/fileSystem.ts';
import { createHistory } from './editor/history.ts';
import { createHostView } from './editor/tree/hostView.ts';
import { createHostWizard } from './editor/wizard.ts';
import { createSavedHosts } from './editor/hosts.ts';
import { createJournal } from './editor/journal.ts';
import { tidyJournal } from './editor/journalTidying.ts';
import { keepBases } from './editor/keptBases.ts';
import { registerImportCommands } from './editor/importCommands.ts';
import { KeptVersions, keptVersionScheme } from './editor/keptVersions.ts';
import { watchLeftovers } from './editor/leftovers.ts';
import { createLocator } from './editor/locator.ts';
import { createLogChannel } from './editor/logChannel.ts';
import { createLooks } from './editor/looks.ts';
import { createLinkedFolders, type LinkedFolders } from './editor/mapping/linkedFolders.ts';
import { createMappings } from './editor/mapping/mappings.ts';
import { Merges, mergeScheme } from './editor/merges.ts';
import { createMoves } from './editor/moves.ts';
import { createFolderOpener } from './editor/openFolder.ts';
import { isOpenHere } from './editor/openPlaces.ts';
import { createOwedLooks } from './editor/owedLooks.ts';
import { createProfiles } from './editor/profiles.ts';
import { createProtection, watchSaveReasons } from './editor/protection.ts';
import { showProtection } from './editor/protectionMarks.ts';
import { createReach } from './editor/reach.ts';
import { createRelist } from './editor/relist.ts';
import { countQuestions } from './editor/questions.ts';
import { createRemovals } from './editor/removals.ts';
import { registerRestoreCommands } from './editor/restoreCommands.ts';
import { createSaveTroubles } from './editor/saveTroubles.ts';
import { createSaves } from './editor/saves.ts';
import { createSecondLook } from './editor/secondLook.ts';
import { createSecrets } from './editor/secrets.ts';
import { createSshConfigHosts } from './editor/sshConfigHosts.ts';
import { createSettings } from './editor/settings.ts';
import { createSeenHosts, createStatusBar } from './editor/statusBar.ts';
import { watchTrashes } from './editor/trashPurges.ts';
import { createQueuedTransfers } from './editor/transfers/transferCommands.ts';
import { createTransferView } from './editor/transferView.ts';
import { createTrust } from './editor/trust.ts';
import { createTypedSecrets, keepAcceptedSecrets } from './editor/typedSecrets.ts';
import { registerTerminalCommand } from './editor/terminalCommand.ts';
import { isRemote, type Location, schemes, uriOf } from './editor/uri.ts';
import { keepUnsavedBases } from './editor/unsavedDocuments.ts';
import { createWatch } from './editor/watch.ts';
import { refuseWhileRestricted } from './editor/workspaceTrust.ts';
import { connect, diagnose, discardOn, localRemote, offerInterruptedSaves, opensshTerminal, readConfiguredHosts } from './onDemand.ts';

let end: (() => Promise<void>) | undefined;

export function activate(context: vscode.ExtensionContext): void {
  useTranslations((message, ...args) => vscode.l10n.t(message, ...args));
  const own = <T extends vscode.Disposable>(disposable: T): T => {
    context.subscriptions.push(disposable);
    return disposable;
  };

  const log = own(createLogChannel());
  const settings = createSettings();
  const hosts = own(createSavedHosts(settings));
  const configured = own(
    createSshConfigHosts({
      ...{ hosts, settings },
      read: (file) => readConfiguredHosts(file, (message) => log.warn(message)),
      failed: (error) => log.warn(`ssh config: ${String(error)}`),
    }),
  );
  const { locate, findHost } = createLocator(hosts);

  const secrets = createSecrets(context.secrets, context.globalState);
  const typed = createTypedSecrets(secrets);
  const trust = createTrust(context.globalState);
  const profiles = createProfiles(context.globalState, findHost);
  const journalFolder = vscode.Uri.joinPath(context.globalStorageUri, 'journal').fsPath;
  const journal = createJournal(journalFolder);
  const questions = countQuestions(
    createAsk({ secrets, typed, state: context.globalState, isSaved: (name) => hosts.find(name) !== undefined }),
  );
  const connections: PoolContext = {
    connect,
    prompts: questions.prompts,
    trust,
    log: (name) => log.forHost(name),
    profiles,
    mayConnect: refuseWhileRestricted,
    reach: createReach(context, hosts, settings),
  };
  const guard = createProtection(hosts, configured, questions.during);
  const pool = guardPool(createPool({ ...connections, isInUse: (host) => isOpenHere(host, locate) || linked.waitFor(host) }), guard);
  // Of hosts that are tried before they are saved: nothing that is done with the saved one of that name may meet their connections.
  const trials = createPool(connections);
  for (const each of [pool, trials]) own(keepAcceptedSecrets(each, typed, (error) => log.error(String(error))));

  const notesOf = (host: Host): SaveJournal => {
    const notes = journal.forHost(host);
    const abandon = (path: string) => {
      notes.abandon(path);
      leftovers.add(host.name);
    };
    return { ...notes, abandon };
  };

  const failed = createFailures({ log, hosts, configured, connect: (...given) => pool.connect(...given) });
  const transfers = createTransfers();
  const bases = new Bases();
  own(keepBases(bases, context.workspaceState, locate));
  const history = createHistory({
    root: vscode.Uri.joinPath(context.globalStorageUri, 'history').fsPath,
    limit: () => settings.historySize,
    onProblem: (error) => log.warn(`Local history: ${String(error)}`),
  });
  // Not while a window opens.
  const tidying = setTimeout(() => {
    history.tidy();
    tidyJournal(journalFolder).catch((error: unknown) => log.warn(`Journal: ${String(error)}`));
  }, 30_000);
  own({ dispose: () => clearTimeout(tidying) });
  own(settings.onDidChangeHistorySize(() => history.tidy()));
  own(keepUnsavedBases(history, bases, locate));
  const locks = new PathLocks();
  const changes = own(new vscode.EventEmitter<vscode.FileChangeEvent[]>());
  const versions = new KeptVersions();
  const mappings = own(createMappings(context.workspaceState, locate));
  const merges = own(new Merges(bases, versions, (uri) => mappings.find(uri)?.location ?? locate(uri)));
  const conflicts = own(
    createConflicts({ bases, changes, versions, merges, locate, read: readServerVersion, content: (hash) => history.content(hash) }),
  );
  const cache = new StatCache(systemClock);
  const watch = own(
    createWatch({
      pool,
      locate,
      isRemote,
      base: (key) => bases.get(key),
      interval: () => settings.watchInterval,
      announce: (events) => changes.fire([...events]),
      cache,
    }),
  );
  own(watchTrashes({ pool, guard }, context.globalState, findHost, (name) => log.forHost(name)));
  const relist = own(createRelist(pool));
  const troubles = own(
    createSaveTroubles({
      bases,
      locate,
      read: readServerVersion,
      write: async (uri, location, content) => {
        await saves.put(location, content);
        changes.fire([{ type: vscode.FileChangeType.Changed, uri }]);
      },
    }),
  );
  const secondLook = own(
    createSecondLook({
      ...{ pool, bases, history, findHost },
      owed: createOwedLooks(vscode.Uri.joinPath(context.globalStorageUri, 'journal', 'looks').fsPath),
      place: (host, path) => locate(uriOf(host, path)),
      keptBytes: () => settings.historySize,
      announce: ({ host, path }) => changes.fire([{ type: vscode.FileChangeType.Changed, uri: uriOf(host, path) }]),
      async tell(save) {
        const { tellOvertaken } = await import('./editor/overtakenSaves.ts');
        await tellOvertaken({ history, versions, merges, read: readServerVersion }, save).catch(failed);
      },
    }),
  );
  const saves = createSaves({
    pool,
    transfers,
    locks,
    bases,
    conflicts,
    troubles,
    history,
    profiles,
    journal: notesOf,
    isAsking: () => questions.isAsking(),
    onSaved: (location, version, content) => secondLook.after(location, version, content),
  });
  const discard = (host: Host) => (host.trash === undefined ? undefined : tellWhatStays(host, discardOn(host)));
  const moves = createMoves({ ...{ pool, transfers, discard }, journal: notesOf });
  const held = new HeldTargets({
    pool,
    clock: systemClock,
    journal: notesOf,
    discard: discardOn,
    warn: (message) => void vscode.window.showWarningMessage(safeText(message, 600)),
  });
  end = async () => {
    await Promise.all([held.end(), secondLook.end()]);
    await Promise.all([pool.dispose(), trials.dispose()]);
    await Promise.all([history.settled(), linked.settled(), queued.settled()]);
  };
  const looks = own(createLooks({ ...{ pool, transfers, bases, history, watch, held }, cache, locate, isRemote }));
  own(changes.event((events) => looks.changed(events)));
  own(hosts.onDidChange(() => looks.forget()));
  const removals = createRemovals({ pool, transfers, bases, history });
  const fileSystem = new RemoteFileSystem({
    pool,
    locks,
    bases,
    saves,
    moves,
    removals,
    history,
    watch,
    looks,
    relist,
    held,
    deletes: own(watchDeletes(isRemote)),
    guard,
    reasons: own(watchSaveReasons()),
    changes,
    locate,
  });
  for (const scheme of schemes) own(vscode.workspace.registerFileSystemProvider(scheme, fileSystem, { isCaseSensitive: true }));
  own(vscode.workspace.registerFileSystemProvider(keptVersionScheme, versions, { isCaseSensitive: true, isReadonly: true }));
  own(vscode.workspace.registerFileSystemProvider(mergeScheme, merges, { isCaseSensitive: true }));

  async function readServerVersion({ host, path, key }: Location): Promise<ReadFile> {
    const read = await pool.run(host, (remote, signal) => readFile(remote, path, { signal }), { repeatable: true });
    history.hold(key, read.version, read.bytes);
    return read;
  }

  own(
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      if (!document.isDirty && isRemote(document.uri)) bases.adopt(locate(document.uri).key);
    }),
  );
  own(vscode.workspace.onDidGrantWorkspaceTrust(() => relist.retry()));
  const leftovers = own(watchLeftovers(pool, journal, findHost, (host) => offerInterruptedSaves(journal, host, troubles, locate)));

  const register = createCommands(failed);
  const wizard = createHostWizard({ trials, hosts, configured, pool, secrets, typed, manifest: context.extension.packageJSON });
  const remembered = createRememberedFolders(context.globalState);
  const opener = createFolderOpener({ hosts, configured, pool, typed, wizard, remembered, locate });
  const seen = own(createSeenHosts(pool));
  const isUsed = (name: string) => {
    const host = findHost(name);
    return host !== undefined && isOpenHere(host, locate);
  };
  const parts = { register, hosts, configured, pool, transfers, fileSystem, looks, watch, failed, locate, state: context.globalState };
  const queueing = { ...parts, settings, guard, local: localRemote, discard, journal: notesOf, kept: context.workspaceState };
  const queued = own(createQueuedTransfers({ ...queueing, linked: () => linked.items() }));
  const view = own(
    createHostView({ ...parts, bookmarks: remembered.bookmarks, transfer: queued.transfer, onDidChangeFile: changes.event }),
  );
  own(createStatusBar(pool, transfers, seen, isUsed));
  own(createTransferView(transfers, pool, () => questions.isAsking()));
  const desk = { register, hosts, configured, findHost, pool, transfers, seen, secrets, typed, trust, wizard, opener };
  own(registerHostCommands({ ...desk, log, failed }));
  const chooseHost = (chosen: unknown) => hostFrom(hosts, chosen, configured);
  own(registerBookmarks({ register, remembered, chooseHost, locate }));
  own(registerRestoreCommands(register, { history, pool, transfers, shown: versions, locate, chooseHost }));
  const linked: LinkedFolders = own(
    createLinkedFolders({
      ...{ pool, transfers, history, profiles, locks, merges, moves, removals, register, mappings, locate, journal: notesOf },
      ...{ isAsking: () => questions.isAsking(), state: context.workspaceState, storage: context.storageUri?.fsPath },
      ...{ local: localRemote, enqueue: queued.enqueue, showGroup: queued.showGroup, reveal: view.reveal },
      chooseHost: () => chooseHost(undefined),
      announce: ({ host, path }) => changes.fire([{ type: vscode.FileChangeType.Changed, uri: uriOf(host, path) }]),
      failed,
    }),
  );
  own(registerTerminalCommand(register, { pool, hosts, configured, locate, opensshTerminal, reach: connections.reach }));
  own(registerDoctor(register, { hosts, configured, findHost, guard, diagnose, typed, connections, log }));
  const importing = { hosts, secrets, storage: context.globalStorageUri };
  own(registerImportCommands(register, importing, context.workspaceState, failed));
  own(showProtection({ guard, hosts, locate, register, announce: (events) => changes.fire(events) }));
  own(registerConflictCommands(register, conflicts, troubles));
}

export async function deactivate(): Promise<void> {
  await end?.();
}

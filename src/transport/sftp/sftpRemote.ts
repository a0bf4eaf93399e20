import { finished, type Duplex } from 'node:stream';
import { type RemoteError, toRemoteError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import type { Lender } from '../../core/loans.ts';
import type { Log } from '../../core/log.ts';
import type {
  Attributes,
  Call,
  Content,
  Draft,
  Entry,
  FillOptions,
  ReadOptions,
  Remote,
  RemoteFacts,
  RenameOptions,
  WriteOptions,
} from '../../core/remote.ts';
import type { Abilities } from './abilities.ts';
import { setGroup, setMtime } from './changing.ts';
import { checkAsSet } from './checksums.ts';
import { copyFile } from './copying.ts';
import {
  explained,
  explainList,
  explainMkdir,
  explainOpen,
  explainRead,
  explainRmdir,
  explainStat,
  explainStorage,
  explainUnlink,
  lookAtItself,
} from './failures.ts';
import { enrol } from './fellows.ts';
import { factsOf, isModSftp } from './facts.ts';
import { toAttributes } from './fileAttributes.ts';
import { greet, type Greeted } from './greeting.ts';
import { HandleForecast } from './handleForecast.ts';
import { LinkMaker } from './linking.ts';
import { listFolder } from './listing.ts';
import { isOpenSsh, ownEntry } from './ownEntry.ts';
import { extension, openFlag } from './protocol.ts';
import { readFile } from './reading.ts';
import type { RunCommand } from './remoteCommand.ts';
import { rename } from './renaming.ts';
import { defaultDeadlines, lost, Requests, type Deadlines } from './requests.ts';
import { inScope, outcome, type Scope } from './scope.ts';
import type { Session } from './session.ts';
import { failure, isStatus, statusToRemoteError } from './sftpErrors.ts';
import { SideChannels, type SideChannelsOptions } from './sideChannels.ts';
import { fillFile, resumeFile, writeFile, writeFlags } from './writing.ts';

/** What `openSftp` needs besides a channel on which an SFTP server speaks. */
export interface SftpSessionOptions {
  readonly host: Host;
  readonly log: Log;
  /** Ends the opening (INIT, REALPATH), not the session. */
  readonly signal?: AbortSignal | undefined;
  /** The server's SSH identification string, raw; undefined where it is not known. */
  readonly serverIdent?: string | undefined;
  /** Plain words about the link (cipher, key exchange) for `facts.description`; raw. */
  readonly link?: string | undefined;
  /** Resolves with why the connection below is gone; it becomes the session's reason if it comes before or with the channel's end. Never rejects. */
  readonly lost?: Promise<RemoteError> | undefined;
  /** Opens a shell on what carries the channel; undefined where nothing else can be opened on it. */
  readonly openShell?: Remote['openShell'] | undefined;
  /** Runs commands on what carries the channel; undefined where nothing can be run there. */
  readonly run?: RunCommand | undefined;
  /** More channels like this one; undefined: there is to be one only. */
  readonly beside?: Pick<SideChannelsOptions, 'open' | 'onRefused'> | undefined;
  /** Other connections to the same server, for large content. */
  readonly lender?: Lender | undefined;
  /** Called once when the session is over, however it ended (also after `close` and after a failed opening): ends what carries the channel. */
  readonly onClose?: ((reason: RemoteError) => void) | undefined;
  /** INIT was sent on the channel already. */
  readonly isGreeted?: boolean | undefined;
  /** Other deadlines than the product's, for tests. */
  readonly deadlines?: Partial<Deadlines> | undefined;
}

/** These serve one request after another; dropbear's SFTP program is OpenSSH's. */
const inOrder = /^(?:SSH-2\.0-)?(?:OpenSSH|dropbear)_/;

/** Speaks SFTP version 3 on `channel` and gives the Remote. Throws only RemoteErrors. Owns the channel from the call on. */
export async function openSftp(channel: Duplex, options: SftpSessionOptions): Promise<Remote> {
  const { host, log, signal } = options;
  let resolveClosed: (reason: RemoteError) => void = () => {};
  const closed = new Promise<RemoteError>((resolve) => (resolveClosed = resolve));
  const deadlines = { ...defaultDeadlines, ...options.deadlines };
  const requests = new Requests(channel, deadlines, (reason) => {
    resolveClosed(reason.with({ host: host.name }));
    options.onClose?.(reason);
  });
  void options.lost?.then((reason) => requests.end(reason));
  try {
    const greeted = await inScope({ signal }, (scope) => greet(requests, scope, host, log, options.isGreeted === true));
    const { session } = greeted;
    if (options.beside && isOpenSsh(session))
      session.sides = new SideChannels({ ...options.beside, host, main: session, deadlines, closed });
    if (inOrder.test(options.serverIdent ?? '')) session.forecast = new HandleForecast(isOpenSsh(session));
    const connection = { channel, requests, closed, openShell: options.openShell };
    const remote = new SftpRemote(greeted, connection, factsOf(greeted, options), host.name);
    const tellsSums = isModSftp(remote.facts);
    return enrol(checkAsSet(remote, { host, requests, log, tellsSums, run: options.run }), session, options.lender);
  } catch (error) {
    const reason = (requests.ended ?? toRemoteError(error)).with({ host: host.name });
    requests.end(reason);
    throw reason;
  }
}

interface Connection {
  readonly channel: Duplex;
  readonly requests: Requests;
  readonly closed: Promise<RemoteError>;
  readonly openShell: SftpSessionOptions['openShell'];
}

/** Milliseconds that `close` waits for the channel. */
const closeDeadline = 1000;

class SftpRemote implements Remote {
  readonly facts: RemoteFacts;
  readonly closed: Promise<RemoteError>;
  readonly draft?: NonNullable<Remote['draft']>;
  chmod?: NonNullable<Remote['chmod']>;
  chgrp?: NonNullable<Remote['chgrp']>;
  setMtime?: NonNullable<Remote['setMtime']>;
  readLink?: NonNullable<Remote['readLink']>;
  symlink?: NonNullable<Remote['symlink']>;
  readonly copyOnServer?: NonNullable<Remote['copyOnServer']>;
  readonly space?: NonNullable<Remote['space']>;
  readonly openShell?: NonNullable<Remote['openShell']>;
  readonly #session: Session;
  readonly #connection: Connection;
  readonly #hostName: string;
  readonly #links: LinkMaker;

  constructor({ session, abilities }: Greeted, connection: Connection, facts: RemoteFacts, hostName: string) {
    this.#session = session;
    this.#connection = connection;
    this.#hostName = hostName;
    this.facts = facts;
    this.closed = connection.closed;
    this.#links = new LinkMaker(session, facts.home, isModSftp(facts) ? 'link first' : 'target first', isOpenSsh(session));
    this.#offer(abilities);
    if (connection.openShell) this.openShell = connection.openShell;
    // One process for each login, which does one thing after another.
    const inTurn = isOpenSsh(session) || isModSftp(facts);
    if (abilities.setAttributes && inTurn) this.draft = (path, call) => this.#draft(path, call);
    if (session.offers(extension.copyData)) {
      this.copyOnServer = (from, to, call) => this.#run(from, call, (scope) => copyFile(session, scope, from, to, call ?? {}));
    }
    if (session.offers(extension.statvfs))
      this.space = (path, call) => this.#run(path, call, async (scope) => (await session.space(scope, path)).available);
  }

  stat(path: string, call?: Call): Promise<Attributes> {
    return this.#run(path, call, (scope) =>
      explained(this.#session, scope, path, explainStat, async () => toAttributes(await this.#session.stat(scope, path))),
    );
  }

  lstat(path: string, call?: Call): Promise<Attributes> {
    return this.#run(path, call, (scope) =>
      explained(this.#session, scope, path, explainStat, async () => toAttributes((await ownEntry(this.#session, scope, path)).attributes)),
    );
  }

  list(path: string, call?: Call): Promise<readonly Entry[]> {
    return this.#run(path, call, (scope) =>
      explained(this.#session, scope, path, explainList, () => listFolder(this.#session, scope, path)),
    );
  }

  read(path: string, sink: (chunk: Uint8Array) => void | Promise<void>, options: ReadOptions = {}): Promise<number> {
    return this.#run(path, options, (scope) =>
      explained(this.#session, scope, path, explainRead, () => readFile(this.#session, scope, path, sink, options)),
    );
  }

  write(path: string, content: Content, options: WriteOptions): Promise<void> {
    return this.#run(path, options, async (scope) => {
      const handle = await explained(this.#session, scope, path, explainOpen(options.disposition), () =>
        this.#session.open(scope, path, writeFlags[options.disposition], options.mode),
      );
      await explained(this.#session, scope, path, explainStorage, () => writeFile(this.#session, scope, handle, path, content, options));
    });
  }

  resume(path: string, offset: number, content: Content, call: Call = {}): Promise<void> {
    const session = this.#session;
    return this.#run(path, call, async (scope) => {
      const handle = await explained(session, scope, path, explainOpen('update'), () => session.open(scope, path, openFlag.WRITE));
      const rest = { offset, content, onProgress: call.onProgress };
      await explained(session, scope, path, explainStorage, () => resumeFile(session, scope, handle, path, rest));
    });
  }

  mkdir(path: string, call?: Call & { readonly mode?: number | undefined }): Promise<void> {
    return this.#run(path, call, (scope) =>
      explained(this.#session, scope, path, explainMkdir, async () => {
        // Some servers call it a success when the folder is there already.
        const before = outcome(this.#session.lstat(scope, path));
        await this.#session.mkdir(scope, path, call?.mode);
        if ('value' in (await before)) throw failure('Exists', path);
      }),
    );
  }

  unlink(path: string, call?: Call): Promise<void> {
    return this.#run(path, call, (scope) =>
      explained(this.#session, scope, path, explainUnlink, async () => {
        // Some servers remove an empty folder too.
        const careful = !isOpenSsh(this.#session);
        if (careful && (await lookAtItself(this.#session, scope, path)) === 'directory') throw failure('IsADirectory', path);
        await this.#session.remove(scope, path);
      }),
    );
  }

  rmdir(path: string, call?: Call): Promise<void> {
    return this.#run(path, call, (scope) =>
      explained(this.#session, scope, path, explainRmdir, async () => {
        // Some servers remove a file too, or the folder that a link leads to.
        const what = isOpenSsh(this.#session) ? 'directory' : await lookAtItself(this.#session, scope, path);
        if (what === 'file' || what === 'symlink') throw failure('NotADirectory', path);
        await this.#session.rmdir(scope, path);
      }),
    );
  }

  rename(from: string, to: string, options: RenameOptions): Promise<void> {
    return this.#run(from, options, (scope) => rename(this.#session, scope, from, to, options));
  }

  ping(call?: Call): Promise<void> {
    return this.#run(this.facts.home, call, async (scope) => {
      await this.#session.realPath(scope, '.');
    });
  }

  async close(): Promise<void> {
    const { channel, requests } = this.#connection;
    const gone = new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, closeDeadline);
      finished(channel, () => {
        clearTimeout(timer);
        resolve();
      });
    });
    requests.end(lost(t('The connection was closed.')));
    await gone;
  }

  async #draft(path: string, call: Call | undefined): Promise<Draft> {
    const session = this.#session;
    const open = await this.#run(path, call, async (scope) => {
      const handle = await explained(session, scope, path, explainOpen('create'), () =>
        session.open(scope, path, writeFlags.create, 0o600),
      );
      handle.release();
      return handle;
    });
    const fill = (scope: Scope, content: Uint8Array, options: FillOptions) =>
      explained(session, scope, path, explainStorage, () => fillFile(session, scope, session.adopt(scope, open), path, content, options));
    return {
      fill: (content, options) => this.#run(path, options, (scope) => fill(scope, content, options)),
      abandon: () => session.closeQuietly(open),
    };
  }

  #offer(abilities: Abilities): void {
    if (abilities.setAttributes) {
      this.chmod = (path, mode, call) =>
        this.#run(path, call, (scope) => this.#session.setAttributes(scope, path, { permissions: mode & 0o7777 }));
      this.chgrp = (path, group, call) => this.#run(path, call, (scope) => setGroup(this.#session, scope, path, group));
      this.setMtime = (path, mtime, call) => this.#run(path, call, (scope) => setMtime(this.#session, scope, path, mtime));
    }
    if (abilities.readLink) this.readLink = (path, call) => this.#run(path, call, (scope) => this.#session.readLink(scope, path));
    if (abilities.symlink) this.symlink = (target, link, call) => this.#run(link, call, (scope) => this.#links.make(scope, target, link));
  }

  async #run<T>(path: string, call: Call | undefined, body: (scope: Scope) => Promise<T>): Promise<T> {
    try {
      return await inScope(call, async (scope) => {
        try {
          return await body(scope);
        } catch (error) {
          throw isStatus(error) ? statusToRemoteError(error, path) : error;
        }
      });
    } catch (error) {
      throw toRemoteError(error).with({ path, host: this.#hostName });
    }
  }
}

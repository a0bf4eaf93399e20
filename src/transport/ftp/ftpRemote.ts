import type { TLSSocket } from 'node:tls';
import { RemoteError } from '../../core/errors.ts';
import type { HostProfile } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import type { Call, ChangeCall, Remote, RemoteFacts } from '../../core/remote.ts';
import { chmod, mkdir, rename, rmdir, setMtime, unlink } from './changes.ts';
import { read, resume, write } from './content.ts';
import { draft } from './draft.ts';
import { byReply } from './ftpErrors.ts';
import { listFolder } from './folder.ts';
import type { FtpSession } from './ftpSession.ts';
import { listBriefly } from './statusListing.ts';
import { lstat, readLink, refusal, stat } from './lookup.ts';
import { isRefusal } from './reply.ts';
import { within } from './deadlines.ts';

interface FtpRemoteParts {
  readonly home: string;
  readonly atomicReplace: boolean;
  readonly learn: (facts: HostProfile) => void;
}

/** As many commands as cover a link of 200 ms and a server that takes 2 ms for each; a cancellation comes too late for so many. */
const changesAtOnce = 100;

/** How long QUIT may take. */
const farewell = 500;

/** A Remote over a session that is logged in. */
export function createFtpRemote(session: FtpSession, { home, atomicReplace, learn }: FtpRemoteParts): Remote {
  const { control, features } = session;
  const facts = factsOf(session, home, atomicReplace);
  const learnAll = (learned: HostProfile): void => {
    if (learned.renameRefusesExisting) facts.atomicReplace = false;
    learn(learned);
  };
  const run = <T>(path: string, call: Call | undefined, task: (signal: AbortSignal) => Promise<T>): Promise<T> =>
    session.exclusive(path, call?.signal, task);
  return {
    facts,
    closed: control.closed,
    stat: (path, call) => session.together(path, call?.signal, () => stat(session, path)),
    lstat: (path, call) => session.together(path, call?.signal, () => lstat(session, path)),
    list: (path, call) =>
      run(path, call, async (signal) => {
        const brief = call?.briefly === true ? await listBriefly(session, path, signal) : undefined;
        const outcome = brief ?? (await listFolder(session, path, signal));
        if ('refused' in outcome) throw await refusal(session, outcome.refused, path, 'list', signal);
        session.seen.noteListed(path, outcome.value);
        return outcome.value;
      }),
    read: (path, sink, options = {}) => session.joined(path, options.signal, (signal) => read(session, path, sink, options, signal)),
    write: (path, content, options) => run(path, options, (signal) => write(session, path, content, options, signal)),
    resume: (path, offset, content, call = {}) => run(path, call, (signal) => resume(session, path, offset, content, call, signal)),
    draft: (path, call) => session.together(path, call?.signal, (signal) => draft(session, path, signal)),
    mkdir: (path, call) => session.together(path, call?.signal, () => mkdir(session, path, call?.mode)),
    unlink: (path, call) => session.together(path, call?.signal, () => unlink(session, path)),
    rmdir: (path, call) => session.together(path, call?.signal, () => rmdir(session, path)),
    rename(from, to, { replace, signal }) {
      const begin = () => rename(session, from, to, { replace, learn: learnAll });
      // What is asked after one that begins with a look must not overtake it.
      if (replace && session.habits.renamesAtOnce) return session.together(from, signal, begin);
      return run(from, { signal }, async (aborting) => {
        const first = await begin();
        if ('rest' in first) await first.rest(aborting);
      });
    },
    readLink: (path, call) => run(path, call, (signal) => readLink(session, path, signal)),
    ping: (call) => session.exclusive(undefined, call?.signal, () => ping(session)),
    close: () => close(session),
    ...(features.siteChmod && {
      chmod: (path: string, mode: number, call?: ChangeCall) =>
        session.together(path, call?.signal, () => chmod(session, path, mode, call)),
    }),
    ...(features.setTime && {
      setMtime: (path: string, mtime: number, call?: ChangeCall) =>
        session.together(path, call?.signal, () => setMtime(session, path, mtime, call)),
    }),
  };
}

function factsOf(
  { control, features }: FtpSession,
  home: string,
  atomicReplace: boolean,
): { -readonly [K in keyof RemoteFacts]: RemoteFacts[K] } {
  const cipher = 'getProtocol' in control.socket ? (control.socket as TLSSocket).getProtocol() : undefined;
  return {
    atomicReplace,
    exclusiveCreate: false,
    update: false,
    mtimeResolution: features.mlst || features.offered.has('MDTM') ? 1000 : undefined,
    parallel: 1,
    copiesAttributes: true,
    changesAtOnce: control.sequential ? 1 : changesAtOnce,
    caseSensitive: !features.windows,
    home,
    description: `${features.software} · ${cipher ?? t('not encrypted')}`,
  };
}

async function ping({ control, data }: FtpSession): Promise<void> {
  const answering = control.request('NOOP');
  // Who asks is about to use it.
  data.agreeAhead();
  const reply = await answering;
  // Any reply proves that the server answers; 421 and 530 have said more already.
  if (reply.code === 530 && isRefusal(reply)) throw byReply(reply) ?? new RemoteError('Auth', t('The server wants a new log-in.'));
}

async function close({ control }: FtpSession): Promise<void> {
  if (!control.reason)
    await within(
      control.request('QUIT', farewell).catch(() => undefined),
      farewell,
    );
  control.fail(new RemoteError('Lost', t('The connection was closed.')));
}

import { isIP } from 'node:net';
import type { Finding } from '../../core/diagnosis/finding.ts';
import type { Remote } from '../../core/remote.ts';
import { abortError, RemoteError, toRemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import { basename, parent } from '../../core/path.ts';
import { defaultDeadlines } from '../ftp/deadlines.ts';
import type { DataMode } from '../ftp/dataOpening.ts';
import { openFtp, type OpenFtp } from '../ftp/ftpConnect.ts';
import { parseTime } from '../ftp/features.ts';
import { listForLinks } from '../ftp/folder.ts';
import type { FtpSession } from '../ftp/ftpSession.ts';
import { parseListing, parseMlst, type ListedEntry } from '../ftp/listing.ts';
import { plainAddress } from '../ftp/passive.ts';
import { proxyDialer } from '../proxy/proxyDialer.ts';
import type { ToldTimes } from './clockStep.ts';
import type { Course, Notes } from './course.ts';
import { idleTimeSaid } from './idleTime.ts';
import { modesOver, tryMode, type DataTrial } from './dataProbe.ts';
import { logIn } from './login.ts';

/** An FTP server that let us in: its control connection, opened again where a trial cost it. */
export class FtpPlace {
  readonly #course: Course;
  #open: OpenFtp;
  /** Entries of the folder as LIST showed them, with its own times. */
  listed: readonly ListedEntry[] = [];

  /** One of the server's addresses; undefined: whichever answers. */
  readonly #at: string | undefined;

  constructor(course: Course, open: OpenFtp, at?: string) {
    this.#course = course;
    this.#open = open;
    this.#at = at;
  }

  /** Resolves to undefined where nobody got in; what was found says why. */
  static async enter(course: Course): Promise<FtpPlace | undefined> {
    const deadlines = { ...defaultDeadlines, dataConnect: course.limits.data };
    const open = await logIn(course, () => openFtp(course.host, course.connecting(false), deadlines));
    return open && new FtpPlace(course, open);
  }

  async remote(): Promise<Remote> {
    return (await this.#live()).remote;
  }

  async close(): Promise<void> {
    await this.#open.remote.close();
  }

  /** With which folders are listed now. */
  get listingCommand(): string {
    const { features, habits } = this.#open.session;
    return features.mlst && habits.mlsd ? 'MLSD' : habits.list;
  }

  /** Names that LIST shows and these, by MLSD, don't; or that only one of the ways works at all. */
  async judgeListing(folder: string, names: readonly string[]): Promise<Finding | undefined> {
    const { session } = await this.#live();
    const { features, habits, host } = session;
    if (host.ftp.listing !== undefined) return undefined;
    if (!features.mlst && habits.list === 'LIST -a') return undefined;
    if (!features.mlst) return { kind: 'listing', command: habits.list, refused: 'LIST -a', hidden: [] };
    const byMlsd = habits.mlsd;
    const listed = await session.exclusive(folder, this.#course.signal, (signal) => listForLinks(session, folder, signal));
    const hidden = 'value' in listed ? listed.value.map(({ name }) => name).filter((name) => !names.includes(name)) : [];
    if (byMlsd && hidden.length === 0) return undefined;
    return { kind: 'listing', command: habits.list, refused: byMlsd ? undefined : 'MLSD', hidden };
  }

  /** What each of its ways tells of a file's time. */
  async timesOf(path: string): Promise<ToldTimes> {
    const { session } = await this.#live();
    return session.exclusive(path, this.#course.signal, (signal) => timesOf(session, path, signal));
  }

  /** Seconds of silence that the server bears, where it says so. */
  async idleTime(): Promise<number | undefined> {
    const { session, greeting } = await this.#live();
    const status = await session.exclusive(undefined, this.#course.signal, () => session.control.request('STAT'));
    return idleTimeSaid([...greeting.lines, ...(status.code < 300 ? status.lines : [])].join('\n'));
  }

  /** A whole new connection, without a question to the person. */
  another(): Promise<Remote> {
    return openFtp(this.#course.host, this.#course.connecting(true), defaultDeadlines).then(({ remote }) => remote);
  }

  async offers(): Promise<void> {
    await this.#course.step('features', (notes) => {
      const { features } = this.#open.session;
      notes.add(features.software);
      const named = [...features.offered].filter(([name]) => name !== 'END');
      notes.add(named.map(([name, parameters]) => `${name} ${parameters}`.trim()).join(', ') || t('It names no features.'));
      notes.add(features.mlst ? t('Listings by MLSD, with exact times') : t('Listings by LIST; times by MDTM where it has it'));
      const offersTls = /\bTLS\b|\bSSL\b/i.test(features.offered.get('AUTH') ?? '');
      if (offersTls && this.#course.host.protocol === 'ftp') notes.find({ kind: 'tlsOffered' });
      return Promise.resolve('works');
    });
  }

  /** Passive and active data connections, each way of agreeing on one. The mode that works is kept for the host. */
  async tryData(): Promise<void> {
    const { host, context } = this.#course;
    const passive = await this.#tryModes(true);
    const isProxied = proxyDialer(host, host.name, context) !== undefined;
    if (isProxied) this.#course.skip('active', t('The server can’t connect back through a proxy.'));
    const active = isProxied ? [] : await this.#tryModes(false);
    if (passive.length === 0) this.#course.find({ kind: active.length === 0 ? 'dataBlocked' : 'passiveBlocked' });
    else if (active.length === 0 && !isProxied) this.#course.find({ kind: 'activeBlocked' });
    const mode = passive[0]?.mode ?? active[0]?.mode;
    if (mode === undefined) return;
    if (host.ftp.mode === 'auto') context.learn({ dataMode: passive.length > 0 ? 'passive' : 'active' });
    if (this.#open.session.data.secure) await this.#trySessionReuse(mode);
    if (!isProxied) await this.#tryOtherFamily();
  }

  /** The same over the server's other version of IP, where its name leads there too and it answers there. */
  async #tryOtherFamily(): Promise<void> {
    const course = this.#course;
    const used = isIP(plainAddress(this.#open.session.control.socket.remoteAddress ?? ''));
    const at = course.reached.find((address) => isIP(address.replace(/%.*$/, '')) === 10 - used);
    if (at === undefined) return;
    await course.step('otherFamily', async (notes) => {
      notes.add(at);
      const opening = openFtp(course.host, course.connecting(true), defaultDeadlines, at);
      const open = await opening.catch((error: unknown) => toRemoteError(error));
      if (open instanceof RemoteError) {
        // A server that takes no second connection, or wants a person for it, is named by another step.
        notes.add(open.message);
        return 'skipped';
      }
      const place = new FtpPlace(course, open, at);
      try {
        const works = [...(await place.#trials(true, notes)), ...(await place.#trials(false, notes))];
        if (works.length > 0) return 'works';
        notes.find({ kind: 'familyData', family: used === 4 ? 6 : 4, address: at });
        return 'attention';
      } finally {
        await place.close();
      }
    });
  }

  async #tryModes(passive: boolean): Promise<readonly DataTrial[]> {
    let works: readonly DataTrial[] = [];
    await this.#course.step(passive ? 'passive' : 'active', async (notes) => {
      works = await this.#trials(passive, notes);
      return works.length > 0 ? 'works' : 'attention';
    });
    const listing = works.find((trial) => trial.listing.byteLength > 0)?.listing;
    if (listing)
      this.listed = (await parseListing(listing, { format: 'list', decode: (name) => this.#open.session.charset.decode(name) })).entries;
    return works;
  }

  /** Those that work. */
  async #trials(passive: boolean, notes: Notes): Promise<readonly DataTrial[]> {
    const works: DataTrial[] = [];
    const { signal } = this.#course;
    for (const mode of modesOver(this.#open.session, passive)) {
      if (signal.aborted) throw abortError(signal);
      const trial = await this.#try(mode);
      notes.add(trial.note);
      noteAddress(trial, this.#open.session.control.socket.remoteAddress, notes);
      if (trial.works) works.push(trial);
    }
    return works;
  }

  async #try(mode: DataMode): Promise<DataTrial> {
    const { host, limits } = this.#course;
    const { session, remote } = await this.#live();
    return tryMode(session, mode, remote.facts.home, { host, context: this.#course.connecting(true), patience: limits.data });
  }

  /** Whether the server insists on the resumed session: tried without, on a connection that is not used for anything else. */
  async #trySessionReuse(mode: DataMode): Promise<void> {
    await this.#course.step('sessionReuse', async (notes) => {
      const { session } = await this.#live();
      session.data.secure?.forgetSession();
      const trial = await this.#try(mode);
      session.control.fail(toRemoteError(new Error(t('The trial is over.'))));
      if (trial.works) notes.add(t('The server takes data connections with and without a resumed session.'));
      else notes.add(t('Without a resumed session: {0}', trial.note));
      if (!trial.works) notes.find({ kind: 'sessionReuseRequired' });
      return 'works';
    });
  }

  async #live(): Promise<OpenFtp> {
    const { host } = this.#course;
    if (this.#open.session.control.reason) this.#open = await openFtp(host, this.#course.connecting(true), defaultDeadlines, this.#at);
    return this.#open;
  }
}

function noteAddress({ wrongAddress, mode }: DataTrial, real: string | undefined, notes: Notes): void {
  if (mode !== 'PASV' || wrongAddress === undefined) return;
  notes.find({ kind: 'passiveWrongAddress', named: wrongAddress, real: real ?? '' });
}

async function timesOf(session: FtpSession, path: string, signal: AbortSignal): Promise<ToldTimes> {
  const [mdtm, mlst] = await Promise.all([
    session.request('MDTM', path),
    session.features.mlst ? session.request('MLST', path) : undefined,
  ]);
  const listing = await listForLinks(session, parent(path), signal);
  const entries = 'value' in listing ? listing.value : [];
  const facts = mlst?.lines.map((line) => parseMlst(Buffer.from(line, 'latin1'), (name) => session.charset.decode(name)));
  return {
    mdtm: mdtm.code === 213 ? parseTime(mdtm.lines.join(' ')) : undefined,
    mlst: facts?.find((one) => one?.mtime !== undefined)?.mtime,
    list: entries.find(({ name }) => name === basename(path))?.approximateMtime,
  };
}

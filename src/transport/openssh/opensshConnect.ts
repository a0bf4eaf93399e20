import { userInfo } from 'node:os';
import type { Duplex } from 'node:stream';
import type { Connect, ConnectContext, OpensshReach } from '../../core/connect.ts';
import { abortError, RemoteError, toRemoteError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import { t } from '../../core/l10n.ts';
import type { SecretOwner } from '../../core/prompts.ts';
import type { Remote } from '../../core/remote.ts';
import { Deadline, promised } from '../deadline.ts';
import { encodePacket } from '../sftp/packets.ts';
import { packetType, version } from '../sftp/protocol.ts';
import { openSftp } from '../sftp/sftpRemote.ts';
import { lookUpSshConfig } from '../sshConfig/lookup.ts';
import { listenForQuestions } from './askpass.ts';
import { opensshError } from './opensshErrors.ts';
import { readOpensshLog } from './opensshLog.ts';
import { OpensshProcess } from './opensshProcess.ts';
import { OpensshQuestions } from './opensshQuestions.ts';
import { makePrivateFolder } from './privateFolder.ts';
import { commandFor, noProgram, programOf } from './program.ts';
import { writeWindowsConfig } from './windowsConfig.ts';

/** Connects through the person's own `ssh`, which does as it does in their terminal. Speaks SFTP on its input and output. */
export const connectOpenssh: Connect = async (host, context) => {
  const attempt = new Attempt(host, context);
  try {
    return await attempt.run();
  } catch (error) {
    throw toRemoteError(error).with({ host: host.name });
  }
};

/** Where a host's name leads, by the person's ssh config. */
interface Place extends SecretOwner {
  /** Neither jump hosts nor a `ProxyCommand` lie on the way. */
  readonly isDirect: boolean;
  /** A `ProxyCommand` does. */
  readonly isByCommand: boolean;
  /** Ms, without the time that a person thinks. */
  readonly patience: number;
}

class Attempt {
  readonly #host: Host;
  readonly #context: ConnectContext;
  /** Ends every question when the attempt is over. */
  readonly #over = new AbortController();
  #process: OpensshProcess | undefined;
  #deadline: Deadline | undefined;
  #isOpen = false;

  constructor(host: Host, context: ConnectContext) {
    this.#host = host;
    this.#context = context;
  }

  async run(): Promise<Remote> {
    const { reach, signal } = this.#context;
    const program = await programOf(reach);
    const openssh = reach?.openssh;
    if (openssh === undefined) throw noProgram(undefined);
    const place = await placeOf(this.#host, this.#context);
    const deadline = (this.#deadline = new Deadline(place.patience, signal, () => late(place)));
    deadline.signal.addEventListener('abort', () => this.#fail(abortError(deadline.signal)), { once: true });
    try {
      if (deadline.signal.aborted) throw abortError(deadline.signal);
      const process = await this.#start(program, openssh, place);
      const remote = await this.#open(process);
      this.#isOpen = true;
      return remote;
    } catch (error) {
      const reason = toRemoteError(error);
      this.#fail(reason);
      // What ended the attempt first says more than what followed from it.
      throw this.#over.signal.reason ?? reason;
    } finally {
      this.#tell();
      deadline.end();
    }
  }

  #fail(reason: RemoteError): void {
    if (!this.#over.signal.aborted) this.#over.abort(reason);
    this.#process?.channel.destroy(reason);
  }

  async #start(program: string, { askpass: askpassProgram, storage }: OpensshReach, place: Place): Promise<OpensshProcess> {
    const { log, prompts, reach } = this.#context;
    const folder = await makePrivateFolder(storage);
    const questions = new OpensshQuestions({
      ...{ hostName: this.#host.name, owner: place, prompts, log },
      written: () => this.#process?.written() ?? readOpensshLog(''),
      isOwn: (parent) => (isWindows ? place.isDirect : parent === this.#process?.pid),
      asking: (question) => this.#asking(question),
      declined: (reason) => this.#fail(reason),
    });
    const askpass = await listenForQuestions({ program: askpassProgram, folder: folder.path, answer: (asked) => questions.answer(asked) });
    const leave = (): void => {
      askpass.close();
      void folder.remove();
    };
    try {
      if (this.#over.signal.aborted) throw abortError(this.#over.signal);
      const sshConfig = isWindows ? await writeWindowsConfig(folder.path, reach?.sshConfig) : reach?.sshConfig;
      const command = commandFor(this.#host, reach, sshConfig);
      const environment = mayAsk(place) ? askpass.environment : { SSH_ASKPASS_REQUIRE: 'never' };
      const process = new OpensshProcess({
        ...{ program, ...command, environment, folder: folder.path, log },
        explain: ({ messages }, beside) => opensshError({ ...place, isOpen: this.#isOpen, messages, beside }),
      });
      this.#process = process;
      void process.ended.then(leave);
      return process;
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** Its first word is sent ahead: when it is answered, the log-in is over. */
  async #open(process: OpensshProcess): Promise<Remote> {
    const { channel } = process;
    const { log } = this.#context;
    channel.write(encodePacket(packetType.INIT, undefined, [version]));
    await firstAnswer(channel);
    const said = process.written();
    return await openSftp(channel, {
      ...{ host: this.#host, log, signal: this.#over.signal, isGreeted: true },
      ...{
        serverIdent: said.software,
        link: [t('through ssh'), said.exchange, said.hostKeys[0]?.algorithm, said.cipher].filter(Boolean).join(', '),
      },
    });
  }

  /** While the person thinks, the clock stands still. */
  #asking<T>(question: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const ask = (): Promise<T> => question(this.#over.signal);
    return this.#deadline?.whileAsking(ask) ?? ask();
  }

  #tell(): void {
    const { observe } = this.#context;
    const said = this.#process?.written();
    if (said === undefined || observe === undefined) return;
    const { software, exchange, cipher, hostKeys, offered } = said;
    if (software !== undefined && exchange !== undefined) {
      const { algorithm: hostKey = '', fingerprint } = hostKeys[0] ?? {};
      observe({ kind: 'ssh', software, exchange, hostKey, fingerprint, cipher: cipher ?? '' });
    }
    for (const methods of offered) observe({ kind: 'methods', offered: methods });
    if (this.#isOpen) observe({ kind: 'loggedIn' });
  }
}

const isWindows = process.platform === 'win32';

/** What comes from programs on the way can hold a server's words too (see `writeWindowsConfig`). */
function mayAsk({ isByCommand }: Place): boolean {
  return !isWindows || !isByCommand;
}

async function placeOf(host: Host, { reach, log }: ConnectContext): Promise<Place> {
  const { sshConfig: followed, jump } = host.sftp;
  const port = followed === undefined ? (host.port === 22 ? undefined : host.port) : followed.port;
  const entry = await lookUpSshConfig({ host: followed?.host ?? host.address, user: host.user, port }, reach?.sshConfig, log);
  const settings = entry?.settings;
  const isByCommand = jump === undefined && settings?.command !== undefined;
  const jumps = jump ?? settings?.jumps ?? [];
  return {
    protocol: 'sftp',
    user: settings?.user ?? host.user ?? userInfo().username,
    address: followed?.address ?? settings?.hostname ?? host.address,
    port: settings?.port ?? host.port,
    ...{ isByCommand, isDirect: !isByCommand && jumps.length === 0 },
    patience: settings?.patience === undefined ? promised.login : settings.patience * 1000,
  };
}

function late({ address, port }: Place): RemoteError {
  return new RemoteError('Unreachable', t('“ssh” did not come through to {0}, port {1}, in time.', address, port), {
    hint: t('Check the address and port; the server or the network may be overloaded.'),
  });
}

/** Resolves when the server has sent something; rejects with why it did not. */
function firstAnswer(channel: Duplex): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (how: () => void): void => {
      channel.off('readable', readable).off('error', failed).off('close', closed);
      how();
    };
    const readable = (): void => settle(resolve);
    const failed = (error: Error): void => settle(() => reject(error));
    const closed = (): void => settle(() => reject(new RemoteError('Lost', t('“ssh” ended the connection and gave no reason.'))));
    channel.on('readable', readable).on('error', failed).on('close', closed);
  });
}

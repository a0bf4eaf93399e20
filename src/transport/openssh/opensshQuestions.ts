import type { ConnectContext } from '../../core/connect.ts';
import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import type { Log } from '../../core/log.ts';
import type { AnswersRequest, Peer, SecretOwner } from '../../core/prompts.ts';
import { safeText } from '../../core/text.ts';
import type { AskpassQuestion } from './askpass.ts';
import { type OpensshLog, tellsQuestionsApart } from './opensshLog.ts';
import { kindOfQuestion, placeOf, type QuestionKind } from './questionKinds.ts';

export interface OpensshQuestionsOptions {
  readonly hostName: string;
  readonly owner: SecretOwner;
  readonly prompts: ConnectContext['prompts'];
  readonly log: Log;
  /** What `ssh` has written by now. */
  readonly written: () => OpensshLog;
  /** Whether a process is the `ssh` that logs in to the host itself, rather than one on the way. */
  readonly isOwn: (process: number) => boolean;
  /** Puts a question while the clock of the log-in stands still. */
  readonly asking: <T>(question: (signal: AbortSignal) => Promise<T>) => Promise<T>;
  /** The person does not want to go on: ends the attempt. */
  readonly declined: (reason: RemoteError) => void;
}

type HostKeyQuestion = QuestionKind & { readonly kind: 'hostKey' };

/** Puts the questions of `ssh` to the person, as Ferry's own, with what the keychain has for this very server. */
export class OpensshQuestions {
  readonly #options: OpensshQuestionsOptions;
  /** Of keys whose passphrase was asked for. */
  readonly #files = new Map<string, number>();
  /** How often the server had refused when it was asked for a password first. */
  #refusedBefore: number | undefined;
  /** The fingerprint that the person said yes to. */
  #admitted: string | undefined;

  constructor(options: OpensshQuestionsOptions) {
    this.#options = options;
  }

  /** Undefined: `ssh` gets no answer, which is a no. Never rejects. */
  async answer(question: AskpassQuestion): Promise<string | undefined> {
    try {
      return await this.#answer(question);
    } catch (error) {
      if (!question.signal.aborted) this.#options.log.warn(`A question of ssh found no answer: ${String(error)}`);
      return undefined;
    }
  }

  async #answer(question: AskpassQuestion): Promise<string | undefined> {
    const { isOwn, written } = this.#options;
    const own = isOwn(question.parent);
    const asked = kindOfQuestion(question.prompt, question.hint, own && !tellsQuestionsApart(written()));
    if (asked.kind === 'notice') {
      await this.#tell(question);
      return undefined;
    }
    if (asked.kind === 'hostKey') return await this.#admit(asked, question, own);
    if (!own) return await this.#askForProgram(question, t('ssh on the way to {0}', this.#options.hostName));
    switch (asked.kind) {
      case 'passphrase':
        return await this.#passphrase(asked.file, question);
      case 'password':
        return await this.#password(question);
      case 'server':
        return await this.#serverQuestion(asked.prompt, question);
      case 'expiredPassword':
        this.#options.declined(expired());
        return undefined;
      case 'other':
        return await this.#askForProgram(question, 'ssh');
    }
  }

  /** What is said as long as it holds. */
  async #tell({ prompt, signal }: AskpassQuestion): Promise<void> {
    const { prompts, hostName, asking } = this.#options;
    prompts.notice({ hostName, text: prompt, signal });
    await asking(() => new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })));
  }

  async #admit({ place, type, fingerprint: named }: HostKeyQuestion, { signal }: AskpassQuestion, own: boolean) {
    const { prompts, hostName, owner, written } = this.#options;
    const keys = own ? written().hostKeys : [];
    const key = named === undefined ? (keys.length === 1 ? keys[0] : undefined) : keys.find(({ fingerprint }) => fingerprint === named);
    const fingerprint = named ?? key?.fingerprint;
    if (fingerprint === undefined) return undefined;
    const { address, port } = own ? owner : placeOf(place);
    const yes = await this.#ask(signal, (both) =>
      prompts.admit({
        ...{ hostName, address, port, signal: both },
        identity: { kind: 'hostKey', algorithm: key?.algorithm ?? type, fingerprint },
        note: t('“ssh” keeps it in your known_hosts.'),
        ...(!own && { station: t('a host on the way') }),
      }),
    );
    if (yes) {
      if (own) this.#admitted = fingerprint;
      // Not just yes: what was shown is what is taken.
      return named ?? 'yes';
    }
    const message = t('The host key of {0} was not accepted; nothing secret was sent.', address);
    this.#options.declined(new RemoteError('Cancelled', message, { host: hostName }));
    return undefined;
  }

  async #passphrase(file: string, question: AskpassQuestion): Promise<string | undefined> {
    const { prompts, hostName, owner } = this.#options;
    const count = this.#files.get(file) ?? 0;
    this.#files.set(file, count + 1);
    return await this.#given(question, (signal) =>
      prompts.secret({ hostName, owner, kind: 'passphrase', file, refused: count > 0, signal }),
    );
  }

  async #password(question: AskpassQuestion): Promise<string | undefined> {
    const { prompts, hostName, owner } = this.#options;
    const peer = this.#peer();
    if (peer === undefined) return await this.#askForProgram(question, 'ssh');
    const refused = this.#refusals() > 0;
    return await this.#given(question, (signal) => prompts.secret({ hostName, owner, peer, kind: 'password', refused, signal }));
  }

  async #serverQuestion(serverPrompt: string, question: AskpassQuestion): Promise<string | undefined> {
    const peer = this.#peer();
    return await this.#questions(question, serverPrompt, peer === undefined ? { program: 'ssh' } : { peer, refused: this.#refusals() });
  }

  /** Never answered by itself: nobody but the person can tell who wants to know. */
  async #askForProgram(question: AskpassQuestion, program: string): Promise<string | undefined> {
    return await this.#questions(question, question.prompt, { program });
  }

  async #questions(question: AskpassQuestion, serverPrompt: string, more: Partial<AnswersRequest>): Promise<string | undefined> {
    const { prompts, hostName, owner } = this.#options;
    const answers = await this.#given(question, (signal) =>
      prompts.answers({
        ...{ hostName, owner, signal, serverName: '', serverInstructions: '', refused: 0 },
        prompts: [{ serverPrompt, echo: false }],
        ...more,
      }),
    );
    return answers?.[0];
  }

  /** The server that a kept secret may go to: undefined where it is not sure which one it is. */
  #peer(): Peer | undefined {
    const { hostKeys, isKnown } = this.#options.written();
    const [key, another] = hostKeys;
    if (key === undefined || another !== undefined) return undefined;
    return isKnown || this.#admitted === key.fingerprint ? { fingerprint: key.fingerprint, others: [] } : undefined;
  }

  /** How often the server refused since it was asked for a password first. */
  #refusals(): number {
    const { offered, partialSteps } = this.#options.written();
    const count = offered.length - partialSteps;
    this.#refusedBefore ??= count;
    return Math.max(0, count - this.#refusedBefore);
  }

  async #given<T>({ signal }: AskpassQuestion, ask: (signal: AbortSignal) => Promise<T | undefined>): Promise<T | undefined> {
    const answer = await this.#ask(signal, ask);
    // Taken back: nobody declined.
    if (answer === undefined && !signal.aborted) this.#options.declined(new RemoteError('Cancelled', t('The log-in was cancelled.')));
    return answer;
  }

  #ask<T>(gone: AbortSignal, ask: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return this.#options.asking((signal) => ask(AbortSignal.any([gone, signal])));
  }
}

function expired(): RemoteError {
  return new RemoteError('Auth', t('The password has expired and must be changed on the server.'), {
    hint: t('Log in with an SSH terminal once, or ask the administrator, to set a new one.'),
  });
}

/** What `ssh` and the programs on the way said beside its log: banners, mostly. */
export function noteSaid(log: Log, chunk: Buffer): void {
  log.info(`ssh: ${safeText(chunk.toString(), 1000)}`);
}

import type { ParsedKey } from 'ssh2';
import type { ConnectContext } from '../../core/connect.ts';
import { RemoteError } from '../../core/errors.ts';
import { t } from '../../core/l10n.ts';
import type { Log } from '../../core/log.ts';
import type { AnswersRequest, SecretOwner, SecretRequest } from '../../core/prompts.ts';
import { safeText } from '../../core/text.ts';
import { userSignature } from './algorithms.ts';
import { AuthenticationReport, isSaidByServer } from './authenticationReport.ts';
import type { SignNamed } from './agent.ts';
import { certifiedAlgorithm, namedSignature, plainType } from './certificates.ts';
import { type BlobCandidate, type FileCandidate, keyCandidates, type KeyCandidate } from './keyCandidates.ts';
import { keyType } from './knownHosts.ts';
import { readPrivateKey } from './keys.ts';
import { orderOf } from './methodOrder.ts';
import type { SshEnvironment } from './environment.ts';
import { allowsSha1, type SshTarget } from './sshTarget.ts';
import { finished, type Outcome, type Sign, type UserauthDialogue, type UserauthReply } from './userauth.ts';

export interface AuthenticationOptions {
  readonly target: SshTarget;
  readonly user: string;
  readonly dialogue: UserauthDialogue;
  readonly environment: SshEnvironment;
  readonly log: Log;
  readonly observe?: ConnectContext['observe'];
  /** Whether the person's own `ssh` could carry the connection. */
  readonly hasOpenssh: () => Promise<boolean>;
  /**
   * The person's answers. They reject with `Cancelled` where the person declines, and with the reason when the attempt is over. The
   * clock stands still meanwhile.
   */
  readonly ask: {
    secret(request: Omit<SecretRequest, 'signal'>): Promise<string>;
    answers(request: Omit<AnswersRequest, 'signal'>): Promise<readonly string[]>;
    /** Waits for something else that a person may have to do, such as touching a key. */
    consent<T>(work: Promise<T>): Promise<T>;
  };
}

/** OpenSSH's NumberOfPasswordPrompts: so often a secret is asked for in one step of a log-in. */
const tries = 3;
/** RFC 4256 sets no limits; these are beyond every real server. */
const largestRound = 32;
const mostRounds = 20;
/** Ways to prove oneself that a server may want one after the other (RFC 4252 §5.1); two or three are usual. */
const mostSteps = 8;

/** Proves who the person is, by all that the server takes, in OpenSSH's order. Rejects with `Auth`, `Cancelled` or why the connection went. */
export async function authenticate(options: AuthenticationOptions): Promise<void> {
  const authentication = new Authentication(options);
  await authentication.run();
}

class Authentication {
  readonly #options: AuthenticationOptions;
  readonly #owner: SecretOwner;
  readonly #report = new AuthenticationReport();
  #keys: KeyCandidate[] | undefined;

  constructor(options: AuthenticationOptions) {
    this.#options = options;
    const { protocol, address, port } = options.target.host;
    this.#owner = { protocol, user: options.user, address, port };
  }

  async run(): Promise<void> {
    const { dialogue, user } = this.#options;
    const { host } = this.#options.target;
    try {
      let outcome = this.#finished(await dialogue.none());
      for (let steps = 0; outcome.kind !== 'success'; steps++) {
        if (steps === mostSteps) throw this.#endless();
        outcome = await this.#step(outcome.methods);
      }
    } catch (error) {
      const lost = error instanceof RemoteError && (error.code === 'Lost' || error.code === 'Unreachable');
      /* Trying again would send the same secret again, which only the person may decide. */
      if (lost && dialogue.credentialSent) throw this.#report.hungUp(host, user, error, isSaidByServer(error));
      throw error;
    }
  }

  /** One step of perhaps several (RFC 4252 §5.1): tries what the server lists until it succeeds or wants another step. */
  async #step(listed: readonly string[]): Promise<Outcome> {
    this.#options.log.debug(`The server accepts: ${safeText(listed.join(', '))}`);
    this.#options.observe?.({ kind: 'methods', offered: listed });
    const { keysLast, questionsFirst } = orderOf(this.#options.target.methods);
    const none: Outcome = { kind: 'refused', methods: listed };
    let outcome = keysLast ? none : await this.#tryKeys(listed);
    let passwordTried = false;
    let noQuestions = false;
    for (let count = 0; count < (this.#options.target.passwordPrompts ?? tries) && outcome.kind === 'refused'; count++) {
      /* A refused password may mean that the server wants more than one thing: its own questions tell. */
      const questions: boolean = outcome.methods.includes('keyboard-interactive') && !noQuestions;
      const password: boolean = outcome.methods.includes('password') && !((passwordTried || questionsFirst) && questions);
      if (!password && !questions) break;
      const next: Outcome | undefined = password ? await this.#tryPassword(count) : await this.#tryQuestions(count);
      passwordTried ||= password;
      if (next !== undefined) outcome = next;
      else {
        noQuestions = true;
        count--;
      }
    }
    if (outcome.kind === 'refused' && keysLast) outcome = await this.#tryKeys(outcome.methods);
    if (outcome.kind !== 'refused') return outcome;
    const { target, user, hasOpenssh } = this.#options;
    throw await this.#report.failure({ host: target.host, user, methods: outcome.methods, hasOpenssh });
  }

  async #tryKeys(listed: readonly string[]): Promise<Outcome> {
    let outcome: Outcome = { kind: 'refused', methods: listed };
    if (listed.includes('publickey')) await this.#loadKeys();
    while (outcome.kind === 'refused' && outcome.methods.includes('publickey')) {
      const candidate = this.#keys?.shift();
      if (candidate === undefined) break;
      const reply = await this.#tryKey(candidate);
      if (reply !== undefined) outcome = this.#noted('publickey', candidate.label, reply);
    }
    return outcome;
  }

  async #tryKey(candidate: KeyCandidate): Promise<UserauthReply | undefined> {
    switch (candidate.kind) {
      case 'agent':
        return await this.#tryAgentKey(candidate);
      case 'blob':
        return await this.#tryBlob(candidate);
      case 'file':
        return await this.#tryKeyFile(candidate);
    }
  }

  /** A certificate, or a key of a FIDO device. */
  async #tryBlob({ blob, label, signer }: BlobCandidate): Promise<UserauthReply | undefined> {
    const { ask, dialogue } = this.#options;
    const type = keyType(blob) ?? '';
    const signature = this.#signature({ type: plainType(type) }, label);
    if (signature === undefined) return undefined;
    const algorithm = certifiedAlgorithm(type, signature.algorithm);
    const probed = await dialogue.probeBlob(blob, algorithm);
    if (probed.kind !== 'keyAccepted') return probed;
    const sign = typeof signer === 'function' ? signer : await this.#signerOf(signer, signature.algorithm);
    if (sign === undefined) return undefined;
    try {
      return await dialogue.publicBlob(blob, algorithm, (data) => ask.consent(sign(data, signature.hash)));
    } catch (error) {
      if (error instanceof RemoteError) throw error;
      this.#report.add('publickey', label, t('the agent did not sign'));
      return undefined;
    }
  }

  async #signerOf(file: FileCandidate, algorithm: string): Promise<SignNamed | undefined> {
    const key = file.reading.kind === 'key' ? file.reading.key : await this.#unlock(file);
    if (key === undefined) return undefined;
    return (data, hash) => {
      const signed: unknown = key.sign(data, hash);
      if (Buffer.isBuffer(signed)) return Promise.resolve(namedSignature(algorithm, signed));
      throw new RemoteError('Auth', t('The {0} can’t sign.', file.label), { cause: signed });
    };
  }

  #noted(method: string, label: string, reply: UserauthReply): Outcome {
    const outcome = this.#finished(reply);
    const words = { success: t('accepted'), partial: t('accepted, but more is wanted'), refused: t('refused') }[outcome.kind];
    if (outcome.kind !== 'success') this.#report.add(method, label, words);
    this.#options.observe?.({ kind: 'tried', what: label, outcome: words });
    return outcome;
  }

  async #loadKeys(): Promise<void> {
    if (this.#keys !== undefined) return;
    const { target, environment, log } = this.#options;
    const { candidates, problems } = await keyCandidates(target.host.sftp, environment, log, {
      onlyNamed: target.identitiesOnly,
      certificateFiles: target.certificateFiles,
    });
    this.#keys = [...candidates];
    problems.forEach((problem) => this.#report.addProblem(problem));
  }

  async #tryAgentKey({ label, agentKey }: KeyCandidate & { kind: 'agent' }): Promise<UserauthReply | undefined> {
    const { ask, dialogue } = this.#options;
    const signature = this.#signature(agentKey.key, label);
    if (signature === undefined) return undefined;
    /* An agent may want consent for each signature: none is asked for in vain. */
    const probed = await dialogue.probe(agentKey.key, signature.algorithm);
    if (probed.kind !== 'keyAccepted') return probed;
    try {
      const sign: Sign = (data) => ask.consent(agentKey.sign(data, signature.hash));
      return await dialogue.publicKey(agentKey.key, signature.algorithm, sign);
    } catch (error) {
      if (error instanceof RemoteError) throw error;
      this.#report.add('publickey', label, t('the agent did not sign'));
      return undefined;
    }
  }

  async #tryKeyFile(candidate: KeyCandidate & { kind: 'file' }): Promise<UserauthReply | undefined> {
    const { reading, label } = candidate;
    if (reading.kind === 'key') return this.#useKey(reading.key, label);
    if (reading.kind === 'locked' && reading.publicKey !== undefined) {
      const signature = this.#signature(reading.publicKey, label);
      if (signature === undefined) return undefined;
      const probed = await this.#options.dialogue.probe(reading.publicKey, signature.algorithm);
      if (probed.kind !== 'keyAccepted') return probed;
    }
    const key = await this.#unlock(candidate);
    return key === undefined ? undefined : this.#useKey(key, label);
  }

  async #useKey(key: ParsedKey, label: string): Promise<UserauthReply | undefined> {
    const signature = this.#signature(key, label);
    if (signature === undefined) return undefined;
    return this.#options.dialogue.publicKey(key, signature.algorithm, (data) => {
      const signed: unknown = key.sign(data, signature.hash);
      if (Buffer.isBuffer(signed)) return signed;
      throw new RemoteError('Auth', t('The {0} can’t sign.', label), { cause: signed });
    });
  }

  async #unlock({ file, content, label }: KeyCandidate & { kind: 'file' }): Promise<ParsedKey | undefined> {
    const { ask, target } = this.#options;
    const { host } = target;
    for (let count = 0; count < tries; count++) {
      const passphrase = await ask.secret({ hostName: host.name, owner: this.#owner, kind: 'passphrase', file, refused: count > 0 });
      /* Trying a passphrase takes seconds for some keys, which are not the server's. */
      const reading = await ask.consent(readPrivateKey(content, passphrase));
      if (reading.kind === 'key') return reading.key;
      if (reading.kind !== 'unusable') continue;
      this.#report.add('publickey', label, reading.reason);
      return undefined;
    }
    this.#report.add('publickey', label, t('wrong passphrase'));
    return undefined;
  }

  #signature(key: { readonly type: string }, label: string): ReturnType<typeof userSignature> {
    const { target, dialogue } = this.#options;
    const signature = userSignature(key.type, dialogue.serverSignatures, allowsSha1(target));
    if (signature === undefined) this.#report.add('publickey', label, t('the server takes it only with SHA-1, which is off for this host'));
    return signature;
  }

  async #tryPassword(count: number): Promise<Outcome> {
    const { ask, dialogue, target } = this.#options;
    const { host } = target;
    const password = await ask.secret({ hostName: host.name, owner: this.#owner, kind: 'password', refused: count > 0 });
    const reply = await dialogue.password(password);
    if (reply.kind === 'passwordExpired') {
      const hint = t('Log in with an SSH terminal once, or ask the administrator, to set a new one.');
      throw new RemoteError('Auth', t('The password has expired and must be changed on the server.'), { host: host.name, hint });
    }
    return this.#noted('password', t('password'), reply);
  }

  /** Keyboard-interactive; undefined where the server lists it but has nothing to ask. */
  async #tryQuestions(refused: number): Promise<Outcome | undefined> {
    const { dialogue } = this.#options;
    let reply = await dialogue.keyboardInteractive();
    let asked = false;
    for (let round = 0; reply.kind === 'questions'; round++) {
      if (round === mostRounds || reply.prompts.length > largestRound) throw this.#endless();
      asked ||= reply.prompts.length > 0;
      reply = await dialogue.answers(reply.prompts.length === 0 ? [] : await this.#answer(reply, refused));
    }
    if (reply.kind === 'refused' && !asked) return undefined;
    return this.#noted('keyboard-interactive', t('answers to the server’s questions'), reply);
  }

  async #answer({ name, instructions, prompts }: UserauthReply & { kind: 'questions' }, refused: number): Promise<readonly string[]> {
    const { ask, target } = this.#options;
    const { host } = target;
    const answers = await ask.answers({
      ...{ hostName: host.name, owner: this.#owner, refused },
      ...{ serverName: name, serverInstructions: instructions },
      prompts: prompts.map(({ prompt, echo }) => ({ serverPrompt: prompt, echo })),
    });
    return prompts.map((_, index) => answers[index] ?? '');
  }

  /** The end of an attempt, with those of its methods that the person allows. */
  #finished(reply: UserauthReply): Outcome {
    const outcome = finished(reply);
    const { methods: allowed } = this.#options.target;
    if (allowed === undefined || outcome.kind === 'success') return outcome;
    return { ...outcome, methods: outcome.methods.filter((method) => allowed.includes(method)) };
  }

  #endless(): RemoteError {
    return new RemoteError('Auth', t('The server asks question after question in the log-in.'), { host: this.#options.target.host.name });
  }
}

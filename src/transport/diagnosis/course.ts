import type { ConnectFact } from '../../core/connect.ts';
import type { DiagnoseContext, Diagnosis, DiagnosisLimits, Step, StepId, StepResult } from '../../core/diagnosis/diagnosis.ts';
import type { Finding } from '../../core/diagnosis/finding.ts';
import { abortError, toRemoteError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import { redacted, type Log } from '../../core/log.ts';
import type { Prompts } from '../../core/prompts.ts';
import { createSessionPrompts } from '../../core/sessionPrompts.ts';

const defaultLimits: DiagnosisLimits = { connect: 5000, silence: 4000, data: 5000, usualPorts: [22, 21, 990] };

const mostLogLines = 3000;
const longestLogLine = 2000;
/** A secret of fewer characters is found in ordinary words. */
const shortSecret = 4;

/** What a step writes down while it runs. */
export interface Notes {
  add(note: string): void;
  find(finding: Finding): void;
}

/** One run through the steps: what was seen and found, and the dialogue. */
export class Course {
  readonly host: Host;
  readonly context: DiagnoseContext;
  readonly limits: DiagnosisLimits;
  /** What the latest log-in showed. */
  facts: ConnectFact[] = [];
  /** Those of the server that a TCP connection was made to, where it is reached directly. */
  reached: readonly string[] = [];
  readonly #startedAt = Date.now();
  readonly #steps: Step[] = [];
  readonly #findings: Finding[] = [];
  readonly #log: string[] = [];
  readonly #secrets = new Set<string>();
  readonly #others = new Set<string>();
  readonly #prompts: ReturnType<typeof createSessionPrompts>;
  /** Ms that a person took to answer. */
  #thinking = 0;

  constructor(host: Host, context: DiagnoseContext) {
    this.host = host;
    this.context = context;
    this.limits = { ...defaultLimits, ...context.limits };
    this.#prompts = createSessionPrompts(this.#listening(context.prompts));
  }

  get signal(): AbortSignal {
    return this.context.signal;
  }

  get log(): Log {
    const { log } = this.context;
    const both = (level: Exclude<keyof Log, 'wantsTrace'>) => (message: string) => {
      log[level](message);
      if (this.#log.length < mostLogLines) this.#log.push(message.slice(0, longestLogLine));
    };
    return { trace: both('trace'), debug: both('debug'), info: both('info'), warn: both('warn'), error: both('error') };
  }

  /** To connect with as Ferry always does; after the first log-in nobody is asked again. */
  connecting(again: boolean): DiagnoseContext {
    this.facts = [];
    return {
      ...this.context,
      learn: (facts) => this.context.learn(facts),
      log: this.log,
      prompts: again ? this.#prompts.silent : this.#prompts.asking,
      observe: (fact) => this.facts.push(fact),
    };
  }

  /** The log-in succeeded: what was answered is right. */
  loggedIn(): void {
    this.#prompts.accepted();
  }

  /** What is thrown in `run` is a failure of the step, and no more; only a cancellation ends the whole. Resolves to whether it came through. */
  async step(id: StepId, run: (notes: Notes) => Promise<StepResult>): Promise<boolean> {
    this.#throwIfOver();
    this.context.onStep?.(id);
    const notes: string[] = [];
    const began = performance.now() - this.#thinking;
    const found = this.#findings.length;
    const end = (result: StepResult): boolean => {
      this.#steps.push({ id, ms: performance.now() - this.#thinking - began, result, notes });
      return result === 'works' || result === 'attention';
    };
    try {
      return end(await run({ add: (note) => notes.push(note), find: (finding) => this.#findings.push(finding) }));
    } catch (error) {
      this.#throwIfOver();
      const { message, hint } = toRemoteError(error);
      notes.push(message);
      if (this.#findings.length === found) this.#findings.push({ kind: 'connectFailed', said: message, hint });
      return end('fails');
    }
  }

  /** What only several steps together show. */
  find(finding: Finding): void {
    this.#findings.push(finding);
  }

  /** A step that was part of another one, which comes after it. */
  record(step: Step): void {
    this.#steps.push(step);
  }

  /** What a log to share does not tell. */
  mention(...names: readonly (string | undefined)[]): void {
    for (const name of names) if (name !== undefined) this.#others.add(name);
  }

  skip(id: StepId, why: string): void {
    this.#steps.push({ id, ms: 0, result: 'skipped', notes: [why] });
  }

  diagnosis(): Diagnosis {
    const { host } = this;
    const log = this.#log.map((line) => this.#withoutSecrets(line));
    const loggedIn = this.#steps.some(({ id, result }) => id === 'login' && result === 'works');
    const steps = this.#steps.map((step) => ({ ...step, notes: step.notes.map((note) => this.#withoutSecrets(note)) }));
    const findings = [...new Map(this.#findings.map((finding) => [JSON.stringify(finding), finding])).values()];
    return { host, startedAt: this.#startedAt, steps, findings, log, loggedIn, others: [...this.#others] };
  }

  #throwIfOver(): void {
    if (this.signal.aborted) throw abortError(this.signal);
  }

  #withoutSecrets(line: string): string {
    return [...this.#secrets].reduce((text, secret) => text.replaceAll(secret, redacted), line);
  }

  async #timed<T>(question: Promise<T>): Promise<T> {
    const began = performance.now();
    try {
      return await question;
    } finally {
      this.#thinking += performance.now() - began;
    }
  }

  /** Notes what the person answers, to keep it out of what may be shared. The time that it takes them is none of the server's. */
  #listening(prompts: Prompts): Prompts {
    const note = (secret: string | undefined): void => {
      if (secret !== undefined && secret.length >= shortSecret) this.#secrets.add(secret);
    };
    return {
      user: (request) => this.#timed(prompts.user(request)),
      admit: (request) => this.#timed(prompts.admit(request)),
      notice: (request) => prompts.notice(request),
      warn: (topic, hostName) => prompts.warn(topic, hostName),
      secret: async (request) => {
        const secret = await this.#timed(prompts.secret(request));
        note(secret);
        return secret;
      },
      answers: async (request) => {
        const answers = await this.#timed(prompts.answers(request));
        answers?.forEach(note);
        return answers;
      },
    };
  }
}

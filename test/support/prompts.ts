import { silentLog, type Log } from '../../src/core/log.ts';
import type { ConnectContext } from '../../src/core/connect.ts';
import type { HostProfile } from '../../src/core/host.ts';
import type {
  AdmitRequest,
  AnswersRequest,
  Identity,
  Prompts,
  SecretRequest,
  TrustedIdentity,
  TrustStore,
} from '../../src/core/prompts.ts';

/** What the person of a test answers. An array is used up one by one; when it is empty the person cancels. */
export interface Script {
  readonly user?: string | undefined;
  readonly password?: string | readonly string[] | (() => string | undefined) | undefined;
  readonly passphrase?: string | readonly string[] | undefined;
  /** Keyboard-interactive: one for each prompt, all rounds together. */
  readonly answers?: readonly string[] | undefined;
  /** Whether an unknown server is admitted: always, or if it shows this fingerprint. Default no. */
  readonly admit?: boolean | string | undefined;
}

export type Question =
  | { readonly kind: 'secret'; readonly request: SecretRequest }
  | { readonly kind: 'answers'; readonly request: AnswersRequest }
  | { readonly kind: 'user' }
  | { readonly kind: 'admit'; readonly request: AdmitRequest }
  | { readonly kind: 'notice'; readonly request: Parameters<Prompts['notice']>[0] }
  | { readonly kind: 'warn'; readonly topic: string };

export interface ScriptedPrompts extends Prompts {
  /** Everything that was asked, in order. */
  readonly asked: readonly Question[];
}

/** A person who answers by a script, and remembers every question. */
export function scriptedPrompts(script: Script = {}): ScriptedPrompts {
  const asked: Question[] = [];
  return { asked, ...answeringPrompts(script, (question) => asked.push(question)) };
}

/** Each question in a few words, with who asked where it was not the server itself: `secret the jump host NAME`. */
export function askedAt({ asked }: ScriptedPrompts): string[] {
  return asked.map((question) => {
    const { station } = 'request' in question && 'station' in question.request ? question.request : {};
    return `${question.kind} ${station ?? ''}`.trim();
  });
}

/** A person who answers by a script for hours: each question goes to `note` and is not kept. */
export function answeringPrompts(script: Script, note: (question: Question) => unknown = () => {}): Prompts {
  const left = { password: queue(script.password), passphrase: queue(script.passphrase), answers: [...(script.answers ?? [])] };
  return {
    async secret(request) {
      if (request.silent === true) return undefined;
      note({ kind: 'secret', request });
      return Promise.resolve(left[request.kind]());
    },
    async answers(request) {
      if (request.silent === true) return undefined;
      note({ kind: 'answers', request });
      const answers = left.answers.splice(0, request.prompts.length);
      return Promise.resolve(answers.length === request.prompts.length ? answers : undefined);
    },
    async user() {
      note({ kind: 'user' });
      return Promise.resolve(script.user);
    },
    async admit(request) {
      note({ kind: 'admit', request });
      const { admit = false } = script;
      return Promise.resolve(typeof admit === 'boolean' ? admit : admit === request.identity.fingerprint);
    },
    notice(request) {
      note({ kind: 'notice', request });
    },
    warn(topic) {
      note({ kind: 'warn', topic });
    },
  };
}

function queue(values: Script['password']): () => string | undefined {
  if (typeof values === 'function') return values;
  if (values === undefined || typeof values === 'string') return () => values;
  const left = [...values];
  return () => left.shift();
}

/** Ferry's own store of accepted identities, in memory. */
export function memoryTrust(): TrustStore {
  const kept = new Map<string, TrustedIdentity[]>();
  const key = (kind: Identity['kind'], address: string, port: number): string => `${kind} ${address} ${port}`;
  return {
    known: (kind, address, port) => kept.get(key(kind, address, port)) ?? [],
    async remember(kind, address, port, identity) {
      kept.set(key(kind, address, port), [...(kept.get(key(kind, address, port)) ?? []), identity]);
      return Promise.resolve();
    },
  };
}

export interface TestContext extends ConnectContext {
  readonly prompts: ScriptedPrompts;
  /** What the transport learned so far. */
  readonly learned: HostProfile;
}

/** A whole context for `connect`; what the script leaves out is refused, what `given` names takes the place of the usual. */
export function connectContext(script: Script = {}, given: Partial<Omit<ConnectContext, 'prompts' | 'learn'>> = {}): TestContext {
  let learned: HostProfile = {};
  const log: Log = given.log ?? silentLog;
  return {
    prompts: scriptedPrompts(script),
    trust: given.trust ?? memoryTrust(),
    log,
    profile: given.profile ?? {},
    learn: (facts) => void (learned = { ...learned, ...facts }),
    get learned() {
      return learned;
    },
    reach: given.reach,
    signal: given.signal ?? new AbortController().signal,
  };
}

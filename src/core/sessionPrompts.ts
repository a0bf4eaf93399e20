import type { AnswersRequest, Prompts, SecretRequest } from './prompts.ts';

/** A host's questions while its connections live. */
export interface SessionPrompts {
  /** For an attempt that somebody waits for: may ask the person. */
  readonly asking: Prompts;
  /**
   * For a further connection, which comes from Ferry's own wish for speed, and for an attempt in the background: answers from what was told
   * before or is in the keychain, or not at all.
   */
  readonly silent: Prompts;
  /** The log-in asked for what only a person can give, such as a one-time code. */
  readonly needsPerson: boolean;
  /** The log-in succeeded. */
  accepted(): void;
  /** The log-in was refused: the passwords that were given are not given again by themselves. */
  refused(): void;
  forget(): void;
}

export function createSessionPrompts(prompts: Prompts): SessionPrompts {
  const secrets = new Map<string, string>();
  /** Passwords of the log-in that is going on, and those that were refused, by their keys. */
  const given = new Set<string>();
  const stale = new Set<string>();
  let user: string | undefined;
  let needsPerson = false;

  const remember = (key: string, answer: string | undefined) => {
    if (answer === undefined) secrets.delete(key);
    else {
      secrets.set(key, answer);
      stale.delete(key);
      given.add(key);
    }
    return answer;
  };
  const refuse = (key: string) => {
    secrets.delete(key);
    stale.add(key);
  };

  const asking: Prompts = {
    secret: async (request) => {
      const key = secretKey(request);
      return remember(key, await prompts.secret({ ...request, refused: request.refused || stale.has(key) }));
    },
    async answers(request) {
      if (!isPassword(request)) {
        needsPerson ||= request.prompts.length > 0;
        return prompts.answers(request);
      }
      const key = answersKey(request);
      const answers = await prompts.answers({ ...request, refused: request.refused || Number(stale.has(key)) });
      remember(key, answers?.[0]);
      return answers;
    },
    async user(request) {
      user ??= await prompts.user(request);
      return user;
    },
    admit: (request) => prompts.admit(request),
    notice: (request) => prompts.notice(request),
    warn: (topic, hostName) => prompts.warn(topic, hostName),
  };

  const silent: Prompts = {
    async secret(request) {
      const key = secretKey(request);
      if (request.refused) refuse(key);
      if (stale.has(key)) return undefined;
      return secrets.get(key) ?? remember(key, await prompts.secret({ ...request, silent: true }));
    },
    async answers(request) {
      // Banners without a question come as rounds of no prompts.
      if (request.prompts.length === 0) return [];
      if (!isPassword(request)) return undefined;
      const key = answersKey(request);
      if (request.refused > 0) refuse(key);
      if (stale.has(key)) return undefined;
      const known = secrets.get(key);
      if (known !== undefined) return [known];
      const answers = await prompts.answers({ ...request, silent: true });
      remember(key, answers?.[0]);
      return answers;
    },
    user: () => Promise.resolve(user),
    // Whoever was admitted is known by now; another identity at this moment is nobody to go on with silently.
    admit: () => Promise.resolve(false),
    notice() {},
    warn() {},
  };

  const forget = () => {
    secrets.clear();
    given.clear();
    user = undefined;
  };
  return {
    ...{ asking, silent },
    get needsPerson() {
      return needsPerson;
    },
    accepted: () => given.clear(),
    refused() {
      for (const key of given) if (isPasswordKey(key)) stale.add(key);
      forget();
    },
    forget() {
      forget();
      stale.clear();
      needsPerson = false;
    },
  };
}

function secretKey({ owner, kind, file, peer }: SecretRequest): string {
  return JSON.stringify([kind, owner.protocol, owner.user, owner.address, owner.port, file, peer?.fingerprint]);
}

/** Under the prompt's words: a server may ask for more than one hidden thing. */
function answersKey({ owner, prompts, peer }: AnswersRequest): string {
  const asked = prompts.map((prompt) => prompt.serverPrompt);
  return JSON.stringify(['answers', owner.protocol, owner.user, owner.address, owner.port, asked, peer?.fingerprint]);
}

/** A passphrase that opened its file is right, whatever the server says of the key. */
function isPasswordKey(key: string): boolean {
  return !key.startsWith('["passphrase"');
}

/** One hidden answer that holds for longer than a moment. */
function isPassword({ prompts, program }: AnswersRequest): boolean {
  if (program !== undefined) return false;
  const [only, ...others] = prompts;
  return only !== undefined && others.length === 0 && !only.echo && !/one.?time|otp|token|code|verif|new|expired/i.test(only.serverPrompt);
}

import type { AnswersRequest, Prompts, SecretRequest } from './prompts.ts';

/**
 * A host's questions while its connections live. The first connection may ask the person; further ones come from Ferry's own wish for speed
 * and are answered from what the first was told, or not at all.
 */
export interface SessionPrompts {
  readonly first: Prompts;
  readonly further: Prompts;
  forget(): void;
}

export function createSessionPrompts(prompts: Prompts): SessionPrompts {
  const secrets = new Map<string, string>();
  let user: string | undefined;

  const remember = (key: string, answer: string | undefined) => {
    if (answer === undefined) secrets.delete(key);
    else secrets.set(key, answer);
    return answer;
  };

  const first: Prompts = {
    secret: async (request) => remember(secretKey(request), await prompts.secret(request)),
    async answers(request) {
      const answers = await prompts.answers(request);
      if (isPassword(request)) remember(answersKey(request), answers?.[0]);
      return answers;
    },
    async user(request) {
      user ??= await prompts.user(request);
      return user;
    },
    admit: (request) => prompts.admit(request),
    warn: (topic, hostName) => prompts.warn(topic, hostName),
  };

  const further: Prompts = {
    secret: (request) => Promise.resolve(request.refused ? undefined : secrets.get(secretKey(request))),
    answers(request) {
      // Banners without a question come as rounds of no prompts.
      if (request.prompts.length === 0) return Promise.resolve([]);
      const known = request.refused > 0 ? undefined : secrets.get(answersKey(request));
      return Promise.resolve(known === undefined ? undefined : [known]);
    },
    user: () => Promise.resolve(user),
    // Whoever was admitted is known by now; another identity at this moment is nobody to go on with silently.
    admit: () => Promise.resolve(false),
    warn() {},
  };

  const forget = () => {
    secrets.clear();
    user = undefined;
  };
  return { first, further, forget };
}

function secretKey({ owner, kind, file }: SecretRequest): string {
  return JSON.stringify([owner.protocol, owner.user, owner.address, owner.port, kind, file]);
}

function answersKey({ owner, prompts }: AnswersRequest): string {
  return JSON.stringify([owner.protocol, owner.user, owner.address, owner.port, prompts.map((prompt) => prompt.serverPrompt)]);
}

/** One hidden answer that holds for longer than a moment. */
function isPassword({ prompts }: AnswersRequest): boolean {
  const [only, ...others] = prompts;
  return only !== undefined && others.length === 0 && !only.echo && !/one.?time|otp|token|code|verif|new|expired/i.test(only.serverPrompt);
}

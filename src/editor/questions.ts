import type { Prompts } from '../core/prompts.ts';
import { onAbort } from './abort.ts';

export interface CountedQuestions {
  readonly prompts: Prompts;
  isAsking(): boolean;
  /** A question of another kind, which counts while it is open. */
  readonly during: <T>(question: Promise<T>) => Promise<T>;
}

/** The same prompts, and whether one of them is being answered now: time that a person takes is nobody's delay. */
export function countQuestions(prompts: Prompts): CountedQuestions {
  let open = 0;
  const counted = async <T>(question: Promise<T>): Promise<T> => {
    open += 1;
    try {
      return await question;
    } finally {
      open -= 1;
    }
  };
  return {
    isAsking: () => open > 0,
    during: counted,
    prompts: {
      secret: (request) => counted(prompts.secret(request)),
      answers: (request) => counted(prompts.answers(request)),
      user: (request) => counted(prompts.user(request)),
      admit: (request) => counted(prompts.admit(request)),
      notice: (request) => {
        prompts.notice(request);
        void counted(new Promise<void>((resolve) => onAbort(request.signal, resolve)));
      },
      warn: (topic, hostName) => prompts.warn(topic, hostName),
    },
  };
}

/** Time, so that tests need not wait. */
export interface Clock {
  /** Milliseconds since the epoch; goes on while the computer sleeps. */
  now(): number;
  /** Calls `task` once after `ms`; the result cancels. */
  after(ms: number, task: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, task) {
    const timer = setTimeout(task, ms);
    return () => clearTimeout(timer);
  },
};

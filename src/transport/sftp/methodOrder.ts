/** What is tried before what in a log-in, where it is not as usual: keys, then the password, then the server's questions. */
export interface MethodOrder {
  readonly keysLast: boolean;
  readonly questionsFirst: boolean;
}

/** By the person's `PreferredAuthentications`. */
export function orderOf(methods: readonly string[] = []): MethodOrder {
  const [keys, password, questions] = ['publickey', 'password', 'keyboard-interactive'].map((method) => methods.indexOf(method));
  const isBefore = (one = -1, other = -1): boolean => one >= 0 && one < other;
  return { keysLast: isBefore(password, keys) || isBefore(questions, keys), questionsFirst: isBefore(questions, password) };
}
